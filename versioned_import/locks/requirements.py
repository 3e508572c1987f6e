"""A requirements file as lock: each line fixes a version by `==`, or is a URL or a path."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from versioned_import.locks.constraints import Said, common_hashes, fixed_version, said_by, said_here
from versioned_import.locks.direct import direct, looks_direct
from versioned_import.locks.files import one_hash
from versioned_import.locks.lock import Flat, Lock, Locked, Way
from versioned_import.locks.markers import Surroundings, UnreadableError
from versioned_import.locks.requirement_lines import FORMAT, Sources, lines
from versioned_import.locks.source import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from versioned_import.libraries.packaging.requirements import Requirement
    from versioned_import.locks.requirement_lines import Line


def read(path: str) -> Lock:
    """Read a requirements file and those that it names. Raises LockError, also for a line that fixes no version."""
    constraints: dict[str, list[Said]] = {}
    around = Surroundings(None, frozenset(), frozenset())
    wanted: list[Line] = []
    sources = Sources()
    for line in lines(path, sources):
        if line.constraint:
            _add_constraint(constraints, line, around)
        else:
            wanted.append(line)
    entries: list[Locked] = []
    for line in wanted:
        entry = _locked(line, constraints, around, path)
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


def _locked(line: Line, constraints: Mapping[str, Sequence[Said]], around: Surroundings, top: str) -> Locked:
    for hash_text in line.hashes:
        one_hash(line.table, "", hash_text)
    where = line.table.where if line.table.path == top else f"{line.table.path} {line.table.where}"
    if line.editable or looks_direct(line.text):
        entry = replace(direct(line), where=where)
        if entry.version and _holds(line, entry.marker, around):
            here = Said(None, entry.version, (), "here")
            fixed_version(line, entry.distribution, here, constraints.get(entry.distribution, ()))
        return entry
    wanted = _parsed(line)
    name = canonical(line.table, "", wanted.name)
    marker = line.table.checked_marker("", str(wanted.marker) if wanted.marker else "")
    here, others = said_here(line, wanted), constraints.get(name, ())
    # Where the line doesn't count, what is said against it doesn't either.
    against = others if _holds(line, marker, around) or not here.version else ()
    return Locked(
        distribution=name,
        version=fixed_version(line, name, here, against),
        marker=marker,
        hashes=common_hashes(line, name, here, others),
        where=where,
    )


def _add_constraint(constraints: dict[str, list[Said]], line: Line, around: Surroundings) -> None:
    """Note what a constraint says where it counts; of one that is a URL or a path nothing is noted."""
    if line.editable or looks_direct(line.text):
        return
    wanted = _parsed(line)
    said = said_by(line, wanted)
    if wanted.marker is None or _holds(line, str(wanted.marker), around):
        constraints.setdefault(canonical(line.table, "", wanted.name), []).append(said)


def _holds(line: Line, marker: str, around: Surroundings) -> bool:
    try:
        return around.hold(marker)
    except UnreadableError as error:
        raise line.table.error("", f"the marker {marker!r} can't be evaluated: {error}") from None


def _parsed(line: Line) -> Requirement:
    from versioned_import.libraries.packaging.requirements import InvalidRequirement, Requirement

    try:
        return Requirement(line.text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        raise line.table.error("", f"{line.text!r} is no requirement: {reason}") from None


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
