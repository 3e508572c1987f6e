"""What a failed import leaves in `sys.modules`: Python drops the module that failed, not the submodules that it had loaded."""

from __future__ import annotations

import os
import sys

from versioned_import.runtime.state import attribute_of, file_of, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from versioned_import.metadata.candidate import Candidate


def forget(candidates: Iterable[Candidate]) -> None:
    """Drop the modules of versioned directories that are no longer chosen, so that another version never gets them.

    Those that another thread is still loading stay: Python itself takes them out of the table and puts them in again.
    """
    places = tuple(f"{candidate.path}{os.sep}" for candidate in candidates if candidate.entry)
    for name, module in list(sys.modules.items()):
        if stands_in(module, places) and not being_loaded(module):
            sys.modules.pop(name, None)
            state.seen.pop(name, None)
            parent, _, child = name.rpartition(".")
            # A namespace package that stays must not hand it out as its attribute.
            attributes = attribute_of(sys.modules.get(parent), "__dict__")
            if child and isinstance(attributes, dict) and attributes.get(child) is module:
                del attributes[child]


def being_loaded(module: object) -> bool:
    """Tell whether the import of a module has not come to its end; without waiting for that, as the spec's attribute may."""
    attributes = attribute_of(attribute_of(module, "__spec__"), "__dict__")
    return isinstance(attributes, dict) and bool(attributes.get("_initializing"))


def stands_in(module: object, places: tuple[str, ...]) -> bool:
    """Tell whether a module's file, or every folder of a package without one, stands below one of some places."""
    file = file_of(module)
    if file:
        return file.startswith(places)
    try:
        folders = [str(folder) for folder in attribute_of(module, "__path__") or ()]
    except Exception:  # noqa: BLE001 a path that finds its folders anew may fail, and would hide why an import has failed
        return False
    return bool(folders) and all(folder.startswith(places) for folder in folders)
