"""The part of a removal that is all or nothing, even if the process is killed: its trash holds what it takes to undo it."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from versioned_import.errors import InstallError
from versioned_import.metadata.group_locks import directory_of_locks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# The trash of a removal: one directory, which is renamed when what it holds is complete, and when it isn't needed any more.
_PREPARED, _UNDO, _DONE = "prepared", "undo", "done"
_DIRECTORIES, _BEFORE, _AFTER = "directories", "before", "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockChange:
    """The path of a group's lock, its new text (None: it goes), and the modification time that it gets."""

    path: str
    text: str | None
    written: int = 0


def take_away(site: str, trash: str, entries: Iterable[str], changes: Sequence[LockChange]) -> str:
    """Rename versioned directories into the trash and change locks: all of it, or nothing whatever happens.

    Return the directory in which the versioned directories are now. Raises InstallError. The caller holds the site
    directory's lock.
    """
    try:
        _prepare(trash, changes)
    except OSError as error:
        reason = f"the changed locks of its groups can't be written: {error.strerror}"
        raise InstallError(directory_of_locks(site), reason, "Nothing was removed.") from None
    try:
        os.rename(os.path.join(trash, _PREPARED), os.path.join(trash, _UNDO))
        _hide(site, trash, entries)
        _change_locks(trash, changes)
        os.rename(os.path.join(trash, _UNDO), os.path.join(trash, _DONE))
    except BaseException:  # a signal too
        put_back(site, trash)
        raise
    return os.path.join(trash, _DONE, _DIRECTORIES)


def _prepare(trash: str, changes: Iterable[LockChange]) -> None:
    """Write what each lock is now, and what it becomes; an empty file stands for none."""
    prepared = os.path.join(trash, _PREPARED)
    for name in (_DIRECTORIES, _BEFORE, _AFTER):
        os.makedirs(os.path.join(prepared, name), 0o755)
    for change in changes:
        name = os.path.basename(change.path)
        before, after = os.path.join(prepared, _BEFORE, name), os.path.join(prepared, _AFTER, name)
        if os.path.exists(change.path):
            shutil.copy2(change.path, before)
        else:
            open(before, "xb").close()
        if change.text is not None:
            with open(after, "x", encoding="utf-8", newline="\n") as file:
                file.write(change.text)
            os.chmod(after, 0o644)
            os.utime(after, ns=(change.written, change.written))


def _hide(site: str, trash: str, entries: Iterable[str]) -> None:
    """Rename the directories into the trash: from then on no new import sees them."""
    for entry in entries:
        path = os.path.join(site, entry)
        try:
            os.rename(path, os.path.join(trash, _UNDO, _DIRECTORIES, entry))
        except FileNotFoundError:
            raise InstallError(path, "another process has removed it meanwhile", "Try again.") from None
        except OSError as error:
            advice = "Check the permissions of the directory. Nothing was removed."
            raise InstallError(path, f"it can't be removed: {error.strerror}", advice) from None


def _change_locks(trash: str, changes: Iterable[LockChange]) -> None:
    # The new ones first: a process that imports meanwhile must not find neither.
    for change in sorted(changes, key=lambda one: one.text is None):
        try:
            if change.text is None:
                os.unlink(change.path)
            else:
                os.replace(os.path.join(trash, _UNDO, _AFTER, os.path.basename(change.path)), change.path)
        except OSError as error:
            reason = f"the locks of its groups can't be changed: {error.strerror}"
            advice = "Check the permissions of the directory. Nothing was removed."
            raise InstallError(os.path.dirname(change.path), reason, advice) from None


def is_unfinished(trash: str) -> bool:
    """Tell whether a directory is the trash of a removal that ended in the middle."""
    return os.path.isdir(os.path.join(trash, _UNDO))


def put_back(site: str, trash: str) -> None:
    """Undo a removal that ended in the middle; anything else stays as it is. Raises InstallError if that fails.

    What has come into its place meanwhile stays there.
    """
    if not is_unfinished(trash):
        return
    undo = os.path.join(trash, _UNDO)
    locks = directory_of_locks(site)
    try:
        for entry in os.listdir(os.path.join(undo, _DIRECTORIES)):
            if not os.path.lexists(os.path.join(site, entry)):
                os.rename(os.path.join(undo, _DIRECTORIES, entry), os.path.join(site, entry))
        for name in os.listdir(os.path.join(undo, _BEFORE)):
            before, path = os.path.join(undo, _BEFORE, name), os.path.join(locks, name)
            if os.path.getsize(before):
                os.replace(before, path)
            else:
                with suppress(FileNotFoundError):
                    os.unlink(path)
        os.rename(undo, os.path.join(trash, _DONE))
    except OSError as error:
        reason = f"what was to be removed can't be put back out of {undo}: {error.strerror}"
        raise InstallError(site, reason, "The next installation or removal tries it again.") from None
