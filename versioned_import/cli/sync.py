"""`sync [DIR|FILE]`: what a project's lock names and is missing gets installed, or (`--check`) is listed."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from versioned_import.cli.output import (
    FAILED,
    INTERRUPTED,
    OK,
    USAGE,
    command_parser,
    console,
    paint,
    print_error,
    print_json,
    print_table,
)
from versioned_import.cli.project_options import add_project_options, options_of
from versioned_import.engines.sync import Quiet, Ways, install_missing, look
from versioned_import.errors import InstallError, LockError
from versioned_import.install.requirements import ENGINES, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from versioned_import.engines.sync import Look, Progress, Synced
    from versioned_import.projects.installed import Missing
    from versioned_import.projects.options import Options


def main(argv: list[str]) -> int:
    """Install what is missing; 1 if that fails or, with --check, if anything is missing; 2 if the lock can't be used."""
    at = argv.index("--") if "--" in argv else len(argv)
    given, for_pip = _parser().parse_args(argv[:at]), argv[at + 1 :]
    try:
        options = options_of(given, default=".")
        found = look(options)
    except LockError as error:
        print_error(error)
        return USAGE
    for warning in found.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if given.check or not found.missing:
        _tell_missing(options, found, as_json=given.json)
        return FAILED if found.missing else OK
    try:
        with _progress() as progress:
            ways = Ways(words=tuple(for_pip), engine=given.engine or "")
            done = install_missing(options, found, ways, report=_tell, progress=progress)
    except (LockError, InstallError) as error:
        print_error(error)
        return USAGE if isinstance(error, UsageError) else FAILED
    except KeyboardInterrupt:
        print_error("interrupted, nothing was left half installed")
        return INTERRUPTED
    _tell_done(options, found, done, as_json=given.json)
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "sync",
        "Install what the lock of a project names for this Python and is missing, as versioned directories: exactly the\n"
        "locked files, with their hashes checked. What else is installed stays. Words behind -- go to pip.",
        (
            "                            # the project of this directory",
            "~/shop --groups dev,test --extras socks",
            "~/shop/uv.lock --check      # list what is missing; exit status 1 if anything is",
            "-- --index-url https://index.example/simple",
        ),
    )
    add_project_options(parser, positional=True)
    parser.add_argument("--check", action="store_true", help="only list what is missing, and exit 1 if anything is")
    parser.add_argument("--engine", choices=ENGINES, help="what gets and builds the files, by its command line")
    return parser


def _tell_missing(options: Options, found: Look, *, as_json: bool) -> None:
    if as_json:
        missing = [_described(one) for one in found.missing]
        print_json({"lock": options.lock, "locked": len(found.locked), "missing": missing, "installed": []})
    elif not found.missing:
        print(paint(f"{options.lock}: all {len(found.locked)} locked distributions are there", "green"))
    else:
        rows = [(str(one.locked.distribution), one.locked.version, one.why) for one in found.missing]
        print_table(("missing", "version", "why"), rows)


def _tell_done(options: Options, found: Look, done: Sequence[Synced], *, as_json: bool) -> None:
    if as_json:
        installed = [
            {"name": one.name, "version": one.version, "place": one.place, "outcome": one.outcome} for one in done
        ]
        print_json({"lock": options.lock, "locked": len(found.locked), "missing": [], "installed": installed})
        return
    for one in done:
        print(one)


def _described(one: Missing) -> dict[str, str]:
    locked = one.locked
    return {"name": str(locked.distribution), "version": locked.version, "why": one.why, "where": locked.where}


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Give progress that moves on a terminal, and is quiet elsewhere."""
    if not sys.stderr.isatty():
        yield Quiet()
        return
    from rich.progress import Progress as Bars

    with Bars(console=console(stderr=True), transient=True) as bars:
        yield _Bars(bars)


class _Bars:
    """Progress on a terminal: one line for each part of the work."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.task: TaskID | None = None

    def begin(self, text: str, total: int = 0) -> None:
        """Begin a line, and end the one before."""
        if self.task is not None:
            self.bars.remove_task(self.task)
        self.task = self.bars.add_task(text, total=total or None)

    def step(self) -> None:
        """Count one step."""
        if self.task is not None:
            self.bars.advance(self.task)
