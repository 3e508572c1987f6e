"""Namespace packages that are loaded already, or that have portions with an `__init__` (spec 3.9)."""

from __future__ import annotations

import os
import sys
from importlib.machinery import NamespaceLoader, PathFinder

from versioned_import.runtime.state import NamespacePath, attribute_of, file_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import ModuleType

    from versioned_import.metadata.candidate import Candidate

_known: dict[str, bool] = {}


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
        mine = new.get(name, {})
        gone = {portion for portion, is_ours in old.get(name, {}).items() if is_ours and portion not in mine}
        path = list(module.__path__)
        wanted = list(dict.fromkeys((*mine, *(portion for portion in path if portion not in gone))))
        if wanted != path:
            _set_path(module, NamespacePath(wanted))


def _set_path(module: ModuleType, path: NamespacePath) -> None:
    """Give a namespace package another path; `importlib.resources` asks the loader, which keeps the one it was made with."""
    module.__path__ = path
    spec = module.__spec__
    if spec is not None and isinstance(spec.loader, NamespaceLoader):
        spec.submodule_search_locations = path
        # What it calls where sys.path has changed is to say that this is no reason for another path.
        spec.loader = module.__loader__ = NamespaceLoader(module.__name__, path, lambda *_: module.__spec__)


def _portions(candidates: Iterable[Candidate]) -> dict[str, dict[str, bool]]:
    """Return by namespace package the folders of candidates, each with whether Python would not find it by itself.

    A flat install's folder holds other distributions too, of versions that nobody chose: it comes last.
    """
    found: dict[str, dict[str, bool]] = {}
    for candidate in sorted(candidates, key=lambda one: not one.entry):
        is_ours = bool(candidate.entry) or candidate.site not in sys.path
        for name in candidate.names:
            parts = name.split(".")
            for size in range(1, len(parts)):
                portion = os.path.join(candidate.path, *parts[:size])
                found.setdefault(".".join(parts[:size]), {})[portion] = is_ours
    return found


def others(name: str, path: Sequence[str] | None) -> list[str]:
    """Return the portions that Python itself finds on a path, `sys.path` if it is None, where one has an `__init__`.

    A package that is no namespace package is passed over: it has other modules of that name.
    """
    found: list[str] = []
    for entry in sys.path if path is None else path:
        spec = PathFinder.find_spec(name, [entry])
        if spec is not None and (spec.loader is None or (spec.has_location and _joins_portions(spec.origin or ""))):
            found += spec.submodule_search_locations or ()
    return found
