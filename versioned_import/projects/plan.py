"""From a lock to the plan that a process serves: the whole slow way, top to bottom."""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
import time
from dataclasses import dataclass
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES, SOURCE_SUFFIXES
from typing import TYPE_CHECKING

from versioned_import.errors import LockError
from versioned_import.locks.nearest import ORDER, REQUIREMENTS
from versioned_import.locks.read import read_lock
from versioned_import.metadata.catalogue import is_settled, open_catalogue
from versioned_import.metadata.files import read_text
from versioned_import.metadata.places import number_of
from versioned_import.metadata.store import SETTLING_NS, replace_file
from versioned_import.projects.buckets import packed
from versioned_import.projects.installed import survey
from versioned_import.projects.kept import Plan, file_with, kept_at, load, say, stamp_of, stamp_text
from versioned_import.projects.left_behind import left_behind, lines_of, pythonpath, start_up_files
from versioned_import.projects.members import members_of
from versioned_import.resolver.search_path import search_path
from versioned_import.resolver.story import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from versioned_import.locks.lock import Lock, Locked
    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.projects.members import Member
    from versioned_import.projects.options import Options

_KEPT_FOR = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Project:
    """What a lock comes to on this machine."""

    lock: Lock
    locked: tuple[Locked, ...]
    candidates: Mapping[CanonicalName, Candidate]
    members: Sequence[Member]

    @property
    def where(self) -> dict[str, str]:
        """Where in the lock each distribution stands."""
        return {one.distribution: one.where for one in self.locked}


def project_of(options: Options) -> Project:
    """Return the project of a lock. Raises LockError if the lock can't be used, or something of it is not installed."""
    lock = read_lock(options.lock)
    locked = lock.chosen(options.groups, options.extras, options.default_groups)
    sites = search_path()
    found = survey(locked, sites)
    if found.missing:
        raise not_installed(options, [str(one) for one in found.missing], len(locked))
    for one in locked:
        if one.editable and one.directory and not os.path.isdir(one.directory):
            raise lock.error(one.where, f"the directory of {one.distribution} is not there: {one.directory}")
    members = members_of(lock, locked, sites)
    candidates = dict(found.found)
    candidates.update({one.candidate.distribution: one.candidate for one in members if one.candidate is not None})
    return Project(lock, locked, candidates, members)


def not_installed(options: Options, missing: Sequence[str], count: int) -> LockError:
    """Return the error for what a lock names and nothing installed is."""
    lines = shortened(list(missing))
    from shlex import quote

    advice = f"to install it: versioned-import sync {' '.join(map(quote, options.words()))}"
    return LockError(
        options.lock, f"{len(missing)} of {count} locked distributions are missing", "\n  ".join((*lines, advice))
    )


def plan_for(options: Options, key: Sequence[str] | None = None) -> Plan:
    """Return the plan of a project, and keep it for later processes where that is safe. Raises LockError."""
    stamp = stamp_text(options.lock)
    read_at = _dependencies(options, (), ())
    project = project_of(options)
    if stamp_text(options.lock) != stamp:
        raise LockError(options.lock, "it has changed while it was read", "Try again.")
    dropped, sites, files = left_behind()
    depends = {
        **_dependencies(options, project.members, project.lock.files),
        **{path: stamp_of(path) for path in files},
        **read_at,
    }
    candidates = project.candidates.values()
    rest = marshal.dumps(
        (
            [(one.site, one.line()) for one in candidates],
            {str(one.distribution): one.metadata_directory for one in candidates},
            project.where,
        )
    )
    plan = Plan(
        tuple(key) if key is not None else options.key(),
        options.lock,
        stamp,
        depends,
        packed(_files(project), next((one.site for one in candidates), "")),
        list(dict.fromkeys([*(path for member in project.members for path in member.paths), *_added(candidates)])),
        dropped,
        sites,
        _others(project, options.directory),
        rest,
        number_of(rest),
    )
    for text in project.lock.warnings:
        say(text)
    if not project.lock.variables:  # what they hold is nothing that a plan depends on
        _keep(plan)
    return plan


def rest_again(plan: Plan) -> tuple[bytes, int]:
    """Return the `rest` of a plan whose kept one is broken, with its number. Raises LockError if it would be another plan."""
    from versioned_import.projects.options import options_for, split_names

    with contextlib.suppress(OSError):
        os.unlink(kept_at(plan.key))
    groups, extras, switched_off = plan.key[-3:]
    options = options_for(plan.lock, split_names(groups), split_names(extras), default_groups=not switched_off)
    same = stamp_text(plan.lock) == plan.stamp
    made = plan_for(options, plan.key) if same else None
    if made is None or made.files != plan.files:
        reason = "what was kept of it can't be read any more, and the lock, or what is installed, is not as it was"
        raise LockError(plan.lock, reason, "Start the program again.")
    return made.rest, made.rest_number


def _dependencies(options: Options, members: Sequence[Member], files: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return what a plan depends on, as it is now: another lock that would count, the search path, members."""
    names = (*ORDER, REQUIREMENTS, "pyproject.toml")
    places = [options.lock, *files, *(os.path.join(options.directory, name) for name in names)]
    places += [*search_path(), *(os.path.join(site, ".versioned_import", "editables") for site in search_path())]
    places += [member.candidate.metadata_directory for member in members if member.candidate is not None]
    # The directory of a member changes with every file that is edited there; this one tells whether it is there at all.
    places += [os.path.join(member.directory, "pyproject.toml") for member in members]
    places += [os.path.join(place, "") for member in members for place in (member.directory, f"{member.directory}/src")]
    places += [os.path.join(options.directory, ""), os.path.join(sys.prefix, "pyvenv.cfg")]
    places += [os.path.join(os.path.dirname(sys.executable), "pyvenv.cfg")]
    return {place: stamp_of(place) for place in places}


def _files(project: Project) -> dict[str, str]:
    """Return the file of each top-level module that one candidate has whole; "" for what takes the selection's own finder."""
    found: dict[str, str] = {}
    members = [member.candidate for member in project.members]  # found on `sys.path`
    for candidate in project.candidates.values():
        if candidate in members:
            continue
        for top, shared in candidate.tops.items():
            found[top] = "" if shared or top in found else _file(candidate, top)
    return found


def _file(candidate: Candidate, top: str) -> str:
    """Return the file that Python would take: of a package before a module, what is compiled before its source."""
    module = os.path.join(candidate.path, top)
    for place in (os.path.join(module, "__init__"), module):
        for suffix in (*EXTENSION_SUFFIXES, *SOURCE_SUFFIXES, *BYTECODE_SUFFIXES):
            if os.path.isfile(f"{place}{suffix}"):
                return f"{place}{suffix}"
    return ""


def _others(project: Project, directory: str) -> dict[str, list[str]]:
    """Return the top-level names of what is installed in an entry of PYTHONPATH and isn't locked, each with the entries.

    Sources that a project was built in hold metadata too (`.egg-info`), and so may the project's own directory: they are no
    installation.
    """
    locked = {one.key() for one in project.candidates.values()}
    found: dict[str, list[str]] = {}
    for entry in pythonpath():
        catalogue = open_catalogue(entry)
        for one in catalogue.everything() if catalogue is not None and not _is_in(entry, directory) else ():
            if not one.entry and _is_installed(one) and one.key() not in locked:
                for top, shared in (one.tops or _unlisted(one)).items():
                    if not shared:
                        found.setdefault(top, []).append(entry)
    return found


def _is_installed(candidate: Candidate) -> bool:
    """Tell whether a flat candidate's metadata is that of an install; what a build leaves in its sources says no version."""
    if not candidate.dist_info.endswith(".egg-info"):
        return candidate.dist_info.endswith(".dist-info")
    info = candidate.metadata_directory
    return (
        "-" in candidate.dist_info.removesuffix(".egg-info")
        or os.path.isfile(info)
        or os.path.exists(os.path.join(info, "installed-files.txt"))
    )


def _unlisted(candidate: Candidate) -> dict[str, bool]:
    """Return what is named like a flat install that lists nothing: an `.egg-info` of distutils is a single file."""
    name = candidate.dist_info.partition("-")[0]
    places = {one: os.path.join(candidate.site, one) for one in (name, name.lower())}
    return {one: False for one, place in places.items() if os.path.isdir(place) or os.path.isfile(f"{place}.py")}


def _is_in(entry: str, directory: str) -> bool:
    return os.path.realpath(entry).startswith(os.path.join(os.path.realpath(directory), ""))


def _added(candidates: Iterable[Candidate]) -> Iterator[str]:
    """Yield what the .pth files of locked distributions add to `sys.path`; other lines of theirs are not run."""
    for candidate in candidates:
        own = None if candidate.entry else f"\n{read_text(os.path.join(candidate.metadata_directory, 'RECORD')) or ''}"
        for file in start_up_files(candidate.path):
            if own is None or f"\n{os.path.basename(file)}," in own:
                yield from filter(os.path.exists, lines_of(file))


def _keep(plan: Plan) -> None:
    """Write a plan for later processes, unless something of it has changed so lately that a change could go unseen."""
    latest = time.time_ns() - SETTLING_NS
    if any(changed > latest for changed, _ in plan.depends.values()) or not all(map(is_settled, search_path())):
        return
    place = kept_at(plan.key)
    try:
        _keep_predecessor(place, plan.stamp)
        replace_file(place, file_with(plan), mode=0o600)
    except (OSError, ValueError):
        pass


def _keep_predecessor(place: str, stamp: str) -> None:
    """Let the children of a process that runs from the lock as it was go on finding their plan, for some days."""
    plan = load(place)
    if plan is not None and plan.stamp != stamp:
        os.replace(place, f"{place}-{plan.stamp}")
        for entry in list(os.scandir(os.path.dirname(place))):
            if entry.name.startswith(f"{os.path.basename(place)}-") and entry.stat().st_ctime < time.time() - _KEPT_FOR:
                os.unlink(entry.path)
