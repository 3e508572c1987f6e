"""Imports of what is not in the lock: refused, and the error says what was therefore not used (spec 6.1)."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder

from versioned_import.errors import NotLockedError, VersionNotFoundError
from versioned_import.projects.start import leave_no_frame, running
from versioned_import.runtime.probes import is_import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

_MOST = 3


def refuse(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """Raise NotLockedError for a name that nothing has, if an import asks for it; a probe gets None.

    Code that was loaded before the project was put in force and is none of it (a notebook's kernel) goes on getting its own.
    """
    plan = running.plan
    if plan is None:
        return None
    spec = _for_host(name) if running.hosted and path is None else None
    if spec is not None or not is_import():
        return spec
    if running.problem:
        story = tuple(running.problem.splitlines())
        raise VersionNotFoundError(name, f"import {name}", "", "nothing that is installed can be imported here", story)
    raise NotLockedError(name, plan.lock, lambda: _story(name, plan.lock))


leave_no_frame(refuse)


def _story(name: str, lock: str) -> str:
    lines = unused(name.partition(".")[0] if "." not in name else name, name)
    return "\n".join(
        (
            *lines,
            f"to import it, add it to the project with the tool that wrote the lock, then: versioned-import sync {lock}",
        )
    )


def unused(name: str, distribution: str) -> list[str]:
    """Return a sentence for each installed candidate of an import name, or else of a distribution, that is not used."""
    from versioned_import.metadata.catalogue import open_catalogue
    from versioned_import.metadata.layout import canonical
    from versioned_import.resolver.search_path import search_path

    catalogues = [catalogue for site in search_path() if (catalogue := open_catalogue(site)) is not None]
    found = [one for catalogue in catalogues for one in catalogue.by_name(name)]
    found = found or [one for catalogue in catalogues for one in catalogue.by_distribution(canonical(distribution))]
    lines = [f"{one.distribution} {one.version} in {one.place} was therefore not used" for one in found[:_MOST]]
    return [*lines, *([f"and {len(found) - _MOST} more"] if len(found) > _MOST else [])]


def _for_host(name: str) -> ModuleSpec | None:
    """Return the spec of a module for the code of a host, from where it would come without the project."""
    plan = running.plan
    frame = sys._getframe(1)  # noqa: SLF001 who imports is said nowhere else
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if not module.startswith(("versioned_import", "importlib.")) and not frame.f_code.co_filename.startswith(
            "<frozen "
        ):
            break
        frame = frame.f_back  # type: ignore[assignment]
    if frame is None or plan is None:
        return None
    file = frame.f_code.co_filename
    own = [place for place in plan.dropped if file.startswith(f"{place}/")]
    is_locked = str(frame.f_globals.get("__name__", "")).partition(".")[0] in plan.files
    return PathFinder.find_spec(name, [*own, *plan.dropped]) if own and not is_locked else None
