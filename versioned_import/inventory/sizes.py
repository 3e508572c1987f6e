"""How much room an installed distribution takes, bytecode included: what its removal frees."""

from __future__ import annotations

import csv
import os
from contextlib import suppress
from importlib.util import cache_from_source
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from versioned_import.metadata.candidate import Candidate


def size_of(candidate: Candidate) -> int | None:
    """Return the bytes of the files of a distribution, with their bytecode; links are not followed.

    A versioned directory is all that it holds, a flat install what its RECORD lists. None for a flat install without
    RECORD: nothing says which files are its own.
    """
    if candidate.entry:
        return bytes_in(candidate.path)
    try:
        with open(os.path.join(candidate.metadata_directory, "RECORD"), encoding="utf-8", newline="") as file:
            listed = {row[0] for row in csv.reader(file) if row}
    except (OSError, UnicodeDecodeError, csv.Error):
        return None
    if not listed:
        return None
    # pip lists the bytecode that it made; Python makes some later, and pip removes both.
    listed |= {cache_from_source(path) for path in listed if path.endswith(".py")}
    size = 0
    for path in listed:
        with suppress(OSError, ValueError):
            size += os.lstat(os.path.join(candidate.path, path)).st_size
    return size


def bytes_in(directory: str) -> int:
    """Return the bytes of all files below a directory, bytecode included; links are not followed."""
    size = 0
    for parent, _, files in os.walk(directory):
        for name in files:
            with suppress(OSError):
                size += os.lstat(os.path.join(parent, name)).st_size
    return size


def recorded_size(candidate: Candidate) -> int:
    """Return the sum of the sizes that a RECORD names, which has none for bytecode; 0 without a RECORD."""
    try:
        with open(os.path.join(candidate.metadata_directory, "RECORD"), "rb") as file:
            # The last field of each row, which is never quoted.
            sizes = [line.rpartition(b",")[2].strip() for line in file]
    except OSError:
        return 0
    return sum(int(size) for size in sizes if size.isdigit())
