"""Letting a new directory take the place of an old one, so that nothing that somebody else made is ever lost."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from versioned_import.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "versioned-import-export.json"
"""The file that says that a directory was made here, and may be replaced."""

_MOST_RIVALS = 20
_BYTES = 6
_OLD = "old-"


def is_export(directory: str) -> bool:
    """Tell whether a directory is an environment that was made here."""
    return os.path.isfile(os.path.join(directory, MARK))


def may_go(path: str) -> bool:
    """Tell whether nothing is lost when a path goes: it isn't there, is an export, or is an empty directory."""
    if os.path.islink(path) or not os.path.isdir(path):
        return not os.path.lexists(path)
    try:
        return is_export(path) or not os.listdir(path)
    except OSError:
        return False


def taken(place: str, reason: str = "something else is there already, which no export has made") -> InstallError:
    """Return the error for a place where something stands that is not ours."""
    return InstallError(place, reason, "Name another directory, or remove this one.")


@contextmanager
def staging_beside(final: str) -> Iterator[str]:
    """Give a new directory beside a place; it is gone afterwards, and so is what killed exports to that place have left."""
    parent, name = os.path.split(final)
    for path in _left_behind(parent, name):
        with suppress(Timeout, OSError, NotImplementedError), FileLock(f"{path}.lock", timeout=0):
            _remove(path)
    staging = os.path.join(parent, f".{name}.export-{secrets.token_hex(_BYTES)}")
    with FileLock(f"{staging}.lock"):
        os.mkdir(staging)
        try:
            with open(os.path.join(staging, MARK), "w", encoding="utf-8"):
                pass
            yield staging
        finally:
            _remove(staging)


def put_in_place(staging: str, new: str, final: str) -> None:
    """Let `new`, which stands in `staging`, take its place; what stood there goes back if that fails.

    Another export to the same place may come in between; then the last one stays. Raises OSError, and InstallError if
    something that no export has made has come there since it was looked at.
    """
    for attempt in range(_MOST_RIVALS):
        before = os.path.join(staging, f"{_OLD}{attempt}")
        try:
            _take_away(final, before)
            os.rename(new, final)
        except BaseException as error:
            if _is_rival(error, final) and attempt + 1 < _MOST_RIVALS:
                continue
            # An interruption may come when all is done; then the new one stays.
            if os.path.lexists(new):
                _put_back(staging, final, attempt)
                if isinstance(error, OSError) and not may_go(final):
                    raise taken(final) from None
            raise
        return


def _take_away(final: str, before: str) -> None:
    """Move what stands at a place, if anything does. Raises InstallError, with it moved, if it is not ours."""
    with suppress(FileNotFoundError):
        os.rename(final, before)
    # Looked at now and not before: what is written between a look and a rename would be lost.
    if not may_go(before):
        raise taken(final)


def _left_behind(parent: str, name: str) -> list[str]:
    """Return the directories that exports to a place have left: of exactly that form, and with a mark or a lock file."""
    form = re.compile(rf"(\.{re.escape(name)}\.export-[0-9a-f]{{{2 * _BYTES}}})(\.lock)?")
    found = {match[1] for one in os.listdir(parent) if (match := form.fullmatch(one))}
    return [path for one in sorted(found) if _is_ours(path := os.path.join(parent, one))]


def _is_ours(path: str) -> bool:
    """Tell whether a staging directory has its mark, or its lock file, which is empty; another export may be removing it."""
    if is_export(path) and not os.path.islink(path):
        return True
    try:
        lock = os.lstat(f"{path}.lock")
    except OSError:
        return False
    return stat.S_ISREG(lock.st_mode) and not lock.st_size


def _remove(staging: str) -> None:
    """Remove a staging directory and its lock, but for one into which something came that no export has made."""
    with suppress(OSError):
        if all(may_go(os.path.join(staging, one)) for one in os.listdir(staging) if one.startswith(_OLD)):
            shutil.rmtree(staging, ignore_errors=True)
    # The lock is what says that the rest is ours, so it goes last.
    if not os.path.lexists(staging):
        with suppress(OSError):
            os.unlink(f"{staging}.lock")


def _is_rival(error: BaseException, final: str) -> bool:
    return isinstance(error, OSError) and error.errno in {errno.ENOTEMPTY, errno.EEXIST} and is_export(final)


def _put_back(staging: str, final: str, attempt: int) -> None:
    """Put back what stood at a place last. Raises InstallError if it has to stay where it is and is not ours."""
    moved = (os.path.join(staging, f"{_OLD}{one}") for one in range(attempt, -1, -1))
    last = next(filter(os.path.lexists, moved), None)
    if last is None:
        return
    with suppress(OSError):
        # A directory never takes the place of what is not empty; a file or a link would.
        if not os.path.lexists(final) or (os.path.isdir(last) and not os.path.islink(last)):
            os.rename(last, final)
    if not may_go(last):
        raise taken(final, f"something else came there meanwhile, and what stood there is in {last}")
