"""Who needs whom inside the groups of a site directory, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from versioned_import.metadata.layout import NotACandidate
from versioned_import.resolver.closure import dependencies

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from versioned_import.metadata.candidate import Candidate
    from versioned_import.metadata.group_locks import GroupLock

    Installed = Mapping[tuple[str, str], Candidate]
    """Versioned directories of one site directory by distribution and version."""

_EXTRAS_OF_A_PATH = re.compile(r"(?P<path>[^#]+)\[(?P<extras>[^\[\]/]*)\]")


@dataclass(frozen=True, slots=True)
class Edge:
    """One member of a group that needs another one: who asks, and with which words."""

    asker: Candidate
    needed: str
    text: str
    group: GroupLock

    def __str__(self) -> str:
        return f"{self.asker.distribution} {self.asker.version} needs {self.text} (group {self.group})"


def by_version(candidates: Iterable[Candidate]) -> Installed:
    """Return versioned directories by distribution and version."""
    return {(str(one.distribution), one.version): one for one in candidates if one.entry}


def edges(lock: GroupLock, installed: Installed, without: Collection[tuple[str, str]] = ()) -> list[Edge]:
    """Return who needs whom in a group, from what it was installed for downwards, extras included.

    Members that are not installed, or are among `without`, ask for nothing.
    """
    extras = _extras_of_roots(lock)
    waiting = [(name, extras.get(name, frozenset())) for name in sorted(lock.requested)]
    seen: set[tuple[str, frozenset[str]]] = set()
    found: dict[Edge, None] = {}
    while waiting:
        name, wanted = waiting.pop()
        member = name, lock.versions.get(name, "")
        asker = installed.get(member)
        if asker is None or member in without or (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        try:
            needs = list(dependencies(asker, wanted))
        except NotACandidate:
            continue
        for need in needs:
            if need.distribution in lock.versions:
                found[Edge(asker, need.distribution, need.text, lock)] = None
                waiting.append((need.distribution, need.extras))
    return list(found)


def needers(
    doomed: Collection[tuple[str, str]], locks: Iterable[GroupLock], installed: Installed
) -> dict[tuple[str, str], list[Edge]]:
    """Return which of the doomed members are needed by members that would stay, and by whom."""
    found: dict[tuple[str, str], list[Edge]] = {}
    for lock in locks:
        for edge in edges(lock, installed, doomed):
            member = edge.needed, lock.versions[edge.needed]
            if member in doomed:
                found.setdefault(member, []).append(edge)
    return found


def what_is_left(
    lock: GroupLock, installed: Installed, doomed: Collection[tuple[str, str]]
) -> tuple[list[str], set[str], set[str]]:
    """Return the roots of a group that are left without the doomed, the distributions they name, and all they need.

    All three are empty if nothing is left of what the group was installed for.
    """
    gone = {name for name, version in lock.versions.items() if (name, version) in doomed}
    requested = set(lock.requested) - gone
    roots = [root for root in lock.roots if (name := name_of_root(root)) is None or name not in gone]
    if not requested:
        return [], set(), set()
    members = requested | {edge.needed for edge in edges(lock, installed, doomed)}
    unread = [name for name, version in lock.versions.items() if (name, version) not in installed and name not in gone]
    # What can't be read may need any of the others.
    members = set(lock.versions) if unread else members
    return roots, requested, members - gone


def name_of_root(root: str) -> str | None:
    """Return the distribution (canonical name) that a root names; None where the text doesn't tell."""
    try:
        return str(canonicalize_name(Requirement(root).name))
    except InvalidRequirement:
        pass
    path = _path_and_extras(root)[0]
    try:
        return str(parse_wheel_filename(path.partition("#")[0].rpartition("/")[2])[0])
    except InvalidWheelFilename:
        return None


def _extras_of_roots(lock: GroupLock) -> dict[str, frozenset[str]]:
    """Return the extras that the roots of a group name, by distribution.

    Those of a root whose name can't be told are taken for each distribution that no other root names.
    """
    found: dict[str, frozenset[str]] = {}
    unnamed: frozenset[str] = frozenset()
    for root in lock.roots:
        name, extras = name_of_root(root), _extras_of(root)
        if name is None:
            unnamed |= extras
        else:
            found[name] = found.get(name, frozenset()) | extras
    return {name: unnamed for name in lock.requested if unnamed} | found


def _extras_of(root: str) -> frozenset[str]:
    try:
        return frozenset(Requirement(root).extras)
    except InvalidRequirement:
        return _path_and_extras(root)[1]


def _path_and_extras(root: str) -> tuple[str, frozenset[str]]:
    """Return the two parts of `PATH[EXTRA,EXTRA]`, which is how pip takes a local file or directory."""
    found = _EXTRAS_OF_A_PATH.fullmatch(root)
    if found is None:
        return root, frozenset()
    extras = (extra.strip() for extra in found["extras"].split(","))
    return found["path"], frozenset(str(canonicalize_name(extra)) for extra in extras if extra)
