"""Writing a file so that nobody ever reads half of it. No third-party library is imported here: launchers come this way."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile

_OUTPUTS = (1, 2)


def write_whole(path: str, text: str) -> None:
    """Write a file of our own under another name and rename it, so that nobody reads half of it. Raises OSError."""
    _replace(path, text.encode("utf-8"), None)


def write_named(path: str, data: str | bytes, mode: int = 0o644) -> None:
    """Write what a user has named: a file is replaced as a whole, a link stays a link, mode and owner stay.

    A new file gets `mode`. What is no regular file (a device, a pipe) is written to as it is, and so is what this
    process has as its standard output or standard error. Raises OSError.
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    try:
        found = os.stat(path)
    except FileNotFoundError:
        _replace(os.path.realpath(path), content, None, mode)
        return
    output = _output_at(found)
    if output is not None:
        _flush()
        with open(output, "wb", closefd=False) as file:
            file.write(content)
    elif stat.S_ISREG(found.st_mode) and _is_at(os.path.realpath(path), found):
        _replace(os.path.realpath(path), content, found)
    else:
        with open(path, "wb") as file:
            file.write(content)


def is_by_itself(path: str) -> bool:
    """Tell whether a path is a regular file, or free for one: no device, no pipe, and no output of this process."""
    try:
        found = os.stat(path)
    except OSError:
        return True
    return stat.S_ISREG(found.st_mode) and _output_at(found) is None


def _replace(path: str, content: bytes, like: os.stat_result | None, mode: int = 0o644) -> None:
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=os.path.dirname(path))
    try:
        with open(handle, "wb") as file:
            file.write(content)
        if like is not None and hasattr(os, "chown"):
            with contextlib.suppress(OSError):  # of somebody else's file, only root can keep the owner
                os.chown(temporary, like.st_uid, like.st_gid)
        os.chmod(temporary, mode if like is None else stat.S_IMODE(like.st_mode))
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _output_at(found: os.stat_result) -> int | None:
    """Return which of the outputs of this process is a file, None if none is."""
    for output in _OUTPUTS:
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(output), found):
                return output
    return None


def _is_at(path: str, found: os.stat_result) -> bool:
    """Tell whether a file is at a path: one that is open may have none any more."""
    try:
        return os.path.samestat(os.stat(path), found)
    except OSError:
        return False


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(ValueError, AttributeError):  # a program may have closed or replaced it
                stream.flush()
