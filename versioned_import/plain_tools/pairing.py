"""Which clause an import of a tool's text had before; where two can't be told apart, that is said instead."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from versioned_import.plain_tools.meaning import Import
    from versioned_import.plain_tools.scopes import Scope


class Pairing:
    """The imports of a file before and after, each with the blocks around it; those after have no clauses.

    An import that had one clause wherever it stood has it wherever it went. One that stood with several clauses, or with and
    without one, is known by its blocks alone, and within a block by its turn if no import there was moved.
    """

    def __init__(self, before: Iterable[tuple[Import, Scope]], after: Iterable[tuple[Import, Scope]]) -> None:
        self._before: dict[Import, list[tuple[Scope, str | None]]] = defaultdict(list)
        self._after: dict[Import, list[Scope]] = defaultdict(list)
        self._orders: tuple[dict[Scope, list[Import]], ...] = (defaultdict(list), defaultdict(list))
        """What stands in each block, in order: before, and after."""
        self._given: Counter[tuple[Import, Scope]] = Counter()
        for one, scope in before:
            plain = replace(one, clause=None)
            self._before[plain].append((scope, one.clause))
            self._orders[0][scope].append(plain)
        for one, scope in after:
            self._after[one].append(scope)
            self._orders[1][scope].append(one)

    def knows(self, one: Import) -> bool:
        """Tell whether an import was there before."""
        return one in self._before

    def doubt(self, one: Import) -> str:
        """Return why it can't be said which clause an import had, or ""."""
        had = self._before.get(one, [])
        kinds = {clause for _, clause in had}
        if kinds == {None} or not had:
            return ""
        if len(kinds) == 1:
            added = len(self._after[one]) > len(had)
            return (
                "stands more often than before, and nobody knows which clause the new one should have" if added else ""
            )
        if sorted(scope for scope, _ in had) != sorted(self._after[one]):
            return "stood with different clauses, and the tool moved, joined or removed one of them"
        twice = {scope for scope, clause in had for other in kinds - {clause} if (scope, other) in had}
        before, after = self._orders
        if any(before[scope] != after[scope] for scope in twice):
            return "stands in one block with different clauses, and the tool changed the imports there"
        return ""

    def clause(self, one: Import, scope: Scope) -> str | None:
        """Return the clause of an import of which there is no doubt; to be asked in the order of the text."""
        had = self._before.get(one, [])
        if len({clause for _, clause in had}) < 2:  # noqa: PLR2004 one kind, wherever it stands
            return had[0][1] if had else None
        self._given[one, scope] += 1
        return [clause for place, clause in had if place == scope][self._given[one, scope] - 1]
