"""pdm.lock: each entry says which groups take it, or (without that strategy) the pyproject.toml beside it does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from versioned_import.locks.beside import pyproject
from versioned_import.locks.files import locked_file, one_hash, sorted_files
from versioned_import.locks.lock import Flat, Lock, Locked, LockedFile, Vcs, Way
from versioned_import.locks.pdm_graph import pdm_graph
from versioned_import.locks.source import Table, check_format, normal_names, toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from versioned_import.locks.lock import Choice

FORMAT = "pdm.lock"
_MAIN = "default"
_VCS = ("git", "hg", "svn", "bzr")


def read(path: str) -> Lock:
    """Read a pdm.lock. Raises LockError."""
    top = toml(path, FORMAT)
    metadata = top.table("metadata")
    warnings = check_format(metadata, "lock_version", metadata.need("lock_version"), (4, 5), (4, 4))
    project = pyproject(path, FORMAT)
    names = tuple(one for one in normal_names(metadata.texts("groups")) if one != _MAIN)
    known = normal_names(project.table("project").table("optional-dependencies").data) if project else names
    extras = tuple(one for one in names if one in known)
    # Without a pyproject.toml nothing tells the two kinds apart, so a name may be asked for as either.
    groups = tuple(one for one in names if not project or one not in known)
    tables = list(top.tables("package"))
    entries = [_locked(table, extras, groups) for table in tables]
    choice: Choice
    if all("groups" in table for table in tables):
        choice = Flat(_merged(tables, entries, extras, groups))
        packages = tuple(one for one, _ in choice.ways)
    else:
        choice = pdm_graph(top, tables, entries, project)
        packages = tuple(one for table, one in zip(tables, entries, strict=True) if not table.texts("extras"))
    return Lock(
        path=path,
        format=FORMAT,
        packages=packages,
        groups=groups,
        extras=extras,
        default_groups=groups if project else tuple(one for one in groups if one == "dev"),
        requires_python=" || ".join(
            filter(None, (one.python("requires_python") for one in metadata.tables("targets")))
        ),
        warnings=tuple(warnings),
        members={one.distribution: one.directory for one in packages if one.directory},
        choice=choice,
    )


def _locked(table: Table, extras: Sequence[str], groups: Sequence[str]) -> Locked:
    distribution, version = table.name(), table.version()
    kind = next((one for one in _VCS if one in table), "")
    path, url = table.text("path"), table.text("url")
    if not version and not (kind or path or url):
        raise table.error("version", "it is missing")
    files = list(_files(table))
    from_index = not (kind or path or url)
    wheels, sdist = sorted_files(table, files, distribution, version) if from_index else ((), None)
    is_archive = bool(url) or (bool(path) and path.endswith((".whl", ".gz", ".zip", ".bz2", ".xz", ".tgz", ".tar")))
    taken = normal_names(table.texts("groups"))
    return Locked(
        distribution=distribution,
        version=version,
        marker=table.marker("marker"),
        requires_python=table.python("requires_python"),
        groups=() if _MAIN in taken else tuple(one for one in taken if one in groups),
        extras=() if _MAIN in taken else tuple(one for one in taken if one in extras),
        wheels=wheels,
        sdist=sdist,
        archive=locked_file(table, hashes=files[0].hashes if files else {}) if is_archive else None,
        vcs=_vcs(table, kind) if kind else None,
        directory=table.beside(path) if path and not is_archive else "",
        subdirectory=table.text("subdirectory"),
        editable=table.get("editable", bool, default=False),
        where=table.where,
    )


def _files(table: Table) -> Iterator[LockedFile]:
    for file in table.tables("files"):
        yield locked_file(file, name=file.text("file"), hashes=one_hash(file, "hash", file.need("hash")))


def _vcs(table: Table, kind: str) -> Vcs:
    return Vcs(kind=kind, url=table.need(kind), commit=table.need("revision"), subdirectory=table.text("subdirectory"))


def _merged(
    tables: Sequence[Table], entries: Sequence[Locked], extras: Sequence[str], groups: Sequence[str]
) -> tuple[tuple[Locked, tuple[Way, ...]], ...]:
    """Join what `requests` and `requests[socks]` say: pdm has an entry for each, with the same files."""
    found: list[tuple[Locked, list[Way]]] = []
    # Those without extras first: the others join them, and stand for themselves where there is none.
    for at in sorted(range(len(entries)), key=lambda at: bool(tables[at].texts("extras"))):
        table, entry = tables[at], entries[at]
        ways = [
            way for name in normal_names(table.texts("groups")) for way in _ways(name, entry.marker, extras, groups)
        ]
        with_extras = bool(table.texts("extras"))
        same = [place for place, (one, _) in enumerate(found) if with_extras and _alike(one, entry)]
        for place in same:
            found[place] = (_joined(found[place][0], entry), found[place][1] + ways)
        if not same:
            found.append((entry, ways))
    return tuple((one, tuple(ways)) for one, ways in found)


def _ways(name: str, marker: str, extras: Sequence[str], groups: Sequence[str]) -> Iterator[Way]:
    if name == _MAIN:
        yield Way(marker=marker)
    if name in groups:
        yield Way(group=name, marker=marker)
    if name in extras:
        yield Way(extra=name, marker=marker)


def _joined(one: Locked, other: Locked) -> Locked:
    """Return an entry with the groups and extras of two, none when the project itself takes one of them."""
    marker = one.marker if one.marker == other.marker else ""
    if not all(each.groups or each.extras for each in (one, other)):
        return replace(one, marker=marker, groups=(), extras=())
    groups = tuple(dict.fromkeys((*one.groups, *other.groups)))
    return replace(one, marker=marker, groups=groups, extras=tuple(dict.fromkeys((*one.extras, *other.extras))))


def _alike(one: Locked, other: Locked) -> bool:
    return (one.distribution, one.version, one.directory, one.vcs, one.archive and one.archive.url) == (
        other.distribution,
        other.version,
        other.directory,
        other.vcs,
        other.archive and other.archive.url,
    )
