"""The two finders: one answers for pseudo module names, one serves what is selected (docs/architecture.md, D2 and D7)."""

from __future__ import annotations

import importlib
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

from versioned_import.runtime.state import state
from versioned_import.syntax.pseudo import PREFIX, decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.metadata import Distribution, DistributionFinder
    from types import ModuleType

    from versioned_import.metadata.candidate import Candidate


def install() -> None:
    """Put the finder in front of the path finder; what is built in or frozen goes first. Calling it again changes nothing."""
    if SelectionFinder in sys.meta_path:
        return
    at = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else 0
    sys.meta_path.insert(at, SelectionFinder)


class SelectionFinder:
    """Finds the modules of the selection, and of pseudo names the real module."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of a pseudo name or of a selected top-level name, else None.

        Python calls it for each import that isn't loaded; a submodule is found by its package's own `__path__`.
        """
        if path is not None:
            if name in state.below_namespaces:
                refuse_gone(name)  # the next portion may have it too, of a version that nobody chose
            return None
        candidates = state.providers.get(name)
        if candidates is None:
            return pseudo_spec(name) if name.startswith(PREFIX) else None
        if all(is_shadowed(name, candidate) for candidate in candidates):
            return None
        spec = selected_spec(name, candidates)
        if spec is None:
            refuse_gone(name)
        return spec

    @staticmethod
    def find_distributions(context: DistributionFinder.Context | None = None) -> Iterator[Distribution]:
        """Yield the metadata of what is selected; `importlib.metadata` asks each finder in turn and takes the first."""
        from importlib.metadata import Distribution

        asked = getattr(context, "name", None)
        if context is not None and "path" in vars(context):
            return  # the caller named the directories to look in
        for candidate in list(state.selection.values()):
            if asked is None or _canonical(asked) == candidate.distribution:
                from pathlib import Path

                yield Distribution.at(Path(candidate.metadata_directory))

    @staticmethod
    def invalidate_caches() -> None:
        """Do nothing: the selection is no cache."""


def find_selected(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
    """Return the spec of a module as the selection has it, else as the path finder has it."""
    return SelectionFinder.find_spec(name, path, target) or PathFinder.find_spec(name, path, target)


def pseudo_spec(name: str) -> ModuleSpec | None:
    """Return the spec of a pseudo module name, or None for a name that only begins like one."""
    asked = decode(name)
    return ModuleSpec(name, PseudoLoader(*asked)) if asked is not None else None  # type: ignore[arg-type]


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

        with _LetGo(spec.name):
            try:
                top, module = load(self.name, self.clause)
            except ImportError as error:
                if not hasattr(error, "story"):  # not one of ours, whose module a good import need not load
                    raise
                # The story is in the message, not in our frames.
                raise error.with_traceback(None) from None
        module = top if self.top else module
        self.own = module, _own_spec(module)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the real module its own spec back; nothing is left to run."""
        if self.own is not None:
            module.__spec__ = self.own[1]


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
    asked = {answered.distribution for answered in state.answered if answered.name.partition(".")[0] == name}
    # What a statement got goes first; a flat install's folder, which holds other distributions too, goes last.
    for candidate in sorted(candidates, key=lambda one: (one.distribution not in asked, not one.entry)):
        spec = PathFinder.find_spec(name, [*_own_entries(candidate), candidate.path])
        if spec is not None and spec.loader is not None:
            return spec
        if spec is not None:
            portions += spec.submodule_search_locations or ()
    if not portions:
        return None
    # Distributions that nobody chose have their portions behind: what Python itself would find.
    others = PathFinder.find_spec(name)
    if others is not None and others.loader is None:
        portions += others.submodule_search_locations or ()
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = list(dict.fromkeys(portions))
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
    """Raise ImportError if a module is not found because its selected versioned directory was uninstalled meanwhile.

    Otherwise a later finder might serve a module of another version.
    """
    for candidate in state.providers.get(name.partition(".")[0], ()):
        if candidate.entry and any(name == one or name.startswith(f"{one}.") for one in candidate.names):
            from versioned_import.metadata.layout import is_still_there

            if not is_still_there(candidate):
                from versioned_import.resolver.story import gone

                raise gone(name, candidate)


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


def _canonical(name: str) -> str:
    from versioned_import.metadata.layout import canonical

    return canonical(name)
