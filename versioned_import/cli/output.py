"""What all commands share: a parser that teaches by example, a console whose colour turns itself off, JSON for machines."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, TextIO

    from rich.console import Console

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses: done or yes; failed or no; the command line makes no sense; Ctrl-C."""

_NARROWEST = 12


def command_parser(name: str, description: str, examples: Iterable[str]) -> argparse.ArgumentParser:
    """Return the parser of `versioned-import NAME`, with `--json` and examples below its options."""
    parser = _Parser(
        prog=f"versioned-import {name}",
        description=description,
        epilog="\n".join(("examples:", *(f"  versioned-import {name} {example}".rstrip() for example in examples))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--json", action="store_true", help="one JSON document for machines, and nothing else, on standard output"
    )
    return parser


class _Parser(argparse.ArgumentParser):
    def print_help(self, file: Any = None) -> None:
        # argparse's own says nothing of a reader that went away.
        print(self.format_help(), end="", file=file)


def console(*, stderr: bool = False) -> Console:
    """Return a console for people: it knows NO_COLOR and FORCE_COLOR, and writes plain text into files and pipes."""
    from rich.console import Console

    class PipeConsole(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would leave with exit status 1; the command line knows the one of a pipe

    file = sys.stderr if stderr else sys.stdout
    # A pipe has no width; what is cut there is lost to grep.
    width = None if file is not None and file.isatty() else 10_000
    return PipeConsole(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


def print_json(data: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(data, indent=2, ensure_ascii=False))


def print_error(error: object) -> None:
    """Print an error, which goes to standard error."""
    print(f"error: {error}", file=sys.stderr)


def size_text(size: int) -> str:
    """Return a number of bytes for people: `812 B`, `4.2 kB`, `31.0 MB` (powers of 1000)."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":  # noqa: PLR2004 the step between units
            break
        amount /= 1000
    return f"{size} B" if unit == "B" else f"{amount:.1f} {unit}"


@contextmanager
def working(text: str) -> Iterator[None]:
    """Let something move on the terminal during a block that takes its time; elsewhere it is quiet."""
    if not sys.stderr.isatty():
        yield
        return
    try:
        status = console(stderr=True).status(text)
    except ImportError:  # `doctor` has to work without rich
        yield
        return
    with status:
        yield


_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def coloured(file: TextIO | None) -> bool:
    """Tell whether colours may go to a file, by the rules that rich has: NO_COLOR, FORCE_COLOR, TERM, and a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return file is not None and file.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


def paint(text: str, style: str, file: TextIO | None = None) -> str:
    """Return a text in a style (bold, dim, red, green, yellow, cyan) where `file`, standard output, takes colours."""
    if not text or not style or not coloured(file or sys.stdout):
        return text
    return f"\033[{_STYLES[style]}m{text}\033[0m"


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Iterable[str] = ()) -> None:
    """Print rows in columns below their heads; columns that are empty all the way down are left out.

    `right` names the columns whose texts stand at the right. Where a terminal is too narrow, the last column is folded
    below its head. rich.table would take half a second for a thousand rows.
    """
    used = [number for number in range(len(heads)) if any(row[number] for row in rows)]
    wide = {number: max(len(heads[number]), *(len(row[number]) for row in rows)) for number in used}
    to_right = set(right)
    room = _room(sum(wide[number] + 2 for number in used[:-1]))
    for place, row in enumerate((heads, *rows)):
        cells = [
            row[number].rjust(wide[number]) if heads[number] in to_right else row[number].ljust(wide[number])
            for number in used
        ]
        first, *more = _folded(cells.pop().rstrip(), room)
        line = "  ".join((*cells, first)).rstrip()
        print(paint(line, "dim") if place == 0 else line)
        for rest in more:
            print(" " * sum(len(cell) + 2 for cell in cells) + rest)


def _room(taken: int) -> int:
    """Return the columns that a terminal has left beside some, or 0 where nothing has to be folded, or can be."""
    if sys.stdout is None or not sys.stdout.isatty():
        return 0
    left = shutil.get_terminal_size().columns - taken
    return left if left >= _NARROWEST else 0


def _folded(text: str, room: int) -> list[str]:
    if not room or len(text) <= room:
        return [text]
    import textwrap

    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
