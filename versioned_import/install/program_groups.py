"""Which programs share a lock: each whole in one group, so that one lock serves all its statements.

By single requirements, first fit could put one half of what a program imports into one lock and the other half into
another. So here programs are what goes into groups, again first fit in a canonical order. Only a program that conflicts
with itself is taken apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from versioned_import.install.engine import ResolutionConflictError
from versioned_import.install.groups import in_canonical_order, longest_resolving, without_direct_conflicts
from versioned_import.install.install import attempts, form_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from versioned_import.install.engine import Engine, Planned
    from versioned_import.install.groups import Group, Resolves
    from versioned_import.install.install import Result

    Attempt = Callable[[Group], Result]


def plan_programs(
    programs: Iterable[Group], engine: Engine, tell: Callable[[str], None]
) -> list[tuple[Group, list[Planned]]]:
    """Return the groups that programs, each given by its roots, need, with what each closure would be. Changes nothing."""
    return program_groups(programs, *attempts(engine, tell))


def program_groups(
    programs: Iterable[Group], attempt: Attempt[Result], resolves: Resolves
) -> list[tuple[Group, Result]]:
    """Return groups with what `attempt` made of each, so that one of them holds all roots of a program.

    The roots of a program that conflicts with itself are in several. The result is the same for programs in any order.
    `attempt` raises ResolutionConflictError for roots that can't be resolved together; that of a single root goes to the
    caller.
    """
    units = [in_canonical_order(program) for program in programs if program]
    place = {root.text: number for number, root in enumerate(in_canonical_order(_union(units)))}
    waiting = sorted({_places(unit, place): unit for unit in units}.items())
    left = [unit for _, unit in waiting]
    formed: list[tuple[Group, Result]] = []
    while left:
        found = _first_fit(left, attempt, resolves)
        if found is None:
            left[:1] = [piece for piece, _ in form_groups(left[0], attempt, resolves)]
            continue
        formed.append(found)
        taken = {root.text for root in found[0]}
        left = [unit for unit in left if not taken.issuperset(root.text for root in unit)]
    # A part of a program that was taken apart may hold all of an earlier group.
    largest = [one for one in formed if not any(set(one[0]) < set(other) for other, _ in formed)]
    return sorted(largest, key=lambda one: _places(one[0], place))


def _first_fit(units: Sequence[Group], attempt: Attempt[Result], resolves: Resolves) -> tuple[Group, Result] | None:
    """Return the first group and its result; None if the first unit has several roots that conflict."""
    group = _compatible(units)
    if not group:
        return None
    try:
        return _union(group), attempt(_union(group))
    except ResolutionConflictError:
        if len(group) == 1 == len(units[0]):
            raise
    if len(group) == 1:
        return None
    fitting, _ = longest_resolving(group, lambda some: resolves(_union(some)))
    return _first_fit(fitting, attempt, resolves)


def served(programs: Mapping[str, Group], groups: Sequence[Group]) -> Iterator[list[str]]:
    """Yield the names of the programs that each group serves: as a whole, or in part if none does it as a whole."""
    held = [{root.text for root in group} for group in groups]
    texts = {name: {root.text for root in roots} for name, roots in programs.items() if roots}
    whole = {name for name, own in texts.items() if any(own <= one for one in held)}
    for one in held:
        yield [name for name, own in texts.items() if own <= one or (name not in whole and own & one)]


def _compatible(units: Sequence[Group]) -> tuple[Group, ...]:
    """Return the first unit and those that contradict none before them; nothing if the first contradicts itself."""
    taken: list[Group] = []
    for unit in units:
        if not without_direct_conflicts(_union([*taken, unit]))[1]:
            taken.append(unit)
        elif not taken:
            return ()
    return tuple(taken)


def _union(units: Iterable[Group]) -> Group:
    return in_canonical_order(root for unit in units for root in unit)


def _places(group: Group, place: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(place[root.text] for root in group)
