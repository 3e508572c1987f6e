"""poetry.lock: since 2.1 each entry says which groups take it; before, only the pyproject.toml beside it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from versioned_import.locks.beside import pyproject
from versioned_import.locks.lock import Flat, Lock, Locked, Way
from versioned_import.locks.poetry_entries import locked
from versioned_import.locks.poetry_graph import poetry_graph
from versioned_import.locks.source import Table, canonical, check_format, normal_name, normal_names, toml

if TYPE_CHECKING:
    from versioned_import.locks.lock import Choice

FORMAT = "poetry.lock"
_MAIN = "main"


def read(path: str) -> Lock:
    """Read a poetry.lock. Raises LockError."""
    top = toml(path, FORMAT)
    metadata = top.table("metadata")
    warnings = check_format(metadata, "lock-version", metadata.need("lock-version"), (2, 1), (1, 1))
    tables = list(top.tables("package"))
    has_groups = "groups" in tables[0] if tables else not metadata.text("lock-version").startswith(("1.", "2.0"))
    packages = tuple(locked(table, metadata, _named_groups(table)) for table in tables)
    project = pyproject(path, FORMAT)
    poetry = project.table("tool").table("poetry") if project else None
    choice: Choice
    if has_groups:
        choice = Flat(tuple(zip(packages, map(_ways, tables), strict=True)))
    else:
        choice = poetry_graph(top, tables, packages, poetry)
    groups = _groups(packages, project)
    return Lock(
        path=path,
        format=FORMAT,
        packages=packages,
        groups=groups,
        extras=tuple(sorted(canonical(top, "extras", name) for name in top.table("extras").data)),
        default_groups=tuple(one for one in groups if not _is_optional(poetry, one)),
        requires_python=metadata.python("python-versions"),
        warnings=tuple(warnings),
        members={one.distribution: one.directory for one in packages if one.directory},
        choice=choice,
    )


def _named_groups(table: Table) -> tuple[str, ...]:
    groups = normal_names(table.texts("groups"))
    return () if _MAIN in groups else groups


def _ways(table: Table) -> tuple[Way, ...]:
    """Return the ways of an entry: `markers` is one for all groups, or a table with one for each that has one."""
    groups = normal_names(table.texts("groups"))
    if isinstance(table.data.get("markers", ""), str):
        markers = dict.fromkeys(groups, table.marker("markers"))
    else:
        of_groups = table.table("markers")
        markers = {normal_name(group): of_groups.marker(group) for group in of_groups.data}
    return tuple(Way(group="" if group == _MAIN else group, marker=markers.get(group, "")) for group in groups)


def _groups(packages: tuple[Locked, ...], project: Table | None) -> tuple[str, ...]:
    """Return the groups that entries name, and those of the project that need not require anything."""
    found = {group for one in packages for group in one.groups}
    if project is not None:
        poetry = project.table("tool").table("poetry")
        found |= {*normal_names(project.table("dependency-groups").data), *normal_names(poetry.table("group").data)}
        found |= {"dev"} if "dev-dependencies" in poetry else set()
    return tuple(sorted(found - {_MAIN}))


def _is_optional(poetry: Table | None, group: str) -> bool:
    """Tell whether pyproject.toml calls a group optional, however the name is written there."""
    return poetry is not None and any(
        table.get("optional", bool, default=False)
        for name, table in poetry.table("group").items()
        if normal_name(name) == group
    )
