"""What constraints files (`-c`) say of the lines of a requirements file: they fix versions, and must not contradict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from versioned_import.locks.source import normal_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.libraries.packaging.requirements import Requirement
    from versioned_import.libraries.packaging.specifiers import SpecifierSet
    from versioned_import.locks.requirement_lines import Line

_FIXING = ("==", "===")


@dataclass(frozen=True, slots=True)
class Said:
    """What one line says of a distribution; `version` is what it fixes, "" for none; `where` ends a sentence."""

    specifiers: SpecifierSet | None
    version: str
    hashes: tuple[str, ...]
    where: str

    def allows(self, version: str) -> bool:
        """Tell whether a version will do, pre-releases included."""
        return self.specifiers is None or self.specifiers.contains(version, prereleases=True)


def said_here(line: Line, wanted: Requirement) -> Said:
    """Return what a requirement says. Raises LockError if it contradicts itself."""
    return Said(wanted.specifier, _fixed(line, wanted), line.hashes, "here")


def said_by(line: Line, wanted: Requirement) -> Said:
    """Return what a constraint says; one with a marker fixes nothing. Raises LockError if it contradicts itself."""
    version = "" if wanted.marker else _fixed(line, wanted)
    return Said(wanted.specifier, version, line.hashes, f"in {line.table.path}, {line.table.where}")


def fixed_version(line: Line, name: str, here: Said, others: Sequence[Said]) -> str:
    """Return the version that a line and the constraints on it fix together. Raises LockError if there is none."""
    fixing = [here] if here.version else [one for one in others if one.version]
    if not fixing:
        raise line.table.error("", f"{line.text!r} fixes no version, so the file is no lock")
    for one in fixing:
        if all(other.allows(one.version) for other in (here, *others)):
            return one.version
    first = fixing[0]
    other = next(one for one in (here, *others) if not one.allows(first.version))
    raise line.table.error("", _contradiction(name, first, other))


def common_hashes(line: Line, name: str, here: Said, others: Sequence[Said]) -> tuple[str, ...]:
    """Return the hashes that a line and the constraints on it allow, () where none of them has any. Raises LockError."""
    hashed = [one for one in (here, *others) if one.hashes]
    if not hashed:
        return ()
    common = tuple(text for text in hashed[0].hashes if all(text in one.hashes for one in hashed))
    if not common:
        raise line.table.error("", f"{name} has other hashes {' than '.join(one.where for one in hashed)}")
    return common


def _contradiction(name: str, one: Said, other: Said) -> str:
    if other.version:
        return f"{name} is {one.version} {one.where} and {other.version} {other.where}"
    return f"{name} is {one.version} {one.where}, and {name}{other.specifiers} is asked for {other.where}"


def _fixed(line: Line, wanted: Requirement) -> str:
    """Return the version that a requirement fixes, "" when it leaves a choice."""
    fixing = [one.version for one in wanted.specifier if one.operator in _FIXING and not one.version.endswith(".*")]
    if not fixing:
        return ""
    version = normal_version(line.table, "", fixing[0])
    if not wanted.specifier.contains(version, prereleases=True):
        raise line.table.error("", f"no version is {wanted.specifier}")
    return version
