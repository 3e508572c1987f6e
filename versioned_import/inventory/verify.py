"""Whether what is installed is still what was installed: candidates, RECORDs and locks in, problems out; nothing is changed."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import shlex
import site
import sysconfig
from dataclasses import dataclass
from typing import TYPE_CHECKING

from versioned_import.inventory.details import requirement_for
from versioned_import.inventory.needs import written
from versioned_import.resolver.story import python_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from versioned_import.inventory.installed import Impostor, Installed, Inventory
    from versioned_import.inventory.needs import Requirements
    from versioned_import.metadata.candidate import Candidate

    Tick = Callable[[int], object]

_HASHES = frozenset({"sha256", "sha384", "sha512"})  # PEP 427: sha256 or better
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong."""

    kind: str
    """changed, missing, unrecorded, outside, record, directory, tags, python, requirement or group."""
    subject: str
    """The distribution and version, the directory, or the group."""
    place: str
    """The full path of the file, directory or lock."""
    text: str
    """What is wrong, as the second half of a sentence about the subject."""
    repair: str
    """The command that repairs it, "" where none does."""


def candidate_problems(one: Installed, tick: Tick = int) -> Iterator[Problem]:
    """Yield what is wrong with the files of one candidate and whether it fits; `tick` gets each number of bytes read."""
    candidate = one.candidate
    subject = f"{candidate.distribution} {candidate.version}"
    repair = repair_of(candidate)
    if one.why_not:
        kind = "tags" if one.why_not.startswith("is built for") else "python"
        kind = "missing" if one.why_not.startswith("is half") else kind
        yield Problem(kind=kind, subject=subject, place=candidate.path, text=one.why_not, repair=repair)
    for kind, path, text in file_problems(candidate, tick):
        place = os.path.normpath(os.path.join(candidate.path, path))
        yield Problem(kind=kind, subject=subject, place=place, text=text, repair=repair)


def file_problems(candidate: Candidate, tick: Tick = int) -> Iterator[tuple[str, str, str]]:
    """Yield kind, path and sentence of each difference between the files of a candidate and its RECORD.

    Bytecode is left out: Python writes and removes it as it likes. Of a flat install, what its RECORD does not list is
    not looked for, since it may be another distribution's, and paths may lead to the scripts.
    """
    if candidate.dist_info.endswith(".egg-info"):
        return  # these never had hashes
    record = f"{candidate.dist_info}/RECORD"
    try:
        listed = _listed(os.path.join(candidate.path, record))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        yield "record", record, f"has no readable RECORD ({reason}), so its files can't be checked"
        return
    for path, (digest, size) in listed.items():
        found = _outside(candidate, path) or _difference(candidate, path, digest, size, tick)
        if found:
            yield found[0], path, found[1]
        elif not digest and candidate.entry and path not in _without_hash(record):
            yield "record", path, f"{path} has no hash in its RECORD"
    if record not in listed:
        yield "record", record, "has a RECORD that does not name itself"
    if candidate.entry:
        for path in sorted(_files_in(candidate.path) - set(listed)):
            yield "unrecorded", path, f"{path} is not in its RECORD"


def _listed(record: str) -> dict[str, tuple[str, str]]:
    """Return hash and size by path of a RECORD, without directories and bytecode; raises OSError, csv.Error and so on."""
    listed: dict[str, tuple[str, str]] = {}
    with open(record, encoding="utf-8", newline="") as file:
        for row in filter(None, csv.reader(file)):
            path, digest, size = [*row, "", ""][:3]
            place = path.replace("\\", "/")
            if not is_bytecode(place) and not place.endswith("/"):
                listed[place] = digest, size
    return listed


def is_bytecode(path: str) -> bool:
    """Tell whether a path is that of bytecode which Python keeps beside the source."""
    return "__pycache__" in path.split("/") and path.endswith(".pyc")


def _without_hash(record: str) -> tuple[str, ...]:
    """Return the files that can't have a hash in a RECORD: itself, and what signs it (PEP 427)."""
    return record, f"{record}.jws", f"{record}.p7s"


def _outside(candidate: Candidate, path: str) -> tuple[str, str] | None:
    """Return the problem of a path that leads out of a versioned directory, by its text or by a link."""
    if not candidate.entry:
        return None
    top = os.path.realpath(candidate.path)
    if os.path.isabs(path) or "\0" in path or os.path.normpath(path).split(os.sep)[0] == "..":
        return "outside", f"its RECORD leads outside: {path}"
    real = os.path.realpath(os.path.join(candidate.path, path))
    if not real.startswith(top + os.sep):
        return "outside", f"{path} is a link that leads outside: {real}"
    return None


def _difference(candidate: Candidate, path: str, digest: str, size: str, tick: Tick) -> tuple[str, str] | None:
    full = os.path.join(candidate.path, path)
    try:
        status = os.stat(full)
        if size.isdigit() and int(size) != status.st_size:
            return "changed", f"{path} has {status.st_size} bytes, not the {size} of its RECORD"
        algorithm, _, expected = digest.partition("=")
        if not digest:
            return None
        if algorithm not in _HASHES:
            return "record", f"{path} has a hash in its RECORD that proves nothing: {algorithm}"
        if _digest(full, algorithm, tick) != expected.rstrip("="):
            return "changed", f"{path} does not have the hash of its RECORD"
    except FileNotFoundError:
        return "missing", f"{path} is in its RECORD, but is not there"
    except (OSError, ValueError) as error:
        return "missing", f"{path} can't be read: {getattr(error, 'strerror', None) or error}"
    return None


def _digest(path: str, algorithm: str, tick: Tick) -> str:
    """Return the hash of a file as a RECORD writes it; raises OSError."""
    state = hashlib.new(algorithm)
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            state.update(chunk)
            tick(len(chunk))
    return base64.urlsafe_b64encode(state.digest()).decode().rstrip("=")


def _files_in(directory: str) -> set[str]:
    found = set()
    for parent, folders, files in os.walk(directory):
        below = os.path.relpath(parent, directory)
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in (*files, *links):
            path = name if below == os.curdir else f"{below}/{name}".replace(os.sep, "/")
            if not is_bytecode(path):
                found.add(path)
    return found


def impostor_problem(impostor: Impostor) -> Problem | None:
    """Return what is wrong with a directory that looks like a version and is none; None for one without `.dist-info`.

    Anybody may call a directory of his own `notes-2/`. If it was a version once, its group's lock still names it.
    """
    if impostor.reason == "holds no .dist-info":
        return None
    place = os.path.join(impostor.site, impostor.entry)
    return Problem(kind="directory", subject=impostor.entry, place=place, text=impostor.reason, repair="")


def closure_problems(candidate: Candidate, requirements: Requirements) -> Iterator[Problem]:
    """Yield the requirements of a candidate that nothing installed meets."""
    for need in requirements.unmet(candidate):
        there = [other.version for other in requirements.offered.get(need.distribution, ())]
        but = f": only {', '.join(dict.fromkeys(there))} is there" if there else ""
        yield Problem(
            kind="requirement",
            subject=f"{candidate.distribution} {candidate.version}",
            place=candidate.path,
            text=f"requires {written(need)}, which nothing installed meets{but}",
            repair=f"{_pip()} {shlex.quote(need.requirement)}",
        )


def group_problems(inventory: Inventory, names: Iterable[str] | None = None) -> Iterator[Problem]:
    """Yield the members of groups whose directories are gone, of the distributions `names` or of all."""
    there = {(one.candidate.site, one.candidate.distribution, one.candidate.version) for one in inventory.installed}
    wanted = None if names is None else set(names)
    for place, locks in inventory.locks.items():
        for lock in locks:
            for distribution, version in lock.versions.items():
                if (place, distribution, version) in there or (wanted is not None and distribution not in wanted):
                    continue
                yield Problem(
                    kind="group",
                    subject=f"group {lock}",
                    place=lock.path,
                    text=f"has lost {distribution} {version}",
                    repair=f"{_pip_into(place)} {' '.join(map(shlex.quote, lock.roots))}",
                )


def repair_of(candidate: Candidate) -> str:
    """Return the command that puts a distribution back as it was."""
    requirement = shlex.quote(requirement_for(candidate))
    if not candidate.entry:
        return f"{python_command()} -m pip install --force-reinstall --no-deps {requirement}"
    exactly = shlex.quote(f"{candidate.distribution}==={candidate.version}")
    # Its groups stay as they are, and so does what their programs get: it comes back alone, in the same version.
    uninstall = f"{python_command()} -m versioned_import uninstall --yes --force --keep-locks {exactly}"
    if candidate.site != sysconfig.get_path("purelib"):
        uninstall += f" --site {shlex.quote(candidate.site)}"
    return f"{uninstall} && {_pip_into(candidate.site)} --no-deps {requirement}"


def _pip_into(site_directory: str) -> str:
    """Return the start of a command that installs into a site directory, as far as pip has a word for it."""
    users = site.ENABLE_USER_SITE and site_directory == site.getusersitepackages()
    return f"{_pip()} --user" if users else _pip()


def _pip() -> str:
    return f"{python_command()} -m versioned_import pip install --allow-multiple"
