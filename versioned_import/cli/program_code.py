"""The code of a program's file, kept from one run to the next: Python compiles a script anew each time.

The first use of `compile` in a process alone costs two milliseconds, since Python makes a class for each kind of syntax
tree. What is kept counts for the same bytes only, as a compiled file does that is checked by its source's hash (PEP 552).
"""

from __future__ import annotations

import os
import sys

from versioned_import.metadata.places import cache_directory, kept_data, number_of
from versioned_import.syntax.hook import TAG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

FORMAT = "versioned_import program 2"
MOST = 256
"""So many programs are kept; then the half that was not written for longest goes."""


def code_of(data: bytes, place: str) -> tuple[CodeType, bool]:
    """Return the code of a program's source, and whether the hook rewrote anything in it. Raises SyntaxError."""
    key = "\n".join((FORMAT, TAG, sys.version, str(sys.flags.optimize), place, str(len(data)), f"{number_of(data):x}"))
    path = os.path.join(cache_directory(), "programs", f"{number_of(place.encode(errors='surrogatepass')):x}")
    kept = _kept(path, key)
    if kept is None:
        from versioned_import.syntax.loader import compile_source

        kept = compile_source(data, place)
        if not sys.dont_write_bytecode:
            _keep(path, key, data, place)
    return kept


def _kept(path: str, key: str) -> tuple[CodeType, bool] | None:
    """Return the code that a file keeps under a key; None for every doubt, such as a file that others can write."""
    try:
        kept, code, rewritten = kept_data(path)
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return (code, bool(rewritten)) if kept == key and type(code) is type(_kept.__code__) else None


def _keep(path: str, key: str, data: bytes, place: str) -> None:
    """Keep the code of a program, unless its compilation warns of something: then each run has to."""
    import warnings

    from versioned_import.metadata.store import data_to_keep, replace_file
    from versioned_import.syntax.loader import compile_source

    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            kept = data_to_keep((key, *compile_source(data, place)))
        if not told:
            _make_room(os.path.dirname(path))
            replace_file(path, kept, mode=0o600)
    except (OSError, ValueError):
        pass


def _make_room(directory: str) -> None:
    """Make the directory, and remove the half of a full one that was not written for longest."""
    try:
        os.makedirs(directory, 0o700, exist_ok=True)
        found = sorted(os.scandir(directory), key=lambda entry: entry.stat().st_mtime_ns)
        for entry in found[: len(found) // 2 if len(found) >= MOST else 0]:
            os.unlink(entry.path)
    except OSError:  # another process is at it
        pass
