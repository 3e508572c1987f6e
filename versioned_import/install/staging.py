"""The staging directory of one installation, and the one rename that makes a versioned directory visible."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from versioned_import.errors import InstallError
from versioned_import.install.undo import is_unfinished, put_back
from versioned_import.metadata.layout import NotACandidate, read_versioned
from versioned_import.metadata.places import OWN_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from filelock import BaseFileLock

    from versioned_import.install.engine import Planned, Staged

    Handler = Callable[[int, FrameType | None], object] | int | None

_PREFIX = "stage-"
_LOCK = ".lock"
_PATIENCE_SECONDS = 60
_SWEEPING_SECONDS = 10
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def staging(site: str) -> Iterator[str]:
    """Give an empty directory in the file system of `site`; it is gone afterwards, whatever happens.

    SIGTERM and SIGHUP raise SystemExit inside, so that they clean up too. What a killed installation left is
    removed first. Raises InstallError if the directory can't be made.
    """
    parent = os.path.join(site, OWN_DIRECTORY)
    directory = os.path.join(parent, f"{_PREFIX}{secrets.token_hex(8)}")
    held = FileLock(f"{directory}{_LOCK}")
    with _signals_raise():
        try:
            _make(parent, directory, held)
            yield directory
        finally:
            _clear(site, directory)
            _let_go(held)


def _make(parent: str, directory: str, held: BaseFileLock) -> None:
    """Make a staging directory; its lock comes first, so that nobody sweeps it away."""
    try:
        os.makedirs(parent, 0o755, exist_ok=True)
        sweep(parent)
        held.acquire(timeout=_SWEEPING_SECONDS)  # somebody who sweeps may hold it for a moment, and removes it then
        os.mkdir(directory, 0o755)
    except OSError as error:
        advice = "Use --user, or a virtual environment (python -m venv DIR)."
        raise InstallError(parent, f"the staging directory can't be made: {error.strerror}", advice) from None


def sweep(parent: str) -> None:
    """Remove the staging directories whose installations were killed: those whose lock nobody holds.

    What a killed removal has left in the middle goes back to its place first.
    """
    for name in {name.removesuffix(_LOCK) for name in os.listdir(parent) if name.startswith(_PREFIX)}:
        path = os.path.join(parent, name)
        held = FileLock(f"{path}{_LOCK}")
        # A lock that is held, or a file system that has none: not ours to remove.
        with suppress(Timeout, OSError, NotImplementedError):
            held.acquire(timeout=0)
            _clear(os.path.dirname(parent), path)
            _let_go(held)


def _clear(site: str, directory: str) -> None:
    """Delete a staging directory. That of a removal which ended in the middle is emptied first, or it stays."""
    if is_unfinished(directory):
        try:
            with exclusive(site):
                put_back(site, directory)
        except InstallError:
            return
    shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def exclusive(site: str) -> Iterator[None]:
    """Keep others from landing or removing anything in a site directory for a block. Raises InstallError after a minute."""
    directory = os.path.join(site, OWN_DIRECTORY)
    try:
        os.makedirs(directory, 0o755, exist_ok=True)
        lock = FileLock(os.path.join(directory, "lock"), timeout=_PATIENCE_SECONDS, mode=0o666)
        lock.acquire()
    except Timeout:
        reason = f"another process has held {directory}{os.sep}lock for {_PATIENCE_SECONDS} seconds"
        raise InstallError(site, reason, "Try again when it has ended.") from None
    except OSError as error:
        raise InstallError(site, f"it can't be locked: {error.strerror}", "Check the permissions.") from None
    try:
        yield
    finally:
        lock.release()


def _let_go(held: BaseFileLock) -> None:
    """Remove a lock and release it, in this order: whoever waits for it sees that the file is gone, and makes a new one."""
    with suppress(OSError):
        os.unlink(held.lock_file)
    held.release()
    if os.name == "nt":  # which removes no file that is open
        with suppress(OSError):
            os.unlink(held.lock_file)


def check_found(directory: str, planned: Planned) -> None:
    """Raise InstallError unless imports will find a distribution that is staged in a directory, once it has landed."""
    try:
        read_versioned(directory, planned.directory, 0)
    except NotACandidate as doubt:
        request = f"{planned.name} {planned.version}"
        raise InstallError(request, f"what it unpacks to {doubt}", "Ask for another release.") from None


def check_free(site: str, name: str) -> None:
    """Raise InstallError if something that is no versioned directory stands where one is to land."""
    final = os.path.join(site, name)
    try:
        inside = os.listdir(final)
    except FileNotFoundError:
        if not os.path.lexists(final):
            return
        raise InstallError(name, f"{final} is in the way: a link that leads nowhere", "Move it away.") from None
    except OSError as error:
        raise InstallError(name, f"{final} is in the way: {error.strerror}", "Move it away.") from None
    if inside and not any(entry.endswith(".dist-info") for entry in inside):
        raise InstallError(name, f"{final} is in the way and holds no .dist-info", "Move it away.")


def is_there(site: str, name: str) -> bool:
    """Tell whether a directory stands where one is to land; an empty one doesn't count, since a rename replaces it."""
    try:
        return bool(os.listdir(os.path.join(site, name)))
    except OSError:
        return False


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
