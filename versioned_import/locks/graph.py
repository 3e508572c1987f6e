"""The choice of formats that are graphs: what the project, its groups and extras lead to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from versioned_import.errors import LockError
    from versioned_import.locks.lock import Lock, Locked
    from versioned_import.locks.markers import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A requirement: under a marker, of a distribution with extras. `nodes` are the entries that it may mean."""

    name: str
    marker: str = ""
    extras: tuple[str, ...] = ()
    nodes: tuple[int, ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An entry and what it requires. A `passed` one is not installed, only what it requires is.

    `markers`: one of these holds where the entry is the one that is meant, of several.
    """

    locked: Locked
    edges: tuple[Edge, ...] = ()
    by_extra: Mapping[str, tuple[Edge, ...]] = field(default_factory=dict)
    markers: tuple[str, ...] = ()
    passed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """What is reached from `main`, and from the groups and extras that are asked for; cycles end by themselves."""

    nodes: tuple[Node, ...]
    main: tuple[Edge, ...] = ()
    groups: Mapping[str, tuple[Edge, ...]] = field(default_factory=dict)
    extras: Mapping[str, tuple[Edge, ...]] = field(default_factory=dict)

    def __call__(self, lock: Lock, around: Surroundings) -> Iterable[Locked]:
        """Yield what is reached. Markers that ask for an extra mean those of the distribution that requires."""
        by_extra = {"": around.with_extras(frozenset())}

        def surroundings(extra: str) -> Surroundings:
            if extra not in by_extra:
                by_extra[extra] = around.with_extras(frozenset({extra}))
            return by_extra[extra]

        for node, extra in Walk(self, lock, surroundings).from_roots(around):
            if not extra and not node.passed:
                yield node.locked

    def roots(self, around: Surroundings) -> Iterator[Edge]:
        """Yield where the walk begins."""
        yield from self.main
        for names, edges in ((around.groups, self.groups), (around.extras, self.extras)):
            for name in sorted(names):
                yield from edges.get(name, ())


class Walk:
    """One walk over a graph. `surroundings` are those for the requirements of an extra ("" for no extra)."""

    def __init__(self, graph: Graph, lock: Lock, surroundings: SurroundingsOf) -> None:
        self.graph = graph
        self.lock = lock
        self.surroundings = surroundings

    def from_roots(self, around: Surroundings) -> Iterator[tuple[Node, str]]:
        """Yield each node that is reached with "", and once more with each extra that it is asked for with."""
        seen: set[tuple[int, str]] = set()
        waiting = deque((edge, "") for edge in self.graph.roots(around))
        while waiting:
            edge, extra = waiting.popleft()
            if not self.lock.holds(edge.marker, self.surroundings(extra), edge.where):
                continue
            for index in self._meant(edge):
                node = self.graph.nodes[index]
                for asked in ("", *edge.extras):
                    if (index, asked) in seen:
                        continue
                    seen.add((index, asked))
                    yield node, asked
                    more = node.by_extra.get(asked, ()) if asked else node.edges
                    waiting.extend((one, asked) for one in more)

    def _meant(self, edge: Edge) -> tuple[int, ...]:
        """Return the entry that an edge leads to; several, when the lock doesn't say which."""
        if not edge.nodes:
            raise missing(self.lock, edge)
        if len(edge.nodes) == 1:
            return edge.nodes
        fitting = tuple(index for index in edge.nodes if self._is_meant(self.graph.nodes[index]))
        if not fitting:
            raise self.lock.error(edge.where, f"no entry for {edge.name} is for this Python and platform")
        return fitting

    def _is_meant(self, node: Node) -> bool:
        around = self.surroundings("")
        return not node.markers or any(self.lock.holds(one, around, node.locked.where) for one in node.markers)


def missing(lock: Lock, edge: Edge) -> LockError:
    """Return the error for a requirement that the lock has no entry for."""
    return lock.error(edge.where, f"{edge.name} is required, but the lock has no entry for it")


if TYPE_CHECKING:
    from collections.abc import Callable

    SurroundingsOf = Callable[[str], Surroundings]
