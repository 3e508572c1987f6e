"""The two finders: one answers for pseudo module names, one serves what is selected (docs/architecture.md, D2 and D7)."""

from __future__ import annotations

import importlib
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

from versioned_import.runtime.state import NamespacePath, state
from versioned_import.syntax.pseudo import PREFIX, decode
from versioned_import_startup import outside_import_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.metadata import Distribution, DistributionFinder
    from types import ModuleType

    from _typeshed.importlib import MetaPathFinderProtocol

    from versioned_import.metadata.candidate import Candidate


def install() -> None:
    """Put the finder in front of the path finder; what is built in or frozen goes first. Calling it again changes nothing."""
    if SelectionFinder in sys.meta_path:
        return
    at = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else 0
    # Some editable installs put a finder at the very front (meson-python, scikit-build-core).
    SelectionFinder.editable = [one for one in sys.meta_path if "editable" in str(getattr(one, "__module__", ""))]
    sys.meta_path.insert(min([at, *map(sys.meta_path.index, SelectionFinder.editable)]), SelectionFinder)


class SelectionFinder:
    """Finds the modules of the selection, and of pseudo names the real module."""

    editable: list[MetaPathFinderProtocol] = []  # noqa: RUF012 typing.ClassVar would cost an import
    """The finders of editable installs."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of a pseudo name or of a selected top-level name, else None.

        Python calls it for each import that isn't loaded; a submodule is found by its package's own `__path__`.
        """
        if path is not None:
            popen = name.startswith("multiprocessing.popen_")
            guarded = bool(SelectionFinder.editable) and name.partition(".")[0] in state.providers
            if not popen and not guarded and name not in state.below_namespaces:
                return None
        elif name not in state.providers and name != "pkg_resources":
            return pseudo_spec(name) if name.startswith(PREFIX) else None
        return outside_import_lock(SelectionFinder.find_chosen, name, path, target)

    @staticmethod
    def find_chosen(name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        """Return the spec of a name that may have to do with the selection."""
        if path is not None:
            if name.startswith("multiprocessing.popen_"):
                from versioned_import.runtime import workers

                workers.watch(importing=name)
            elif name in state.below_namespaces:
                return portion_spec(name, path)
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
    def find_distributions(context: DistributionFinder.Context | None = None) -> Iterator[Distribution]:
        """Return the metadata of what is selected, and of what later finders know besides (`runtime/metadata_view.py`)."""
        from versioned_import.runtime import metadata_view

        finders = sys.meta_path
        later = finders[finders.index(SelectionFinder) + 1 :] if SelectionFinder in finders else []
        return metadata_view.find_distributions(context, later)

    @staticmethod
    def iter_modules(prefix: str = "") -> Iterator[tuple[str, bool]]:
        """Yield the selected top-level names, each with whether it is a package: `pkgutil` asks every finder for its own."""
        for name in list(state.providers):
            spec = SelectionFinder.find_spec(name)
            if spec is not None and spec.loader is not None:  # namespace packages are nobody's
                yield f"{prefix}{name}", spec.submodule_search_locations is not None

    @staticmethod
    def invalidate_caches() -> None:
        """Do nothing: the selection is no cache."""


def find_selected(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
    """Return the spec of a module as the selection has it, else as the path finder has it."""
    return SelectionFinder.find_spec(name, path, target) or PathFinder.find_spec(name, path, target)


def _watched(spec: ModuleSpec | None) -> ModuleSpec | None:
    """Return the spec of `pkg_resources`, which reads `sys.path` while it is imported and can be told more only after that."""
    from versioned_import.runtime.pkg_resources_view import watch

    return watch(spec)


def pseudo_spec(name: str) -> ModuleSpec | None:
    """Return the spec of a pseudo module name, or None for a name that only begins like one."""
    asked = decode(name)
    return AwaitedSpec(name, PseudoLoader(*asked)) if asked is not None else None  # type: ignore[arg-type]


class AwaitedSpec(ModuleSpec):
    """The spec of a module that is half made and yet has a pseudo name, as in a circle.

    Python waits for a half-made module by the lock of the name that a statement has, here the pseudo name's, which nobody
    holds. So whoever asks this spec whether its module is being loaded waits for the real name's lock first.
    """

    @property
    def _initializing(self) -> bool:
        wait = getattr(importlib._bootstrap, "_lock_unlock_module", None)  # noqa: SLF001
        if wait is not None and vars(self)["_initializing"]:
            wait(self.loader.name if isinstance(self.loader, PseudoLoader) else self.name)
        return bool(vars(self)["_initializing"])

    @_initializing.setter
    def _initializing(self, value: bool) -> None:
        vars(self)["_initializing"] = value


class PseudoLoader:
    """Loads the real module under a pseudo name; a second import of that name is one look into `sys.modules`."""

    def __init__(self, name: str, clause: str, top: bool) -> None:
        self.name = name
        self.clause = clause
        self.top = top
        self.own: tuple[ModuleType, ModuleSpec | None] | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the real module, loaded. Raises VersionNotFoundError, VersionConflictError, or what the module raises.

        Python calls it once for each pseudo name, and then gives the module the pseudo name's spec.
        """
        from versioned_import.runtime.resolve import load

        # The module may be half made: while it bears this spec, other threads have to wait for it as well.
        spec._initializing = True  # type: ignore[attr-defined]  # noqa: SLF001
        with _LetGo(spec.name):
            try:
                top, module = load(self.name, self.clause)
            except ImportError as error:
                if not hasattr(error, "story"):  # not one of ours, whose module a good import need not load
                    raise
                if state.tracing:
                    from versioned_import.runtime import trace

                    trace.refused(error)  # type: ignore[arg-type]
                # The story is in the message, not in our frames.
                raise error.with_traceback(None) from None
        module = top if self.top else module
        own = _own_spec(module)
        if type(own) is ModuleSpec and vars(own).get("_initializing"):
            own.__class__ = AwaitedSpec
        self.own = module, own
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the real module its own spec back; nothing is left to run."""
        if self.own is None:
            return
        spec = module.__spec__ = self.own[1]
        flat = [one for one in state.providers.get(self.name.partition(".")[0], ()) if not one.entry]
        if flat and spec is not None:
            from versioned_import.runtime.origin import name_version

            name_version(spec, flat)


class _LetGo:
    """Lets go, for a block, of the lock that Python's import system holds on a pseudo name while it is loaded.

    The lock is private to importlib, and it must not be held while the real module loads: another thread that has the real
    module's lock and comes to the same statement would wait for it, which Python sees as a deadlock. Two threads that load
    one pseudo name at once end with the same module, because the real name has its own lock.
    """

    def __init__(self, pseudo: str) -> None:
        find = getattr(importlib._bootstrap, "_get_module_lock", None)  # noqa: SLF001
        self.lock = find(pseudo) if find is not None else None

    def __enter__(self) -> None:
        try:
            if self.lock is not None:
                self.lock.release()
        except RuntimeError:  # nobody holds it: the loader was called by hand
            self.lock = None

    def __exit__(self, *_: object) -> None:
        if self.lock is not None:
            self.lock.acquire()


def _own_spec(module: ModuleType) -> ModuleSpec | None:
    """Return a module's own spec, also while another thread loads it under another pseudo name."""
    spec: ModuleSpec | None = getattr(module, "__spec__", None)
    while spec is not None and isinstance(spec.loader, PseudoLoader) and spec.loader.own is not None:
        spec = spec.loader.own[1]
    return spec


def selected_spec(name: str, candidates: Sequence[Candidate]) -> ModuleSpec | None:
    """Return the spec of a top-level name from the candidates that provide it."""
    portions: list[str] = []
    shared: ModuleSpec | None = None
    asked = {answered.distribution for answered in state.answered if answered.name.partition(".")[0] == name}
    # What a statement got goes first; a flat install's folder, which holds other distributions too, goes last.
    for candidate in sorted(candidates, key=lambda one: (one.distribution not in asked, not one.entry)):
        spec = PathFinder.find_spec(name, [*_own_entries(candidate), candidate.path])
        if spec is None:
            continue
        if spec.loader is not None:
            if not candidate.tops.get(name) or not spec.submodule_search_locations:
                return spec
            shared = shared or spec
        portions += spec.submodule_search_locations or ()
    return _joined(name, portions, shared, None) if portions else None


def portion_spec(name: str, path: Sequence[str]) -> ModuleSpec | None:
    """Return the spec of a selected name below a namespace package, or of a namespace package in between.

    It comes from the candidate that was chosen, in whatever order the folders of the parent's `__path__` are: another
    portion may have it too, of a version that nobody chose. Raises ImportError if the candidate's is gone.
    """
    portions: list[str] = []
    shared: ModuleSpec | None = None
    top, *between = name.split(".")[:-1]
    for candidate in sorted(state.providers.get(top, ()), key=lambda one: not one.entry):
        is_own = name in candidate.names
        if not is_own and not any(one.startswith(f"{name}.") for one in candidate.names):
            continue
        folder = os.path.join(candidate.path, top, *between)
        if folder not in path and os.path.realpath(folder) not in path:
            continue  # the parent is another package of that name
        spec = PathFinder.find_spec(name, [folder])
        if spec is None:
            continue
        if spec.loader is not None:
            if is_own or not spec.submodule_search_locations:
                return spec
            shared = shared or spec
        portions += spec.submodule_search_locations or ()
    if portions:
        return _joined(name, portions, shared, path)
    refuse_gone(name)
    return None


def _joined(name: str, portions: list[str], shared: ModuleSpec | None, path: Sequence[str] | None) -> ModuleSpec:
    """Return the spec of a namespace package; `shared` is that of the first portion with an `__init__`, which will run."""
    # Distributions that nobody chose have their portions behind: what Python itself would find.
    others = PathFinder.find_spec(name, path)
    if others is not None and others.loader is None:
        portions += others.submodule_search_locations or ()
    elif others is not None:
        from versioned_import.runtime.portions import others as with_an_init

        portions += with_an_init(name, path)
    spec = shared or ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = NamespacePath(dict.fromkeys(portions))
    return spec


def _own_entries(candidate: Candidate) -> list[str]:
    """Return the folders of a versioned directory that its own code put on `sys.path`, in front of its site directory.

    OpenCV does: `cv2/__init__.py` imports `cv2` once more, which then is its extension module.
    """
    if not candidate.entry:
        return []
    at = sys.path.index(candidate.site) if candidate.site in sys.path else len(sys.path)
    return [entry for entry in sys.path[:at] if entry.startswith(f"{candidate.path}{os.sep}")]


def refuse_gone(name: str) -> None:
    """Raise ImportError if a module is not found because its selected versioned directory lost it, or is gone as a whole.

    Otherwise a later finder might serve a module of another version.
    """
    for candidate in state.providers.get(name.partition(".")[0], ()):
        if candidate.entry and any(name == one or name.startswith(f"{one}.") for one in candidate.names):
            from versioned_import.metadata.layout import is_still_there

            if not is_still_there(candidate):
                from versioned_import.resolver.story import gone

                raise gone(name, candidate)
            if name in candidate.names:
                from versioned_import.resolver.whole import missing_names

                if missing_names(candidate, [name]):
                    from versioned_import.resolver.story import incomplete

                    raise incomplete(name, candidate)


def is_shadowed(name: str, candidate: Candidate) -> bool:
    """Tell whether the program's own module goes before a side name of a candidate, as it does on `sys.path`.

    Many distributions carry a second top-level package (`tests`, `examples`) beside the one that bears their name; such a
    name, and any of the standard library's, must not take the place of the program's own.
    """
    if any(answered.name.partition(".")[0] == name for answered in state.answered):
        return False
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
