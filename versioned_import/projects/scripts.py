"""The console scripts, GUI scripts and script files of locked distributions, and who else has one of a name."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from versioned_import.errors import InstallError
from versioned_import.install.launchers import entry_points_of, recorded_script_files
from versioned_import.metadata.layout import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from versioned_import.projects.kept import Plan

_MOST = 12
_CLOSE = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectScript:
    """A script of a locked distribution: `target` is `module:attribute` of an entry point, else `path` is its file."""

    name: str
    distribution: str
    metadata: str
    """The metadata directory of the distribution."""
    target: str = ""
    path: str = ""

    @property
    def owner(self) -> str:
        """The distribution and its version, for a sentence."""
        return f"{self.distribution} {version_in(self.metadata)}".rstrip()


def find_script(plan: Plan, name: str, distribution: str = "") -> ProjectScript:
    """Return the script of that name, of any locked distribution or of one.

    Where several have it, it is that of the distribution which is called like it. Raises InstallError that says what is
    there instead, or names the distributions among which the choice has to be made.
    """
    wanted = canonical(distribution)
    places = metadata_of(plan)
    if wanted and wanted not in places:
        raise InstallError(distribution, f"is not in the lock {plan.lock}", _names("locked are", sorted(places)))
    for owner in [wanted] if wanted else [canonical(name)]:
        for script in scripts_of(owner, places[owner]) if owner in places else ():
            if script.name == name:
                return script
    every = [] if wanted else [one for owner, info in places.items() for one in scripts_of(owner, info)]
    found = [one for one in every if one.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        first, *_ = sorted(one.distribution for one in found)
        reason = (
            f"{len(found)} locked distributions have a script of that name: {', '.join(one.owner for one in found)}"
        )
        raise InstallError(name, reason, f"say which one is meant: versioned-import run --from {first} {name}")
    if wanted:
        own = scripts_of(wanted, places[wanted])
        reason = f"{wanted} {version_in(places[wanted])} has no script of that name"
        raise InstallError(name, reason, _names("it has", [one.name for one in own]) if own else "it has none at all")
    raise InstallError(
        name, f"no distribution of the lock {plan.lock} has a script of that name", _advice(plan, name, every)
    )


def metadata_of(plan: Plan) -> dict[str, str]:
    """Return the metadata directory of each locked distribution."""
    return plan.unpacked()[1]


def scripts_of(distribution: str, metadata: str) -> list[ProjectScript]:
    """Return the scripts of an installed distribution, by name: those of its entry points, and its script files."""
    files = _files_beside(metadata) or recorded_script_files(os.path.dirname(metadata), metadata)
    found = {
        name: ProjectScript(name=name, distribution=distribution, metadata=metadata, path=path)
        for name, path in files.items()
    }
    for name, target in entry_points_of(metadata).items():
        found[name] = ProjectScript(name=name, distribution=distribution, metadata=metadata, target=target)
    return [found[name] for name in sorted(found)]


def _files_beside(metadata: str) -> dict[str, str]:
    """Return the script files that a versioned directory keeps as the wheel has them: name to path."""
    place = f"{metadata.removesuffix('.dist-info')}.data{os.sep}scripts"
    return {name: os.path.join(place, name) for name in os.listdir(place)} if os.path.isdir(place) else {}


def version_in(metadata: str) -> str:
    """Return the version that a metadata directory says."""
    from importlib.metadata import PathDistribution
    from pathlib import Path

    try:
        return PathDistribution(Path(metadata)).version or ""
    except (OSError, KeyError, UnicodeDecodeError):
        return ""


def _advice(plan: Plan, name: str, every: Sequence[ProjectScript]) -> str:
    """Return what may have been meant, one thing a line."""
    lines = []
    places = metadata_of(plan)
    close = set(difflib.get_close_matches(name, [one.name for one in every], n=3, cutoff=_CLOSE))
    close |= {one.name for one in every if name and one.name.casefold() == name.casefold()}
    if close:
        lines.append(_names("there is", [f"{one.name} of {one.owner}" for one in every if one.name in close]))
    own = canonical(name)
    if own in places:
        scripts = [one.name for one in every if one.distribution == own]
        has = f"its scripts are {', '.join(scripts)}" if scripts else "it has no scripts"
        lines.append(f"{own} {version_in(places[own])} is locked; {has}")
    lines += (f"{text} has it, but is not in the lock" for text in _installed_with(plan, name))
    if not lines:
        lines.append(_names("the scripts of the lock are", [one.name for one in every]) if every else "none has any")
    return "\n  ".join(lines)


def _installed_with(plan: Plan, name: str) -> Iterator[str]:
    """Yield who has a script of a name among what is installed and not used, the one of that name first."""
    from versioned_import.metadata.catalogue import open_catalogue
    from versioned_import.resolver.search_path import search_path

    used = {os.path.realpath(info) for info in metadata_of(plan).values()}
    for catalogue in filter(None, map(open_catalogue, search_path())):
        for candidate in catalogue.everything():
            info = candidate.metadata_directory
            if os.path.realpath(info) in used:
                continue
            if name in (one.name for one in scripts_of(candidate.distribution, info)):
                yield f"{candidate.distribution} {candidate.version} in {candidate.place}"


def _names(head: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{head} {', '.join(names[:_MOST])}{more}"
