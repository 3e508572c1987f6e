"""The finders of editable installs, which must not serve modules of a distribution of which another version is selected."""

from __future__ import annotations

import os
from importlib.machinery import PathFinder

from versioned_import.runtime.state import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from _typeshed.importlib import MetaPathFinderProtocol


def submodule_spec(
    name: str, path: Sequence[str], target: ModuleType | None, finders: Sequence[MetaPathFinderProtocol]
) -> ModuleSpec | None:
    """Return the spec of a submodule of a selected versioned directory; None for every other.

    Such a finder answers for submodules by their names alone. Raises ModuleNotFoundError for a module that only the
    editable install has.
    """
    top = name.partition(".")[0]
    chosen = [one.path + os.sep for one in state.providers.get(top, ()) if one.entry and not one.tops[top]]
    if not any(str(place).startswith(tuple(chosen)) for place in path):
        return None
    spec = PathFinder.find_spec(name, path, target)
    if spec is None and any(finder.find_spec(name, path, target) is not None for finder in finders):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return spec
