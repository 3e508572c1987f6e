"""Making a catalogue: one look over a site directory."""

from __future__ import annotations

import os
import time

from versioned_import.metadata.catalogue import catalogue_files
from versioned_import.metadata.files import is_directory, is_file, listing, status
from versioned_import.metadata.layout import NotACandidate, canonical, read_flat, read_versioned
from versioned_import.metadata.places import changed_at
from versioned_import.metadata.store import PASSED_OVER, SETTLING_NS, write
from versioned_import_startup import looks_versioned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Longer than any wheel takes to be unpacked.
_INSTALLING_NS = 600_000_000_000
_FLAT_ENDINGS = (".dist-info", ".egg-info", ".egg-link")


def build(site: str, known: dict[tuple[str, str], str]) -> tuple[dict[str, list[str]], int]:
    """Return lines by key made from the directory, and the time they are true for; write them where that is possible.

    The time is the directory's modification time, or -1 where the next look may find something else: the directory changed
    within the last two seconds, or a flat install has no RECORD yet. `known` are lines of an older catalogue by (entry,
    modification time): what has not changed since is not read again.
    """
    started = time.time_ns()
    try:
        status = os.stat(site)
        changed = changed_at(status)
        lines = [line for line in _scan(site, known) if line]
    except OSError:
        return {}, -1
    filed: dict[str, list[str]] = {"": lines}
    for line in lines:
        for key in _keys(line):
            filed.setdefault(key, []).append(line)
    settled = started - status.st_mtime_ns > SETTLING_NS and not _is_being_installed(site, lines, started)
    pairs = [(key, line) for key, group in filed.items() if key for line in group]
    for path in catalogue_files(site):
        try:
            write(path, site, changed, settled, pairs, lines)
        except (OSError, ValueError):
            continue
        break
    return filed, changed if settled else -1


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


def _is_being_installed(site: str, lines: list[str], now: int) -> bool:
    """Tell whether a young flat install has no RECORD: pip writes that last, and it leaves no mark on the site directory."""
    for line in lines:
        entry, dist_info, *_ = line.split("\t")
        if entry or dist_info.endswith(".egg-link") or is_file(os.path.join(site, dist_info, "RECORD")):
            continue
        try:
            if now - status(os.path.join(site, dist_info)).st_mtime_ns < _INSTALLING_NS:
                return True
        except OSError:
            return True
    return False
