"""uv.lock: a graph of entries, from the projects of a workspace to all that they require."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from versioned_import.locks.beside import default_groups_of_uv
from versioned_import.locks.graph import Edge, Graph, Node, Walk
from versioned_import.locks.lock import Lock
from versioned_import.locks.markers import fits
from versioned_import.locks.source import Table, canonical, check_format, normal_name, normal_names, toml
from versioned_import.locks.uv_entries import MEMBERS, locked, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from versioned_import.locks.lock import Locked
    from versioned_import.locks.markers import Surroundings

FORMAT = "uv.lock"
_NEWEST = (1, 5)
_MOST_ROUNDS = 20


def read(path: str) -> Lock:
    """Read a uv.lock. Raises LockError."""
    top = toml(path, FORMAT)
    version, revision = top.get("version", int, 0), top.get("revision", int, 0)
    if not version:
        raise top.error("version", "it is missing")
    warnings = check_format(top, "version", f"{version}.{revision}", _NEWEST, (1, 0))
    tables = list(top.tables("package"))
    reader = _Reader(tables)
    nodes = tuple(reader.node(table, entry) for table, entry in zip(tables, reader.entries, strict=True))
    roots = _roots(top, nodes, tables)
    graph = _UvGraph(
        nodes=nodes,
        main=(*(Edge(name=nodes[at].locked.distribution, nodes=(at,)) for at in roots), *reader.manifest(top)),
        groups=_merged([reader.groups(tables[at]) for at in roots] + [reader.manifest_groups(top)]),
        extras=_merged([reader.extras(tables[at], at) for at in roots]),
        projects=tuple(nodes[at].locked.distribution for at in roots),
        conflicts=_conflicts(top),
    )
    defaults, told = default_groups_of_uv(path, tuple(graph.groups))
    return Lock(
        path=path,
        format=FORMAT,
        packages=tuple(node.locked for node in nodes if not node.passed),
        groups=tuple(sorted(graph.groups)),
        extras=tuple(sorted(graph.extras)),
        default_groups=defaults,
        requires_python=top.python("requires-python"),
        warnings=(*warnings, *told),
        members={nodes[at].locked.distribution: reader.directory(tables[at]) for at in _members(top, nodes, tables)},
        choice=graph,
        environments=tuple(top.checked_marker("supported-markers", one) for one in top.texts("supported-markers")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _UvGraph(Graph):
    """uv writes an extra or group that is in conflict with another as an extra into markers: `extra-4-demo-socks`."""

    projects: tuple[str, ...] = ()
    conflicts: tuple[tuple[tuple[str, str, str], ...], ...] = ()

    def __call__(self, lock: Lock, around: Surroundings) -> Iterable[Locked]:
        """Yield what is reached, once it is known which extras are, on which markers may depend."""
        active = {("project", name, "") for name in self.projects}
        active |= {("group", name, one) for name in self.projects for one in around.groups}
        active |= {("extra", name, one) for name in self.projects for one in around.extras}
        self._refuse_conflicts(lock, active)
        for _ in range(_MOST_ROUNDS):
            reached = list(Walk(self, lock, _Same(around, active)).from_roots(around))
            found = {("extra", str(node.locked.distribution), extra) for node, extra in reached if extra}
            if not self.conflicts or found <= active:
                break
            active |= found
        return [node.locked for node, extra in reached if not extra and not node.passed]

    def _refuse_conflicts(self, lock: Lock, active: set[tuple[str, str, str]]) -> None:
        for conflict in self.conflicts:
            both = [one for one in conflict if one in active and (one[0] != "project" or len(self.projects) > 1)]
            if len(both) > 1:
                names = " and ".join(f"{kind} {name or project}" for kind, project, name in both)
                raise lock.error("conflicts", f"{names} exclude each other", "Choose one of them.")


class _Same:
    """The surroundings of every requirement: all that is active, as uv encodes it."""

    def __init__(self, around: Surroundings, active: set[tuple[str, str, str]]) -> None:
        self.around = around.with_extras(frozenset(_encoded(*one) for one in active))

    def __call__(self, extra: str) -> Surroundings:
        """Return them, whichever extra requires."""
        return self.around


class _Reader:
    """Reads the entries, then what leads from one to another."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.entries = [locked(table) for table in tables]
        self.sources = [table.get("source", dict, {}) for table in tables]
        self.by_name: dict[str, list[int]] = defaultdict(list)
        for at, entry in enumerate(self.entries):
            for other in self.by_name[entry.distribution]:
                if (self.entries[other].version, self.sources[other]) == (entry.version, self.sources[at]):
                    reason = f"{entry.distribution} {entry.version} stands here and in {self.entries[other].where}"
                    raise tables[at].error("", reason)
            self.by_name[entry.distribution].append(at)

    def node(self, table: Table, entry: Locked) -> Node:
        """Return the node of an entry."""
        return Node(
            locked=entry,
            edges=self._edges(table, "dependencies"),
            by_extra=self._named(table.table("optional-dependencies")),
            markers=tuple(table.checked_marker("resolution-markers", one) for one in table.texts("resolution-markers")),
            passed="virtual" in table.get("source", dict, {}),
        )

    def groups(self, table: Table) -> dict[str, tuple[Edge, ...]]:
        """Return the groups of a project, also those that require nothing."""
        names = normal_names(table.table("metadata").table("requires-dev").data)
        empty: dict[str, tuple[Edge, ...]] = dict.fromkeys(names, ())
        return empty | self._named(table.table("dev-dependencies"))

    def extras(self, table: Table, at: int) -> dict[str, tuple[Edge, ...]]:
        """Return the extras of a project, as ways to the project itself."""
        names = (*table.table("metadata").texts("provides-extras"), *table.table("optional-dependencies").data)
        edges = {name: canonical(table, "optional-dependencies", name) for name in names}
        own = self.entries[at].distribution
        return {extra: (Edge(name=own, extras=(extra,), nodes=(at,), where=table.where),) for extra in edges.values()}

    def manifest(self, top: Table) -> tuple[Edge, ...]:
        """Return what a script or a workspace without a project requires."""
        return self._edges(top.table("manifest"), "requirements")

    def manifest_groups(self, top: Table) -> dict[str, tuple[Edge, ...]]:
        """Return the groups of a workspace without a project."""
        return self._named(top.table("manifest").table("dependency-groups"))

    def directory(self, table: Table) -> str:
        """Return the directory of a project."""
        _, path = source(table)
        return table.beside(path)

    def _named(self, table: Table) -> dict[str, tuple[Edge, ...]]:
        return _merged([{normal_name(name): self._edges(table, name)} for name in table.data])

    def _edges(self, table: Table, key: str) -> tuple[Edge, ...]:
        return tuple(self._edge(one) for one in table.tables(key))

    def _edge(self, table: Table) -> Edge:
        name = table.name()
        at = tuple(at for at in self.by_name.get(name, ()) if self._is_meant(at, table))
        if not at:
            raise table.error("", f"{name} {table.text('version')}".strip() + " is required, but has no entry")
        extras = table.data.get("extra", ()) or table.data.get("extras", ())
        if not isinstance(extras, (list, tuple)) or not all(isinstance(one, str) for one in extras):
            raise table.error("extra", "it must be a list of texts")
        return Edge(name=name, marker=table.marker("marker"), extras=normal_names(extras), nodes=at, where=table.where)

    def _is_meant(self, at: int, table: Table) -> bool:
        wanted: dict[str, Any] = table.get("source", dict, {})
        if (wanted and wanted != self.sources[at]) or (
            "version" in table and table.version() != self.entries[at].version
        ):
            return False
        specifier = table.text("specifier")
        try:
            return not specifier or not self.entries[at].version or fits(self.entries[at].version, specifier)
        except ValueError as error:
            raise table.error("specifier", str(error)) from None


def _members(top: Table, nodes: Sequence[Node], tables: Sequence[Table]) -> list[int]:
    names = top.table("manifest").texts("members")
    local = [at for at, table in enumerate(tables) if source(table)[0] in MEMBERS]
    return [at for at in local if nodes[at].locked.distribution in names] if names else local


def _roots(top: Table, nodes: Sequence[Node], tables: Sequence[Table]) -> list[int]:
    """Return the project beside the lock, or all members of a workspace whose top is no project."""
    members = _members(top, nodes, tables)
    here = [at for at in members if source(tables[at])[1] in (".", "")]
    if not members and not {"requirements", "dependency-groups"} & top.table("manifest").data.keys():
        raise top.error("", "no project is in the lock, so nothing says what is chosen, or only half of it is written")
    return here or members


def _merged(many: Sequence[Mapping[str, tuple[Edge, ...]]]) -> dict[str, tuple[Edge, ...]]:
    found: dict[str, tuple[Edge, ...]] = {}
    for one in many:
        for name, edges in one.items():
            found[name] = (*found.get(name, ()), *edges)
    return found


def _conflicts(top: Table) -> tuple[tuple[tuple[str, str, str], ...], ...]:
    found = []
    for at, items in enumerate(top.get("conflicts", list, [])):
        tables = Table(top.path, top.format, f"conflicts[{at}]", {"": items}).tables("")
        found.append(tuple(_conflicting(table) for table in tables))
    return tuple(found)


def _conflicting(table: Table) -> tuple[str, str, str]:
    for kind in ("extra", "group"):
        if kind in table:
            return kind, table.name("package"), normal_name(table.need(kind))
    return "project", table.name("package"), ""


def _encoded(kind: str, project: str, name: str) -> str:
    return f"{kind}-{len(project)}-{project}" + (f"-{name}" if name else "")
