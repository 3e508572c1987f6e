"""`versioned-import sync` from top to bottom: what a lock names and is missing gets installed, exactly the locked files."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from versioned_import.engines import locked_files
from versioned_import.engines.built_members import build_members
from versioned_import.engines.unpackers import Unpackers
from versioned_import.errors import InstallError
from versioned_import.install import site_directory
from versioned_import.install.engine import Staged, hashes_of
from versioned_import.install.landing import INSTALLED, land_locked
from versioned_import.install.requirements import Root
from versioned_import.install.staging import is_there, staging
from versioned_import.install.sync_files import is_locked_version, to_ask_again
from versioned_import.install.sync_files import wanted as files_of
from versioned_import.libraries.packaging.requirements import InvalidRequirement, Requirement
from versioned_import.libraries.packaging.utils import parse_wheel_filename
from versioned_import.locks.read import read_lock
from versioned_import.metadata.catalogue import forget
from versioned_import.projects.installed import Missing, survey
from versioned_import.projects.members import why_not_built
from versioned_import.resolver.search_path import search_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from versioned_import.install.engine import Engine
    from versioned_import.install.site_directory import SiteDirectory
    from versioned_import.install.sync_files import Wanted
    from versioned_import.locks.lock import Locked
    from versioned_import.projects.options import Options

_BREAK = "--break-system-packages"


class Progress(Protocol):
    """What is told while it takes long."""

    def begin(self, text: str, total: int = 0) -> None:
        """Begin a part of the work; `total` steps of it are known, or none."""

    def step(self) -> None:
        """Count one step."""


class Quiet:
    """Progress that nobody sees."""

    def begin(self, text: str, total: int = 0) -> None:
        """See nothing."""

    def step(self) -> None:
        """See nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """What of a project is missing: distributions, and editable members that have to be built."""

    locked: tuple[Locked, ...]
    distributions: tuple[Missing, ...]
    members: tuple[Missing, ...]
    warnings: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[Missing, ...]:
        """All that is missing."""
        return (*self.distributions, *self.members)


@dataclass(frozen=True, slots=True)
class Synced:
    """One distribution or member and the full path of the directory that has it now."""

    name: str
    version: str
    place: str
    outcome: str

    def __str__(self) -> str:
        return f"{self.outcome} {self.name} {self.version} in {self.place}{os.sep}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How the files are got: words for pip, an engine by its name ("" for pip from inside), whether to compile."""

    words: tuple[str, ...] = ()
    engine: str = ""

    @property
    def compiles(self) -> bool:
        """Whether byte code is made too, as pip does unless it is told not to."""
        no = "--no-compile" in self.words or os.environ.get("PIP_NO_COMPILE", "0").lower() in {"1", "true", "yes", "on"}
        return not no

    @property
    def for_pip(self) -> tuple[str, ...]:
        """The words without those that are decided here."""
        return tuple(word for word in self.words if word not in {"--compile", "--no-compile", _BREAK})


def sync_project(options: Options, report: Callable[[str], None]) -> None:
    """Install what a project's lock names and is missing; `report` gets a line for each. Raises LockError, InstallError."""
    found = look(options)
    for one in install_missing(options, found, Ways(), report=report):
        report(str(one))


def look(options: Options) -> Look:
    """Return what of a project is missing for this Python. Raises LockError if the lock can't be used."""
    lock = read_lock(options.lock)
    locked = lock.chosen(options.groups, options.extras, options.default_groups)
    sites = search_path()
    editables = [(one, why_not_built(one, sites)) for one in locked if one.editable and one.directory]
    return Look(
        locked,
        tuple(survey(locked, sites).missing),
        tuple(Missing(one, why) for one, why in editables if why),
        lock.warnings,
    )


def install_missing(
    options: Options, found: Look, ways: Ways, *, report: Callable[[str], None], progress: Progress | None = None
) -> list[Synced]:
    """Install what is missing; `report` gets sentences that are worth a warning. Raises InstallError.

    Nothing lands before all of it is got, checked and unpacked, so a failure leaves all as it was.
    """
    if not found.missing:
        return []
    telling = progress or Quiet()
    site_directory.check_not_managed(break_system_packages=_BREAK in ways.words, command=site_directory.SYNC)
    site = site_directory.choose(user=None, command=site_directory.SYNC)
    environ = locked_files.child_environ(os.environ)
    missing = _not_in_the_way(options, found.distributions, site)
    by_name = locked_files.says_where(ways.words, os.environ)
    wanted = files_of([one.locked for one in missing], options.lock, by_name=by_name)
    with staging(site.path) as directory:
        staged = _staged(options, wanted, ways, directory, site, environ, telling, report)
        members = [one.locked for one in found.members]
        done = build_members(members, site.path, os.path.join(directory, "members"), ways.for_pip, environ, telling)
        telling.begin(f"installing into {site.path}")
        outcomes, notices = land_locked(site, staged) if staged else ({}, ())
        done.land()
    for notice in notices:
        report(f"warning: {notice}")
    forget()
    landed = [
        Synced(one.name, one.version, os.path.join(site.path, one.directory), outcomes[one.directory]) for one in staged
    ]
    return [*landed, *(Synced(name, version, place, INSTALLED) for name, version, place in done.members)]


def _not_in_the_way(options: Options, missing: Sequence[Missing], site: SiteDirectory) -> list[Missing]:
    """Return what is missing still. Raises InstallError where a versioned directory of the version is something else."""
    there = os.listdir(site.path) if missing and os.path.isdir(site.path) else []
    bad = [one for one in missing if _stands_in_the_way(one, site, there)]
    if bad:
        forget()  # another process may have landed it in the meantime
        still = {one.locked.distribution: one for one in survey([one.locked for one in bad], search_path()).missing}
        if still:
            names = " ".join(f"{one.locked.distribution}=={one.locked.version}" for one in still.values())
            reason = "\n  ".join(("what is installed is not what the lock names:", *map(str, still.values())))
            raise InstallError(options.lock, reason, f"Remove it first: versioned-import uninstall {names}")
    return [one for one in missing if one not in bad]


def _stands_in_the_way(one: Missing, site: SiteDirectory, there: Sequence[str]) -> bool:
    start = f"{one.locked.distribution}-"
    versions = [name.removeprefix(start) for name in there if one.locked.version and name.startswith(start)]
    return any(is_locked_version(one.locked, version) and is_there(site.path, start + version) for version in versions)


def _staged(
    options: Options,
    wanted: Sequence[Wanted],
    ways: Ways,
    directory: str,
    site: SiteDirectory,
    environ: dict[str, str],
    telling: Progress,
    report: Callable[[str], None],
) -> list[Staged]:
    if not wanted:
        return []
    if ways.engine:
        return _staged_by(_engine(ways, report), wanted, options, directory, telling)
    for name in ("fetched", "ready"):
        os.mkdir(os.path.join(directory, name), 0o755)
    with Unpackers(len(wanted), ways.for_pip, environ) as unpackers:
        by_pip = [one for one in wanted if not one.local and not one.url]
        telling.begin(f"getting {_count(by_pip or wanted)}")
        wheels = locked_files.fetch(by_pip, os.path.join(directory, "fetched"), ways.for_pip, environ)
        if problem := unpackers.problem():
            report(f"warning: this pip can't be used from inside ({problem}); using its command line instead")
            return _staged_by(_engine(ways, report), wanted, options, directory, telling)
        telling.begin("getting and unpacking", len(wanted))
        jobs = [_job(one, wheels.get(one.locked.distribution, ""), options, directory, site, ways) for one in wanted]
        staged, left = _unpacked(unpackers, jobs, wanted, telling)
        if left:  # pip's command line gets them after all, or says best why not
            wheels = locked_files.fetch(left, os.path.join(directory, "fetched"), ways.for_pip, environ)
            jobs = [_job(one, wheels[one.locked.distribution], options, directory, site, ways) for one in left]
            staged += _unpacked(unpackers, jobs, left, telling)[0]
        return sorted(staged, key=lambda one: one.directory)


def _unpacked(
    unpackers: Unpackers, jobs: Sequence[dict[str, Any]], wanted: Sequence[Wanted], telling: Progress
) -> tuple[list[Staged], list[Wanted]]:
    """Return what was staged, and what could not be got without pip's command line."""
    by_name = {str(one.locked.distribution): one for one in wanted}
    staged, left = [], []
    for job, answer in unpackers.unpack(jobs):
        one = by_name[job["name"]]
        if "unfetched" in answer:
            left.append(one)
        else:
            telling.step()
            staged.append(_as_staged(one, job, answer))
    return staged, left


def _job(one: Wanted, wheel: str, options: Options, directory: str, site: SiteDirectory, ways: Ways) -> dict[str, Any]:
    """Return what an unpacker is asked for; `wheel` is what pip's command line has got, "" for a wheel of its own."""
    kinds = {kind: sorted(values) for kind, values in one.hashes().items()}
    url = "" if wheel or one.local else one.url
    if url and one.file is not None:
        wheel = os.path.join(directory, "fetched", one.file.name)
    wheel = wheel or one.local
    return {
        "wheel": wheel,
        "url": url,
        "name": str(one.locked.distribution),
        "version": str(parse_wheel_filename(os.path.basename(wheel))[1]),
        "download": one.download(),
        "is_direct": one.is_direct,
        "hashes": kinds or {"sha256": []},
        # A wheel that pip has built has no hash that the lock could know; its source was checked by pip.
        "must_fit": bool(kinds) and one.file is not None and not one.is_built_from_file,
        "lock": options.lock,
        "directory": os.path.join(directory, "ready"),
        "site": site.path,
        "compile": ways.compiles,
    }


def _as_staged(one: Wanted, job: dict[str, Any], answer: dict[str, Any]) -> Staged:
    """Return what was staged, with the hashes of its file where the lock doesn't say which of several it was."""
    download = job["download"]
    is_archive = "archive_info" in download
    fits = [(kind, digest) for kind, digest in answer["digests"].items() if digest in job["hashes"][kind]]
    is_unhashed = not one.hashes() and not one.is_built_from_file
    if is_archive and not hashes_of(download) and (fits or is_unhashed):
        known = dict(fits) or answer["digests"]
        download = {**download, "archive_info": {"hashes": known}}
    return Staged(
        name=job["name"],
        version=job["version"],
        download=download,
        is_direct=job["is_direct"],
        path=answer["path"],
        notices=tuple(answer["notices"]),
    )


def _engine(ways: Ways, report: Callable[[str], None]) -> Engine:
    words = ("--no-deps", *ways.for_pip, *(() if ways.compiles else ("--no-compile",)))
    if ways.engine == "uv":
        from versioned_import.engines.uv_engine import UvEngine

        return UvEngine(words, warn=lambda line: report(f"warning: {line}"))
    from versioned_import.engines.pip_engine import PipEngine

    return PipEngine(words, warn=lambda line: report(f"warning: {line}"))


def _staged_by(
    engine: Engine, wanted: Sequence[Wanted], options: Options, directory: str, telling: Progress
) -> list[Staged]:
    """Let an engine stage it all; lines with hashes and those without need runs of their own."""
    staged: list[Staged] = []
    for hashed in (True, False):
        asked = [one for one in wanted if one.hashed == hashed]
        while asked:
            telling.begin(f"getting {_count(asked)}")
            own = tempfile.mkdtemp(prefix="engine-", dir=directory)
            found = engine.stage(tuple(_root(one, options) for one in asked), own)
            asked = to_ask_again(asked, {one.name: one.version for one in found}, "the engine")
            wrong = {str(one.locked.distribution) for one in asked}
            staged += [one for one in found if one.name not in wrong]
    return staged


def _root(one: Wanted, options: Options) -> Root:
    try:
        requirement = Requirement(one.line.partition(" --hash")[0])
    except InvalidRequirement:  # a URL alone
        requirement = None
    return Root(one.line, f"{options.lock}: {one.locked.where}", requirement)


def _count(wanted: Sequence[Wanted]) -> str:
    return "1 distribution" if len(wanted) == 1 else f"{len(wanted)} distributions"
