"""Members: the project's own package and other directories of sources that a lock names, where they come from.

`versioned-import sync` builds an editable member into a directory of its own below the site directory, which then holds
what `pip install --target` leaves of it: a `.dist-info`, and .pth files or a finder that lead to the sources.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from versioned_import.metadata.editable import directories_of_editable
from versioned_import.metadata.layout import NotACandidate, canonical, read_flat
from versioned_import.metadata.places import OWN_DIRECTORY, changed_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from versioned_import.locks.lock import Lock, Locked
    from versioned_import.metadata.candidate import Candidate

SOURCES_NOTE = ".built-from"
"""The file in a built editable that says what it was built from."""

_BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True, slots=True)
class Member:
    """A directory of sources. `candidate` is its built metadata, if there is any; `paths` are where its modules are."""

    name: str
    directory: str
    locked: Locked | None
    candidate: Candidate | None
    paths: tuple[str, ...]


def members_of(lock: Lock, locked: Iterable[Locked], sites: Sequence[str]) -> list[Member]:
    """Return the members that are chosen, and the project in the lock's own directory, which comes first.

    Without a built editable the directory `src`, or the member's own, is the path.
    """
    found: dict[str, Member] = {}
    chosen = {os.path.realpath(one.directory): one for one in locked if one.editable and one.directory}
    home = os.path.realpath(os.path.dirname(lock.path))
    for name, directory in lock.members.items():
        if os.path.realpath(directory) == home and home not in chosen:
            found[home] = Member(name, home, None, None, (_source_directory(home),))
    for place, one in sorted(chosen.items(), key=lambda item: (item[0] != home, item[0])):
        candidate = built(one, sites)
        paths = directories_of_editable(candidate.site) if candidate is not None else []
        own = tuple(paths) or (_source_directory(place),)
        found[place] = Member(str(one.distribution), place, one, candidate, own)
    return list(found.values())


def editable_place(site: str, locked: Locked) -> str:
    """Return where in a site directory the editable member is built."""
    path = os.path.realpath(locked.directory)
    mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    return os.path.join(site, OWN_DIRECTORY, "editables", f"{locked.distribution}-{mark}")


def built(locked: Locked, sites: Iterable[str]) -> Candidate | None:
    """Return the metadata of a built editable member, from the first site directory that has it."""
    for site in sites:
        place = editable_place(site, locked)
        try:
            infos = [name for name in os.listdir(place) if name.endswith(".dist-info")]
            if len(infos) == 1 and str(canonical(infos[0].partition("-")[0])) == locked.distribution:
                return read_flat(place, infos[0], changed_at(os.stat(os.path.join(place, infos[0]))))
        except (OSError, NotACandidate):
            continue
    return None


def why_not_built(locked: Locked, sites: Iterable[str]) -> str:
    """Return why an editable member has to be built (again), or ""."""
    candidate = built(locked, sites)
    if candidate is None:
        return "its editable install is not built"
    try:
        with open(os.path.join(candidate.site, SOURCES_NOTE), encoding="utf-8") as file:
            note = file.read()
    except (OSError, ValueError):
        note = ""
    return "" if note == sources_note(locked) else "its project's settings have changed since it was built"


def sources_note(locked: Locked) -> str:
    """Return what a built editable depends on, as text: the directory, and the files that say how it is built."""
    lines = [os.path.realpath(locked.directory)]
    for name in _BUILD_FILES:
        try:
            with open(os.path.join(locked.directory, name), "rb") as file:
                lines.append(f"{name} {hashlib.file_digest(file, 'sha256').hexdigest()}")
        except OSError:
            continue
    return "".join(f"{line}\n" for line in lines)


def _source_directory(directory: str) -> str:
    sources = os.path.join(directory, "src")
    return sources if os.path.isdir(sources) else directory
