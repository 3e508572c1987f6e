"""The one mutable object of a process: what is selected, and which statements asked for it."""

from __future__ import annotations

import os
import sys
from _thread import RLock

from versioned_import.metadata.candidate import STARTERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from versioned_import.metadata.candidate import Candidate, CanonicalName


class Answered:
    """One statement that was answered: its name, its clause's text, where it stands, and the distribution it got.

    The name is "" where `require` asked for the distribution; then the clause is the requirement.
    """

    __slots__ = ("clause", "distribution", "name", "where")

    def __init__(self, name: str, clause: str, where: str, distribution: CanonicalName) -> None:
        self.name = name
        self.clause = clause
        self.where = where
        self.distribution = distribution


class State:
    """The selection of this process. Change it with `lock` held; readers need none, since tables are replaced whole."""

    def __init__(self) -> None:
        self.lock = RLock()
        """Held while a request is resolved, never while a module runs."""
        self.selection: dict[CanonicalName, Candidate] = {}
        self.answered: list[Answered] = []
        self.providers: dict[str, list[Candidate]] = {}
        """Top-level import name to the selected candidates that provide it (several for a namespace package)."""
        self.below_namespaces: set[str] = set()
        """The import names of selected candidates that stand below a namespace package."""
        self.search_path: tuple[str, ...] | None = None

    def replace(self, selection: dict[CanonicalName, Candidate], answered: list[Answered]) -> None:
        """Put another selection in force."""
        providers: dict[str, list[Candidate]] = {}
        for candidate in selection.values():
            for top in candidate.tops:
                providers.setdefault(top, []).append(candidate)
        self.selection, self.providers, self.answered = selection, providers, answered
        self.below_namespaces = {name for one in selection.values() for name in one.names if "." in name}
        _extend_loaded_namespaces(providers)

    def reset(self) -> None:
        """Forget everything, for tests; modules that are loaded stay loaded."""
        self.selection, self.answered, self.providers, self.search_path = {}, [], {}, None
        self.below_namespaces = set()

    def directories(self) -> tuple[str, ...]:
        """Return the search path, computed at the first versioned import."""
        if self.search_path is None:
            from versioned_import.resolver.search_path import search_path

            self.search_path = search_path()
        return self.search_path


state = State()


def is_loaded(candidate: Candidate) -> bool:
    """Tell whether any import name of a candidate is in `sys.modules`."""
    return any(sys.modules.get(name) is not None for name in candidate.names if name not in STARTERS)


def _extend_loaded_namespaces(providers: dict[str, list[Candidate]]) -> None:
    """Let namespace packages that are loaded see the portions of distributions chosen after that, in front."""
    for top, candidates in providers.items():
        module = sys.modules.get(top)
        path = getattr(module, "__path__", None)
        if module is None or path is None or getattr(module, "__file__", None) is not None:
            continue
        # A flat install's folder holds other distributions too, of versions that nobody chose: it comes last.
        ordered = sorted(candidates, key=lambda candidate: not candidate.entry)
        portions = [f"{candidate.path}{os.sep}{top}" for candidate in ordered if candidate.tops[top]]
        # A plain list: Python's own namespace path would find its portions anew on sys.path, and lose these.
        module.__path__ = list(dict.fromkeys((*portions, *path)))
