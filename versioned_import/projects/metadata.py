"""What importlib.metadata sees of a project: what is locked, before anything of it is imported as well as after."""

from __future__ import annotations

import itertools
import sys
from importlib.metadata import DistributionFinder, MetadataPathFinder, PathDistribution
from pathlib import Path

from versioned_import.projects.in_force import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from importlib.metadata import Distribution
    from typing import Any

    from versioned_import.projects.kept import Plan

_OWN = "versioned-import"

_known: list[Any] = []
"""The plan that was asked last, and its metadata directories."""


def find_distributions(context: DistributionFinder.Context | None) -> Iterator[Distribution]:
    """Yield the locked distributions that a context asks for; none where the caller named the directories to look in.

    The site directories have left `sys.path`, so later finders know what is the program's own only.
    """
    search: dict[str, object] = getattr(context, "__dict__", {})
    if hasattr(search.get("path"), "asked"):
        del search["path"]  # that of another search with the same context
    plan = running.plan
    if plan is None or "path" in search:
        return
    places = _places(plan)
    kind = getattr(sys.modules.get(type(context).__module__), "PathDistribution", PathDistribution)
    name = _asked(context)
    if not name:
        for place in places.values():
            yield kind(Path(place))
    elif name in places:
        yield kind(Path(places[name]))
    yield from of_program(context)


def of_program(context: DistributionFinder.Context | None) -> Iterator[Distribution]:
    """Yield our own distribution if a context asks for it, and let later finders look in no site directory."""
    plan = running.plan
    if plan is None:
        return
    if _asked(context) in ("", _OWN):
        yield from _of_ours(plan, _places(plan))
    if context is not None and not set(plan.sites).isdisjoint(filter(_is_text, sys.path)):
        from versioned_import.runtime.metadata_view import Silence

        shown = Silence(context.name)
        shown += [entry for entry in sys.path if entry not in plan.sites]
        vars(context)["path"] = shown


def _is_text(entry: object) -> bool:
    return isinstance(entry, str)


def _places(plan: Plan) -> dict[str, str]:
    """Return the metadata directories of what is locked, by name."""
    if _known[:1] != [plan]:
        _known[:] = [plan, plan.unpacked()[1]]
    places: dict[str, str] = _known[1]
    return places


def _asked(context: DistributionFinder.Context | None) -> str:
    """Return the canonical name that a context asks for, "" if it asks for all."""
    name = str(getattr(context, "name", None) or "").lower().replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    return name


def _of_ours(plan: Plan, places: Collection[str]) -> Iterator[Distribution]:
    """Yield our own distribution, which can be imported in a project too: pytest knows our settings by its entry point."""
    if _OWN not in places:
        where = DistributionFinder.Context(name=_OWN, path=running.path_before or plan.dropped)
        yield from itertools.islice(MetadataPathFinder.find_distributions(where), 1)
