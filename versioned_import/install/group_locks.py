"""Writing the lock of a group: a pylock.toml (PEP 751) that says which versions were resolved together, and from where."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING

import tomli_w

from versioned_import.install.lock_table import lock_of
from versioned_import.install.whole_files import write_whole
from versioned_import.metadata.group_locks import directory_of_locks, read_group_locks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from versioned_import.install.engine import Planned
    from versioned_import.install.groups import Group


def write_group_lock(site: str, group: Group, distributions: Sequence[Planned]) -> str:
    """Write the lock of a group of a site directory and return its path, which depends on the roots and the members.

    The file is whole or not there. Raises OSError.
    """
    directory = directory_of_locks(site)
    os.makedirs(directory, 0o755, exist_ok=True)
    roots = sorted(map(str, group))
    path = lock_path(directory, roots, (one.directory for one in distributions))
    write_whole(path, lock_text(roots, distributions))
    return path


def drop_superseded(site: str, path: str) -> None:
    """Remove the locks that the one just written stands for: same roots, same versions of them, no other distribution."""
    locks = read_group_locks(site)
    new = next((lock for lock in locks if lock.path == path), None)
    for old in locks:
        if (
            new is not None
            and old is not new
            and set(old.roots) == set(new.roots)
            and old.versions.keys() <= new.versions.keys()
            and all(new.versions.get(name) == old.versions.get(name) for name in old.requested)
        ):
            with suppress(OSError):
                os.unlink(old.path)


def lock_path(directory: str, roots: Iterable[str], members: Iterable[str] = ()) -> str:
    """Return the path of the lock of a group in the directory that holds the locks."""
    number = hashlib.sha256("\n".join([*sorted(roots), "", *sorted(members)]).encode()).hexdigest()[:12]
    return os.path.join(directory, f"pylock.{number}.toml")


def lock_text(roots: Iterable[str], distributions: Sequence[Planned], *, directory: str = "") -> str:
    """Return the pylock.toml of one group. Names, versions and files are exact; no URL keeps a password.

    The same input gives the same text. `directory` is where the lock will stand: local files below it get relative paths.
    """
    return tomli_w.dumps(lock_of(roots, distributions, directory=directory))
