"""Making a catalogue: one look over a site directory."""

from __future__ import annotations

import os
import time

from versioned_import.metadata.files import is_directory, is_file, listing, status
from versioned_import.metadata.layout import NotACandidate, canonical, read_flat, read_versioned
from versioned_import.metadata.places import changed_at
from versioned_import.metadata.store import PASSED_OVER, SETTLING_NS, catalogue_files, write
from versioned_import_startup import looks_versioned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Longer than any wheel takes to be unpacked.
_INSTALLING_NS = 600_000_000_000
_LENIENT_NS = 1_000_000_000
# Longer than the step of the clock by which a usual file system tells the time.
_STEP_NS = 20_000_000
_FLAT_ENDINGS = (".dist-info", ".egg-info", ".egg-link")


class Look:
    """What one look over a site directory found, and how long it can be true."""

    def __init__(self, filed: dict[str, list[str]], changed: int, started: int) -> None:
        self.filed = filed
        """Lines by key; all of them under ""."""
        self.changed = changed
        """The directory's modification time before the look, -1 if there is none."""
        self.started = started
        self.is_over = False
        """Whether the directory had not changed within the last two seconds: then a later change bears another time."""
        self.unfinished: list[tuple[str, int]] = []
        """The young flat installs without RECORD, each with its modification time."""

    @property
    def is_settled(self) -> bool:
        """Whether it is true until the directory's modification time changes."""
        return self.is_over and not self.unfinished

    def holds(self, site: str, changed: int, *, lenient: bool) -> bool:
        """Tell whether a look now would find the same; `changed` is the directory's modification time now.

        A lenient answer may be a second old where the directory's clock has too long a step.
        """
        if changed != self.changed:
            return False
        now = time.time_ns()
        if not self.is_over and not (
            lenient and self.started - changed > _STEP_NS and now - self.started < _LENIENT_NS
        ):
            return False
        return all(_young_without_record(site, name, now) == then for name, then in self.unfinished)


def build(site: str, known: dict[tuple[str, str], str]) -> Look:
    """Return what a look over the directory finds, and write its catalogue where that is possible.

    `known` are lines of an older catalogue by (entry, modification time): what has not changed since is not read again.
    """
    started = time.time_ns()
    try:
        status = os.stat(site)
        changed = changed_at(status)
        lines = [line for line in _scan(site, known) if line]
    except OSError:
        return Look({}, -1, started)
    look = Look({"": lines}, changed, started)
    for line in lines:
        for key in _keys(line):
            look.filed.setdefault(key, []).append(line)
    look.is_over = started - status.st_mtime_ns > SETTLING_NS
    look.unfinished = _unfinished(site, lines, started)
    pairs = [(key, line) for key, group in look.filed.items() if key for line in group]
    for path in catalogue_files(site):
        try:
            write(path, site, changed, look.is_settled, pairs, lines)
        except (OSError, ValueError):
            continue
        break
    return look


def _scan(site: str, known: dict[tuple[str, str], str]) -> Iterator[str]:
    try:
        entries = os.scandir(site)
    except NotADirectoryError:
        yield from _scan_zip(site, known)
        return
    with entries:
        for entry in entries:
            name = entry.name
            flat = name.endswith(_FLAT_ENDINGS)
            if not flat and not looks_versioned(name):
                continue
            try:
                changed = changed_at(entry.stat())
                if not flat and not entry.is_dir():
                    continue
            except OSError:
                continue
            old = known.get((name, str(changed)))
            yield old if old is not None else _read(site, name, changed, flat=flat)


def _scan_zip(site: str, known: dict[tuple[str, str], str]) -> Iterator[str]:
    """Do the same for a zip file on the search path; its members are as old as itself."""
    changed = changed_at(os.stat(site))
    for name in listing(site):
        flat = name.endswith(_FLAT_ENDINGS)
        if flat or (looks_versioned(name) and is_directory(os.path.join(site, name))):
            old = known.get((name, str(changed)))
            yield old if old is not None else _read(site, name, changed, flat=flat)


def _read(site: str, name: str, changed: int, *, flat: bool) -> str:
    try:
        return (read_flat if flat else read_versioned)(site, name, changed).line()
    except NotACandidate as reason:
        fields = PASSED_OVER, name, str(reason), str(changed)
        return "\t".join(fields) if all(map(str.isprintable, fields)) and not flat else ""


def _keys(line: str) -> list[str]:
    fields = line.split("\t")
    if fields[0] == PASSED_OVER:
        return [f"b:{canonical(fields[1].rpartition('-')[0])}"]
    names = fields[6].split()
    namespaces = {
        ".".join(parts[:size]) for name in names for parts in [name.split(".")] for size in range(1, len(parts))
    }
    return [f"d:{fields[2]}", *(f"n:{name}" for name in names), *(f"t:{name}" for name in sorted(namespaces))]


def _unfinished(site: str, lines: list[str], now: int) -> list[tuple[str, int]]:
    """Return the young flat installs that have no RECORD: pip writes that last, and it leaves no mark on the site directory."""
    names = [dist_info for entry, dist_info, *_ in (line.split("\t") for line in lines) if not entry]
    looks = [(name, _young_without_record(site, name, now)) for name in names if not name.endswith(".egg-link")]
    return [(name, changed) for name, changed in looks if changed is not None]


def _young_without_record(site: str, dist_info: str, now: int) -> int | None:
    """Return when a flat install changed, 0 if that is not known; None if it has a RECORD, or is too old to get one."""
    path = os.path.join(site, dist_info)
    if is_file(os.path.join(path, "RECORD")):
        return None
    try:
        found = status(path)
    except OSError:
        return 0
    return changed_at(found) if now - found.st_mtime_ns < _INSTALLING_NS else None
