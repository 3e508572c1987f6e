"""What becomes of the fallback's answer: only a module that really loads keeps anything selected (spec 3.8)."""

from __future__ import annotations

import os
import sys

from versioned_import.errors import ImportVersionError, VersionNotFoundError
from versioned_import.runtime.state import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.runtime.state import Answered

    Taken = tuple[list[Answered], dict[CanonicalName, Candidate]]


def probed(name: str, among: Sequence[Candidate]) -> list[Candidate]:
    """Return what an import of a name would select, or nothing where it would fail; nothing gets selected."""
    from versioned_import.resolver.choose import choose
    from versioned_import.resolver.request import Request
    from versioned_import.runtime.cold import earlier_needs
    from versioned_import.runtime.importing import asking_place
    from versioned_import.runtime.loaded import LoadedModules

    request = Request(name, "", asking_place(), among)
    try:
        with state.lock:
            choice = choose(request, state.directories(), earlier_needs(), LoadedModules(), state.selection)
    except ImportVersionError as error:
        if state.tracing:
            from versioned_import.runtime import trace

            trace.refused(error)
        return []
    return list(choice.closure.values())


class PlainLoader:
    """Stands before the real loader until the module runs: selects what a probe has found, takes back what failed."""

    def __init__(self, spec: ModuleSpec, among: Sequence[Candidate], taken: Taken | None) -> None:
        """Make one for a spec; `among` is as for `select_cold`, `taken` is None where nothing is selected for it yet."""
        self._spec = spec
        self._real: Any = spec.loader
        self._among = among
        self._taken = taken

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # not there yet while a copy is made
            raise AttributeError(name)
        if name in ("get_code", "load_module"):  # what runs a module without the import system, as `python -m` does
            self.select()
        return getattr(self._real, name)

    def select(self) -> None:
        """Select the candidates that the spec is of, or follow what another thread has selected since it was made.

        Raises VersionNotFoundError.
        """
        with state.lock:
            if not self._is_selected():
                self._follow_others()
            if not self._is_selected():
                self._select()

    def _is_selected(self) -> bool:
        origin = self._spec.origin or ""
        top = self._spec.name.partition(".")[0]
        return any(origin.startswith(f"{one.path}{os.sep}") for one in state.providers.get(top, ()) if one.entry)

    def _follow_others(self) -> None:
        """Take the place of the module that a statement has chosen meanwhile: it could, as nothing was loaded."""
        from versioned_import.runtime.finder import SelectionFinder

        spec = self._spec
        parent = sys.modules.get(spec.name.rpartition(".")[0])
        other = SelectionFinder.find_spec(spec.name, getattr(parent, "__path__", None))
        if other is not None and other.loader is not None:
            spec.origin, spec.cached = other.origin, other.cached
            spec.submodule_search_locations = other.submodule_search_locations
            self._real, self._taken = other.loader, None

    def _select(self) -> None:
        from versioned_import.runtime.cold import select_cold, wrong_origin
        from versioned_import.runtime.finder import install
        from versioned_import.runtime.importing import asking_place

        name, where = self._spec.name, asking_place()
        before = state.selection, state.answered
        try:
            install()
            candidate = select_cold(name, "", where, self._among)
        except ImportVersionError as error:
            raise as_not_found(error) from None
        self._taken = taken_since(*before)
        if not self._is_selected():
            self._take_back()
            raise as_not_found(wrong_origin(name, "", self._spec.origin or "", candidate, where))

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Do what the real loader does, with the selection in force."""
        self.select()
        try:
            made: ModuleType | None = self._real.create_module(spec)
        except BaseException:
            self._take_back()
            raise
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its real loader and let that run it; if it fails, nothing stays selected for its sake."""
        self.select()
        self._spec.loader = module.__loader__ = self._real
        try:
            self._real.exec_module(module)
        except BaseException:
            if sys.modules.get(self._spec.name) is module:
                del sys.modules[self._spec.name]  # as Python does next
            self._take_back()
            raise

    def _take_back(self) -> None:
        from versioned_import.runtime.taking_back import take_back

        if self._taken is not None:
            with state.lock:
                take_back(self._spec.name, *self._taken)
            self._taken = None


def taken_since(selection: dict[CanonicalName, Candidate], answered: list[Answered]) -> Taken:
    """Return the answer that was given since there were others, and what was selected before it."""
    return state.answered[-1:] if state.answered is not answered else [], selection


def as_not_found(error: ImportVersionError) -> VersionNotFoundError:
    """Return an error as the ModuleNotFoundError that a plain import raises."""
    if isinstance(error, VersionNotFoundError):
        return error
    return VersionNotFoundError(*(getattr(error, field) for field in error.__match_args__))
