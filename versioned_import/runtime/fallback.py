"""A plain import that would fail gets the highest installed versioned directory (spec 3.8)."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder

from versioned_import.errors import ImportVersionError, VersionNotFoundError
from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.runtime.finder import SelectionFinder, selected_spec
from versioned_import.runtime.state import state
from versioned_import_startup import FallbackFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def find_spec(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """Return the spec of a name from a versioned directory, or None if none has it.

    Raises VersionNotFoundError, which is the ModuleNotFoundError that Python would raise, if one has it but can't be used.
    """
    own = _from_later_finders(name, path)
    if own is not None:
        return own
    if path is not None:
        return _below_namespace(name)
    if name in state.providers:
        # Another thread has chosen it since the selection's own finder was asked.
        return SelectionFinder.find_spec(name)
    if not _is_offered(f"n:{name}"):
        # What is chosen below a namespace package is only known when its submodule is asked for.
        return _namespace(name) if _is_offered(f"t:{name}") else None
    _select_any(name)
    return selected_spec(name, state.providers.get(name, ()))


def _from_later_finders(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """Return the spec that a finder behind ours has: an editable install may put its own at the end, after ours."""
    finders = sys.meta_path
    at = finders.index(FallbackFinder) + 1 if FallbackFinder in finders else len(finders)
    for finder in finders[at:]:
        find = getattr(finder, "find_spec", None)
        spec: ModuleSpec | None = find(name, path) if find is not None else None
        if spec is not None:
            return spec
    return None


def _below_namespace(name: str) -> ModuleSpec | None:
    from versioned_import.runtime.portions import is_namespace

    parent = sys.modules.get(name.rpartition(".")[0])
    if parent is None or not is_namespace(parent) or not (_is_offered(f"n:{name}") or _is_offered(f"t:{name}")):
        return None
    if not _is_offered(f"n:{name}"):
        return _namespace(name)
    _select_any(name)
    portions = [
        f"{candidate.path}/{name.rpartition('.')[0].replace('.', '/')}"
        for candidate in state.providers.get(name.partition(".")[0], ())
    ]
    return PathFinder.find_spec(name, portions)


def _namespace(name: str) -> ModuleSpec:
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = []
    return spec


def _is_offered(key: str) -> bool:
    """Tell whether a versioned directory of the search path is filed under a key."""
    for site in state.directories():
        catalogue = open_catalogue(site)
        if catalogue is not None and any(candidate.entry for candidate in catalogue.filed(key)):
            return True
    return False


def _select_any(name: str) -> None:
    from versioned_import.runtime.resolve import select

    if state.tracing:
        from versioned_import.runtime import trace

        trace.fallback(name)
    try:
        with state.lock:
            select(name, "")
    except ImportVersionError as error:
        if state.tracing:
            trace.refused(error)
        if isinstance(error, VersionNotFoundError):
            raise
        raise VersionNotFoundError(*(getattr(error, field) for field in error.__match_args__)) from None
