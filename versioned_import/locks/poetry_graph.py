"""A poetry.lock before 2.1 doesn't say what takes an entry: that follows from pyproject.toml and what entries require."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from versioned_import.locks.graph import Edge, Graph, Node
from versioned_import.locks.markers import UnreadableError, alternatives, fits
from versioned_import.locks.source import Table, canonical, normal_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from versioned_import.locks.lock import Locked

_OPTIONAL = "optional"


def poetry_graph(top: Table, tables: Sequence[Table], packages: Sequence[Locked], poetry: Table | None) -> Graph:
    """Return the graph; `poetry` is the table of pyproject.toml. Raises LockError when there is none."""
    if poetry is None or not ("dependencies" in poetry or "group" in poetry):
        reason = "this version of the format doesn't say what is in which group, and no pyproject.toml beside it does"
        raise top.error("metadata.lock-version", reason, "Put the pyproject.toml beside it.")
    reader = _Reader(packages)
    main = list(reader.edges(poetry.table("dependencies")))
    tables_of = [(normal_name(name), group.table("dependencies")) for name, group in poetry.table("group").items()]
    if "dev-dependencies" in poetry:
        tables_of.append(("dev", poetry.table("dev-dependencies")))
    groups: dict[str, tuple[Edge, ...]] = {}
    for name, table in tables_of:
        groups[name] = (*groups.get(name, ()), *(edge for _, edge in reader.edges(table)))
    return Graph(
        nodes=tuple(reader.node(table, one) for table, one in zip(tables, packages, strict=True)),
        main=tuple(edge for optional, edge in main if not optional),
        groups=groups,
        extras=_of_extras(poetry.table("extras"), [edge for _, edge in main]),
    )


class _Reader:
    """Turns poetry's tables of requirements into edges."""

    def __init__(self, packages: Sequence[Locked]) -> None:
        self.packages = packages
        self.by_name: dict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(packages):
            self.by_name[one.distribution].append(at)

    def node(self, table: Table, locked: Locked) -> Node:
        """Return the node of an entry; its optional requirements belong to the extras that list them."""
        edges = list(self.edges(table.table("dependencies")))
        listed = _of_extras(table.table("extras"), [edge for _, edge in edges])
        return Node(locked=locked, edges=tuple(edge for optional, edge in edges if not optional), by_extra=listed)

    def edges(self, table: Table) -> Iterator[tuple[bool, Edge]]:
        """Yield the edges of a table of requirements, and whether each is optional."""
        for name, value in table.data.items():
            if name == "python":
                continue
            for at, one in enumerate(value if isinstance(value, list) else [value]):
                place = f"{table.place(name)}[{at}]" if isinstance(value, list) else table.place(name)
                yield self._edge(Table(table.path, table.format, place, _table(table, name, one)), name)

    def _edge(self, table: Table, name: str) -> tuple[bool, Edge]:
        distribution = canonical(table, "", name)
        edge = Edge(
            name=distribution,
            marker=_marker(table),
            extras=tuple(canonical(table, "extras", one) for one in table.texts("extras")),
            nodes=tuple(at for at in self.by_name.get(distribution, ()) if self._is_meant(at, table.text("version"))),
            where=table.where,
        )
        return table.get(_OPTIONAL, bool, default=False), edge

    def _is_meant(self, at: int, constraint: str) -> bool:
        try:
            return not constraint or fits(self.packages[at].version, constraint)
        except UnreadableError:
            return True  # a form that poetry takes and this doesn't know; the lock was made from it


def _table(table: Table, key: str, value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"version": value}
    if isinstance(value, dict):
        return value
    raise table.error(key, "it must be a text or a table")


def _of_extras(extras: Table, edges: Sequence[Edge]) -> Mapping[str, tuple[Edge, ...]]:
    """Return the edges that each extra lists, as names with or without a version in parentheses."""
    found = {}
    for extra in extras.data:
        names = {canonical(extras, extra, text.partition(" ")[0].partition("[")[0]) for text in extras.texts(extra)}
        found[str(canonical(extras, extra, extra))] = tuple(edge for edge in edges if edge.name in names)
    return found


def _marker(table: Table) -> str:
    """Return one marker from `markers`, `python` and `platform`."""
    parts = [f"({marker})"] if (marker := table.marker("markers")) else []
    if python := table.python("python"):
        choices = [" and ".join(_python_marker(str(one)) for one in spec) for spec in alternatives(python)]
        parts.append(f"({' or '.join(choices)})")
    if platform := table.text("platform"):
        parts.append(f'sys_platform == "{platform}"')
    return table.checked_marker("markers", " and ".join(parts))


def _python_marker(specifier: str) -> str:
    version = specifier.lstrip("<>=!~")
    return f'python_full_version {specifier.removesuffix(version)} "{version}"'
