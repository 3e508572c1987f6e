"""`lock FILE ...`: one pylock.toml for each group that the versioned imports of programs need."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import TYPE_CHECKING

from versioned_import.cli.output import FAILED, INTERRUPTED, OK, USAGE, command_parser, paint, print_error, print_json
from versioned_import.engines.choose import engine_for
from versioned_import.errors import InstallError
from versioned_import.install.program import asked_for, installed_names, python_files, read_program
from versioned_import.install.program_groups import plan_programs, served
from versioned_import.install.program_locks import left_over, lock_texts, write_locks
from versioned_import.install.requirements import ENGINES, UsageError, parse_arguments
from versioned_import.resolver.search_path import search_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from versioned_import.install.engine import Planned
    from versioned_import.install.groups import Group
    from versioned_import.install.requirements import Root

_MOST_NAMES = 3


def main(argv: list[str]) -> int:
    """Write the locks; 1 if something can't be resolved, 2 if a file can't be read, and then nothing is written."""
    own, for_pip = split_pip_options(argv)
    parser = command_parser(
        "lock",
        "Write a pylock.toml (PEP 751) for each group that the versioned imports of programs need.\n"
        "Names, versions, files and hashes are fixed; nothing is installed. Programs that go together share a lock, and each"
        " has all its imports in one, unless they conflict among themselves. Words behind -- go to pip.",
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
        known = installed_names(search_path())
        asked = {one.path: [each.requirement for each in asked_for(one.statements, known)] for one in programs}
        return _lock(asked, for_pip, options)
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


def _lock(asked: Mapping[str, Sequence[str]], for_pip: Sequence[str], options: argparse.Namespace) -> int:
    requirements = sorted({text for texts in asked.values() for text in texts})
    if not requirements:
        raise InstallError(", ".join(options.files), "no versioned import is there to be locked", "")
    arguments = parse_arguments(
        ["install", "--allow-multiple", f"--engine={options.engine}", *for_pip, "--", *requirements], os.environ
    )
    engine = engine_for(arguments, warn=_tell)
    programs = {path: _roots(arguments.roots, set(texts)) for path, texts in asked.items()}
    named_to_pip = tuple(root for root in arguments.roots if root.place)  # by -r
    formed = plan_programs([*programs.values(), named_to_pip], engine, _tell)
    texts = lock_texts(formed, options.output)
    for path in left_over(texts, options.output):
        _tell(f"note: {path} is from before, and no group of these programs")
    for path, count in _taken_apart(programs, formed):
        _tell(f"note: the imports of {path} conflict and are in {count} locks; one process can load one of them")
    paths = write_locks(texts, options.output)
    serves = list(served(programs, [group for group, _ in formed]))
    if options.json:
        rows = zip(paths, formed, serves, strict=True)
        print_json({"locks": [_described(path, one, programs=names) for path, one, names in rows]})
        return OK
    for path, (group, planned), names in zip(paths, formed, serves, strict=True):
        size = "1 distribution" if len(planned) == 1 else f"{len(planned)} distributions"
        whom = f", for {_some(names)}" if len(programs) > 1 < len(formed) and names else ""
        print(f"{paint(path, 'green')}: {', '.join(map(str, group))} ({size}){whom}")
    return OK


def _roots(roots: Iterable[Root], texts: set[str]) -> Group:
    return tuple(root for root in roots if root.text in texts and not root.place)


def _taken_apart(programs: Mapping[str, Group], formed: Sequence[tuple[Group, object]]) -> Iterator[tuple[str, int]]:
    """Yield the programs of which no lock holds all imports, and in how many they are."""
    counts = Counter(name for names in served(programs, [group for group, _ in formed]) for name in names)
    for path, roots in programs.items():
        texts = {root.text for root in roots}
        if not any(texts.issubset(root.text for root in group) for group, _ in formed):
            yield path, counts[path]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _described(path: str, formed: tuple[Group, Sequence[Planned]], *, programs: Sequence[str]) -> dict[str, object]:
    group, planned = formed
    packages = sorted((one.name, one.version) for one in planned)
    return {
        "path": os.path.abspath(path),
        "roots": sorted(map(str, group)),
        "programs": [os.path.abspath(one) for one in programs],
        "packages": [{"name": name, "version": version} for name, version in packages],
    }


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
