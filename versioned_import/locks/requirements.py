"""A requirements file as lock: each line fixes a version by `==`, or is a URL or a path."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from versioned_import.locks.direct import direct, looks_direct
from versioned_import.locks.files import one_hash
from versioned_import.locks.lock import Flat, Lock, Locked, Way
from versioned_import.locks.requirement_lines import FORMAT, Sources, lines
from versioned_import.locks.source import canonical, normal_version

if TYPE_CHECKING:
    from versioned_import.libraries.packaging.requirements import Requirement
    from versioned_import.locks.requirement_lines import Line

_FIXING = ("==", "===")


@dataclass(slots=True)
class _Constraint:
    version: str
    hashes: tuple[str, ...]
    where: str


def read(path: str) -> Lock:
    """Read a requirements file and those that it names. Raises LockError, also for a line that fixes no version."""
    constraints: dict[str, _Constraint] = {}
    wanted: list[Line] = []
    sources = Sources()
    for line in lines(path, sources):
        if line.constraint:
            _add_constraint(constraints, line)
        else:
            wanted.append(line)
    entries: list[Locked] = []
    for line in wanted:
        entry = _locked(line, constraints, path)
        # What stands twice, word for word, as where two files name each other's requirements, counts once.
        if not any(replace(one, where=entry.where) == entry for one in entries):
            entries.append(entry)
    _check_hashes(entries, wanted)
    return Lock(
        path=path,
        format=FORMAT,
        packages=tuple(entries),
        members={one.distribution: one.directory for one in entries if one.directory},
        files=tuple(sorted(sources.files - {path})),
        variables=tuple(sorted(sources.variables)),
        choice=Flat(tuple((one, (Way(marker=one.marker),)) for one in entries)),
    )


def is_complete(lock: Lock) -> bool:
    """Tell whether every requirement carries hashes, so that a tool wrote the file and nothing is left out of it."""
    return bool(lock.packages) and all(
        one.hashes or (one.archive is not None and one.archive.hashes) for one in lock.packages
    )


def _locked(line: Line, constraints: dict[str, _Constraint], top: str) -> Locked:
    for hash_text in line.hashes:
        one_hash(line.table, "", hash_text)
    where = line.table.where if line.table.path == top else f"{line.table.path} {line.table.where}"
    if line.editable or looks_direct(line.text):
        return replace(direct(line), where=where)
    wanted = _parsed(line)
    name = canonical(line.table, "", wanted.name)
    version = _fixed(line, wanted)
    constraint = constraints.get(name)
    if constraint and version and constraint.version != version:
        raise line.table.error("", f"{name} is {version} here and {constraint.version} in {constraint.where}")
    if not version and not constraint:
        reason = f"{line.text!r} fixes no version, so the file is no lock"
        raise line.table.error("", reason)
    return Locked(
        distribution=name,
        version=version or (constraint.version if constraint else ""),
        marker=line.table.checked_marker("", str(wanted.marker) if wanted.marker else ""),
        hashes=line.hashes or (constraint.hashes if constraint else ()),
        where=where,
    )


def _add_constraint(constraints: dict[str, _Constraint], line: Line) -> None:
    """Note what a constraint fixes; one that only narrows, or is a path, fixes nothing."""
    if line.editable or looks_direct(line.text):
        return
    wanted = _parsed(line)
    version = _fixed(line, wanted)
    if version and wanted.marker is None:
        name = canonical(line.table, "", wanted.name)
        constraints[name] = _Constraint(version, line.hashes, f"{line.table.path}, {line.table.where}")


def _parsed(line: Line) -> Requirement:
    from versioned_import.libraries.packaging.requirements import InvalidRequirement, Requirement

    try:
        return Requirement(line.text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        raise line.table.error("", f"{line.text!r} is no requirement: {reason}") from None


def _fixed(line: Line, wanted: Requirement) -> str:
    """Return the version that a requirement fixes, "" when it leaves a choice."""
    fixing = [one.version for one in wanted.specifier if one.operator in _FIXING and not one.version.endswith(".*")]
    if not fixing:
        return ""
    version = normal_version(line.table, "", fixing[0])
    if not wanted.specifier.contains(version, prereleases=True):
        raise line.table.error("", f"no version is {wanted.specifier}")
    return version


def _check_hashes(entries: list[Locked], wanted: list[Line]) -> None:
    """See to it that all fixed versions have hashes where one has: one without may be cut off, and pip refuses it too."""
    if not any(one.hashes for one in entries):
        return
    names = {one.distribution for one in entries if one.version and not one.hashes and not one.archive}
    for line in wanted:
        name = re.split(r"[\[\s=<>!~;@]", line.text, maxsplit=1)[0]
        if not line.editable and not line.hashes and not looks_direct(line.text):
            found = canonical(line.table, "", name)
            if found in names:
                raise line.table.error("", f"{found} has no hash, others have, or only half of the file is written")
