"""Reading what stands in a site directory: one versioned directory or one flat install at a time."""

from __future__ import annotations

import os
import re

from versioned_import.metadata.candidate import Candidate, is_storable
from versioned_import.metadata.files import is_directory, is_file, listing, read_text, status
from versioned_import.metadata.names import import_names, names_from_listing, names_from_record
from versioned_import.metadata.places import changed_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

    from versioned_import.metadata.candidate import CanonicalName


class NotACandidate(Exception):  # noqa: N818 it never leaves this folder
    """Why a directory is passed over; the argument is the sentence's second half."""


def canonical(name: str) -> CanonicalName:
    """Return a distribution's name in the one form in which names are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()  # type: ignore[return-value]


def normal_version(text: str) -> str:
    """Return a version in PEP 440's normal form; text that is no version comes back as it is (only `===` finds it)."""
    from versioned_import.libraries.packaging.version import InvalidVersion, Version

    try:
        return str(Version(text))
    except InvalidVersion:
        return text


def read_versioned(site: str, entry: str, changed: int) -> Candidate:
    """Return the candidate in the versioned directory `entry`. Raises NotACandidate where there is any doubt.

    The one `.dist-info` inside is the authority; the directory's own name must say the same.
    """
    path = os.path.join(site, entry)
    try:
        inside = listing(path)
    except OSError as error:
        raise NotACandidate(f"can't be read: {error.strerror}") from None
    found = [name for name in inside if name.endswith(".dist-info")]
    if len(found) != 1:
        raise NotACandidate("holds no .dist-info" if not found else f"holds {len(found)} .dist-info directories")
    metadata = _headers(os.path.join(path, found[0], "METADATA"))
    distribution, version = _name_and_version(metadata, found[0])
    name, _, written = entry.rpartition("-")
    if canonical(name) != distribution or normal_version(written) != version:
        raise NotACandidate(f"is called {entry}, but its metadata says {distribution} {version}")
    record = read_text(os.path.join(path, found[0], "RECORD"))
    names = names_from_record(record, path) if record is not None else names_from_listing(path, inside)
    wheel = _headers(os.path.join(path, found[0], "WHEEL"), required=False)
    return _checked(
        Candidate(
            site=site,
            entry=entry,
            dist_info=found[0],
            distribution=distribution,
            version=version,
            names=names,
            requires_python=str(metadata.get("Requires-Python", "")),
            tags=tuple(map(str, wheel.get_all("Tag", ()))),
            changed=changed,
        )
    )


def read_flat(site: str, dist_info: str, changed: int) -> Candidate:
    """Return the candidate of a flat install by its `.dist-info`, `.egg-info` or `.egg-link`; raises NotACandidate."""
    info = os.path.join(site, dist_info)
    if dist_info.endswith(".egg-link"):
        return _read_linked(site, dist_info)
    if dist_info.endswith(".dist-info"):
        metadata = _headers(os.path.join(info, "METADATA"))
    else:
        metadata = _headers(os.path.join(info, "PKG-INFO") if is_directory(info) else info)
    identity = _name_and_version(metadata, dist_info)
    return _flat(site, dist_info, identity, metadata, import_names(info, identity[0]), changed)


def _flat(
    site: str, source: str, identity: tuple[CanonicalName, str], metadata: Message, names: tuple[str, ...], changed: int
) -> Candidate:
    """Return the candidate of a flat install; `source` is the name of what stands for it in the site directory."""
    return _checked(
        Candidate(
            site=site,
            entry="",
            dist_info=source,
            distribution=identity[0],
            version=identity[1],
            names=names,
            requires_python=str(metadata.get("Requires-Python", "")),
            changed=changed,
        )
    )


def _read_linked(site: str, link: str) -> Candidate:
    """Return the candidate of an `.egg-link` file, whose metadata stands in the project's directory."""
    from versioned_import.metadata.editable import linked_metadata, names_of_linked

    info = linked_metadata(os.path.join(site, link))
    metadata = _headers(os.path.join(info, "PKG-INFO"))
    identity = _name_and_version(metadata, link)
    return _flat(
        site, link, identity, metadata, names_of_linked(info), changed_at(os.stat(os.path.join(info, "PKG-INFO")))
    )


def is_still_there(candidate: Candidate) -> bool:
    """Tell whether the disk still has what a catalogue says: no cache is trusted over it."""
    info = candidate.metadata_directory
    if candidate.dist_info.endswith(".egg-link"):
        return os.path.isfile(f"{info}/PKG-INFO") and not is_outdated(candidate)
    return any(map(is_file, (f"{info}/METADATA", f"{info}/PKG-INFO", info)))


def is_outdated(candidate: Candidate) -> bool:
    """Tell whether the metadata that an `.egg-link` leads to has changed: that leaves no mark on the site directory."""
    try:
        return changed_at(status(f"{candidate.metadata_directory}/PKG-INFO")) != candidate.changed
    except OSError:
        return True


def requirements_of(candidate: Candidate) -> list[str]:
    """Return the Requires-Dist lines of a candidate; for an `.egg-info` without them those of its requires.txt.

    Raises NotACandidate if the metadata is gone.
    """
    info = candidate.metadata_directory
    if not info.endswith(".egg-info"):
        return _required(os.path.join(info, "METADATA"))
    listed = _required(os.path.join(info, "PKG-INFO") if is_directory(info) else info)
    return listed or list(_lines_with_markers(read_text(os.path.join(info, "requires.txt")) or ""))


def _required(metadata: str) -> list[str]:
    return list(map(str, _headers(metadata).get_all("Requires-Dist", ())))


def _lines_with_markers(text: str) -> Iterator[str]:
    """Yield the requirements of a requires.txt; its sections `[extra]`, `[:marker]` and `[extra:marker]` become markers."""
    extra = marker = ""
    for line in filter(None, map(str.strip, text.split("\n"))):
        if line.startswith("[") and line.endswith("]"):
            extra, _, marker = line[1:-1].partition(":")
        elif not line.startswith("#"):
            requirement, _, own = line.partition(";")
            conditions = [f"({one.strip()})" for one in (own, marker) if one.strip()]
            conditions += [f'extra == "{extra}"'] if extra else []
            end = " " if "@" in requirement else ""  # else a URL would go on
            yield f"{requirement.strip()}{end}; {' and '.join(conditions)}" if conditions else line


def _checked(candidate: Candidate) -> Candidate:
    if not is_storable(candidate):
        raise NotACandidate("has metadata that isn't plain text")
    return candidate


def _name_and_version(metadata: Message, dist_info: str) -> tuple[CanonicalName, str]:
    name, version = metadata.get("Name"), metadata.get("Version")
    if not name or not version:
        raise NotACandidate(f"has no name or version in {dist_info}")
    return canonical(str(name)), normal_version(str(version).strip())


def _headers(path: str, *, required: bool = True) -> Message:
    text = read_text(path)
    if text is None and required:
        raise NotACandidate(f"has no readable {os.path.basename(path)}")
    from email.parser import HeaderParser  # costs 18 ms, and `list` reads catalogues only

    return HeaderParser().parsestr((text or "").partition("\n\n")[0])
