"""`lock FILE ...`: one pylock.toml for each group that the versioned imports of programs need."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from versioned_import.cli.output import FAILED, INTERRUPTED, OK, USAGE, command_parser, paint, print_error, print_json
from versioned_import.engines.choose import engine_for
from versioned_import.errors import InstallError
from versioned_import.install.install import plan_groups
from versioned_import.install.program import asked_for, installed_names, python_files, read_program
from versioned_import.install.program_locks import left_over, lock_texts, write_locks
from versioned_import.install.requirements import ENGINES, UsageError, parse_arguments
from versioned_import.resolver.search_path import search_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from versioned_import.install.engine import Planned
    from versioned_import.install.groups import Group


def main(argv: list[str]) -> int:
    """Write the locks; 1 if something can't be resolved, 2 if a file can't be read, and then nothing is written."""
    own, for_pip = split_pip_options(argv)
    parser = command_parser(
        "lock",
        "Write a pylock.toml (PEP 751) for each group that the versioned imports of programs need.\n"
        "Names, versions, files and hashes are fixed; nothing is installed. Words behind -- go to pip.",
        (
            "app.py                          # ./pylock.toml, or pylock.NAME-VERSION.toml for each of several groups",
            "app.py plugins/ -o locks",
            "app.py -- --index-url https://index.example/simple",
        ),
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="a program, or a directory of them")
    parser.add_argument("-o", "--output", metavar="DIR", default=".", help="where the locks are written")
    parser.add_argument("--engine", choices=ENGINES, default=ENGINES[0], help="what resolves")
    options = parser.parse_args(own)
    try:
        programs = [read_program(file) for file in python_files(options.files)]
    except InstallError as error:
        print_error(error)
        return USAGE
    try:
        statements = [statement for program in programs for statement in program.statements]
        asked = asked_for(statements, installed_names(search_path()))
        return _lock(sorted({one.requirement for one in asked}), for_pip, options)
    except InstallError as error:
        print_error(error)
        return USAGE if isinstance(error, UsageError) else FAILED
    except KeyboardInterrupt:
        print_error("interrupted, nothing was written")
        return INTERRUPTED


def split_pip_options(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return our own words, and those behind `--`, which are pip's."""
    at = argv.index("--") if "--" in argv else len(argv)
    return list(argv[:at]), list(argv[at + 1 :])


def _lock(requirements: Sequence[str], for_pip: Sequence[str], options: argparse.Namespace) -> int:
    if not requirements:
        raise InstallError(", ".join(options.files), "no versioned import is there to be locked", "")
    arguments = parse_arguments(
        ["install", "--allow-multiple", f"--engine={options.engine}", *for_pip, "--", *requirements], os.environ
    )
    engine = engine_for(arguments, warn=_tell)
    formed = list(plan_groups(arguments.roots, engine, _tell))
    texts = lock_texts(formed, options.output)
    for path in left_over(texts, options.output):
        _tell(f"note: {path} is from before, and no group of these programs")
    paths = write_locks(texts, options.output)
    if options.json:
        print_json({"locks": [_described(path, *one) for path, one in zip(paths, formed, strict=True)]})
        return OK
    for path, (group, planned) in zip(paths, formed, strict=True):
        count = "1 distribution" if len(planned) == 1 else f"{len(planned)} distributions"
        print(f"{paint(path, 'green')}: {', '.join(map(str, group))} ({count})")
    return OK


def _described(path: str, group: Group, planned: Sequence[Planned]) -> dict[str, object]:
    packages = sorted((one.name, one.version) for one in planned)
    return {
        "path": os.path.abspath(path),
        "roots": sorted(map(str, group)),
        "packages": [{"name": name, "version": version} for name, version in packages],
    }


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
