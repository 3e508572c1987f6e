"""The end of every installation, whichever engine staged it: locks, renames, launchers, catalogue."""

from __future__ import annotations

import importlib
import os
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from versioned_import.errors import InstallError
from versioned_import.install.engine import hashes_of
from versioned_import.install.group_locks import drop_superseded, write_group_lock
from versioned_import.install.launchers import make_launchers
from versioned_import.install.origins import Origin, difference, forget_origins, note_origin, origin_of
from versioned_import.install.staging import check_free, exclusive, is_there, land
from versioned_import.metadata.catalogue import refresh
from versioned_import.metadata.group_locks import read_group_locks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from versioned_import.install.engine import Planned, Staged
    from versioned_import.install.groups import Group
    from versioned_import.install.site_directory import SiteDirectory

INSTALLED = "installed"
ALREADY_THERE = "already there"
WOULD_INSTALL = "would install"


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """One distribution of a group and what became of it: one of the three words above."""

    distribution: Planned
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedGroup:
    """The roots of a group and the distributions of its closure, by name."""

    roots: Group
    landed: tuple[Landed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What an installation did: the site directory, the groups in their order, and sentences for the user."""

    site: str
    groups: tuple[LandedGroup, ...]
    notices: tuple[str, ...] = ()


def land_groups(
    site: SiteDirectory, staged: Sequence[tuple[Group, Sequence[Staged]]], *, hashed: bool = False
) -> Installation:
    """Make everything that is staged visible, and record which versions belong together.

    A distribution without a `path` was not staged because it was there already; with `hashed` it must have come from the
    very file that is asked for.

    Raises InstallError. What has landed before that is whole, with its closure: requirements land before what needs them.
    """
    once = _once(staged)
    with exclusive(site.path):
        for one in once:
            _check_landable(site.path, one)
        true, differences = _as_it_stands(site.path, staged, hashed=hashed)
        # A lock goes first: a process that imports between two renames must not learn another closure.
        with _origins_noted(site.path, once), _locks_written(site.path, true):
            outcomes = {
                one.directory: INSTALLED if one.path and land(site.path, one) else ALREADY_THERE for one in once
            }
        problems = _launchers(site, once)
        if INSTALLED not in outcomes.values():
            _touch(site.path)
    importlib.invalidate_caches()
    new = [notice for one in once if outcomes[one.directory] == INSTALLED for notice in one.notices]
    return Installation(
        site=site.path,
        groups=tuple(landed_group(group, found, outcomes) for group, found in staged),
        notices=(*differences, *new, *problems, *_refresh(site.path)),
    )


def land_locked(site: SiteDirectory, staged: Sequence[Staged]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Make visible what a project's lock names; return what became of each versioned directory, and sentences.

    No group is recorded: the project's own lock says which versions belong together. What another process has landed
    meanwhile must be from the same file. Raises InstallError.
    """
    with exclusive(site.path):
        for one in staged:
            _check_landable(site.path, one)
            if is_there(site.path, one.directory):
                origin = origin_of(site.path, one.directory)
                difference(one, origin, landing=False, hashed=bool(hashes_of(one.download)))
        with _origins_noted(site.path, staged):
            outcomes = {one.directory: INSTALLED if land(site.path, one) else ALREADY_THERE for one in staged}
        problems = _launchers(site, staged)
    importlib.invalidate_caches()
    new = [notice for one in staged if outcomes[one.directory] == INSTALLED for notice in one.notices]
    return outcomes, (*new, *problems, *_refresh(site.path))


def planned(
    site: SiteDirectory, formed: Sequence[tuple[Group, Sequence[Planned]]], *, hashed: bool = False
) -> Installation:
    """Return what an installation would do. Raises InstallError where hash-checking mode (`hashed`) refuses it."""
    everything = {one.directory for _, found in formed for one in found}
    outcomes = {name: ALREADY_THERE if is_there(site.path, name) else WOULD_INSTALL for name in everything}
    _, differences = _as_it_stands(site.path, formed, hashed=hashed)
    groups = tuple(landed_group(group, found, outcomes) for group, found in formed)
    return Installation(site=site.path, groups=groups, notices=tuple(differences))


def landed_group(group: Group, found: Iterable[Planned], outcomes: dict[str, str]) -> LandedGroup:
    """Return a group with the outcome, by versioned directory, of each of its distributions."""
    ordered = sorted(found, key=lambda one: one.directory)
    return LandedGroup(
        roots=group, landed=tuple(Landed(distribution=one, outcome=outcomes[one.directory]) for one in ordered)
    )


def lines(done: Installation) -> list[str]:
    """Return one line for each distribution of an installation; if there are several groups, under a line for each."""
    if len(done.groups) == 1:
        return [_line(landed.outcome, landed.distribution) for landed in done.groups[0].landed]
    told: dict[str, int] = {}
    result = []
    for number, group in enumerate(done.groups, start=1):
        result.append(f"group {number}: {', '.join(map(str, group.roots))}")
        for landed in group.landed:
            one = landed.distribution
            first = told.setdefault(one.directory, number)
            outcome = landed.outcome if first == number else f"shared with group {first}:"
            result.append(f"  {_line(outcome, one)}")
    return result


def _line(outcome: str, distribution: Planned) -> str:
    return f"{outcome} {distribution.name} {distribution.version} in {distribution.directory}/"


def _check_landable(site: str, staged: Staged) -> None:
    """Raise InstallError if something is in the way of a distribution, or if one that was there has gone since."""
    if staged.path:
        check_free(site, staged.directory)
    elif not os.path.isdir(os.path.join(site, staged.directory)):
        reason = "it was there when the installation began, and has been removed since"
        raise InstallError(f"{staged.name} {staged.version}", reason, "Run the same command again.")


def _once(staged: Sequence[tuple[Group, Sequence[Staged]]]) -> list[Staged]:
    """Return each versioned directory of the groups once; requirements before the roots that need them.

    So a process that is killed between two renames leaves no root without its closure.
    """
    each: dict[str, Staged] = {}
    for _, found in staged:
        for one in found:
            each.setdefault(one.directory, one)
    return sorted(each.values(), key=lambda one: one.requested)


def _as_it_stands(
    site: str, groups: Sequence[tuple[Group, Sequence[Planned]]], *, hashed: bool
) -> tuple[list[tuple[Group, list[Planned]]], list[str]]:
    """Return the groups, each distribution with the origin that its directory has or will have, and what differs.

    Raises InstallError if something differs in hash-checking mode.
    """
    landing: dict[str, Origin] = {}
    true: list[tuple[Group, list[Planned]]] = []
    differences: dict[str, None] = {}
    for group, found in groups:
        true.append((group, []))
        for one in found:
            if not is_there(site, one.directory):
                landing.setdefault(one.directory, Origin(one.download, one.is_direct))
            origin = landing.get(one.directory) or origin_of(site, one.directory)
            differences[difference(one, origin, landing=one.directory in landing, hashed=hashed)] = None
            origin = origin or Origin({}, is_direct=False)
            true[-1][1].append(replace(one, download=origin.download, is_direct=origin.is_direct))
    return true, [sentence for sentence in differences if sentence]


@contextmanager
def _origins_noted(site: str, once: Iterable[Staged]) -> Iterator[None]:
    """Note where that comes from which lands in a block; forget it if it does not land."""
    new = [one for one in once if one.path and not is_there(site, one.directory)]
    try:
        for one in new:
            try:
                note_origin(site, one)
            except OSError as error:
                reason = f"where it comes from can't be noted: {error.strerror}"
                raise InstallError(f"{one.name} {one.version}", reason, "") from None
        yield
    except BaseException:
        forget_origins(site, [one.directory for one in new])
        raise


@contextmanager
def _locks_written(site: str, groups: Sequence[tuple[Group, Sequence[Planned]]]) -> Iterator[None]:
    """Write the groups' locks before a block; the new ones go again if it fails, the ones they replace if it doesn't."""
    before = {lock.path for lock in read_group_locks(site)}
    written: list[str] = []
    try:
        for group, found in groups:
            try:
                written.append(write_group_lock(site, group, found))
            except OSError as error:
                request = ", ".join(map(str, group))
                raise InstallError(request, f"its lock can't be written: {error.strerror}", "") from None
        yield
    except BaseException:
        for path in set(written) - before:
            with suppress(OSError):
                os.unlink(path)
        raise
    for path in written:
        drop_superseded(site, path)


def _launchers(site: SiteDirectory, once: Iterable[Staged]) -> list[str]:
    if not site.scripts:
        return []
    return [
        problem
        for one in once
        for problem in make_launchers(os.path.join(site.path, one.directory), one.name, one.version, site.scripts)
    ]


def _touch(site: str) -> None:
    """Change the directory's times, though nothing landed: a new lock may change a closure that others remember."""
    handle, path = tempfile.mkstemp(prefix=".versioned_import-", dir=site)
    os.close(handle)
    os.unlink(path)


def _refresh(site: str) -> list[str]:
    try:
        refresh(site)
    except Exception as error:  # noqa: BLE001 the catalogue is a cache: what has landed has landed
        return [f"installed, but the catalogue of {site} could not be refreshed: {error}"]
    return []
