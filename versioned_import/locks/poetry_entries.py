"""One entry of a poetry.lock: where it is from, and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from versioned_import.locks.files import locked_file, one_hash, sorted_files
from versioned_import.locks.lock import Locked, LockedFile, Vcs
from versioned_import.locks.source import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

_INDEXES = ("", "legacy", "pypi")
_SOURCES = (*_INDEXES, "git", "hg", "url", "file", "directory")


def locked(table: Table, metadata: Table, groups: tuple[str, ...]) -> Locked:
    """Read one `[[package]]`; `metadata` has the files in versions before 2. Raises LockError."""
    distribution, version = table.name(), table.version()
    if not version:
        raise table.error("version", "it is missing")
    source = table.table("source")
    kind, url = source.text("type"), source.text("url")
    if kind not in _SOURCES:
        raise source.error("type", f"{kind!r} is none of {', '.join(_SOURCES[1:])}")
    if kind not in _INDEXES and not url:
        raise source.error("url", "it is missing")
    listed = table if "files" in table else metadata.table("files")
    key = "files" if "files" in table else table.need("name")
    files = list(_files(listed, key))
    wheels, sdist = sorted_files(table, files, distribution, version) if kind in _INDEXES else ((), None)
    markers = table.data.get("markers")
    return Locked(
        distribution=distribution,
        version=version,
        marker=table.marker("markers") if isinstance(markers, str) else "",
        requires_python=table.python("python-versions"),
        groups=groups,
        wheels=wheels,
        sdist=sdist,
        archive=_archive(source, kind, files) if kind in ("url", "file") else None,
        vcs=_vcs(source) if kind in ("git", "hg") else None,
        directory=table.beside(url) if kind == "directory" else "",
        subdirectory=source.text("subdirectory"),
        editable=kind == "directory" and table.get("develop", bool, default=False),
        index=url if kind in _INDEXES else "",
        where=table.where,
    )


def _files(table: Table, key: str) -> Iterator[LockedFile]:
    for file in table.tables(key):
        yield locked_file(file, name=file.need("file"), hashes=one_hash(file, "hash", file.need("hash")))


def _archive(source: Table, kind: str, files: list[LockedFile]) -> LockedFile:
    hashes = files[0].hashes if files else {}
    place = {"url" if kind == "url" else "path": source.text("url")}
    return locked_file(Table(source.path, source.format, source.where, place), hashes=hashes)


def _vcs(source: Table) -> Vcs:
    return Vcs(
        kind=source.text("type"),
        url=source.text("url"),
        commit=source.need("resolved_reference"),
        subdirectory=source.text("subdirectory"),
    )
