"""What a tool has made in the copy, of plain files and anew, given to the real directories; no change of others is lost."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from versioned_import.plain_tools.source import Source, SourceError, write_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from versioned_import.plain_tools.mirror import Mirror

Stamp = tuple[int, int, int, int]


def take_over(mirror: Mirror, rewritten: Callable[[str], str]) -> list[SourceError | OSError]:
    """Give the real directories what a tool has made in the copy: new files, and changes to plain ones.

    Paths of the copy in such files (a report) are replaced as `rewritten` says, but not in new directories (a cache).
    Returns why some were left: a file that somebody else has changed meanwhile stays as it is.
    """
    failed: list[SourceError | OSError] = []
    for path, (before, _) in tuple(mirror.plain.items()):
        try:
            if os.path.lexists(mirror.place(path)) and stamp(mirror.place(path)) != before:
                _take_over_file(mirror, path, rewritten)
        except (SourceError, OSError) as error:
            failed.append(error)
    for directory, known in mirror.known.items():
        if not os.path.isdir(mirror.place(directory)):
            continue
        for name in sorted(set(os.listdir(mirror.place(directory))) - known):
            try:
                _take_over_new(mirror, os.path.join(directory, name), rewritten)
            except OSError as error:
                failed.append(error)
    return failed


def stamp(path: str) -> Stamp:
    """Return what is another after a file was changed, in place or by another file."""
    status = os.stat(path)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _take_over_file(mirror: Mirror, path: str, rewritten: Callable[[str], str]) -> None:
    copy = mirror.place(path)
    with open(copy, "rb") as file:
        made = file.read()
    before = made  # where the tool has written through a hard link
    if not os.path.samefile(copy, path):
        if stamp(path) != mirror.plain[path][1]:
            raise SourceError(path, "it was changed meanwhile, and is left as it is now", "Run it again.")
        with open(path, "rb") as file:
            before = file.read()
    data = _rewritten(made, rewritten)
    if data == before:
        return
    os.unlink(copy)  # a file with two names would be written in place
    try:
        real = Source(path=path, data=before, encoding="utf-8", text="", declaration=None, clauses=[])
        write_source(real, data)
    finally:
        mirror.copy_plain(path)


def _take_over_new(mirror: Mirror, path: str, rewritten: Callable[[str], str]) -> None:
    if os.path.lexists(path) or not os.path.isdir(os.path.dirname(path)):
        return
    copy = mirror.place(path)
    if os.path.isfile(copy) and not os.path.islink(copy):
        with open(copy, "r+b") as file:
            made = file.read()
            data = _rewritten(made, rewritten)
            if data != made:
                file.seek(0)
                file.write(data)
                file.truncate()
    shutil.move(copy, path)


def _rewritten(data: bytes, rewritten: Callable[[str], str]) -> bytes:
    return rewritten(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
