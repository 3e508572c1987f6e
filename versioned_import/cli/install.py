"""`install FILE ...`: what the versioned imports of programs ask for and isn't there, or exactly what a lock fixes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from versioned_import.cli.check import check_file, show
from versioned_import.cli.lock import split_pip_options
from versioned_import.cli.output import (
    FAILED,
    INTERRUPTED,
    OK,
    USAGE,
    command_parser,
    paint,
    print_error,
    print_json,
    print_table,
)
from versioned_import.errors import ImportVersionError, InstallError, VersionConflictError
from versioned_import.install.kept import read_pylock
from versioned_import.install.lock_lines import lines_of
from versioned_import.install.program import asked_for, clashes, installed_names, python_files, read_program
from versioned_import.install.requirements import ENGINES
from versioned_import.metadata.catalogue import forget, open_catalogue
from versioned_import.metadata.group_locks import read_group_locks
from versioned_import.resolver.choose import choose
from versioned_import.resolver.closure import NothingLoaded
from versioned_import.resolver.search_path import search_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from versioned_import.install.lock_lines import Lines
    from versioned_import.install.program import Asked, Program
    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.resolver.closure import Need
    from versioned_import.resolver.request import Request


@dataclass(frozen=True, slots=True)
class Wish:
    """A requirement of the programs, and whether what is installed meets all statements that ask for it."""

    asked: Asked
    is_met: bool

    @property
    def places(self) -> str:
        """Where its statements stand."""
        return ", ".join(one.where for one in self.asked.statements)


def main(argv: list[str]) -> int:
    """Install, and say what each statement gets then; 1 if one gets nothing, 2 if a file can't be read."""
    own, for_pip = split_pip_options(argv)
    options = _parser().parse_args(own)
    locks = [path for path in options.files if path.endswith(".toml")]
    try:
        lines = {path: lines_of(read_pylock(path), path) for path in locks}
        programs = [read_program(file) for file in python_files(path for path in options.files if path not in lines)]
    except InstallError as error:
        print_error(error)
        return USAGE
    try:
        return _Run(options, for_pip).all(programs, lines)
    except InstallError as error:
        print_error(error)
        return FAILED
    except KeyboardInterrupt:
        print_error("interrupted, nothing was left half installed")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "install",
        "Install what the versioned imports of programs ask for and isn't there yet, side by side, with your own pip;\n"
        "or exactly what a lock fixes. Words behind -- go to pip.",
        (
            "app.py",
            "app.py plugins/ --dry-run",
            "pylock.toml                 # these versions, with these hashes",
            "app.py -- --index-url https://index.example/simple",
        ),
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="a program, a directory of them, or a pylock.toml")
    parser.add_argument("--all", action="store_true", help="resolve also what is there already, all together")
    parser.add_argument("--dry-run", action="store_true", help="show what would be installed and change nothing")
    parser.add_argument("--engine", choices=ENGINES, help="what resolves and installs")
    return parser


def wishes(programs: Sequence[Program], sites: Sequence[str], *, everything: bool = False) -> list[Wish]:
    """Return what the programs ask for. The statements of a file are answered together, as in one process.

    Where they can't be together, but each by itself, all requirements of that file count as unmet: resolved together,
    they may go together. Raises InstallError for a statement whose distribution can't be told.
    """
    unmet: set[Request] = set()
    for program in programs:
        unmet.update(_unmet(program, sites))
    asked = asked_for((one for program in programs for one in program.statements), installed_names(sites))
    return [Wish(one, not everything and not unmet.intersection(one.statements)) for one in asked]


def _unmet(program: Program, sites: Sequence[str]) -> list[Request]:
    earlier: list[Need] = []
    selection: dict[CanonicalName, Candidate] = {}
    missing: list[Request] = []
    for statement in program.statements:
        try:
            choice = choose(statement, sites, earlier, NothingLoaded(), selection)
        except VersionConflictError:
            return list(program.statements)
        except ImportVersionError:
            missing.append(statement)
            continue
        earlier.append(choice.need)
        selection.update(choice.closure)
    return missing


class _Run:
    """One run of the command: its options, and what pip gets besides."""

    def __init__(self, options: argparse.Namespace, for_pip: Sequence[str]) -> None:
        self.options = options
        self.for_pip = [*(["--dry-run"] if options.dry_run else []), *for_pip]
        if options.engine:
            self.for_pip.append(f"--engine={options.engine}")
        # Only the JSON document goes to standard output.
        self.output = sys.stderr if options.json else sys.stdout

    def all(self, programs: Sequence[Program], locks: dict[str, Lines]) -> int:
        found = wishes(programs, search_path(), everything=self.options.all)
        notes = _notes(found, programs)
        if not self.options.json:
            _show_wishes(found)
        for note in notes:
            print(f"note: {note}", file=sys.stderr)
        wanted = [wish.asked.requirement for wish in found if not wish.is_met]
        status = self.pip([*self.for_pip, "--", *wanted]) if wanted else OK
        for path, lines in locks.items():
            status = status or self.lock(path, lines)
        rows = [] if self.options.dry_run or status else self.check(programs)
        if self.options.json:
            print_json(
                {
                    "dry_run": self.options.dry_run,
                    "requirements": [_described(wish) for wish in found],
                    "locks": [
                        {"path": os.path.abspath(path), "versions": lines.versions} for path, lines in locks.items()
                    ],
                    "notes": notes,
                    "statements": rows,
                    "done": not status,
                }
            )
        elif rows:
            show(rows)
        return status or (FAILED if any(row["error"] for row in rows) else OK)

    def lock(self, path: str, lines: Lines) -> int:
        """Install what a lock fixes; its lines with hashes and those without need runs of their own."""
        if not self.options.all and _is_there(lines.versions):
            print(f"{path}: everything is there already", file=self.output)
            return OK
        places = [f"--find-links={place}" for place in lines.places]
        options = [*self.for_pip, *places, "--no-deps"]
        status = OK
        with tempfile.TemporaryDirectory(prefix="versioned-import-") as directory:
            for texts, more in ((lines.hashed, ["--require-hashes"]), (lines.unhashed, [])):
                if texts and not status:
                    file = os.path.join(directory, "lock.txt")
                    with open(file, "w", encoding="utf-8") as opened:
                        opened.write("\n".join((*texts, "")))
                    status = self.pip([*options, *more, "-r", file])
        return status

    def pip(self, words: Sequence[str]) -> int:
        """Run `pip install --allow-multiple` and return OK or what it failed with."""
        command = [sys.executable, "-m", "versioned_import", "pip", "install", "--allow-multiple", *words]
        self.output.flush()
        status = subprocess.call(command, stdout=self.output)
        return status if status in {OK, FAILED, USAGE, INTERRUPTED} else FAILED

    def check(self, programs: Sequence[Program]) -> list[dict[str, str]]:
        """Return what each statement gets now."""
        forget()
        return [row for program in programs for row in check_file(program.path)]


def _notes(found: Sequence[Wish], programs: Sequence[Program]) -> list[str]:
    notes = [
        f"{wish.asked.requirement}: nothing installed has this import name, so the distribution's name is a guess"
        for wish in found
        if wish.asked.guessed and not wish.is_met
    ]
    for program in programs:
        mine = [wish.asked for wish in found if any(one in program.statements for one in wish.asked.statements)]
        for one, other in clashes(mine):
            first, second = (
                next(use.where for use in each.statements if use in program.statements) for each in (one, other)
            )
            notes.append(
                f"no one version is {one.requirement} ({first}) and {other.requirement} ({second}):"
                " they land in two groups, and one process gets one of them"
            )
    if not found and programs:
        notes.append("no versioned import")
    return notes


def _show_wishes(found: Sequence[Wish]) -> None:
    if found:
        rows = [
            (wish.asked.requirement, "there already" if wish.is_met else "to be installed", wish.places)
            for wish in found
        ]
        print_table(("requirement", "", "asked for by"), rows)
    if found and all(wish.is_met for wish in found):
        print(paint("everything is there already", "green"))


def _is_there(versions: dict[str, str]) -> bool:
    """Tell whether a site directory has all of a lock, and knows that they belong together."""
    for site in search_path():
        catalogue = open_catalogue(site)
        groups = [lock.versions.items() for lock in read_group_locks(site) if lock.requested]
        if catalogue is None or not any(versions.items() <= group for group in groups):
            continue
        there = {(str(one.distribution), one.version) for one in catalogue.everything() if one.entry}
        if versions.items() <= there:
            return True
    return False


def _described(wish: Wish) -> dict[str, object]:
    return {
        "requirement": wish.asked.requirement,
        "distribution": wish.asked.distribution,
        "guessed": wish.asked.guessed,
        "installed": wish.is_met,
        "asked_by": [{"where": one.where, "statement": one.statement} for one in wish.asked.statements],
    }
