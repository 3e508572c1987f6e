"""The staging directory of one installation, and the one rename that makes a versioned directory visible."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from versioned_import.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from versioned_import.install.engine import Staged

    Handler = Callable[[int, FrameType | None], object] | int | None

OWN_DIRECTORY = ".versioned_import"
_PREFIX = "stage-"
_STALE_SECONDS = 24 * 60 * 60
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def staging(site: str) -> Iterator[str]:
    """Give an empty directory in the file system of `site`; it is gone afterwards, whatever happens.

    SIGTERM and SIGHUP raise SystemExit inside, so that they clean up too. What a killed installation of yesterday left
    is removed first. Raises InstallError if the directory can't be made.
    """
    parent = os.path.join(site, OWN_DIRECTORY)
    with _signals_raise():
        try:
            os.makedirs(parent, 0o755, exist_ok=True)
            sweep(parent)
            directory = tempfile.mkdtemp(prefix=_PREFIX, dir=parent)
        except OSError as error:
            advice = "Use --user, or a virtual environment (python -m venv DIR)."
            raise InstallError(parent, f"the staging directory can't be made: {error.strerror}", advice) from None
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def sweep(parent: str) -> None:
    """Remove staging directories that have not changed for a day: their installations were killed."""
    oldest = time.time() - _STALE_SECONDS
    with os.scandir(parent) as entries:
        for entry in entries:
            with suppress(OSError):  # somebody else sweeps at the same time
                if entry.name.startswith(_PREFIX) and entry.stat(follow_symlinks=False).st_mtime < oldest:
                    shutil.rmtree(entry.path, ignore_errors=True)


def check_free(site: str, name: str) -> None:
    """Raise InstallError if something that is no versioned directory stands where one is to land."""
    final = os.path.join(site, name)
    try:
        inside = os.listdir(final)
    except FileNotFoundError:
        return
    except OSError as error:
        raise InstallError(name, f"{final} is in the way: {error.strerror}", "Move it away.") from None
    if inside and not any(entry.endswith(".dist-info") for entry in inside):
        raise InstallError(name, f"{final} is in the way and holds no .dist-info", "Move it away.")


def land(site: str, staged: Staged) -> bool:
    """Rename a staged distribution into place. Return False if a versioned directory of its name is there already.

    The rename is the whole installation: before it nothing is visible, after it everything. Of several installers that
    run at once one wins, and the others find the directory there, because a rename never replaces a filled directory.
    """
    try:
        os.rename(staged.path, os.path.join(site, staged.directory))
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
            return False
        reason = f"it can't be renamed into {site}: {error.strerror}"
        raise InstallError(
            f"{staged.name} {staged.version}", reason, "Check the permissions of the directory."
        ) from None
    return True


@contextmanager
def _signals_raise() -> Iterator[None]:
    """Let signals that would end the process raise SystemExit instead; ignored ones stay ignored (nohup)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Handler] = {number: signal.getsignal(number) for number in _SIGNALS}
    changed = [number for number in _SIGNALS if before[number] == signal.SIG_DFL]
    for number in changed:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, before[number])


def _stop(number: int, _frame: FrameType | None) -> None:
    for other in _SIGNALS:
        if signal.getsignal(other) is _stop:
            signal.signal(other, signal.SIG_IGN)  # a second one must not interrupt the cleaning up
    raise SystemExit(128 + number)
