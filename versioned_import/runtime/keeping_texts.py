"""Keeps the codec's text of a file for later processes: the writing side of `texts.py`."""

import os

from versioned_import.metadata.store import data_to_keep, replace_file

MOST_TEXTS = 500
"""So many are kept; each version of a file makes one."""


def keep(path: str, data: object) -> None:
    """Write one text; where it can't be written, it isn't."""
    folder = os.path.dirname(path)
    try:
        replace_file(path, data_to_keep(data), mode=0o600)
        with os.scandir(folder) as entries:
            files = [(entry.stat().st_mtime_ns, entry.path) for entry in entries]
        for _, other in sorted(files)[:-MOST_TEXTS]:
            os.unlink(other)
    except (OSError, ValueError):
        pass
