"""A plain import that would fail gets the highest installed versioned directory that its code may get (spec 3.8)."""

import sys
from _frozen_importlib_external import PathFinder  # its public name would cost the import of importlib

from versioned_import.resolver.absent import is_absent
from versioned_import.runtime.finder import SelectionFinder, install, selected_spec
from versioned_import.runtime.state import state
from versioned_import_startup import FallbackFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from versioned_import.metadata.candidate import Candidate
    from versioned_import.runtime.plain import Taken


def find_spec(name: str, path: "Sequence[str] | None", target: "ModuleType | None" = None) -> "ModuleSpec | None":
    """Return the spec of a name from a versioned directory, or None if none has it for the code that asks.

    Raises VersionNotFoundError, which is the ModuleNotFoundError that Python would raise, if one has it but can't be used.
    """
    is_decided = state.search_path is not None
    try:
        return _found(name, path, target)
    finally:
        if not is_decided:
            with state.lock:  # another thread may be resolving its first statement
                if not state.selection:
                    state.search_path = None  # the program may change it before that


def _found(name: str, path: "Sequence[str] | None", target: "ModuleType | None") -> "ModuleSpec | None":
    if name.partition(".")[0] not in state.providers and is_absent(name, state.directories()):
        return None  # Python asks the later finders itself
    own = _from_later_finders(name, path, target)
    if own is not None:
        return own
    if path is not None:
        return _below_namespace(name)
    if name in state.providers:
        # Another thread has chosen it since the selection's own finder was asked.
        return SelectionFinder.find_spec(name)
    offered = _offered(f"n:{name}")
    if not offered:
        from versioned_import.runtime.portions import namespace_spec

        # What is chosen below a namespace package is only known when its submodule is asked for.
        return namespace_spec(name, ()) if _allowed(name, _offered(f"t:{name}")) else None
    return _spec_from(name, offered)


def _from_later_finders(name: str, path: "Sequence[str] | None", target: "ModuleType | None") -> "ModuleSpec | None":
    """Return the spec that a finder behind ours has: an editable install may put its own at the end, after ours."""
    finders = sys.meta_path
    at = finders.index(FallbackFinder) + 1 if FallbackFinder in finders else len(finders)
    for finder in finders[at:]:
        find = getattr(finder, "find_spec", None)
        spec: ModuleSpec | None = find(name, path, target) if find is not None else None
        if spec is not None:
            return spec
    return None


def _below_namespace(name: str) -> "ModuleSpec | None":
    from versioned_import.runtime.portions import is_namespace, namespace_spec

    parent = sys.modules.get(name.rpartition(".")[0])
    if parent is None or not is_namespace(parent):
        return None
    offered = _offered(f"n:{name}")
    if not offered:
        return namespace_spec(name, ()) if _allowed(name, _offered(f"t:{name}")) else None
    return _spec_from(name, offered)


def _spec_from(name: str, offered: "list[Candidate]") -> "ModuleSpec | None":
    """Return the spec of a name from the highest version that may be had; a probe selects nothing, and raises nothing."""
    found = _allowed(name, offered)
    if not found:
        return None
    from versioned_import.runtime.plain import PlainLoader, probed
    from versioned_import_startup import is_import

    among = found if len(found) < len(offered) else []
    taken = _select_any(name, among) if is_import() else None
    chosen = state.selection.values() if taken is not None else probed(name, among)
    parent, _, _ = name.rpartition(".")
    providers = [one for one in chosen if name.partition(".")[0] in one.tops]
    if parent:
        spec = PathFinder.find_spec(name, [f"{one.path}/{parent.replace('.', '/')}" for one in providers])
    else:
        spec = selected_spec(name, providers)
    if spec is not None and spec.loader is not None:
        spec.loader = PlainLoader(spec, among, taken)  # type: ignore[assignment]
    return spec


def _offered(key: str) -> "list[Candidate]":
    """Return the versioned directories of the search path that are filed under a key."""
    from versioned_import.metadata.catalogue import open_catalogue

    catalogues = filter(None, (open_catalogue(site, lenient=True) for site in state.directories()))
    return [candidate for catalogue in catalogues for candidate in catalogue.filed(key) if candidate.entry]


def _allowed(name: str, offered: "list[Candidate]") -> "list[Candidate]":
    """Return those that the code which makes the import may get; who it is takes a while to find out."""
    if not offered:
        return []
    from versioned_import.runtime.permission import allowed

    found = allowed(offered)
    if state.tracing and len(found) < len(offered):
        from versioned_import.runtime import trace

        trace.withheld(name, found)
    return found


def _select_any(name: str, among: "list[Candidate]") -> "Taken":
    """Select the highest version, of those that count or of all; return what has to be taken back if its import fails."""
    from versioned_import.errors import ImportVersionError
    from versioned_import.runtime.importing import asking_place
    from versioned_import.runtime.plain import as_not_found, taken_since
    from versioned_import.runtime.resolve import select

    if state.tracing:
        from versioned_import.runtime import trace

        trace.fallback(name)
    try:
        with state.lock:
            before = state.selection, state.answered
            if among:
                from versioned_import.runtime.cold import select_cold

                install()
                select_cold(name, "", asking_place(), among)
            else:
                select(name, "")
            return taken_since(*before)
    except ImportVersionError as error:
        if state.tracing:
            trace.refused(error)
        raise as_not_found(error) from None
