"""The lock of each group that was installed into a site directory: which versions belong together (pylock.toml, PEP 751).

Metadata often allows more than what was resolved: a distribution that was made before a new major release of a requirement
seldom forbids it. So a closure prefers, of what is allowed, what the installer resolved for the same group.
"""

from __future__ import annotations

import os

from versioned_import.metadata.places import OWN_DIRECTORY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

TOOL = "versioned-import"
"""The key of this project in the `[tool]` table of a lock."""


_UNREADABLE = (
    "Install the group once more (pip install --allow-multiple), which writes the same file anew if it gets the same versions;"
    " or remove the file: then nothing is kept for its group."
)


class GroupLock:
    """The lock of one group: its roots as the user gave them, and the version of each distribution."""

    __slots__ = ("path", "requested", "roots", "versions", "written")

    def __init__(
        self, path: str, roots: tuple[str, ...], versions: dict[str, str], requested: frozenset[str], written: int
    ) -> None:
        self.path = path
        self.roots = roots
        self.versions = versions
        """Distribution (canonical name) to version (normalised)."""
        self.requested = requested
        """The distributions that the roots name; none if all of them were removed, and others of the group were not."""
        self.written = written
        """Modification time of the file, in nanoseconds."""

    def __str__(self) -> str:
        return ", ".join(self.roots) or "(its roots are removed)"

    def holds(self, distribution: str, version: str) -> bool:
        """Tell whether a distribution belongs to the group in this version (normalised)."""
        return self.versions.get(distribution) == version


def directory_of_locks(site: str) -> str:
    """Return the directory that holds the locks of a site directory's groups."""
    return os.path.join(site, OWN_DIRECTORY, "groups")


def read_group_locks(site: str) -> list[GroupLock]:
    """Return the locks of the groups of a site directory, the newest first; one that can't be read is left out.

    So an import goes on without it. Who removes anything asks `read_all_group_locks`.
    """
    directory = directory_of_locks(site)
    try:
        names = _names(directory)
    except OSError:
        return []
    found = [lock for name in names if (lock := _read(os.path.join(directory, name))) is not None]
    return sorted(found, key=lambda lock: -lock.written)


def read_all_group_locks(site: str) -> list[GroupLock]:
    """Return the same, if all of them can be read. Raises InstallError: what a lock holds that can't be read, nobody knows."""
    directory = directory_of_locks(site)
    from versioned_import.errors import InstallError

    try:
        names = _names(directory)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InstallError(directory, f"the locks of the groups can't be read: {error.strerror}", "") from None
    found = read_group_locks(site)
    read = {lock.path for lock in found}
    lost = [path for name in names if (path := os.path.join(directory, name)) not in read]
    if lost:
        reason = "\n  ".join(("this lock of a group can't be read, so nobody knows what it needs", *lost[1:]))
        raise InstallError(lost[0], reason, _UNREADABLE)
    return found


def groups_with(locks: Iterable[GroupLock], distribution: str, version: str) -> list[GroupLock]:
    """Return the groups that hold one version of a distribution, in the order in which their word counts.

    Those that name it as a root come before those that only need it, and the newest first. The first that names another
    distribution decides on that one: an installation without requirements (`--no-deps`) has nothing to say on them.
    """
    holding = [lock for lock in locks if lock.holds(distribution, version)]
    return sorted(holding, key=lambda lock: distribution not in lock.requested)


def _names(directory: str) -> list[str]:
    return sorted(name for name in os.listdir(directory) if name.startswith("pylock.") and name.endswith(".toml"))


def _read(path: str) -> GroupLock | None:
    import tomllib

    try:
        if not os.path.isfile(path):  # opening a pipe would wait for its writer
            return None
        with open(path, "rb") as file:
            table: dict[str, Any] = tomllib.load(file)
            written = os.fstat(file.fileno()).st_mtime_ns
        versions = {str(package["name"]): str(package["version"]) for package in table["packages"]}
        own = table["tool"][TOOL]
        roots, requested = tuple(map(str, own["roots"])), frozenset(map(str, own["requested"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return GroupLock(path, roots, versions, requested, written)
