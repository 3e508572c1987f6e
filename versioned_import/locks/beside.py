"""What the pyproject.toml beside a lock says that the lock doesn't: which groups a tool takes when it is not told."""

from __future__ import annotations

import os

from versioned_import.errors import LockError
from versioned_import.locks.source import Table, normal_names, toml


def pyproject(path: str, format_name: str) -> Table | None:
    """Return the pyproject.toml beside a lock, None when there is none. Raises LockError for one that can't be read."""
    name = os.path.join(os.path.dirname(path), "pyproject.toml")
    if not os.path.isfile(name):
        return None
    return toml(name, format_name)


def default_groups_of_uv(path: str, groups: tuple[str, ...]) -> tuple[tuple[str, ...], list[str]]:
    """Return `tool.uv.default-groups`, or `dev`, of those that the lock has; and what to tell."""
    dev = tuple(one for one in groups if one == "dev")
    try:
        project = pyproject(path, "uv.lock")
        uv = project.table("tool").table("uv") if project else None
        if uv is None or "default-groups" not in uv:
            return dev, []
        if uv.data["default-groups"] == "all":
            return tuple(sorted(groups)), []
        wanted = normal_names(uv.texts("default-groups"))
    except LockError as error:
        return dev, [f"{error.request}: {error.reason}; the default groups are taken to be {list(dev)}"]
    return tuple(one for one in groups if one in wanted), []
