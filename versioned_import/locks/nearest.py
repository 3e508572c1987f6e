"""Which lock counts: of a directory that is named, and above a script when none is named."""

from __future__ import annotations

import os

from versioned_import.metadata.places import full_path, real_path

ORDER = ("pylock.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")
"""The first that is there counts; a requirements.txt comes last."""
REQUIREMENTS = "requirements.txt"
# The two others are what these tools export, or what stands beside them on purpose.
_TOOLS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")


def lock_in(directory: str) -> str | None:
    """Return the lock of a directory that a user named, None when it has none.

    A requirements.txt counts if every line of it fixes a version.
    """
    found = _of_a_tool(directory)
    if found:
        return found
    path = os.path.join(full_path(directory), REQUIREMENTS)
    return path if os.path.isfile(path) and _is_lock(path, complete=False) else None


def nearest_lock(script: str) -> str | None:
    """Return the lock of the nearest directory above a script that has one; the current directory has no part in it.

    Links are followed first. A requirements.txt counts only if each requirement in it carries hashes: people write
    such files by hand too, and one that leaves something out would hide what the script imports.
    """
    directory = real_path(script)
    if not os.path.isdir(directory):
        directory = os.path.dirname(directory)
    while True:
        found = _of_a_tool(directory)
        path = os.path.join(directory, REQUIREMENTS)
        if not found and os.path.isfile(path) and _is_lock(path, complete=True):
            found = path
        if found:
            return found
        above = os.path.dirname(directory)
        if above == directory:
            return None
        directory = above


def rivals(path: str) -> list[str]:
    """Return what to tell of other tools' locks beside a lock."""
    directory, name = os.path.split(path)
    if name not in _TOOLS:
        return []
    others = [one for one in _TOOLS if one != name and os.path.isfile(os.path.join(directory, one))]
    return [f"{path} is taken; {directory} has {', '.join(others)} too"] if others else []


def _of_a_tool(directory: str) -> str | None:
    directory = full_path(directory)
    return next((path for name in ORDER if os.path.isfile(path := os.path.join(directory, name))), None)


def _is_lock(path: str, *, complete: bool) -> bool:
    from versioned_import.errors import LockError
    from versioned_import.locks.requirements import is_complete, read

    try:
        lock = read(path)
    except LockError:
        return False
    return is_complete(lock) if complete else bool(lock.packages)
