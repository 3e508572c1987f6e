"""Reading small files that may stand inside a zip file on the search path."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def read_text(path: str, at_most: int = -1) -> str | None:
    """Return a file's text, or None where there is none; of a text longer than `at_most` bytes the beginning."""
    try:
        with open(path, "rb") as file:
            data = file.read(at_most)
    except OSError as error:
        found = _read_inside(path) if _may_be_inside(error) else None
        if found is None:
            return None
        data = found[:at_most] if at_most >= 0 else found
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def is_file(path: str) -> bool:
    """Tell whether a file is there."""
    return os.path.isfile(path) or _read_inside(path) is not None


def is_directory(path: str) -> bool:
    """Tell whether a directory is there."""
    return os.path.isdir(path) or (not os.path.exists(path) and bool(_list_inside(path)))


def listing(path: str) -> list[str]:
    """Return the names in a directory, of a zip file those at its top. Raises OSError where it is neither."""
    try:
        return os.listdir(path)
    except OSError as error:
        if not _may_be_inside(error):
            raise
        names = _list_inside(path)
        if not names:
            raise
        return names


def status(path: str) -> os.stat_result:
    """Return the status of a file or directory; inside a zip file, that of the zip file. Raises OSError."""
    try:
        return os.stat(path)
    except OSError as error:
        archive, _ = _archive_of(path) if _may_be_inside(error) else ("", "")
        if not archive:
            raise
        return os.stat(archive)


def _may_be_inside(error: OSError) -> bool:
    """Tell whether an error is that of a path which leads through a file; Windows only says that it isn't there."""
    return isinstance(error, NotADirectoryError) or (os.name == "nt" and isinstance(error, FileNotFoundError))


def _archive_of(path: str) -> tuple[str, str]:
    """Return the file that a path leads through, and the rest of the path with `/`; "" and "" where there is none."""
    head, rest = path, ""
    while head and not os.path.lexists(head):
        head, _, tail = head.rpartition(os.sep)
        rest = f"{tail}/{rest}" if rest else tail
    return (head, rest) if os.path.isfile(head) else ("", "")


def _read_inside(path: str) -> bytes | None:
    archive, inside = _archive_of(path)
    if not archive or not inside:
        return None
    # Loaded by every Python that has a zip file on sys.path, unlike zipfile.
    from zipimport import ZipImportError, zipimporter

    try:
        return zipimporter(archive).get_data(inside.replace("/", os.sep))
    except (ZipImportError, OSError):
        return None


def _list_inside(path: str) -> list[str]:
    archive, inside = _archive_of(path)
    if not archive:
        return []
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(archive) as opened:
            return list(dict.fromkeys(_names_below(opened.namelist(), inside)))
    except (BadZipFile, OSError, NotImplementedError):
        return []


def _names_below(paths: list[str], folder: str) -> Iterator[str]:
    head = f"{folder}/" if folder else ""
    for path in paths:
        if path.startswith(head) and path != head:
            yield path[len(head) :].partition("/")[0]
