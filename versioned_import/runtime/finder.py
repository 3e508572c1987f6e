"""The two finders: one answers for pseudo module names, one serves what is selected (docs/architecture.md, D2 and D7)."""

import os
import sys
from _frozen_importlib_external import PathFinder  # its public name would cost the import of importlib

from versioned_import import kept_code
from versioned_import.runtime.pseudo_loader import pseudo_spec
from versioned_import.runtime.shortcut import ShortcutFinder
from versioned_import.runtime.state import is_gone, state
from versioned_import.syntax.pseudo import PREFIX
from versioned_import_startup import outside_import_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from importlib.metadata import Distribution, DistributionFinder
    from types import ModuleType

    from _typeshed.importlib import MetaPathFinderProtocol

    from versioned_import.metadata.candidate import Candidate


def install() -> None:
    """Put the finder in front of those that search paths; what is built in or frozen goes first.

    Calling it again changes nothing, unless another finder came to stand in front of it meanwhile.
    """
    if sys.meta_path == SelectionFinder.placed:
        return
    finders = [one for one in sys.meta_path if one is not SelectionFinder and one is not ShortcutFinder]
    at = finders.index(PathFinder) if PathFinder in finders else 0
    # Some editable installs put a finder at the very front (meson-python, scikit-build-core).
    SelectionFinder.editable = [one for one in finders if "editable" in str(getattr(one, "__module__", ""))]
    SelectionFinder.rewriting = [one for one in finders[:at] if _asks_the_path_finder(one)]
    finders.insert(
        min([at, *map(finders.index, SelectionFinder.editable + SelectionFinder.rewriting)]), SelectionFinder
    )
    # At once: a thread that is going through the list passes over no finder but this one.
    sys.meta_path[:] = finders
    SelectionFinder.placed = finders


def _asks_the_path_finder(finder: object) -> bool:
    """Tell whether a finder keeps the path finder, or its method, to compile otherwise what that finds (pytest, typeguard)."""
    kept = [*getattr(finder, "__dict__", {}).values(), *type(finder).__dict__.values()]
    # Other objects may compute whatever is asked of them.
    return any(
        one is PathFinder or (type(one) is _Method and getattr(one, "__self__", None) is PathFinder) for one in kept
    )


_Method = type(PathFinder.find_spec)


class SelectionFinder:
    """Finds the modules of the selection, and of pseudo names the real module."""

    editable: "list[MetaPathFinderProtocol]" = []  # noqa: RUF012 typing.ClassVar would cost an import
    """The finders of editable installs."""

    rewriting: "list[MetaPathFinderProtocol]" = []  # noqa: RUF012
    """The finders that compile otherwise what the path finder finds."""

    placed: "list[MetaPathFinderProtocol]" = []  # noqa: RUF012
    """All finders, as they were when this one was put in its place."""

    @staticmethod
    def find_spec(
        name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Return the spec of a pseudo name or of a selected top-level name, else None.

        Python calls it for each import that isn't loaded; a submodule is found by its package's own `__path__`.
        """
        if path is not None:
            popen = name.startswith("multiprocessing.popen_")
            guarded = bool(SelectionFinder.editable) and name.partition(".")[0] in state.providers
            walled = bool(state.walled) and name.rpartition(".")[0] in state.walled
            if not popen and not guarded and not walled and name not in state.below_namespaces:
                if name.partition(".")[0] not in state.providers:
                    return standard_spec(name, path)
                return kept_code.spec_of(name, path) if not SelectionFinder.rewriting else None
        elif name not in state.providers and name != "pkg_resources":
            return pseudo_spec(name) if name.startswith(PREFIX) else standard_spec(name, path)
        return outside_import_lock(SelectionFinder.find_chosen, name, path, target)

    @staticmethod
    def find_chosen(name: str, path: "Sequence[str] | None", target: "ModuleType | None") -> "ModuleSpec | None":
        """Return the spec of a name that may have to do with the selection."""
        if path is not None:
            if name.startswith("multiprocessing.popen_"):
                from versioned_import.runtime import workers

                workers.watch(importing=name)
            elif name in state.below_namespaces:
                from versioned_import.runtime.portions import portion_spec

                return portion_spec(name, path)
            elif name.rpartition(".")[0] in state.walled:
                from versioned_import.runtime.portions import neighbour_spec

                return neighbour_spec(name, path)
            else:
                from versioned_import.runtime import editables

                return editables.submodule_spec(name, path, target, SelectionFinder.editable)
            return None
        candidates = state.providers.get(name)
        if candidates is None:
            if name == "pkg_resources":
                return _watched(PathFinder.find_spec(name))
            return pseudo_spec(name) if name.startswith(PREFIX) else None
        if all(is_shadowed(name, candidate) for candidate in candidates):
            return None
        spec = selected_spec(name, candidates)
        if spec is None:
            refuse_gone(name)
        if state.tracing:
            from versioned_import.runtime import trace

            trace.served(name, spec)
        return spec if name != "pkg_resources" else _watched(spec)

    @staticmethod
    def find_distributions(context: "DistributionFinder.Context | None" = None) -> "Iterator[Distribution]":
        """Return the metadata of what is selected, and of what later finders know besides (`runtime/metadata_view.py`)."""
        from versioned_import.runtime import metadata_view

        finders = sys.meta_path
        later = finders[finders.index(SelectionFinder) + 1 :] if SelectionFinder in finders else []
        return metadata_view.find_distributions(context, later)

    @staticmethod
    def iter_modules(prefix: str = "") -> "Iterator[tuple[str, bool]]":
        """Yield the selected top-level names, each with whether it is a package: `pkgutil` asks every finder for its own."""
        for name in list(state.providers):
            try:
                spec = SelectionFinder.find_spec(name)
            except ImportError:
                continue  # gone meanwhile, and a listing is no import of it
            if spec is not None and spec.loader is not None:  # namespace packages are nobody's
                yield f"{prefix}{name}", spec.submodule_search_locations is not None

    @staticmethod
    def invalidate_caches() -> None:
        """Do nothing: the selection is no cache."""


def standard_spec(name: str, path: "Sequence[str] | None") -> "ModuleSpec | None":
    """Return the spec of a module of the standard library, its code being kept; None where that can't be said at once."""
    usual = kept_code.is_standard(name.partition(".")[0]) and sys.meta_path == SelectionFinder.placed
    return kept_code.standard_spec(name, path) if usual and not SelectionFinder.rewriting else None


def find_selected(
    name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
) -> "ModuleSpec | None":
    """Return the spec of a module as the selection has it, else as the path finder has it."""
    return SelectionFinder.find_spec(name, path, target) or PathFinder.find_spec(name, path, target)


def _watched(spec: "ModuleSpec | None") -> "ModuleSpec | None":
    """Return the spec of `pkg_resources`, which reads `sys.path` while it is imported and can be told more only after that."""
    from versioned_import.runtime.pkg_resources_view import watch

    return watch(spec)


def selected_spec(name: str, candidates: "Sequence[Candidate]") -> "ModuleSpec | None":
    """Return the spec of a top-level name from the candidates that provide it."""
    portions: list[str] = []
    shared: ModuleSpec | None = None
    plain = False
    asked = {answered.distribution for answered in state.answered if answered.name.partition(".")[0] == name}
    # What a statement got goes first; a flat install's folder, which holds other distributions too, goes last.
    for candidate in sorted(candidates, key=lambda one: (one.distribution not in asked, not one.entry)):
        spec = spec_in([*_own_entries(candidate), candidate.path], name)
        if spec is None:
            continue
        if spec.loader is not None:
            if not candidate.tops.get(name) or not spec.submodule_search_locations:
                if not candidate.entry and is_gone(candidate):
                    refuse_gone(name)
                return spec
            shared = shared or spec
        if candidate.entry or not is_on_path(candidate):
            portions += spec.submodule_search_locations or ()
        else:
            plain = True  # what Python finds by itself keeps its place: others stand in the same folder
    if not portions:
        return PathFinder.find_spec(name) if plain else None
    from versioned_import.runtime.portions import joined

    return joined(name, portions, shared, None)


def is_on_path(candidate: "Candidate") -> bool:
    """Tell whether Python itself looks into the site directory of a flat install; from a lock it does not."""
    return state.project is None and candidate.site in sys.path


def spec_in(places: "list[str]", name: str) -> "ModuleSpec | None":
    """Return the spec of a name in some directories, from a finder that wants to compile it otherwise if there is one."""
    kept = kept_code.spec_of(name, places) if name in kept_code.tables and len(places) == 1 else None
    spec = kept or PathFinder.find_spec(name, places)
    if spec is not None and spec.has_location:
        for finder in SelectionFinder.rewriting:
            other = finder.find_spec(name, places) if finder in sys.meta_path else None
            if other is not None and other.origin == spec.origin:
                return other
    return spec


def _own_entries(candidate: "Candidate") -> "list[str]":
    """Return the folders of a versioned directory that its own code put on `sys.path`, in front of its site directory.

    OpenCV does: `cv2/__init__.py` imports `cv2` once more, which then is its extension module.
    """
    if not candidate.entry:
        return []
    at = sys.path.index(candidate.site) if candidate.site in sys.path else len(sys.path)
    return [entry for entry in sys.path[:at] if str(entry).startswith(f"{candidate.path}{os.sep}")]


def refuse_gone(name: str) -> None:
    """Raise ImportError if a module is not found because its selected candidate lost it, or is gone as a whole."""
    from versioned_import.runtime import refusals

    refusals.refuse_gone(name)


def is_shadowed(name: str, candidate: "Candidate") -> bool:
    """Tell whether the program's own module goes before a side name of a candidate, as it does on `sys.path`.

    Many distributions carry a second top-level package (`tests`, `examples`) beside the one that bears their name; such a
    name, and any of the standard library's, must not take the place of the program's own.
    """
    if any(answered.name.partition(".")[0] == name for answered in state.answered):
        return False
    if state.project is not None:
        # What is installed comes last on `sys.path`, so any module found there goes before it.
        return state.project.own_spec(name) is not None
    if name in sys.stdlib_module_names:
        return True
    if not candidate.is_side_name(name):
        return False
    places = set(state.directories())
    before: list[str] = []
    for entry in sys.path:
        if entry in places:
            break
        before.append(entry)
    return PathFinder.find_spec(name, before) is not None
