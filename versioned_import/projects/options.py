"""Which lock a process runs from, and which of its groups and extras."""

from __future__ import annotations

import os
import sys

from versioned_import.locks.nearest import lock_in
from versioned_import.metadata.places import full_path
from versioned_import.projects.kept import ASKED_BY, key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

VARIABLE, GROUPS, EXTRAS, NO_DEFAULT_GROUPS = ASKED_BY


class Options:
    """A project: a lock, and what is wanted of it."""

    __slots__ = ("default_groups", "extras", "groups", "lock")

    def __init__(
        self, lock: str, groups: Iterable[str] = (), extras: Iterable[str] = (), *, default_groups: bool = True
    ) -> None:
        self.lock = lock
        """The full path of the lock file."""
        self.groups = tuple(sorted(set(groups)))
        """Dependency groups beside those that the lock's own tool takes by default."""
        self.extras = tuple(sorted(set(extras)))
        self.default_groups = default_groups

    def words(self) -> list[str]:
        """Return the options of a command line that ask for the same, the lock last."""
        found = [f"--groups={','.join(self.groups)}"] if self.groups else []
        found += [f"--extras={','.join(self.extras)}"] if self.extras else []
        return [*found, *([] if self.default_groups else ["--no-default-groups"]), self.lock]

    def key(self) -> tuple[str, ...]:
        """Return what the kept plan of the project is filed under."""
        switched_off = "" if self.default_groups else "1"
        return key_of(self.lock, ",".join(self.groups), ",".join(self.extras), switched_off)

    @property
    def directory(self) -> str:
        """The directory that the lock stands in."""
        return os.path.dirname(self.lock)


def options_for(
    where: str, groups: Iterable[str] = (), extras: Iterable[str] = (), *, default_groups: bool = True
) -> Options:
    """Return the options of a project: `where` is the directory that holds its lock, or the lock. Raises LockError."""
    place = full_path(where)
    lock = lock_in(place) if os.path.isdir(place) else place
    if lock is None:
        from versioned_import.errors import LockError
        from versioned_import.locks.nearest import REQUIREMENTS
        from versioned_import.locks.read import read_lock

        if os.path.isfile(os.path.join(place, REQUIREMENTS)):
            read_lock(os.path.join(place, REQUIREMENTS))  # it says why it is no lock
        advice = "Name the lock itself, or make one with the tool of the project, or with: versioned-import lock FILE"
        raise LockError(place, "the directory holds no lock", advice)
    if not os.path.isfile(lock):
        from versioned_import.errors import LockError

        raise LockError(lock, "there is no such file", "")
    # A line break would end the text by which child processes learn of it.
    if any(one < " " or "\x7f" <= one < "\xa0" for one in lock):
        from versioned_import.errors import LockError

        raise LockError(repr(lock), "the path of a lock can't have control characters in it", "")
    return Options(lock, groups, extras, default_groups=default_groups)


def from_environment() -> Options | None:
    """Return the project that VERSIONED_IMPORT_PROJECT names, None if it names none. Raises LockError."""
    if sys.flags.ignore_environment or not os.environ.get(VARIABLE):
        return None
    switched_off = os.environ.get(NO_DEFAULT_GROUPS, "") not in ("", "0")
    return options_for(os.environ[VARIABLE], names_in(GROUPS), names_in(EXTRAS), default_groups=not switched_off)


def names_in(variable: str) -> list[str]:
    """Return the names that a variable lists, with commas between them."""
    return split_names(os.environ.get(variable, ""))


def split_names(text: str) -> list[str]:
    """Return the names of a text such as `dev,test`."""
    return [name for part in text.split(",") if (name := part.strip())]
