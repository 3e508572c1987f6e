"""Where each versioned directory came from, noted when it landed: what was asked for later may be another file.

A note holds the hash of the directory's RECORD, so it never speaks for other contents, however they came there.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from versioned_import.errors import InstallError
from versioned_import.install.engine import hashes_of
from versioned_import.install.passwords import without_password
from versioned_import.install.whole_files import write_whole
from versioned_import.metadata.places import OWN_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from versioned_import.install.engine import Planned, Staged


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a distribution's file came from; both as in Planned."""

    download: Mapping[str, Any]
    is_direct: bool

    def __str__(self) -> str:
        hashes = "".join(f" ({kind}:{value})" for kind, value in sorted(hashes_of(self.download).items()))
        commit = self.download.get("vcs_info", {}).get("commit_id", "")
        below = self.download.get("subdirectory", "")
        where = f"{f' at {commit}' if commit else ''}{f' in {below}/' if below else ''}"
        return f"{without_password(str(self.download.get('url', '')))}{where}{hashes}"


def origin_of(site: str, directory: str) -> Origin | None:
    """Return where a versioned directory came from; None if nobody knows."""
    try:
        with open(_note(site, directory), encoding="utf-8") as file:
            note = json.load(file)
        if note["record"] != _hash_of_record(os.path.join(site, directory)):
            return None
        download = note["download"]
        tables = [download, *(download.get(key, {}) for key in ("archive_info", "vcs_info", "dir_info"))]
        if not all(isinstance(table, dict) for table in tables):
            return None
        return Origin(download, bool(note["is_direct"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def note_origin(site: str, staged: Staged) -> None:
    """Note where a distribution comes from that is about to land. Raises OSError."""
    path = _note(site, staged.directory)
    os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
    download = {**staged.download, "url": without_password(str(staged.download.get("url", "")))}
    note = {"record": _hash_of_record(staged.path), "download": download, "is_direct": staged.is_direct}
    write_whole(path, json.dumps(note, sort_keys=True))


def forget_origins(site: str, directories: Iterable[str]) -> None:
    """Remove the notes on versioned directories that are not there (any more)."""
    for directory in directories:
        with suppress(OSError):
            if not os.path.lexists(os.path.join(site, directory)):
                os.unlink(_note(site, directory))


def difference(wanted: Planned, origin: Origin | None, *, landing: bool, hashed: bool) -> str:
    """Return a sentence if a versioned directory is from another file than the one asked for; "" if none is known.

    `landing` says that it is about to land, so its hash was checked. Raises InstallError in hash-checking mode (`hashed`)
    if they differ, or if what is there may be any file.
    """
    asked = Origin(wanted.download, wanted.is_direct)
    same = origin and _is_same(asked.download, origin.download)
    if same or (same is None and (landing or not hashed)):
        return ""
    name = f"{wanted.name} {wanted.version}"
    if not hashed:
        kept = "" if landing else " and stays as it is"
        return f"{name}: {wanted.directory}/ is from {origin}{kept}; what was asked for is {asked}"
    if landing:
        reason = f"two files of it were asked for, {origin} and {asked}, and one directory takes one of them"
        raise InstallError(name, reason, "Ask for one of the two.")
    reason = f"nobody knows from which file {wanted.directory}/ is, so its hash can't be checked"
    if same is not None:
        reason = f"{wanted.directory}/ is there already and is from {origin}, not from {asked}"
    raise InstallError(name, reason, f"Remove it first: versioned-import uninstall {wanted.name}=={wanted.version}")


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool | None:
    """Compare two downloads by their hashes, or their commits, and subdirectories; None if they have none of the same kind."""
    is_below = one.get("subdirectory", "") == other.get("subdirectory", "")
    hashes, others = hashes_of(one), hashes_of(other)
    kinds = hashes.keys() & others.keys()
    if kinds:
        return is_below and all(hashes[kind].lower() == others[kind].lower() for kind in kinds)
    commits = [download.get("vcs_info", {}).get("commit_id") for download in (one, other)]
    return is_below and commits[0] == commits[1] if all(commits) else None


def _note(site: str, directory: str) -> str:
    return os.path.join(site, OWN_DIRECTORY, "origins", f"{directory}.json")


def _hash_of_record(path: str) -> str:
    info = next((name for name in sorted(os.listdir(path)) if name.endswith(".dist-info")), "")
    with open(os.path.join(path, info, "RECORD"), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
