"""The site directories, in the order in which they are searched (spec 3.2)."""

import os
import site
import sys

from versioned_import.metadata.places import full_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def search_path() -> "tuple[str, ...]":
    """Return the site directories: VERSIONED_IMPORT_PATH, PYTHONPATH, the interpreter's, the user's, the system's.

    The interpreter's own switches count: what -I, -E, -s, -S, PYTHONNOUSERSITE and a virtual environment hide from plain
    imports is hidden here too. The current directory is never one of them.
    """
    return tuple(dict.fromkeys(directory for directory, _ in reasons()))


def reasons() -> "list[tuple[str, str]]":
    """Return each entry of the search path with the reason why it is there; one that is there twice comes twice."""
    found: list[tuple[str, str]] = []
    if not sys.flags.ignore_environment:
        found += _for("VERSIONED_IMPORT_PATH", _entries("VERSIONED_IMPORT_PATH"))
        # site made relative entries absolute at start-up; one that no longer is on sys.path was relative to a directory
        # which is the current one no more.
        found += _for("PYTHONPATH", filter(sys.path.__contains__, _entries("PYTHONPATH")))
    if not sys.flags.no_site:
        own = dict.fromkeys((sys.prefix, sys.exec_prefix))
        found += _for("the interpreter's", site.getsitepackages(list(own)))
        users, prefixes = _shared()
        if users:
            found.append((site.getusersitepackages(), "the user's"))
        bases = [base for base in (sys.base_prefix, sys.base_exec_prefix) if base in prefixes and base not in own]
        found += _for("the system's", site.getsitepackages(bases) if bases else ())
    return found


def _shared() -> "tuple[bool, list[str]]":
    """Return whether the user's site directory counts, and the prefixes of those that do.

    `site` has looked at -s, -I, PYTHONNOUSERSITE and pyvenv.cfg; but it runs the .pth files of a virtual environment, and so
    us, before it decides about both. Then they are as it will decide.
    """
    if site.ENABLE_USER_SITE is not None:
        return site.ENABLE_USER_SITE, site.PREFIXES
    if sys.prefix != sys.base_prefix and not _sees_the_system():
        return False, [sys.prefix]
    return bool(site.check_enableusersite()), site.PREFIXES


def _sees_the_system() -> bool:
    """Tell whether this virtual environment's settings let it have what is installed outside of it, as `site` reads them."""
    for directory in (os.path.dirname(os.path.abspath(sys.executable)), sys.prefix):
        try:
            with open(os.path.join(directory, "pyvenv.cfg"), encoding="utf-8") as file:
                lines = [line.partition("=") for line in file]
        except (OSError, ValueError):
            continue
        values = [value for key, _, value in lines if key.strip().lower() == "include-system-site-packages"]
        return not values or values[-1].strip().lower() == "true"
    return True


def _for(reason: str, directories: "Iterable[str]") -> "list[tuple[str, str]]":
    return [(directory, reason) for directory in directories]


def _entries(variable: str) -> "list[str]":
    """Return the directories that an environment variable lists, each with its full path.

    Where the current directory was deleted, a relative one leads nowhere.
    """
    found = (full_path(entry) for entry in os.environ.get(variable, "").split(os.pathsep) if entry)
    return list(filter(os.path.isabs, found))
