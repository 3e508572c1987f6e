"""Keeps the answer to a statement for later processes: the writing side of `memo.py`."""

from versioned_import.metadata.store import replace_file
from versioned_import.runtime.memo import checksum_of, file_for, key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.metadata.candidate import Candidate
    from versioned_import.runtime.state import Answered

MOST_ANSWERS = 16
"""How many answers to one statement are kept, for one state of the search path and of what was answered before each."""


def remember(
    name: str,
    clause: str,
    directories: "Sequence[str]",
    before: "Sequence[Answered]",
    closure: "Sequence[Candidate]",
    leftover: str = "",
) -> None:
    """Keep the closure of a request, the answer first, for later processes; where it can't be written, it isn't.

    The caller has seen that every directory's catalogue is settled: a later change bears another time.
    """
    path = file_for(name, clause)
    key = key_of(directories, before, leftover)
    if path is None or key is None:
        return
    try:
        numbered = [f"{directories.index(one.site)} {one.line()}" for one in closure]
        block = "\n".join((key, checksum_of(key, numbered), *numbered))
        others = [other for other in _blocks(path) if other.split("\n", 1)[0] != key]
        replace_file(path, "\n\n".join((block, *others[: MOST_ANSWERS - 1])).encode())
    except (OSError, ValueError):
        pass


def _blocks(path: str) -> "list[str]":
    try:
        with open(path, "rb") as file:
            return file.read().decode().split("\n\n")
    except (OSError, ValueError):
        return []
