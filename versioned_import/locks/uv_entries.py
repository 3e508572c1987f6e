"""One entry of a uv.lock: where it is from, and its files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from versioned_import.locks.files import locked_file, one_hash, sorted_files
from versioned_import.locks.lock import Locked, LockedFile, Vcs
from versioned_import.locks.source import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMBERS = ("virtual", "editable", "directory")
_SOURCES = ("registry", *MEMBERS, "git", "url", "path")


def locked(table: Table) -> Locked:
    """Read one `[[package]]`. Raises LockError."""
    distribution, version = table.name(), table.version()
    kind, place = source(table)
    if not version and kind not in MEMBERS:
        raise table.error("version", "it is missing")
    in_registry = kind == "registry"
    wheels, sdist = sorted_files(table, _files(table, place), distribution, version) if in_registry else ((), None)
    if in_registry and not wheels and not sdist:
        raise table.error("", f"{distribution} {version} has no file to install, or only half of the lock is written")
    return Locked(
        distribution=distribution,
        version=version,
        wheels=wheels,
        sdist=sdist,
        archive=_archive(table, kind, place) if kind in ("url", "path") else None,
        vcs=_git(table, place) if kind == "git" else None,
        directory=table.beside(place) if kind in MEMBERS else "",
        subdirectory=table.table("source").text("subdirectory"),
        editable=kind == "editable",
        index=place if in_registry else "",
        where=table.where,
    )


def source(table: Table) -> tuple[str, str]:
    """Return the kind of an entry's source and where it leads. Raises LockError."""
    found = table.table("source")
    for kind in _SOURCES:
        if kind in found:
            return kind, found.text(kind)
    listed = ", ".join(found.data) or "none"
    raise table.error("source", f"it must be one of {', '.join(_SOURCES)}, not {listed}")


def _files(table: Table, index: str) -> Iterator[LockedFile]:
    if "sdist" in table:
        yield _file(table.table("sdist"), index)
    for wheel in table.tables("wheels"):
        yield _file(wheel, index)


def _file(table: Table, index: str) -> LockedFile:
    hashes = one_hash(table, "hash", table.text("hash")) if "hash" in table else {}
    file = locked_file(table, name=table.text("filename"), hashes=hashes)
    if not file.path or "://" in index:
        return file
    # A directory of files as index: their paths start from it, unless uv was given it by an absolute path.
    path = table.beside(os.path.join(index, table.text("path")))
    return LockedFile(name=file.name, path=path, hashes=hashes, where=file.where)


def _archive(table: Table, kind: str, place: str) -> LockedFile:
    """Read the one file of a source that is a URL or a path; its hash stands with the wheel or the sdist."""
    wheel = next(iter(table.tables("wheels")), None)
    listed = wheel or table.table("sdist")
    hashes = one_hash(listed, "hash", listed.text("hash")) if "hash" in listed else {}
    where = table.place("source")
    return locked_file(Table(table.path, table.format, where, {kind: place.partition("#")[0]}), hashes=hashes)


def _git(table: Table, place: str) -> Vcs:
    """Read `https://host/repository?subdirectory=here&rev=main#COMMIT`."""
    url, _, commit = place.partition("#")
    url, _, query = url.partition("?")
    if not commit or not url:
        raise table.error("source.git", f"{place!r} names no commit")
    return Vcs(kind="git", url=url, commit=commit, subdirectory=unquote(parse_qs(query).get("subdirectory", [""])[0]))
