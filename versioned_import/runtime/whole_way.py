"""What leads from the short way to the whole one; from the first call on, `state.py` and the selection's own finder answer."""

import os
import sys
from _frozen_importlib_external import PathFinder  # its public name would cost the import of importlib

from versioned_import.runtime.noted import short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


def resolve() -> "Any":
    """Return the module `resolve`, to which all that was taken the short way has been handed over."""
    bring()
    from versioned_import.runtime import resolve

    return resolve


def finder() -> "Any":
    """Return the selection's own finder, which takes the place of that of the short way."""
    bring()
    from versioned_import.runtime import finder

    finder.install()
    return finder.SelectionFinder


def find_spec(name: str, path: "Sequence[str] | None", target: "ModuleType | None") -> "ModuleSpec | None":
    """Return what the selection's own finder says, which answers from now on."""
    found: ModuleSpec | None = finder().find_spec(name, path, target)
    return found


def bring() -> None:
    """Load the modules of the whole way out of one file, if they are not loaded."""
    warm = sys.modules.get("versioned_import.warm")
    if warm is not None and "versioned_import.runtime.finder" not in sys.modules:
        # What it imports may lead to here again, and another thread may come, or be loading `warm` itself.
        load = getattr(warm, "loading", {}).pop("bring", None)
        if load is not None:
            try:
                from versioned_import import whole

                load(whole)
            except Exception:  # noqa: BLE001 a compiled file that is cut, say: ordinary imports will do
                return


def is_shadowed(name: str) -> bool:
    """Tell whether the program's own module goes before a side name of a distribution, as it does on `sys.path`."""
    if any(taken.name.partition(".")[0] == name for taken in short.taken):
        return False
    before: list[str] = []
    for entry in sys.path:
        if entry in short.directories:
            break
        before.append(entry)
    return PathFinder.find_spec(name, before) is not None


def refuse_gone(name: str) -> None:
    """Raise ImportError if a module is not found because what was chosen lost it, or is gone as a whole."""
    noted = short.providers.get(name.partition(".")[0])
    if noted is not None and not short.over:
        try:
            os.stat(noted[2])
        except OSError:
            pass
        else:
            return
    bring()
    from versioned_import.runtime import finder

    finder.refuse_gone(name)
