"""Pipfile.lock: a table of entries for each category; hashes without the files that have them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from versioned_import.errors import LockError
from versioned_import.locks.files import locked_file, one_hash
from versioned_import.locks.lock import AGAIN, Flat, Lock, Locked, LockedFile, Vcs, Way
from versioned_import.locks.source import Table, canonical, check_format, normal_version, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from versioned_import.locks.markers import Surroundings

FORMAT = "Pipfile.lock"
_META = "_meta"
_MAIN = "default"
# What `pipenv install --dev` installs. The other categories have the names that the Pipfile gives them.
_DEV = {"develop": "dev"}
_VCS = ("git", "hg", "svn", "bzr")
_NO_VERSION = "it must be `==` and a version, not '{}'"
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar")


class _Fixed(Flat):
    """The choice of entries that each fix a version; of what a marker leaves out, pipenv may lock any."""

    __slots__ = ()

    def __call__(self, lock: Lock, around: Surroundings) -> Iterator[Locked]:
        """Yield what is chosen."""
        for locked in Flat.__call__(self, lock, around):
            if not (locked.version or locked.vcs or locked.archive or locked.directory):
                raise lock.error(f"{locked.where}.version", _NO_VERSION.format("*"))
            yield locked


def read(path: str) -> Lock:
    """Read a Pipfile.lock. Raises LockError."""
    top = _json(path)
    meta = top.table(_META)
    spec = meta.get("pipfile-spec", int, 0)
    if not spec:
        raise meta.error("pipfile-spec", "it is missing")
    warnings = check_format(meta, "pipfile-spec", str(spec), (6, 0), (6, 0))
    categories = [name for name in top.data if name != _META]
    found: dict[str, list[tuple[Locked, tuple[Way, ...]]]] = {}
    for category in categories:
        group = "" if category == _MAIN else _DEV.get(category, category)
        for name, table in top.table(category).items():
            _add(found.setdefault(canonical(table, "", name), []), _locked(table, name, group), group)
    ways = tuple(one for entries in found.values() for one in entries)
    packages = tuple(one for one, _ in ways)
    return Lock(
        path=path,
        format=FORMAT,
        packages=packages,
        groups=tuple(_DEV.get(one, one) for one in categories if one != _MAIN),
        warnings=tuple(warnings),
        members={one.distribution: one.directory for one in packages if one.directory},
        choice=_Fixed(ways),
    )


def _json(path: str) -> Table:
    def no_name_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, value in pairs:
            if name in found:
                raise LockError(path, f"{name!r} stands twice in one table", AGAIN[FORMAT])
            found[name] = value
        return found

    text = text_of(path, FORMAT)
    try:
        data = json.loads(text, object_pairs_hook=no_name_twice)
    except (ValueError, RecursionError) as error:
        reason = f"the file is no JSON, or only half of it is written: {error}"
        raise LockError(path, reason, AGAIN[FORMAT]) from None
    return Table(path, FORMAT, "", {"": data}).table("") if isinstance(data, dict) else _no_table(path)


def _no_table(path: str) -> Table:
    raise LockError(path, "the file must be one JSON object", AGAIN[FORMAT])


def _add(entries: list[tuple[Locked, tuple[Way, ...]]], locked: Locked, group: str) -> None:
    """Add an entry, to the same one of another category if there is one."""
    way = Way(group=group, marker=locked.marker)
    for at, (other, ways) in enumerate(entries):
        if replace(other, where="", groups=(), marker="") == replace(locked, where="", groups=(), marker=""):
            groups = (*other.groups, group) if other.groups and group else ()
            entries[at] = (replace(other, groups=groups), (*ways, way))
            return
    entries.append((locked, (way,)))


def _locked(table: Table, name: str, group: str) -> Locked:
    kind = next((one for one in _VCS if one in table), "")
    path, file = table.text("path"), table.text("file")
    archive = _archive(table, path, file) if not kind else None
    text = table.text("version")
    is_fixed = text.startswith("==") or (text == "*" and "markers" in table)
    if not is_fixed and not (kind or path or file):
        raise table.error("version", _NO_VERSION.format(text) if text else "it is missing")
    hashes = table.texts("hashes")
    for at, one in enumerate(hashes):
        one_hash(table, f"hashes[{at}]", one)
    return Locked(
        distribution=canonical(table, "", name),
        version=normal_version(table, "version", text.lstrip("=")) if text.startswith("==") else "",
        marker=table.marker("markers"),
        groups=(group,) if group else (),
        archive=archive,
        vcs=Vcs(kind=kind, url=table.need(kind), commit=table.text("ref"), subdirectory=_subdirectory(table))
        if kind
        else None,
        directory=table.beside(path or file) if (path or file) and not archive and not kind else "",
        subdirectory=_subdirectory(table),
        editable=table.get("editable", bool, default=False),
        hashes=hashes,
        where=table.where,
    )


def _archive(table: Table, path: str, file: str) -> LockedFile | None:
    place = file or path
    if "://" in place:
        return locked_file(Table(table.path, table.format, table.where, {"url": place.partition("#")[0]}))
    if place.endswith(_ARCHIVES):
        return locked_file(Table(table.path, table.format, table.where, {"path": place}))
    return None


def _subdirectory(table: Table) -> str:
    return table.text("subdirectory")
