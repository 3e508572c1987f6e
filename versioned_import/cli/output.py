"""What all commands share: a parser that teaches by example, a console whose colour turns itself off, JSON for machines."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from rich.console import Console

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses: done or yes; failed or no; the command line makes no sense; Ctrl-C."""


def command_parser(name: str, description: str, examples: Iterable[str]) -> argparse.ArgumentParser:
    """Return the parser of `versioned-import NAME`, with `--json` and examples below its options."""
    parser = argparse.ArgumentParser(
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


def console(*, stderr: bool = False) -> Console:
    """Return a console for people: it knows NO_COLOR and FORCE_COLOR, and writes plain text into files and pipes."""
    from rich.console import Console

    file = sys.stderr if stderr else sys.stdout
    # A pipe has no width; what is cut there is lost to grep.
    width = None if file.isatty() else 10_000
    return Console(stderr=stderr, width=width, highlight=False, markup=False, soft_wrap=True)


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
