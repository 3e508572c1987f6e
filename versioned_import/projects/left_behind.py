"""What leaves `sys.path` when a project is put in force: site directories, and what their .pth files add."""

from __future__ import annotations

import os
import site
import sys

from versioned_import.resolver.search_path import reasons

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OTHERS_OWN = ("PYTHONPATH", "VERSIONED_IMPORT_PATH")


def left_behind() -> tuple[list[str], list[str], list[str]]:
    """Return what leaves `sys.path`, the site directories of it, and their .pth files; what PYTHONPATH names stays."""
    sites = [place for place, reason in reasons() if reason not in _OTHERS_OWN]
    # Those that this Python doesn't search leave too: another setting lets it.
    everywhere = site.getsitepackages([sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix])
    sites = list(dict.fromkeys((*sites, *everywhere, site.getusersitepackages())))
    left = list(sites)
    files: list[str] = []
    for place in sites:
        for file in start_up_files(place):
            files.append(file)
            left += lines_of(file)
    own = set(pythonpath())
    dropped = list(dict.fromkeys(entry for entry in left if entry not in own or entry in sites))
    return dropped, [entry for entry in spellings(sites) if entry not in own or entry in sites], files


def spellings(directories: Iterable[str]) -> list[str]:
    """Return some directories with their real paths, and each with a separator at its end as well."""
    places = dict.fromkeys(spelled for one in directories for spelled in (one, os.path.realpath(one)))
    return [*places, *(os.path.join(one, "") for one in places)]


def pythonpath() -> list[str]:
    """Return the entries that the user asks for by a variable: they stay."""
    return [entry for entry, reason in reasons() if reason in _OTHERS_OWN]


def start_up_files(directory: str) -> list[str]:
    """Return the .pth files of a directory, in the order in which `site` reads them."""
    try:
        return [
            os.path.join(directory, name)
            for name in sorted(os.listdir(directory))
            if name.endswith(".pth") and not name.startswith(".")
        ]
    except OSError:
        return []


def lines_of(file: str) -> Iterator[str]:
    """Yield the directories that a .pth file adds, as `site` reads it."""
    try:
        with open(file, encoding="utf-8-sig") as opened:
            lines = opened.read().split("\n")
    except (OSError, ValueError):
        return
    for line in lines:
        text = line.rstrip()
        if text and not text.startswith(("#", "import ", "import\t")):
            place = os.path.abspath(os.path.join(os.path.dirname(file), text))
            yield place
