"""`gc --keep LOCK|PROGRAM ...`: remove the versioned directories that no lock and no program needs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from versioned_import.cli.output import FAILED, OK, USAGE, command_parser, print_error, print_json
from versioned_import.cli.uninstall import described, finish, installed_in
from versioned_import.errors import InstallError, LockError
from versioned_import.install import site_directory
from versioned_import.install.kept import Kept
from versioned_import.install.program import python_files, read_program
from versioned_import.install.uninstall import Removal, put_back_unfinished
from versioned_import.locks.read import reader_for
from versioned_import.metadata.catalogue import forget
from versioned_import.metadata.group_locks import read_all_group_locks
from versioned_import.resolver.search_path import search_path
from versioned_import.resolver.specifiers import sort_key

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from versioned_import.metadata.group_locks import GroupLock


def main(argv: list[str]) -> int:
    """Remove what nothing that is to be kept needs; 2 if what is to be kept can't be read, and then nothing is removed."""
    options = _parser().parse_args(argv)
    if not options.keep and not options.keep_groups:
        print_error("say what is to be kept: --keep LOCK|PROGRAM ..., or --keep-groups")
        return USAGE
    try:
        site = options.site or site_directory.choose(user=None, command=site_directory.GC).path
    except InstallError as error:
        print_error(error)
        return FAILED
    site = os.path.abspath(site)
    forget()
    put_back_unfinished(site)
    kept = Kept()
    try:
        locks = read_all_group_locks(site)
        if options.keep_groups:
            kept.add_groups(locks)
        for path in filter(_is_lock, options.keep):
            kept.add_lock(path)
        files = python_files(path for path in options.keep if not _is_lock(path))
        programs = [read_program(file) for file in files]
    except (InstallError, LockError) as error:
        print_error(f"{error}\nnothing was removed")
        return USAGE
    try:
        kept.add_programs(programs, tuple(dict.fromkeys((*search_path(), site))))
        return _collect(site, locks, kept, options)
    except InstallError as error:
        print_error(error)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "gc",
        "Remove the versioned directories of a site directory that no lock and no program needs.\n"
        "A program needs what its imports get now, with all requirements; a directory means all .py and\n.pyw files below it.",
        (
            "--keep app.py plugins/ --dry-run",
            "--keep pylock.toml ~/other/app.py -y",
            "--keep-groups               # what no installed group holds any more, after uninstall",
        ),
    )
    parser.add_argument("--keep", metavar="LOCK|PROGRAM", nargs="+", action="extend", default=[], help="what stays")
    parser.add_argument("--keep-groups", action="store_true", help="keep what `pip install --allow-multiple` resolved")
    parser.add_argument("--dry-run", action="store_true", help="show what would go and change nothing")
    parser.add_argument("--site", metavar="DIR", help="the site directory; by default the one that pip installs into")
    parser.add_argument("-y", "--yes", action="store_true", help="don't ask")
    return parser


def _collect(site: str, locks: Sequence[GroupLock], kept: Kept, options: argparse.Namespace) -> int:
    installed = installed_in(site)
    doomed = sorted(
        (one for one in installed.values() if not kept.holds(one)),
        key=lambda one: (one.distribution, sort_key(one.version)),
    )
    for notice in kept.notices:
        print(f"warning: {notice}", file=sys.stderr)
    if doomed:
        return finish(doomed, installed, locks, options=options)
    if options.json:
        print_json(described(site, (), {}, None if options.dry_run else Removal()))
    else:
        print(f"nothing to remove: all {len(installed)} versioned directories of {site} are needed")
    return OK


def _is_lock(path: str) -> bool:
    return not os.path.isdir(path) and (path.endswith(".toml") or bool(reader_for(os.path.basename(path))))
