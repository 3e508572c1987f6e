"""Removing versioned directories: out of sight in one rename each, then launchers and locks, then the bytes."""

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
from versioned_import.install.staging import exclusive, staging
from versioned_import.install.whole_files import write_whole
from versioned_import.metadata.catalogue import refresh
from versioned_import.metadata.group_locks import TOOL, read_group_locks

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
    site: SiteDirectory, doomed: Sequence[Candidate], installed: Installed, locks: Sequence[GroupLock], *, shrink: bool
) -> Removal:
    """Remove versioned directories of a site directory. Raises InstallError; then all of them are still there.

    `installed` and `locks` are what the decision was made by: if another process has installed anything since, nothing
    is removed. A lock that loses members is dropped, or with `shrink` cut down to what its other roots need.
    """
    if not os.access(site.path, os.W_OK):
        raise InstallError(
            site.path, "it can't be written", "Run it as the owner of the directory. Nothing was removed."
        )
    with staging(site.path) as trash:
        with exclusive(site.path):
            _check_unchanged(site.path, locks)
            _move_all(doomed, trash)
            launchers, notices = _remove_launchers(site, doomed, trash)
            members = {(str(one.distribution), one.version) for one in doomed}
            dropped, shrunk = _mend_locks(locks, installed, members, shrink=shrink)
        with suppress(Exception):  # the catalogue is a cache
            refresh(site.path)
    return Removal(launchers=tuple(launchers), dropped=tuple(dropped), shrunk=tuple(shrunk), notices=tuple(notices))


def bytes_in(directory: str) -> int:
    """Return the bytes of all files below a directory, bytecode included; links are not followed."""
    size = 0
    for parent, _, files in os.walk(directory):
        for name in files:
            with suppress(OSError):
                size += os.lstat(os.path.join(parent, name)).st_size
    return size


def _check_unchanged(site: str, locks: Sequence[GroupLock]) -> None:
    now = {(lock.path, lock.written) for lock in read_group_locks(site)}
    if now != {(lock.path, lock.written) for lock in locks}:
        raise InstallError(site, "another process has installed or removed something meanwhile", "Try again.")


def _move_all(doomed: Sequence[Candidate], trash: str) -> None:
    """Rename the directories into the trash: from then on no new import sees them. All of them or none."""
    moved: list[Candidate] = []
    try:
        for one in doomed:
            os.rename(one.path, os.path.join(trash, one.entry))
            moved.append(one)
    except OSError as error:
        for one in moved:
            os.rename(os.path.join(trash, one.entry), one.path)
        missing = isinstance(error, FileNotFoundError)
        reason = "another process has removed it meanwhile" if missing else f"it can't be removed: {error.strerror}"
        advice = "Try again." if missing else "Check the permissions of the directory. Nothing was removed."
        raise InstallError(error.filename or trash, reason, advice) from None


def _remove_launchers(site: SiteDirectory, doomed: Sequence[Candidate], trash: str) -> tuple[list[str], list[str]]:
    removed: list[str] = []
    problems: list[str] = []
    for one in doomed if site.scripts else ():
        try:
            place = os.path.join(trash, one.entry)
            removed += remove_launchers(place, one.distribution, one.version, site.scripts)
        except OSError as error:
            problems.append(f"the launcher {error.filename} could not be removed: {error.strerror}")
    return removed, problems


def _mend_locks(
    locks: Sequence[GroupLock], installed: Installed, doomed: set[tuple[str, str]], *, shrink: bool
) -> tuple[list[str], list[str]]:
    dropped, shrunk = [], []
    for lock in locks:
        if not doomed & lock.versions.items():
            continue
        roots, requested, members = what_is_left(lock, installed, doomed) if shrink else ([], set(), set())
        if requested:
            shrunk.append(_shrunk(lock, roots, requested, members))
        else:
            os.unlink(lock.path)
            dropped.append(lock.path)
    return dropped, shrunk


def _shrunk(lock: GroupLock, roots: list[str], requested: set[str], members: set[str]) -> str:
    """Write the lock of what is left and return its path; it counts for as old as it was."""
    with open(lock.path, "rb") as file:
        table = tomllib.load(file)
    table["packages"] = [package for package in table["packages"] if package["name"] in members]
    table["tool"][TOOL] |= {"roots": sorted(roots), "requested": sorted(requested)}
    path = lock_path(os.path.dirname(lock.path), roots)
    if path == lock.path or not os.path.exists(
        path
    ):  # the same roots were installed by themselves too: that one counts
        write_whole(path, tomli_w.dumps(table))
        os.utime(path, ns=(lock.written, lock.written))
    if path != lock.path:
        os.unlink(lock.path)
    return path
