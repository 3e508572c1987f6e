"""Keeps the code of modules that a process has imported: the writing side of `kept_code.py`, run as the process ends.

Two files: one says which blocks there are, the other has them. That one gets a name of its own each time, so a reader's
offsets never belong to another file; it is written first, and the one before is removed last.
"""

import marshal
import os
import sys
import time
from _frozen_importlib_external import (  # type: ignore[attr-defined]
    MAGIC_NUMBER,
    FileFinder,
    SourceFileLoader,
    _get_supported_file_loaders,
    cache_from_source,
)

from versioned_import.kept_code import LIBRARY, MOST, look_up, new_table, path_of, read_table, time_of
from versioned_import.metadata.places import own_data
from versioned_import.metadata.store import SETTLING_NS, replace_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from versioned_import.kept_code import Table

    Kept = tuple[str, int, str, str, str, int, int, int, Any]
    """The directory that a module stands in, a package's own one, and when that last changed; source and compiled file, or ""
    for "leave this one to Python"; of a package the directory that it was found in and when that changed, else "" and 0; the
    source's modification time and size; its code, or offset and length where that stands in the file for itself."""

_STANDARD = sys.stdlib_module_names
_LARGE = 1 << 12
"""Code of more bytes stands outside of its block, and is read when it is needed."""
_LARGE_BLOCK = 1 << 17
_HOUR = 3600
_KEPT_FOR = 30 * 24 * _HOUR


def add(table: "Table") -> None:
    """Add what was missed to what is kept now, and drop what has changed since it was. Raises OSError."""
    now = new_table("")
    now.key = table.key
    read_table(now)
    for name in list(now.blocks):
        look_up(now, name)
    before = {name: kept for name, kept in now.known.items() if _is_true(kept)}
    directories: dict[str, Directory | None] = {}
    loaded = dict(sys.modules)
    found = {
        name: _kept(name, place, directories)
        for name, place in table.missed.copy().items()
        # Modules of other platforms are tried again and again.
        if name in loaded or name in _STANDARD
    }
    added = {name: kept for name, kept in found.items() if kept is not None and before.get(name, ())[:8] != kept[:8]}
    if added:
        whole = {name: kept for name, kept in before.items() if name not in added}
        _write(now, {name: _with_code(kept, now.data) for name, kept in whole.items()} | added)


def _is_true(kept: "Kept") -> bool:
    directory, changed, source, _, parent, parent_changed, modified, size, _ = kept
    try:
        if time_of(directory) != changed or (parent and time_of(parent) != parent_changed):
            return False
        status = os.stat(source) if source else None
    except OSError:
        return False
    return status is None or (status.st_mtime_ns, status.st_size) == (modified, size)


def _with_code(kept: "Kept", data: str) -> "Kept":
    return kept if type(kept[8]) is bytes else (*kept[:8], own_data(data, *kept[8]))


class Directory:
    """A directory as it is now, for modules that were looked for in it. Raises OSError."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.changed = time_of(path)
        self.names = set(os.listdir(path))
        self.finder = FileFinder(path, *_get_supported_file_loaders())

    def is_settled(self) -> bool:
        """Tell whether it is as it was, and a later change would be seen by its time."""
        return self.changed < time.time_ns() - SETTLING_NS and time_of(self.path) == self.changed


def _kept(name: str, place: str, directories: "dict[str, Directory | None]") -> "Kept | None":
    """Return what is kept of a module, None if nothing can be said that a later process could check."""
    try:
        return _found(name, place, directories)
    except (OSError, ValueError):  # it has gone meanwhile, or no file can have such a name
        return None


def _found(name: str, place: str, directories: "dict[str, Directory | None]") -> "Kept | None":
    directory = _directory(place, directories)
    if directory is None:
        return None
    tail = name.rpartition(".")[2]
    spec = directory.finder.find_spec(name)
    own = (spec.submodule_search_locations or [""])[0] if spec is not None else ""
    if (
        spec is None
        or type(spec.loader) is not SourceFileLoader
        # A file system may fold case; and a directory beside a module may become a package, which goes first.
        or not directory.names.issuperset({tail} if own else {f"{tail}.py"})
        or (not own and tail in directory.names)
    ):
        return (place, directory.changed, "", "", "", 0, 0, 0, b"") if directory.is_settled() else None
    package = _directory(own, directories) if own else directory
    code = _code(str(spec.origin), spec.cached)
    if package is None or code is None or not (directory.is_settled() and package.is_settled()):
        return None
    above = (place, directory.changed) if own else ("", 0)
    return (package.path, package.changed, str(spec.origin), str(spec.cached), *above, *code)


def _directory(path: str, directories: "dict[str, Directory | None]") -> Directory | None:
    if path not in directories:
        try:
            directories[path] = Directory(path) if isinstance(path, str) and os.path.isabs(path) else None
        except (OSError, ValueError):
            directories[path] = None
    return directories[path]


def _code(source: str, cached: "str | None") -> "tuple[int, int, bytes] | None":
    """Return a source's modification time, size and code, if there is a compiled file of it that is Python's own."""
    if cached is None or cached != cache_from_source(source):
        return None
    try:
        status = os.stat(source)
        with open(cached, "rb") as file:
            data = file.read()
    except OSError:
        return None
    numbers = 0, int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF
    header = MAGIC_NUMBER + b"".join(number.to_bytes(4, "little") for number in numbers)
    if not data.startswith(header) or status.st_mtime_ns > time.time_ns() - SETTLING_NS:
        return None
    return status.st_mtime_ns, status.st_size, data[len(header) :]


def _write(now: "Table", modules: "dict[str, Kept]") -> None:
    """Write both files and remove what they replace; nothing at all where that would be too much. Raises OSError."""
    blocks: dict[str, dict[str, Kept]] = {}
    for name, kept in modules.items():
        is_package = bool(kept[4])
        of = name if is_package else name.rpartition(".")[0] or name
        if kept[0].startswith(LIBRARY) and name.partition(".")[0] in _STANDARD:
            of = ""  # most that is imported of the standard library once is imported again
        blocks.setdefault(of, {})[name] = kept
    parts: list[bytes] = []
    where = {}
    at = 0
    for name, block in blocks.items():
        outside, inside = _parted(block, at)
        parts += outside
        at += sum(map(len, outside))
        where[name] = at, len(inside)
        parts.append(inside)
        at += len(inside)
    if at > MOST:
        return
    path = path_of(now)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    data = f"{path}-{os.getpid():x}-{time.time_ns():x}"
    replace_file(data, b"".join(parts), mode=0o600)
    try:
        replace_file(path, marshal.dumps((now.key, os.path.basename(data), where)), mode=0o600)
    except BaseException:
        os.unlink(data)
        raise
    _sweep(path, data, now.data)


def _parted(block: "dict[str, Kept]", at: int) -> tuple[list[bytes], bytes]:
    """Return the codes that stand for themselves, the first of them at an offset, and the block without them."""
    outside: list[bytes] = []
    inside = 0
    left: dict[str, Kept] = {}
    for name, kept in block.items():
        code = kept[8]
        if len(code) > _LARGE or inside + len(code) > _LARGE_BLOCK:
            outside.append(code)
            left[name] = (*kept[:8], (at, len(code)))
            at += len(code)
        else:
            inside += len(code)
            left[name] = kept
    return outside, marshal.dumps(left)


def _sweep(path: str, data: str, former: str) -> None:
    """Remove the data before, what killed processes left of this table, and whatever was not added to for long."""
    now = time.time()
    for entry in list(os.scandir(os.path.dirname(path))):
        try:
            age = now - entry.stat().st_mtime
            is_left = entry.path.startswith((f"{path}-", f"{path}.")) and entry.path != data and age > _HOUR
            if (entry.path == former and former != path) or is_left or age > _KEPT_FOR:
                os.unlink(entry.path)
        except OSError:
            continue
