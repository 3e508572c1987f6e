"""Whether the site directories are in order: search path, catalogues, what hides what, leftovers, broken directories, locks."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from versioned_import.install.undo import is_unfinished
from versioned_import.inventory.doctor import OK, PROBLEM, WARNING, Finding
from versioned_import.metadata.group_locks import directory_of_locks
from versioned_import.metadata.places import OWN_DIRECTORY, cache_directory, changed_at
from versioned_import.metadata.store import Store, catalogue_files
from versioned_import.resolver.specifiers import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from versioned_import.inventory.installed import Installed, Inventory
    from versioned_import.metadata.candidate import Candidate

_SHOWN = 3


def look_at_sites(reasons: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Yield the findings about the search path and its catalogues; `reasons` are its directories, each with the reason.

    Has to be asked before an inventory is taken, which makes catalogues.
    """
    if not reasons:
        text = "the search path is empty: Python was told to read no site-packages"
        yield Finding(level=PROBLEM, topic="search path", text=text, advice="start Python without -S")
    seen: set[str] = set()
    for number, (directory, reason) in enumerate(reasons, start=1):
        if directory in seen:
            text = f"{number}. {directory} ({reason}) stands further up already"
            yield Finding(level=OK, topic="search path", text=text)
            continue
        seen.add(directory)
        if os.path.isdir(directory):
            yield Finding(level=OK, topic="search path", text=f"{number}. {directory} ({reason})")
            yield catalogue_finding(directory)
        elif reason in ("PYTHONPATH", "VERSIONED_IMPORT_PATH"):
            text = f"{number}. {directory} ({reason}) is no directory"
            yield Finding(level=WARNING, topic="search path", text=text, advice=f"mend or unset {reason}")
        else:
            yield Finding(level=OK, topic="search path", text=f"{number}. {directory} ({reason}) does not exist")


def catalogue_finding(site: str) -> Finding:
    """Return how the catalogue of a site directory is: fresh, stale, absent or broken, and whether it can be written."""
    files = catalogue_files(site)
    state, broken = "none yet", ""
    for path in files:
        try:
            store = Store(path, site)
            store.everything()
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            broken = f"{path} can't be used ({getattr(error, 'strerror', None) or error})"
            continue
        state = "fresh" if store.changed == changed_at(os.stat(site)) else "stale, the next versioned import looks anew"
        break
    if not any(_can_write(path) for path in files):
        text = f"the catalogue of {site} can't be written, so that each process looks anew"
        advice = f"make {cache_directory()} writable, or name another place in VERSIONED_IMPORT_CACHE_DIR"
        level = OK if state == "fresh" else WARNING
        text = f"the catalogue of {site} is fresh, but can't be renewed" if state == "fresh" else text
        return Finding(level=level, topic="catalogue", text=text, advice=advice if level == WARNING else "")
    if broken:
        text = f"the catalogue of {site} is broken, the next versioned import renews it: {broken}"
        return Finding(level=WARNING, topic="catalogue", text=text, advice="versioned-import list")
    return Finding(level=OK, topic="catalogue", text=f"the catalogue of {site}: {state}")


def _can_write(path: str) -> bool:
    """Tell whether a file can be put at a path, with the directories above it that are missing."""
    directory = os.path.dirname(path)
    while not os.path.isdir(directory):
        parent = os.path.dirname(directory)
        if parent == directory or os.path.lexists(directory):
            return False
        directory = parent
    return os.access(directory, os.W_OK | os.X_OK)


def look_at_installed(inventory: Inventory, program: str = "") -> Iterator[Finding]:
    """Yield the findings about what is installed; `program` is a directory whose own modules may hide it, "" for none."""
    yield from _leftovers(inventory.sites)
    yield from _directories(inventory)
    yield from _groups(inventory)
    yield from _hidden(inventory)
    if program:
        yield from _hidden_by_program(inventory, program)


def _leftovers(sites: Iterable[str]) -> Iterator[Finding]:
    for site in sites:
        own = os.path.join(site, OWN_DIRECTORY)
        try:
            names = sorted(name for name in os.listdir(own) if name.startswith("stage-"))
        except OSError:
            continue
        for path in [os.path.join(own, name) for name in names if not name.endswith(".lock")]:
            if _is_held(f"{path}.lock"):
                yield Finding(level=OK, topic="leftover", text=f"an installation is at work in {path}")
                continue
            if is_unfinished(path):
                text = f"{path} holds what a killed removal has taken; the next installation or removal puts it back"
                advice = f"versioned-import gc --keep-groups --dry-run --site {shlex.quote(site)}"
                yield Finding(level=WARNING, topic="leftover", text=text, advice=advice)
                continue
            text = f"{path} was left by an installation that was killed; the next one removes it"
            yield Finding(level=WARNING, topic="leftover", text=text, advice=f"rm -r {shlex.quote(path)}")


def _is_held(lock: str) -> bool:
    if not os.path.exists(lock):
        return False
    try:
        from filelock import FileLock, Timeout
    except ImportError:
        return True  # it can't be known, so it is not to be removed
    held = FileLock(lock)
    try:
        held.acquire(timeout=0)
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        return False
    held.release()
    return False


def _directories(inventory: Inventory) -> Iterator[Finding]:
    for one in inventory.impostors:
        path = os.path.join(one.site, one.entry, "")
        text = f"{path} looks like a version and is none: it {one.reason}"
        yield Finding(level=WARNING, topic="directory", text=text, advice="move it away, or install that version again")
    for gone in inventory.installed:
        if gone.why_not and gone.candidate.entry:
            text = f"{gone.candidate.place} is not used: it {gone.why_not}"
            advice = f"versioned-import verify {gone.candidate.distribution}=={gone.candidate.version}"
            yield Finding(level=WARNING, topic="directory", text=text, advice=advice)
    count = sum(bool(one.candidate.entry) and not one.why_not for one in inventory.installed)
    if count:
        text = f"{count} versioned director{'y' if count == 1 else 'ies'} can be used"
        yield Finding(level=OK, topic="directory", text=text)
    else:
        advice = "python -m versioned_import pip install --allow-multiple REQUIREMENT"
        text = "no versioned directory is installed yet"
        yield Finding(level=OK, topic="directory", text=text, advice=advice)


def _groups(inventory: Inventory) -> Iterator[Finding]:
    for site in inventory.sites:
        read = {lock.path for lock in inventory.locks.get(site, ())}
        directory = directory_of_locks(site)
        try:
            names = sorted(
                name for name in os.listdir(directory) if name.startswith("pylock.") and name.endswith(".toml")
            )
        except OSError:
            continue
        for path in [os.path.join(directory, name) for name in names]:
            if path not in read:
                text = f"the lock {path} can't be read: its group is not known"
                advice = f"rm {shlex.quote(path)}, and install what it was made for again"
                yield Finding(level=PROBLEM, topic="group", text=text, advice=advice)
    there = {(one.candidate.site, one.candidate.distribution, one.candidate.version) for one in inventory.installed}
    for site, locks in inventory.locks.items():
        for lock in locks:
            gone = [
                f"{name} {version}" for name, version in lock.versions.items() if (site, name, version) not in there
            ]
            if gone:
                text = f"the group {lock} has lost {', '.join(gone)}"
                yield Finding(level=PROBLEM, topic="group", text=text, advice="versioned-import verify")


def _hidden(inventory: Inventory) -> Iterator[Finding]:
    """Yield what stands in the way of what: in an earlier site directory, or a flat install beside versions."""
    offered: dict[str, list[Installed]] = {}
    for one in inventory.installed:
        if not one.why_not:
            offered.setdefault(one.candidate.distribution, []).append(one)
    for distribution, here in offered.items():
        sites = list(dict.fromkeys(one.candidate.site for one in here))
        first = [one.candidate for one in here if one.candidate.site == sites[0]]
        highest = max(first, key=lambda one: sort_key(one.version))
        for one in here:
            if one.hidden_by is not None:
                text = f"{one.candidate.place} is never taken: the same version is {one.hidden_by.place}"
                advice = f"versioned-import show {distribution}"
                yield Finding(
                    level=WARNING,
                    topic="hidden",
                    text=f"{distribution} {one.candidate.version} in {text}",
                    advice=advice,
                )
            elif one.candidate.site != sites[0] and sort_key(one.candidate.version) > sort_key(highest.version):
                yield _earlier_wins(highest, one.candidate)
        yield from _beside_flat([one.candidate for one in here])


def _earlier_wins(first: Candidate, later: Candidate) -> Finding:
    text = (
        f"{first.distribution} {first.version} in {first.place} goes before {later.version} in {later.place}, "
        "where a clause allows both"
    )
    return Finding(
        level=WARNING, topic="hidden", text=text, advice=f"write {later.version} in the clause if it is meant"
    )


def _beside_flat(here: Sequence[Candidate]) -> Iterator[Finding]:
    flat = next((one for one in here if not one.entry), None)
    versions = [one.version for one in here if one.entry]
    if flat is not None and versions:
        more = f" and {len(versions) - _SHOWN} more" if len(versions) > _SHOWN else ""
        text = (
            f"a plain import of {flat.distribution} gets the flat install {flat.version}; "
            f"{', '.join(versions[:_SHOWN])}{more} need a version clause"
        )
        yield Finding(level=OK, topic="hidden", text=text)


def _hidden_by_program(inventory: Inventory, program: str) -> Iterator[Finding]:
    """Yield the modules of the program's own directory that a plain import finds before what is installed."""
    if program in inventory.sites:
        return
    try:
        entries = os.listdir(program)
    except OSError:
        return
    own = {
        entry.partition(".")[0]: entry
        for entry in sorted(entries)
        if entry.endswith(".py") or os.path.isfile(os.path.join(program, entry, "__init__.py"))
    }
    for one in inventory.installed:
        if is_own_work(one.candidate, program):
            continue
        for name in [top for top in one.candidate.tops if top in own and not one.candidate.is_side_name(top)]:
            path = os.path.join(program, own.pop(name))
            text = f"{path} hides {one.candidate.distribution} from plain imports in programs of that directory"
            advice = "rename it, or name the version in the import statement"
            yield Finding(level=WARNING, topic="hidden", text=text, advice=advice)


def is_own_work(candidate: Candidate, program: str) -> bool:
    """Tell whether a flat install is an editable one, whose modules may be those of the program's directory itself."""
    from versioned_import.metadata.editable import project_directory

    return bool(project_directory(candidate))
