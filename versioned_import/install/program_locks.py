"""The locks of programs: one pylock.toml for each group that their statements need."""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING

from packaging.pylock import Pylock, PylockValidationError

from versioned_import.errors import InstallError
from versioned_import.install.group_locks import lock_text
from versioned_import.install.whole_files import write_named
from versioned_import.metadata.group_locks import TOOL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.install.engine import Planned
    from versioned_import.install.groups import Group

    Formed = Sequence[tuple[Group, Sequence[Planned]]]


def lock_texts(formed: Formed, directory: str) -> dict[str, str]:
    """Return the text of each group's lock by the name of its file. Raises InstallError if one would not be valid.

    One group is `pylock.toml`; of several, each is called after the first of its roots that tells it from the others.
    """
    texts = {}
    for name, (group, planned) in zip(_names(formed), formed, strict=True):
        text = lock_text(map(str, group), planned, directory=directory)
        try:
            Pylock.from_dict(tomllib.loads(text))
        except PylockValidationError as error:
            request = ", ".join(map(str, group))
            raise InstallError(request, f"its lock would not be valid: {error}", "Nothing was written.") from None
        texts[name] = text
    return texts


def write_locks(texts: dict[str, str], directory: str) -> list[str]:
    """Write the locks into a directory and return their paths.

    Raises InstallError, before anything is written, if another tool's lock is in the way.
    """
    for name in texts:
        path = os.path.join(directory, name)
        if os.path.lexists(path) and not _is_ours(path):
            advice = "Remove it, or write into another directory with -o DIR."
            raise InstallError(path, "something that versioned-import did not write has that name", advice)
    try:
        os.makedirs(directory, exist_ok=True)
        for name, text in texts.items():
            write_named(os.path.join(directory, name), text)
    except OSError as error:
        raise InstallError(error.filename or directory, f"it can't be written: {error.strerror}", "") from None
    return [os.path.join(directory, name) for name in texts]


def left_over(texts: dict[str, str], directory: str) -> list[str]:
    """Return the locks of ours in a directory that these texts do not replace: those of an earlier program, perhaps."""
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []
    locks = [name for name in names if name.startswith("pylock.") and name.endswith(".toml") and name not in texts]
    return [path for name in locks if _is_ours(path := os.path.join(directory, name))]


def _names(formed: Formed) -> list[str]:
    if len(formed) == 1:
        return ["pylock.toml"]
    found: list[str] = []
    for group, planned in formed:
        versions = {one.name: one.version for one in planned if one.requested}
        others = [{one.directory for one in other} for _, other in formed if other is not planned]
        roots = [f"{name}-{version}" for name, version in versions.items()] or [str(group[0])]
        own = next((root for root in roots if not any(root in other for other in others)), roots[0])
        # PEP 751 allows no dot between `pylock.` and `.toml`.
        label = "".join(character if character.isalnum() else "-" for character in own)
        found.append(
            f"pylock.{label}--{len(found) + 1}.toml" if f"pylock.{label}.toml" in found else f"pylock.{label}.toml"
        )
    return found


def _is_ours(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return tomllib.load(file).get("created-by") == TOOL
    except (OSError, ValueError):
        return False
