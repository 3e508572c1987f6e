"""What an export is made of: one distribution at one place, and what of it goes where."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from versioned_import.metadata.files import read_text
from versioned_import.metadata.layout import canonical
from versioned_import.metadata.names import names_from_listing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from versioned_import.metadata.candidate import Candidate
    from versioned_import.projects.plan import Project


@dataclass(frozen=True, slots=True)
class Part:
    """One distribution of a project. `paths` are directories that a member adds to `sys.path` where no candidate does."""

    distribution: str
    version: str
    candidate: Candidate | None
    paths: tuple[str, ...] = ()


def parts_of(project: Project) -> list[Part]:
    """Return the distributions of a project, by name."""
    parts = [Part(str(name), one.version, one) for name, one in project.candidates.items()]
    parts += [
        Part(canonical(one.name), one.locked.version if one.locked is not None else "", None, one.paths)
        for one in project.members
        if one.candidate is None
    ]
    return sorted(parts, key=lambda part: part.distribution)


def namespaces_of(candidate: Candidate) -> set[str]:
    """Return the namespace packages of a candidate, as relative paths: other distributions may have portions of them."""
    found: set[str] = set()
    for name in candidate.names:
        above = name.split(".")[:-1]
        found.update(os.path.join(*above[:size]) for size in range(1, len(above) + 1))
    return found


def recorded(candidate: Candidate) -> list[str] | None:
    """Return the paths of a candidate's RECORD, relative to where its metadata stands; None if it has none."""
    text = read_text(os.path.join(candidate.metadata_directory, "RECORD"))
    if text is None:
        return None
    try:
        return [row[0].replace("\\", "/") for row in csv.reader(text.splitlines()) if row]
    except csv.Error:
        return None


def top_levels(candidate: Candidate, paths: Iterable[str]) -> list[str]:
    """Return the top-level import names of a candidate, for metadata that doesn't say them."""
    loose = {path.partition("/")[0] for path in paths if path.endswith((".py", ".pyi", ".so", ".pyd"))}
    return sorted(set(candidate.tops) | set(names_from_listing(candidate.path, loose) if candidate.entry else ()))
