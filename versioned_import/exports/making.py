"""Making a tree of links on disk, by the best kind of link that the file systems have."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from versioned_import.exports.links import Text

if TYPE_CHECKING:
    from versioned_import.exports.links import Tree

SYMBOLIC, HARD = "symbolic links", "hard links, or copies"


def kind_for(directory: str) -> str:
    """Return the kind of link that can be made in a directory: Windows has symbolic ones for few users only."""
    trial = os.path.join(directory, ".trial")
    try:
        os.symlink(directory, trial, target_is_directory=True)
        os.unlink(trial)
    except (OSError, NotImplementedError):
        return HARD
    return SYMBOLIC


def make_tree(tree: Tree, directory: str, kind: str, *, executable: str = "") -> list[str]:
    """Make a tree in a directory; return the paths that were taken already, which stay as they are. Raises OSError.

    The texts in the directory `executable` are made so that they can be run.
    """
    taken = []
    os.makedirs(directory, exist_ok=True)
    for name, what in tree.items():
        path = os.path.join(directory, name)
        if isinstance(what, dict):
            if os.path.lexists(path) and not os.path.isdir(path):
                taken.append(path)
            else:
                taken += make_tree(what, path, kind, executable=executable)
        elif os.path.lexists(path):
            taken.append(path)
        elif isinstance(what, Text):
            _write(path, what.text, executable=directory == executable)
        else:
            _link(what, path, kind)
    return taken


def _write(path: str, text: str, *, executable: bool) -> None:
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    if executable:
        os.chmod(path, 0o755)  # noqa: S103 a launcher is there to be run by everybody


def _link(source: str, path: str, kind: str) -> None:
    if kind == SYMBOLIC:
        os.symlink(source, path)
    elif os.path.isdir(source):
        shutil.copytree(source, path, copy_function=_hard_link, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        _hard_link(source, path)


def _hard_link(source: str, path: str) -> None:
    with suppress(OSError):
        os.link(source, path)
        return
    shutil.copy2(source, path)
