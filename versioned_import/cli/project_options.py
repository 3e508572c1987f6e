"""The options by which commands choose a project: its lock, groups and extras."""

from __future__ import annotations

from typing import TYPE_CHECKING

from versioned_import.errors import LockError
from versioned_import.projects.options import VARIABLE, from_environment, options_for, split_names

if TYPE_CHECKING:
    import argparse

    from versioned_import.projects.options import Options


def add_project_options(parser: argparse.ArgumentParser, *, positional: bool = False) -> None:
    """Declare `--project` (or a DIR of its own), `--groups`, `--extras`, `--no-default-groups`."""
    what = "the directory of the project, or its lock file; by default VERSIONED_IMPORT_PROJECT"
    if positional:
        parser.add_argument("project", metavar="DIR|FILE", nargs="?", help=f"{what}, else this directory")
    else:
        parser.add_argument("--project", metavar="DIR|FILE", help=what)
    parser.add_argument("--groups", metavar="NAMES", action="append", default=[], help="dependency groups: dev,test")
    parser.add_argument("--extras", metavar="NAMES", action="append", default=[], help="extras of the project: socks")
    parser.add_argument(
        "--no-default-groups", action="store_true", help="leave out what the lock's own tool takes without being asked"
    )


def options_of(namespace: argparse.Namespace, default: str = "") -> Options:
    """Return the project that a command line names, or the environment, or else the one of the directory `default`.

    Groups and extras of the command line are added to the environment's. Raises LockError, also if none is named.
    """
    groups = [name for text in namespace.groups for name in split_names(text)]
    extras = [name for text in namespace.extras for name in split_names(text)]
    if namespace.project is None and (told := from_environment()) is not None:
        with_defaults = told.default_groups and not namespace.no_default_groups
        return options_for(told.lock, {*told.groups, *groups}, {*told.extras, *extras}, default_groups=with_defaults)
    where = namespace.project or default
    if not where:
        raise LockError("no project is named", "it is never guessed", f"Use --project DIR, or set {VARIABLE}.")
    return options_for(where, groups, extras, default_groups=not namespace.no_default_groups)
