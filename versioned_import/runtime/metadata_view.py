"""What `importlib.metadata` and its backport see: of each name that is selected, the chosen distribution only (spec 3.9).

Both ask every finder of `sys.meta_path` in turn, with one context object, and take what all of them say. The finder of the
selection stands in front of those that search `sys.path`. It says itself what they know of other names, and then has the
context name an empty list of directories and a name that nobody has, so that they are silent.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import PathDistribution
from itertools import chain

from versioned_import.runtime.state import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.metadata import Distribution, DistributionFinder
    from pathlib import Path

    from versioned_import.metadata.candidate import Candidate


NOBODY = "versioned-import-has-answered"
"""The name in a context that was answered, for finders that search other places than directories."""


class Silence(list[str]):
    """The empty search path of a context that was answered; another search with the same context is told by its type."""

    def __init__(self, asked: object) -> None:
        super().__init__()
        self.asked = asked
        """The name that the context had."""


PATHS: dict[str, Path] = {}
"""Metadata directories as Path objects, whose making costs as much as reading a small file."""


def find_distributions(context: DistributionFinder.Context | None, later: Sequence[object]) -> Iterator[Distribution]:
    """Yield the chosen distributions that a context asks for, and what later finders have of names that aren't selected.

    Nothing is yielded, and the later finders answer by themselves, where the caller named the directories to look in, where
    nothing is selected, or not the name that is asked for. `context` is None if the finder was called by hand. In a project
    our own distribution is yielded as well: pytest knows our settings by its entry point.
    """
    search: dict[str, object] = getattr(context, "__dict__", {})
    answered = search.get("path")
    if isinstance(answered, Silence):
        del search["path"]
        search["name"] = answered.asked
    selection, project = state.selection, state.project
    if (not selection and project is None) or "path" in search:
        return iter(())
    asked = getattr(context, "name", None)
    kind = getattr(sys.modules.get(type(context).__module__), "PathDistribution", PathDistribution)
    found: Iterator[Distribution]
    if not asked:
        others: Iterator[Distribution] = iter(())
        if context is not None:
            copied = _copy(context)
            others = chain(project.distributions(copied) if project is not None else (), _of_others(later, copied))
        found = _all(list(selection.values()), kind, others)
    else:
        candidate = selection.get(_canonical(asked)) if isinstance(asked, str) else None  # type: ignore[call-overload]
        if candidate is None:
            return project.distributions(context) if project is not None else iter(())
        if state.tracing:
            from versioned_import.runtime import trace

            trace.metadata(str(asked), candidate)
        path = _metadata_path(candidate)
        if path is None and not candidate.entry:
            return iter(())  # plain pip may have put another version into its place, which a plain search finds
        found = iter((kind(path),) if path is not None else ())
    search["path"] = Silence(asked)
    search["name"] = NOBODY
    return found


def _all(
    candidates: list[Candidate], kind: type[PathDistribution], others: Iterator[Distribution]
) -> Iterator[Distribution]:
    chosen = set()
    for candidate in candidates:
        path = _metadata_path(candidate)
        if path is not None or candidate.entry:
            chosen.add(str(candidate.distribution))
        if path is not None:
            yield kind(path)
    for distribution in others:
        if _name(distribution) not in chosen:
            yield distribution


def _of_others(later: Sequence[object], context: DistributionFinder.Context) -> Iterator[Distribution]:
    """Yield what later finders know, each asked when the one before has no more, as Python does."""
    for finder in later:
        find = getattr(finder, "find_distributions", None)
        if find is not None:
            yield from find(context)


def _copy(context: DistributionFinder.Context) -> DistributionFinder.Context:
    copied = object.__new__(type(context))
    vars(copied).update(vars(context))
    return copied


def _metadata_path(candidate: Candidate) -> Path | None:
    """Return the metadata directory as the path that a distribution takes; None if it was uninstalled meanwhile."""
    directory = candidate.metadata_directory
    try:
        os.stat(directory)
    except OSError:
        return _inside_archive(candidate)
    path = PATHS.get(directory)
    if path is None:
        from pathlib import Path

        path = PATHS[directory] = Path(directory)
    return path


def _inside_archive(candidate: Candidate) -> Path | None:
    if not os.path.isfile(candidate.site):
        return None
    from zipfile import BadZipFile
    from zipfile import Path as PathInside

    try:
        path = PathInside(candidate.site).joinpath(*filter(None, (candidate.entry, candidate.dist_info)))
    except (OSError, BadZipFile):
        return None
    return path if path.exists() else None  # type: ignore[return-value]


def _name(distribution: Distribution) -> str | None:
    """Return the name of a distribution in its canonical form, from its directory's where that is sure to say it."""
    place = getattr(getattr(distribution, "_path", None), "name", "")
    if place.endswith(".dist-info"):
        return _canonical(place.removesuffix(".dist-info").partition("-")[0])
    try:
        headers = distribution.metadata
    except (OSError, TypeError):  # it has none
        return None
    return _canonical(headers["Name"]) if headers is not None and "Name" in headers else None


def _canonical(name: str) -> str:
    """Return what `metadata.layout.canonical` does, in a third of the time: this is asked for each distribution there is."""
    name = name.lower().replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    return name
