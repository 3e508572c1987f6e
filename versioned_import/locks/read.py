"""A path -> the lock that is there, in whichever of the six formats."""

from __future__ import annotations

import importlib
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from versioned_import.errors import LockError
from versioned_import.locks.nearest import rivals
from versioned_import.metadata.places import full_path

if TYPE_CHECKING:
    from versioned_import.locks.lock import Lock

_PYLOCK = re.compile(r"pylock(\.[^.]+)?\.toml")
_READERS = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", "Pipfile.lock": "pipenv"}


def read_lock(path: str) -> Lock:
    """Read the lock file at `path`; its name says the format, and any other `.txt` or `.in` is a requirements file.

    Raises LockError: it can't be read, is no lock of its format, or a place in it is wrong.
    """
    path = full_path(path)
    reader = reader_for(os.path.basename(path))
    if not reader:
        advice = f"Known are {', '.join(('pylock.toml', 'pylock.NAME.toml', *_READERS, 'requirements files (*.txt)'))}."
        raise LockError(path, "its name is not that of a lock file", advice)
    lock: Lock = importlib.import_module(f"versioned_import.locks.{reader}").read(path)
    told = rivals(path)
    return replace(lock, warnings=(*lock.warnings, *told)) if told else lock


def reader_for(name: str) -> str:
    """Return the module that reads a file of this name, "" for a name that is none of a lock."""
    if _PYLOCK.fullmatch(name):
        return "pylock"
    return _READERS.get(name) or ("requirements" if name.endswith((".txt", ".in")) else "")
