"""Namespace packages: what is selected below one, those that are loaded already, and portions with an `__init__` (spec 3.9)."""

from __future__ import annotations

import importlib
import os
import sys
from importlib.machinery import ModuleSpec, NamespaceLoader, PathFinder

from versioned_import.runtime.finder import is_on_path, refuse_gone, spec_in
from versioned_import.runtime.state import attribute_of, file_of, is_gone, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import ModuleType
    from typing import Any

    from versioned_import.metadata.candidate import Candidate

_known: dict[str, bool] = {}


class NamespacePath:
    """The `__path__` of a namespace package: the chosen portions, then what Python finds, anew whenever that may change.

    No path of Python's own: that would lose the chosen portions then. It can do what such a one can, and its text says
    that it is one, since `importlib.resources` reads no other.
    """

    def __init__(self, name: str, chosen: Iterable[str], fixed: Iterable[str] | None = None) -> None:
        """Make one; `fixed` is what a program has put into the place of all that Python would find."""
        self.chosen = list(chosen)
        self.added = list(fixed or ())
        self._name = name
        self._is_fixed = fixed is not None
        self._found: list[str] = []
        self._seen: tuple[tuple[str, ...], object] | None = None

    def __iter__(self) -> Iterator[str]:
        return iter(self._portions())

    def __getitem__(self, index: int) -> str:
        return self._portions()[index]

    def __setitem__(self, index: int, path: str) -> None:
        changed = self._portions()
        changed[index] = path
        self.added, self._is_fixed = changed, True

    def __len__(self) -> int:
        return len(self._portions())

    def __contains__(self, path: object) -> bool:
        return path in self._portions()

    def __repr__(self) -> str:
        return f"NamespacePath({self._portions()})"

    def append(self, path: str) -> None:
        """Add a folder of the program's own, which stays."""
        self.added.append(path)

    def _portions(self) -> list[str]:
        return list(dict.fromkeys((*self.chosen, *(() if self._is_fixed else self._look()), *self.added)))

    def _look(self) -> list[str]:
        parent = self._name.rpartition(".")[0]
        path = attribute_of(sys.modules.get(parent), "__path__") if parent else sys.path
        if path is not None:  # a package whose import failed has no parent for a moment
            seen = tuple(path), _invalidated()
            if seen != self._seen:
                self._found = others(self._name, path)
                self._seen = seen
        return self._found


def _invalidated() -> object:
    """Return what is another number after each call of `importlib.invalidate_caches`; paths of Python's own look at it too."""
    machinery = importlib._bootstrap_external  # noqa: SLF001
    return getattr(getattr(machinery, "_NamespacePath", None), "_epoch", 0)


def is_namespace(module: ModuleType) -> bool:
    """Tell whether a loaded module is a namespace package, of the new kind or of the old."""
    if attribute_of(module, "__path__") is None:
        return False
    file = file_of(module)
    return not file or (file.endswith("__init__.py") and _joins_portions(file))


def _joins_portions(init: str) -> bool:
    if init not in _known:
        from versioned_import.metadata.shared import joins_portions

        _known[init] = joins_portions(init)
    return _known[init]


def follow(before: Iterable[Candidate], after: Iterable[Candidate]) -> None:
    """Put the portions of what is selected in front of the `__path__` of loaded namespace packages.

    Those of what was selected before and is no more are taken away; a namespace package keeps what it found by itself.
    """
    old, new = _portions(before), _portions(after)
    for name in old.keys() | new.keys():
        module = sys.modules.get(name)
        if module is None or not is_namespace(module):
            continue
        mine = [portion for portion, is_ours in new.get(name, {}).items() if is_ours]
        path = module.__path__
        if isinstance(path, NamespacePath):
            path.chosen = mine
            continue
        gone = {portion for portion, is_ours in old.get(name, {}).items() if is_ours and portion not in mine}
        kept = [portion for portion in path if portion not in gone]
        if list(dict.fromkeys((*mine, *kept))) != list(path):
            _set_path(module, mine, kept)


def _set_path(module: ModuleType, chosen: list[str], kept: list[str]) -> None:
    """Give a namespace package another path; `importlib.resources` asks the loader, which keeps the one it was made with."""
    spec = module.__spec__
    if spec is None or not isinstance(spec.loader, NamespaceLoader):
        module.__path__ = list(
            dict.fromkeys((*chosen, *kept))
        )  # of the old kind, whose __init__ has found what there is
        return
    path: Any = NamespacePath(module.__name__, chosen, kept if isinstance(module.__path__, list) else None)
    spec.submodule_search_locations = module.__path__ = path
    # What it calls where sys.path has changed is to say that the path knows that itself.
    spec.loader = module.__loader__ = NamespaceLoader(module.__name__, path, lambda *_: module.__spec__)


def _portions(candidates: Iterable[Candidate]) -> dict[str, dict[str, bool]]:
    """Return by namespace package the folders of candidates, each with whether Python would not find it by itself.

    A flat install's folder holds other distributions too, of versions that nobody chose: it comes last.
    """
    found: dict[str, dict[str, bool]] = {}
    for candidate in sorted(candidates, key=lambda one: not one.entry):
        is_ours = bool(candidate.entry) or not is_on_path(candidate)
        for name in candidate.names:
            parts = name.split(".")
            for size in range(1, len(parts)):
                portion = os.path.join(candidate.path, *parts[:size])
                found.setdefault(".".join(parts[:size]), {})[portion] = is_ours
    return found


def others(name: str, path: Sequence[str] | None) -> list[str]:
    """Return the portions that Python itself finds on a path, `sys.path` if it is None; also those that have an `__init__`.

    A package that is no namespace package is passed over: it has other modules of that name.
    """
    whole = PathFinder.find_spec(name, path)
    if whole is None or whole.loader is None:
        return list(whole.submodule_search_locations or ()) if whole is not None else []
    found: list[str] = []
    for entry in sys.path if path is None else path:
        spec = PathFinder.find_spec(name, [entry])
        if spec is not None and (spec.loader is None or (spec.has_location and _joins_portions(spec.origin or ""))):
            found += spec.submodule_search_locations or ()
    return found


def namespace_spec(name: str, chosen: Iterable[str]) -> ModuleSpec:
    """Return the spec of a namespace package."""
    spec = ModuleSpec(name, None, is_package=True)
    path: Any = NamespacePath(name, chosen)
    spec.submodule_search_locations = path
    return spec


def portion_spec(name: str, path: Sequence[str]) -> ModuleSpec | None:
    """Return the spec of a selected name below a namespace package, or of a namespace package in between.

    It comes from the candidate that was chosen, in whatever order the folders of the parent's `__path__` are: another
    portion may have it too, of a version that nobody chose. Raises ImportError if the candidate's is gone.
    """
    portions: list[str] = []
    shared: ModuleSpec | None = None
    plain = False
    top, *between = name.split(".")[:-1]
    for candidate in sorted(state.providers.get(top, ()), key=lambda one: not one.entry):
        is_own = name in candidate.names
        if not is_own and not any(one.startswith(f"{name}.") for one in candidate.names):
            continue
        folder = os.path.join(candidate.path, top, *between)
        if folder not in path and os.path.realpath(folder) not in path:
            continue  # the parent is another package of that name
        spec = spec_in([folder], name)
        if spec is None:
            continue
        if spec.loader is not None:
            if is_own or not spec.submodule_search_locations:
                if not candidate.entry and is_gone(candidate):
                    refuse_gone(name)
                return spec
            shared = shared or spec
        if not candidate.entry and is_on_path(candidate):
            plain = True
        else:
            portions += spec.submodule_search_locations or ()
    if portions or plain:
        return joined(name, portions, shared, path) if portions else None
    refuse_gone(name)
    return None


def joined(name: str, portions: list[str], shared: ModuleSpec | None, path: Sequence[str] | None) -> ModuleSpec:
    """Return the spec of a namespace package; `shared` is that of the first portion with an `__init__`, which will run."""
    if shared is None:
        return namespace_spec(name, portions)
    # Distributions that nobody chose have their portions behind: what Python itself would find.
    shared.submodule_search_locations = list(dict.fromkeys((*portions, *others(name, path))))
    return shared


def neighbour_spec(name: str, path: Sequence[str]) -> ModuleSpec | None:
    """Return the spec of a name that nobody chose, below a namespace package of which a flat install was chosen.

    That one's folder, if its site directory isn't on `sys.path`, has what nobody can import otherwise: other
    distributions, of versions that nobody chose. Raises ModuleNotFoundError for those.
    """
    aside = tuple(
        f"{one.path}{os.sep}" for one in state.selection.values() if not one.entry and one.site not in sys.path
    )
    spec = PathFinder.find_spec(name, path)
    places = [spec.origin or "", *(spec.submodule_search_locations or ())] if spec is not None else []
    if not any(place.startswith(aside) for place in places):
        return None
    from versioned_import.runtime import fallback

    free = [portion for portion in path if not portion.startswith(aside)]
    found = PathFinder.find_spec(name, free) or fallback.find_spec(name, path)
    if found is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return found
