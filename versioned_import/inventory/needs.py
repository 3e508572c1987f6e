"""Who needs what among everything installed: requirements both ways, trees from roots down, and ways from roots to one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from versioned_import.libraries.packaging.requirements import InvalidRequirement, Requirement
from versioned_import.libraries.packaging.specifiers import SpecifierSet
from versioned_import.metadata.layout import NotACandidate, canonical
from versioned_import.resolver.choose import closure_with_groups
from versioned_import.resolver.closure import Need, NoClosure, NothingLoaded, dependencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from versioned_import.inventory.installed import Inventory
    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.metadata.group_locks import GroupLock

    Selection = Mapping[CanonicalName, Candidate]

_NO_EXTRAS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One requirement of a tree: what meets it, or the problem, and what that requires in turn."""

    requirement: str
    candidate: Candidate | None
    problem: str = ""
    repeated: bool = False
    """Whether its requirements stand at an earlier node."""
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A distribution on the way from a root, and the requirement by which the step before asked for it."""

    candidate: Candidate
    requirement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A shortest way from a root to a distribution; `group` is None where the root is no group's."""

    group: GroupLock | None
    steps: tuple[Step, ...]


class Requirements:
    """The requirements of everything installed, each read once."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.offered: dict[CanonicalName, list[Candidate]] = {}
        """The usable candidates of each distribution."""
        for candidate in inventory.usable():
            self.offered.setdefault(candidate.distribution, []).append(candidate)
        self._asked: dict[CanonicalName, list[tuple[Candidate, Need]]] | None = None
        self._needs: dict[tuple[object, ...], tuple[Need, ...]] = {}
        self._closures: dict[tuple[str, str, str], Selection] = {}

    def of(self, candidate: Candidate, extras: frozenset[str] = _NO_EXTRAS) -> tuple[Need, ...]:
        """Return what a candidate needs here; unreadable metadata needs nothing."""
        key = *candidate.key(), extras
        if key not in self._needs:
            try:
                self._needs[key] = tuple(dependencies(candidate, extras))
            except NotACandidate:
                self._needs[key] = ()
        return self._needs[key]

    def askers(self, candidate: Candidate) -> list[tuple[Candidate, Need]]:
        """Return the usable candidates of other distributions with a requirement that this one meets."""
        if self._asked is None:
            self._asked = {}
            for other in self.inventory.usable():
                for need in self.of(other):
                    self._asked.setdefault(need.distribution, []).append((other, need))
        return [
            (other, need)
            for other, need in self._asked.get(candidate.distribution, ())
            if other.distribution != candidate.distribution and need.is_met_by(candidate)
        ]

    def unmet(self, candidate: Candidate) -> list[Need]:
        """Return the requirements of a candidate that nothing installed meets."""
        return [
            need
            for need in self.of(candidate)
            if not any(need.is_met_by(other) for other in self.offered.get(need.distribution, ()))
        ]

    def closure(self, candidate: Candidate) -> Selection:
        """Return what a statement that names exactly this candidate would select; {} if no closure exists."""
        if candidate.key() not in self._closures:
            self._closures[candidate.key()] = self._closure(candidate)
        return self._closures[candidate.key()]

    def _closure(self, candidate: Candidate) -> Selection:
        exactly = SpecifierSet(f"==={candidate.version}")
        need = Need(candidate.distribution, (), exactly, text="", asker="", among=(candidate,))
        try:
            return closure_with_groups([need], [candidate], self.inventory.catalogues, NothingLoaded(), {})
        except NoClosure:
            return {}


def written(need: Need) -> str:
    """Return a requirement as its asker wrote it, without the parentheses of old metadata."""
    return need.requirement if "(" in need.text else need.text


def group_needs(lock: GroupLock) -> list[Need]:
    """Return the roots of a group as needs; a root that is a URL or a path stands as the distribution it turned out to be."""
    needs: list[Need] = []
    for text in lock.roots:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            name = canonical(requirement.name)
            needs.append(Need(name, requirement.extras, requirement.specifier, text=text, asker=f"group {lock}"))
    named = {need.distribution for need in needs}
    others = sorted(lock.requested - named)
    return needs + [Need(canonical(one), (), SpecifierSet(), text=one, asker=f"group {lock}") for one in others]


def group_selection(lock: GroupLock, site: str, inventory: Inventory) -> dict[CanonicalName, Candidate]:
    """Return the versioned directories that a group is made of; a member whose directory is gone is left out."""
    return {
        one.candidate.distribution: one.candidate
        for one in inventory.installed
        if one.candidate.site == site and lock in one.groups and not one.why_not
    }


def group_absences(lock: GroupLock, site: str, inventory: Inventory) -> dict[str, str]:
    """Return what became of the members of a group that `group_selection` leaves out, each as a sentence."""
    unused = {
        one.candidate.distribution: one.why_not
        for one in inventory.installed
        if one.candidate.site == site and lock in one.groups and one.why_not
    }
    found = group_selection(lock, site, inventory)
    return {
        name: f"{name} {version} {unused.get(canonical(name), 'is gone')}"
        for name, version in lock.versions.items()
        if name not in found
    }


def grow(
    roots: Iterable[Need], selection: Selection, requirements: Requirements, absent: Mapping[str, str] | None = None
) -> tuple[Node, ...]:
    """Return the trees of some roots over a selection; `absent` says what became of distributions that are not in it."""
    seen: set[tuple[str, frozenset[str]]] = set()

    def node(need: Need) -> Node:
        candidate = selection.get(need.distribution)
        if candidate is None:
            problem = (absent or {}).get(need.distribution, "is not among them")
            return Node(requirement=written(need), candidate=None, problem=problem)
        problem = "" if need.is_met_by(candidate) else "conflict: this version is not what is required"
        needs = requirements.of(candidate, need.extras)
        if need.extras:
            needs = tuple(dict.fromkeys((*requirements.of(candidate), *needs)))
        needs = _once(needs)
        place = need.distribution, need.extras
        repeated = place in seen and bool(needs)
        seen.add(place)
        children = () if repeated else tuple(map(node, needs))
        return Node(
            requirement=written(need), candidate=candidate, problem=problem, repeated=repeated, children=children
        )

    return tuple(map(node, roots))


def problems_in(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes of some trees that have a problem."""
    return [one for node in nodes for one in ((node,) if node.problem else ()) + tuple(problems_in(node.children))]


def ways_in_groups(target: Candidate, requirements: Requirements) -> list[Way]:
    """Return the shortest way to a versioned directory from each root of each group that it belongs to."""
    inventory = requirements.inventory
    found: list[Way] = []
    for lock in inventory.locks.get(target.site, ()) if target.entry else ():
        if not lock.holds(target.distribution, target.version):
            continue
        selection = group_selection(lock, target.site, inventory)
        for need in group_needs(lock):
            steps = _way(need, target, selection, requirements)
            if steps:
                found.append(Way(group=lock, steps=steps))
    return found


def ways_elsewhere(target: Candidate, requirements: Requirements, known: Iterable[Way]) -> list[Way]:
    """Return the shortest ways to a candidate from distributions that need it without a common group.

    That is, whose closure takes just this candidate; and from flat installs, which Python gives the flat install. `known`
    are the ways that are told already.
    """
    found: list[Way] = []
    told = {step.candidate.key() for way in known for step in way.steps}
    ancestors = _ancestors(target, requirements)
    tops = [one for one in ancestors if not requirements.askers(one)]
    direct = [asker for asker, _ in requirements.askers(target)]
    for root in [*tops, *direct]:
        if root.key() in told:
            continue
        need = Need(root.distribution, (), SpecifierSet(), text="", asker="")
        selections = [requirements.closure(root)]
        if not root.entry and not target.entry:
            selections.append(_flat_selection(requirements.inventory))
        for selection in selections:
            steps = _way(need, target, selection, requirements) if selection.get(root.distribution) else ()
            if steps and steps[0].candidate.key() == root.key():
                told.update(step.candidate.key() for step in steps)
                found.append(Way(group=None, steps=steps))
                break
    return found


def _once(needs: Iterable[Need]) -> tuple[Need, ...]:
    each = {(need.text, need.extras): need for need in needs}
    return tuple(each.values())


def _way(root: Need, target: Candidate, selection: Selection, requirements: Requirements) -> tuple[Step, ...]:
    """Return the first of the shortest ways from a root to a candidate, () if there is none."""
    waiting: deque[tuple[Need, tuple[Step, ...]]] = deque([(root, ())])
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        need, before = waiting.popleft()
        candidate = selection.get(need.distribution)
        if candidate is None or (need.distribution, need.extras) in seen:
            continue
        seen.add((need.distribution, need.extras))
        steps = (*before, Step(candidate, written(need)))
        if candidate.key() == target.key():
            return steps
        extras = requirements.of(candidate, need.extras) if need.extras else ()
        waiting.extend((one, steps) for one in (*requirements.of(candidate), *extras))
    return ()


def _ancestors(target: Candidate, requirements: Requirements) -> list[Candidate]:
    """Return every candidate from which requirements lead to a candidate that they allow, nearest first."""
    found: dict[tuple[str, str, str], Candidate] = {}
    waiting = deque([target])
    while waiting:
        for asker, _ in requirements.askers(waiting.popleft()):
            if asker.key() not in found and asker.key() != target.key():
                found[asker.key()] = asker
                waiting.append(asker)
    return list(found.values())


def _flat_selection(inventory: Inventory) -> Selection:
    """Return what plain imports get: of each distribution the first flat install."""
    found: dict[CanonicalName, Candidate] = {}
    for candidate in inventory.usable():
        if not candidate.entry:
            found.setdefault(candidate.distribution, candidate)
    return found
