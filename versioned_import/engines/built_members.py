"""Editable members of a project: built below the site directory, each in a directory that no other project shares."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from versioned_import.engines.locked_files import build_editable
from versioned_import.errors import InstallError
from versioned_import.install.staging import exclusive
from versioned_import.metadata.layout import NotACandidate, read_flat
from versioned_import.projects.members import SOURCES_NOTE, editable_place, sources_note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from versioned_import.engines.sync import Progress
    from versioned_import.locks.lock import Locked


@dataclass(slots=True)
class Built:
    """Members that are built in a staging directory; `members` are name, version and final place."""

    site: str
    directory: str
    members: list[tuple[str, str, str]] = field(default_factory=list)
    moves: list[tuple[str, str]] = field(default_factory=list)

    def land(self) -> None:
        """Put all in place of what was there; a process that is killed meanwhile leaves a member that isn't built."""
        if not self.moves:
            return
        with exclusive(self.site):
            for number, (path, place) in enumerate(self.moves):
                try:
                    os.makedirs(os.path.dirname(place), 0o755, exist_ok=True)
                    if os.path.lexists(place):
                        os.rename(place, os.path.join(self.directory, f"old-{number}"))
                    os.rename(path, place)
                except OSError as error:
                    raise InstallError(place, f"it can't be put in place: {error.strerror}", "") from None


def build_members(
    members: Sequence[Locked],
    site: str,
    directory: str,
    words: Sequence[str],
    environ: Mapping[str, str],
    telling: Progress,
) -> Built:
    """Build editable members in `directory`, which is made here, for a site directory. Raises InstallError."""
    built = Built(site, directory)
    if members:
        os.mkdir(directory, 0o755)
        telling.begin("building editable members", len(members))
    for locked in members:
        place = editable_place(site, locked)
        path = os.path.join(directory, os.path.basename(place))
        note = sources_note(locked)  # before: what changes meanwhile counts as changed
        build_editable(locked, path, words, environ)
        with open(os.path.join(path, SOURCES_NOTE), "w", encoding="utf-8") as file:
            file.write(note)
        built.members.append((str(locked.distribution), _version(path, locked), place))
        built.moves.append((path, place))
        telling.step()
    return built


def _version(path: str, locked: Locked) -> str:
    infos = [name for name in os.listdir(path) if name.endswith(".dist-info")]
    request = f"{locked.distribution} in {locked.directory}"
    if len(infos) != 1:
        raise InstallError(request, f"its editable install has {len(infos)} .dist-info directories, not one", "")
    try:
        candidate = read_flat(path, infos[0], 0)
    except NotACandidate as doubt:
        raise InstallError(request, f"its editable install {doubt}", "") from None
    if str(candidate.distribution) != str(locked.distribution):
        raise InstallError(request, f"the project there is {candidate.distribution}", "Lock again.")
    return candidate.version
