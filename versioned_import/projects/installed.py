"""Which installed candidate is each locked distribution, and what is missing."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from versioned_import.install.engine import hashes_of
from versioned_import.install.origins import origin_of
from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.metadata.direct_url import direct_url, directory_of
from versioned_import.metadata.editable import project_directory
from versioned_import.metadata.fits import misfit
from versioned_import.metadata.layout import is_still_there
from versioned_import.resolver.specifiers import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from versioned_import.locks.lock import Locked
    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.metadata.catalogue import Catalogue

_MOST_VERSIONS = 4


@dataclass(frozen=True, slots=True)
class Missing:
    """A locked distribution that is not there, and why what is there doesn't count."""

    locked: Locked
    why: str

    def __str__(self) -> str:
        return f"{self.locked.distribution} {self.locked.version}".rstrip() + f": {self.why}"


@dataclass(frozen=True, slots=True)
class Survey:
    """The candidates of what is locked, by distribution, and what is missing."""

    found: dict[CanonicalName, Candidate] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)


def survey(locked: Iterable[Locked], sites: Sequence[str]) -> Survey:
    """Return what is installed of some locked distributions, in the order of the search path; members are left out.

    A flat install of the locked version counts where the same directory has no versioned directory of it.
    """
    catalogues = [catalogue for site in sites if (catalogue := open_catalogue(site)) is not None]
    result = Survey()
    for one in locked:
        if one.editable and one.directory:
            continue
        candidate, why = _look(one, catalogues)
        if candidate is None:
            result.missing.append(Missing(one, why))
        else:
            result.found[candidate.distribution] = candidate
    return result


def _look(locked: Locked, catalogues: Iterable[Catalogue]) -> tuple[Candidate | None, str]:
    """Return the first candidate that is what the lock names, or why there is none."""
    versions: list[str] = []
    reasons: list[str] = []
    for catalogue in catalogues:
        for candidate in sorted(catalogue.by_distribution(locked.distribution), key=lambda one: not one.entry):
            if locked.version and sort_key(candidate.version) != sort_key(locked.version):
                versions.append(f"{candidate.version} in {candidate.place}")
                continue
            reason = "half deleted: its metadata is gone" if not is_still_there(candidate) else misfit(candidate)
            reason = reason or _other_file(locked, candidate)
            if not reason:
                return candidate, ""
            reasons.append(f"{candidate.place} {reason}")
        reasons += [f"{catalogue.site}/{entry} {why}" for entry, why in catalogue.passed_over(locked.distribution)]
    if reasons:
        return None, "; ".join(reasons)
    more = f" and {len(versions) - _MOST_VERSIONS} more" if len(versions) > _MOST_VERSIONS else ""
    return (
        None,
        f"not installed; there is {', '.join(versions[:_MOST_VERSIONS])}{more}" if versions else "not installed",
    )


def _other_file(locked: Locked, candidate: Candidate) -> str:
    """Return a sentence's end if a candidate was made from something else than what the lock names; "" if none is known."""
    project = project_directory(candidate)
    if project:
        return f"is an editable install of {project}, which is no file of the lock"
    if locked.directory:
        place = directory_of(candidate.metadata_directory)
        same = place == os.path.realpath(locked.directory)
        return (
            ""
            if same
            else f"was {f'built from {place}' if place else 'not built from a directory'}, the lock has {locked.directory}"
        )
    direct = direct_url(candidate.metadata_directory) or {}
    if locked.vcs is not None:
        commit = str(direct.get("vcs_info", {}).get("commit_id", ""))
        if commit != locked.vcs.commit:
            return f"is of {f'commit {commit}' if commit else 'no known commit'}, the lock has {locked.vcs.commit}"
        return ""
    if "vcs_info" in direct or "dir_info" in direct:
        return f"was installed from {direct.get('url')}, which the lock doesn't name"
    wanted = _hashes(locked)
    if wanted:
        origin = origin_of(candidate.site, candidate.entry) if candidate.entry else None
        known = hashes_of(origin.download if origin is not None else direct)
        for kind, value in known.items():
            if kind in wanted and value.lower() not in wanted[kind]:
                return f"was installed from a file with {kind} {value}, which is none of the lock's"
    return ""


def _hashes(locked: Locked) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for text in locked.hashes:
        kind, _, value = text.partition(":")
        found.setdefault(kind, set()).add(value.lower())
    for file in (*locked.wheels, *filter(None, (locked.sdist, locked.archive))):
        for kind, value in file.hashes.items():
            found.setdefault(kind, set()).add(value.lower())
    return found
