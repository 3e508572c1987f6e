"""A pdm.lock that doesn't say what takes an entry: that follows from pyproject.toml and what entries require."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from versioned_import.locks.graph import Edge, Graph, Node
from versioned_import.locks.source import Table, canonical, normal_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from versioned_import.locks.lock import Locked


def pdm_graph(top: Table, tables: Sequence[Table], entries: Sequence[Locked], project: Table | None) -> Graph:
    """Return the graph. Raises LockError when there is no pyproject.toml to begin from."""
    if project is None:
        reason = "the lock doesn't say what is in which group, and no pyproject.toml beside it does"
        raise top.error(
            "metadata.strategy", reason, "Put the pyproject.toml beside it, or: pdm lock -S inherit_metadata."
        )
    reader = _Reader(tables, entries)
    declared = project.table("project")
    optional = declared.table("optional-dependencies")
    groups: dict[str, tuple[Edge, ...]] = {}
    for table in (project.table("dependency-groups"), project.table("tool").table("pdm").table("dev-dependencies")):
        for name in table.data:
            found = groups.get(normal_name(name), ())
            groups[normal_name(name)] = (*found, *reader.of_group(table, name, ()))
    return Graph(
        nodes=tuple(map(reader.node, tables, entries)),
        main=tuple(reader.edges(declared, "dependencies")),
        groups=groups,
        extras={str(canonical(optional, name, name)): tuple(reader.edges(optional, name)) for name in optional.data},
    )


class _Reader:
    """Turns requirements into edges. An entry with extras is a node of its own, whose extras its name stands for."""

    def __init__(self, tables: Sequence[Table], entries: Sequence[Locked]) -> None:
        self.entries = entries
        self.extras = [frozenset(canonical(table, "extras", one) for one in table.texts("extras")) for table in tables]
        self.by_name: dict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(entries):
            self.by_name[one.distribution].append(at)

    def node(self, table: Table, locked: Locked) -> Node:
        """Return the node of an entry; one with extras leads to the one without, which is what is installed."""
        markers = (locked.marker,) if locked.marker else ()
        edges = tuple(self.edges(table, "dependencies"))
        return Node(locked=locked, edges=edges, markers=markers, passed=bool(table.texts("extras")))

    def edges(self, table: Table, key: str) -> Iterator[Edge]:
        """Yield the edges of a list of requirements."""
        for at, text in enumerate(table.texts(key)):
            yield from self._edges(table, f"{key}[{at}]", text)

    def of_group(self, table: Table, name: str, within: tuple[str, ...]) -> Iterator[Edge]:
        """Yield the edges of a group and of the groups that it includes."""
        name = next((one for one in table.data if normal_name(one) == normal_name(name)), name)
        if name in within:
            raise table.error(name, "the group includes itself")
        for at, one in enumerate(table.get(name, list, [])):
            if isinstance(one, str):
                yield from self._edges(table, f"{name}[{at}]", one)
            elif isinstance(one, dict) and isinstance(one.get("include-group"), str):
                yield from self.of_group(table, one["include-group"], (*within, name))
            else:
                raise table.error(f"{name}[{at}]", "it must be a requirement or include a group")

    def _edges(self, table: Table, key: str, text: str) -> Iterator[Edge]:
        from versioned_import.libraries.packaging.requirements import InvalidRequirement, Requirement

        try:
            wanted = Requirement(text.removeprefix("-e ").strip())
        except InvalidRequirement:
            raise table.error(key, f"{text!r} is no requirement") from None
        name = canonical(table, key, wanted.name)
        asked = frozenset(canonical(table, key, one) for one in wanted.extras)
        fitting = [at for at in self.by_name.get(name, ()) if self._fits(at, str(wanted.specifier))]
        nodes = tuple(at for at in fitting if self.extras[at] == asked) or tuple(
            at for at in fitting if not self.extras[at]
        )
        marker = str(wanted.marker) if wanted.marker else ""
        yield Edge(name=name, marker=marker, nodes=nodes, where=table.place(key))

    def _fits(self, at: int, specifier: str) -> bool:
        from versioned_import.libraries.packaging.specifiers import SpecifierSet

        version = self.entries[at].version
        return not version or SpecifierSet(specifier).contains(version, prereleases=True)
