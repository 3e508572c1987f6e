"""The site directories, in the order in which they are searched (spec 3.2)."""

from __future__ import annotations

import os
import site
import sys


def search_path() -> tuple[str, ...]:
    """Return the site directories: VERSIONED_IMPORT_PATH, PYTHONPATH, the interpreter's, the user's, the system's.

    The interpreter's own switches count: what -I, -E, -s, -S, PYTHONNOUSERSITE and a virtual environment hide from plain
    imports is hidden here too. The current directory is never one of them.
    """
    return tuple(dict.fromkeys(directory for directory, _ in reasons()))


def reasons() -> list[tuple[str, str]]:
    """Return each entry of the search path with the reason why it is there; one that is there twice comes twice."""
    found = (
        (_from_own_variable(), "VERSIONED_IMPORT_PATH"),
        (_from_pythonpath(), "PYTHONPATH"),
        (_interpreters(), "the interpreter's"),
        (_users(), "the user's"),
        (_systems(), "the system's"),
    )
    return [(directory, reason) for directories, reason in found for directory in directories]


def _from_own_variable() -> list[str]:
    if sys.flags.ignore_environment:
        return []
    return [os.path.abspath(entry) for entry in _entries("VERSIONED_IMPORT_PATH")]


def _from_pythonpath() -> list[str]:
    if sys.flags.ignore_environment:
        return []
    # site made relative entries absolute at start-up; one that no longer is on sys.path was relative to a directory
    # which is the current one no more.
    absolute = [os.path.abspath(entry) for entry in _entries("PYTHONPATH")]
    return [entry for entry in absolute if entry in sys.path]


def _entries(variable: str) -> list[str]:
    return [entry for entry in os.environ.get(variable, "").split(os.pathsep) if entry]


def _interpreters() -> list[str]:
    return _of_prefixes(dict.fromkeys((sys.prefix, sys.exec_prefix)))


def _users() -> list[str]:
    # site has looked at -s, -I, PYTHONNOUSERSITE and pyvenv.cfg; None and False both say no.
    return [site.getusersitepackages()] if site.ENABLE_USER_SITE and not sys.flags.no_site else []


def _systems() -> list[str]:
    bases = dict.fromkeys((sys.base_prefix, sys.base_exec_prefix))
    return _of_prefixes([base for base in bases if base in site.PREFIXES and base not in (sys.prefix, sys.exec_prefix)])


def _of_prefixes(prefixes: dict[str, None] | list[str]) -> list[str]:
    return [] if sys.flags.no_site else site.getsitepackages(list(prefixes))
