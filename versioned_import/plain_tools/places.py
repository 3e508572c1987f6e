"""Which directories a copy for a tool is made of, and what in them is what: projects, settings, environments."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PYTHON_ENDINGS = (".py", ".pyi", ".pyw", ".ipynb")
# What tools look for in the directories above a project.
CONFIGURATIONS = (
    *("pyproject.toml", "setup.cfg", "tox.ini", ".editorconfig", ".gitignore", ".ignore", ".git", ".hg"),
    *("ruff.toml", ".ruff.toml", "mypy.ini", ".mypy.ini", "pyrightconfig.json", ".flake8", ".isort.cfg"),
    *(".pylintrc", "pylintrc", ".pylintrc.toml", "pylintrc.toml", ".pycodestyle", ".style.yapf", ".python-version"),
)
_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", "ruff.toml", ".ruff.toml", "mypy.ini", "pyrightconfig.json")
_REPOSITORIES = (".git", ".hg", ".svn")
_WITHOUT_SOURCES = frozenset(
    {*_REPOSITORIES, "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
)
_WHOLE = _WITHOUT_SOURCES | {
    *("node_modules", "site-packages", "dist-packages", ".venv", "venv", ".nox", ".tox", ".eggs"),
}
_SOURCE_ENDINGS = (*PYTHON_ENDINGS, ".pyx", ".pxd", ".pxi")
_COOKIE = re.compile(rb"coding[:=][ \t]*versioned", re.IGNORECASE)
_LONGEST = 1 << 16  # bytes of a line that are looked at
# `extend = "../base.toml"` of ruff, `"extends": "../base.json"` of pyright
_EXTENDS = re.compile(r"""^\s*["']?extends?["']?\s*[=:]\s*["']([^"'\n]+)["']""", re.MULTILINE)
_EXTENDING = (".toml", ".json")


def roots_of(directory: str, named: Iterable[str]) -> list[str]:
    """Return the directories that have to be mirrored for a tool that starts in `directory` and is given some paths.

    They are the projects around these places (the repository, else the nearest directory with a project's file), or the
    places themselves. None stands below another.
    """
    places = [directory, *(path if os.path.isdir(path) else os.path.dirname(path) for path in named)]
    found = {project_of(place) or place for place in places}
    return [one for one in sorted(found) if not any(one != other and is_below(one, other) for other in found)]


def project_of(directory: str) -> str | None:
    """Return the repository, else the nearest project, that holds a directory; never `/` or the user's home."""
    nearest = None
    while (parent := os.path.dirname(directory)) != directory and not is_home(directory):
        if any(os.path.exists(os.path.join(directory, name)) for name in _REPOSITORIES):
            return directory
        if nearest is None and any(os.path.exists(os.path.join(directory, name)) for name in _MARKS):
            nearest = directory
        directory = parent
    return nearest


def is_home(directory: str) -> bool:
    """Tell whether a directory is the user's home."""
    return os.path.realpath(directory) == os.path.realpath(os.path.expanduser("~"))


def is_below(path: str, directory: str) -> bool:
    """Tell whether a path is a directory or lies below it."""
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


def is_whole(path: str) -> bool:
    """Tell whether a directory is an environment, a repository's store or a cache, which tools leave out by default."""
    return os.path.basename(path) in _WHOLE or os.path.exists(os.path.join(path, "pyvenv.cfg"))


def is_wanted(name: str) -> bool:
    """Tell whether a file makes its directory one that a tool may want to read."""
    return name.endswith(PYTHON_ENDINGS) or name in CONFIGURATIONS


def holds_python(directory: str) -> bool:
    """Tell whether a Python file lies in a directory itself."""
    try:
        return any(name.endswith(PYTHON_ENDINGS) for name in os.listdir(directory))
    except OSError:
        return False


def declares_cookie(path: str) -> bool:
    """Tell whether line 1 or 2 of a file says `coding: versioned`, in a comment or not; False if it can't be read."""
    try:
        with open(path, "rb") as file:
            return any(_COOKIE.search(file.readline(_LONGEST)) for _ in range(2))
    except OSError:
        return False


def cookie_at(path: str) -> str | None:
    """Return a source file with the cookie that can be reached from a path, through links too, or None."""
    if not os.path.isdir(path):
        return path if os.path.isfile(path) and declares_cookie(path) else None
    return next((file for file in _sources_below(path, set()) if declares_cookie(file)), None)


def _sources_below(directory: str, seen: set[str]) -> Iterator[str]:
    for place, directories, files in os.walk(directory, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:  # a link that leads to where we have been
            directories.clear()
            continue
        seen.add(real)
        directories[:] = [name for name in directories if name not in _WITHOUT_SOURCES]
        found = [os.path.join(place, name) for name in files if name.endswith(_SOURCE_ENDINGS)]
        yield from (path for path in found if os.path.isfile(path))


def without_sources(path: str) -> bool:
    """Tell whether a directory is one that never holds source files."""
    return os.path.basename(path) in _WITHOUT_SOURCES


def extended_by(path: str) -> list[str]:
    """Return the files on which a file of settings says that it builds."""
    if os.path.basename(path) not in CONFIGURATIONS and not path.endswith(_EXTENDING):
        return []
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            values = _EXTENDS.findall(file.read())
    except OSError:
        return []
    found = (os.path.normpath(os.path.join(os.path.dirname(path), value)) for value in values)
    return [one for one in found if os.path.isfile(one)]
