"""Imports of what is not in the lock: refused, and the error says what was therefore not used (spec 6.1)."""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

from versioned_import.errors import NotLockedError, VersionNotFoundError
from versioned_import.projects.finder import from_behind, leave_no_frame
from versioned_import.projects.in_force import running
from versioned_import_startup import is_import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

_MOST = 3


def refuse(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """Raise VersionNotFoundError where nothing can be served, NotLockedError else; a probe gets None.

    Code that was loaded before the project was put in force and is none of it (a notebook's kernel) goes on getting its own.
    """
    plan = running.plan
    if plan is None:
        return None
    spec = _for_host(name) if running.hosted and path is None else None
    if spec is not None or not is_import():
        return spec
    spec = from_behind(name, path)
    if spec is not None:
        return spec
    if running.problem:
        told = tuple(running.problem.splitlines())
        raise VersionNotFoundError(name, f"import {name}", "", "nothing that is installed can be imported here", told)
    raise NotLockedError(name, plan.lock, lambda: story(name, plan.lock))


leave_no_frame(refuse)


def refuse_portion(name: str, path: Sequence[str]) -> None:
    """Raise NotLockedError for a module below a namespace package that stands in a site directory and isn't locked.

    A flat install's portion is a folder that other distributions have theirs in too.
    """
    from versioned_import.runtime.state import state

    plan = running.plan
    owners = state.providers.get(name.partition(".")[0], ())
    owned = {own for one in owners for own in one.names}
    if plan is None or any(f"{name}.".startswith(f"{own}.") or own.startswith(f"{name}.") for own in owned):
        return
    spec = PathFinder.find_spec(name, path)
    if spec is None or spec.loader is None:
        return
    place = str(spec.origin)
    if any(place.startswith(os.path.join(entry, "")) for entry in plan.dropped) and is_import():
        raise NotLockedError(name, plan.lock, lambda: story(name, plan.lock))


leave_no_frame(refuse_portion)


def story(name: str, lock: str) -> str:
    """Return what a user has to know of a name that isn't in a lock."""
    from shlex import quote

    lines = unused(name.partition(".")[0] if "." not in name else name, name)
    advice = f"to import it, add it to the project with the tool that wrote the lock, then: versioned-import sync {quote(lock)}"
    return "\n".join((*lines, advice))


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
    # What `-m` runs is `__main__`, and its spec knows what it is.
    module = str(getattr(frame.f_globals.get("__spec__"), "name", frame.f_globals.get("__name__", "")))
    is_locked = plan.file_of(module.partition(".")[0]) is not None
    return PathFinder.find_spec(name, [*own, *plan.dropped]) if own and not is_locked else None
