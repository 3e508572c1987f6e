"""Removing versioned directories: out of sight in one rename each, with their locks, then launchers, then the bytes."""

from __future__ import annotations

import os
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tomli_w

from versioned_import.errors import InstallError
from versioned_import.install.group_locks import lock_path
from versioned_import.install.inside_groups import what_is_left
from versioned_import.install.launchers import remove_launchers
from versioned_import.install.origins import forget_origins
from versioned_import.install.staging import exclusive, staging, sweep
from versioned_import.install.undo import LockChange, take_away
from versioned_import.metadata.catalogue import refresh
from versioned_import.metadata.group_locks import TOOL, read_group_locks
from versioned_import.metadata.places import OWN_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.install.inside_groups import Installed
    from versioned_import.install.site_directory import SiteDirectory
    from versioned_import.metadata.candidate import Candidate
    from versioned_import.metadata.group_locks import GroupLock


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What was removed: paths of launchers, paths of locks that were dropped or shrunk, and sentences for the user."""

    launchers: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    shrunk: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def remove(
    site: SiteDirectory,
    doomed: Sequence[Candidate],
    installed: Installed,
    locks: Sequence[GroupLock],
    *,
    keep_locks: bool = False,
) -> Removal:
    """Remove versioned directories of a site directory. Raises InstallError; then all of them are still there.

    `installed` and `locks` are what the decision was made by: if another process has installed anything since, nothing
    is removed. The locks that lose members are cut down, as far as there is anything left to say, unless `keep_locks`
    says that the same version will be back.
    """
    if not os.access(site.path, os.W_OK):
        raise InstallError(
            site.path, "it can't be written", "Run it as the owner of the directory. Nothing was removed."
        )
    members = {(str(one.distribution), one.version) for one in doomed}
    with staging(site.path) as trash:
        with exclusive(site.path):
            _check_unchanged(site.path, locks)
            changes = [] if keep_locks else _lock_changes(locks, installed, members)
            place = take_away(site.path, trash, [one.entry for one in doomed], changes)
            launchers, notices = _remove_launchers(site, doomed, place)
            forget_origins(site.path, [one.entry for one in doomed])
        with suppress(Exception):  # the catalogue is a cache
            refresh(site.path)
    return Removal(
        launchers=tuple(launchers),
        dropped=tuple(one.path for one in changes if one.text is None),
        shrunk=tuple(one.path for one in changes if one.text is not None),
        notices=tuple(notices),
    )


def put_back_unfinished(site: str) -> None:
    """Put back what a killed removal has left in the middle, as far as that is possible."""
    with suppress(OSError):
        sweep(os.path.join(site, OWN_DIRECTORY))


def _check_unchanged(site: str, locks: Sequence[GroupLock]) -> None:
    now = {(lock.path, lock.written) for lock in read_group_locks(site)}
    if now != {(lock.path, lock.written) for lock in locks}:
        raise InstallError(site, "another process has installed or removed something meanwhile", "Try again.")


def _remove_launchers(site: SiteDirectory, doomed: Sequence[Candidate], where: str) -> tuple[list[str], list[str]]:
    removed: list[str] = []
    problems: list[str] = []
    for one in doomed if site.scripts else ():
        try:
            removed += remove_launchers(os.path.join(where, one.entry), one.distribution, one.version, site.scripts)
        except OSError as error:
            problems.append(f"the launcher {error.filename} could not be removed: {error.strerror}")
    return removed, problems


def _lock_changes(locks: Sequence[GroupLock], installed: Installed, doomed: set[tuple[str, str]]) -> list[LockChange]:
    """Return what becomes of the locks that name any of the doomed.

    The roots that are left keep a lock of their own, with what they need. What only the others needed stays installed,
    and other programs may import it: so that they get what they got, a lock without roots tells what goes together.
    """
    changes: dict[str, LockChange] = {}
    kept = {lock.path for lock in locks if not doomed & lock.versions.items()}
    for lock in locks:
        if lock.path in kept:
            continue
        changes.setdefault(lock.path, LockChange(path=lock.path, text=None))
        roots, requested, needed = what_is_left(lock, installed, doomed)
        members = {name for name, version in lock.versions.items() if (name, version) not in doomed}
        parts = [(roots, requested, needed)] if requested else []
        if members - needed and len(members) > 1:
            parts.append(([], set(), members))
        for part in parts:
            change = _cut(lock, *part)
            # The same was installed by itself too, or is left of two groups: the newest counts.
            if change.path not in kept and changes.get(change.path, change).written <= change.written:
                changes[change.path] = change
    return list(changes.values())


def _cut(lock: GroupLock, roots: list[str], requested: set[str], members: set[str]) -> LockChange:
    """Return the lock of some roots and members of a group; it counts for as old as it was."""
    with open(lock.path, "rb") as file:
        table = tomllib.load(file)
    table["packages"] = [package for package in table["packages"] if package["name"] in members]
    table["tool"][TOOL] |= {"roots": sorted(roots), "requested": sorted(requested)}
    directories = (f"{name}-{lock.versions[name]}" for name in members)
    path = lock_path(os.path.dirname(lock.path), roots, directories)
    return LockChange(path=path, text=tomli_w.dumps(table), written=lock.written)
