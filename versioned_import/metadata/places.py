"""Where caches are kept: the directories of the platform's own convention; paths in full, checksums, looks into directories."""

import _imp  # this and the next are built in, and loaded before site
import marshal
import os
import sys
from _frozen_importlib_external import FileFinder  # its public name would cost the import of importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OWN_DIRECTORY = ".versioned_import"
"""What the installer makes in a site directory for itself; no import can name it."""


def changed_at(status: "os.stat_result") -> int:
    """Return when a file or directory last changed, in nanoseconds.

    That is the time which nobody can set back: `cp -a`, rsync and reproducible images give directories old modification
    times. Windows has no such time.
    """
    return status.st_mtime_ns if os.name == "nt" else status.st_ctime_ns


def full_path(path: str) -> str:
    """Return a path as `os.path.abspath` does; a relative one stays as it is where the current directory was deleted."""
    try:
        return os.path.abspath(path)
    except OSError:
        return path


def real_path(path: str) -> str:
    """Return a path as `os.path.realpath` does; a relative one stays as it is where the current directory was deleted."""
    try:
        return os.path.realpath(path)
    except OSError:
        return path


def may_have(finder: "Any", name: str) -> bool:
    """Tell whether what searches an entry of `sys.path` may find a top-level module; False is certain.

    Python's finder for a directory keeps a list of it until it changes, and tries a dozen names on that; most often one look
    tells that nothing there has the name. None is what Python keeps for an entry that isn't there.
    """
    if type(finder) is not FileFinder:
        return finder is not None
    try:
        if os.stat(finder.path).st_mtime == finder._path_mtime:  # type: ignore[attr-defined]  # noqa: SLF001
            listed = finder._path_cache  # type: ignore[attr-defined]  # noqa: SLF001
            known, names = _names.get(finder.path, (None, None))
            if known is not listed:
                dots = all([ending.startswith(".") for ending, _ in finder._loaders])  # type: ignore[attr-defined]  # noqa: C419, SLF001
                names = frozenset([one.partition(".")[0].lower() for one in listed]) if dots else None
                _names[finder.path] = listed, names
            return names is None or name.lower() in names
    except (OSError, AttributeError):
        pass
    return True


_names: "dict[str, tuple[Any, frozenset[str] | None]]" = {}
"""Directory to the list that its finder had, and what stands before the first dot of each name there; None where modules may
have other endings."""


def cache_directory() -> str:
    """Return the user's cache directory for this project; it need not exist.

    VERSIONED_IMPORT_CACHE_DIR names another one, unless Python was told to ignore the environment. This is the answer
    of platformdirs in eight lines, because a warm import can't afford its import.
    """
    chosen = "" if sys.flags.ignore_environment else os.environ.get("VERSIONED_IMPORT_CACHE_DIR", "")
    if chosen:
        return full_path(chosen)
    if sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    elif sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not base.startswith("/"):  # "the path should be considered invalid", says the XDG specification
            base = os.path.expanduser("~/.cache")
    return os.path.join(base, "versioned_import")


def checksum(data: bytes) -> int:
    """Return a number below 2**31 that any one changed byte changes; it guards caches against accidents only."""
    return int.from_bytes(data, "little") % ((1 << 31) - 1)


def number_of(data: bytes) -> int:
    """Return a number that another content changes; it guards against accidents only, and costs less than `checksum`."""
    return int.from_bytes(_imp.source_hash(0, data), "little")  # what importlib.util.source_hash calls


def own_data(path: str, offset: int = 0, length: int = -1) -> bytes:
    """Return the bytes of a file of this user which nobody else may write to, or a part of them.

    Raises OSError for another's, and EOFError where the part is not there.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        if _HAS_OWNERS and (status.st_uid != os.geteuid() or status.st_mode & 0o022):
            raise PermissionError
        if length < 0:
            length = status.st_size - offset
        if offset:
            os.lseek(descriptor, offset, 0)
        data = os.read(descriptor, length) if 0 <= length <= status.st_size - offset else b""
    finally:
        os.close(descriptor)
    if len(data) != length:
        raise EOFError
    return data


def kept_data(path: str) -> "Any":
    """Return the plain data that a cache file of this user holds, which nobody else may write to.

    Raises OSError, ValueError, EOFError or TypeError for one that is absent, broken, or another's.
    """
    data = own_data(path)
    body = data[16:]
    if int(data[:16], 16) != number_of(body):
        raise ValueError("a broken file")
    return marshal.loads(body)  # noqa: S302 whole, and its own user's


_HAS_OWNERS = hasattr(os, "geteuid")
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)
