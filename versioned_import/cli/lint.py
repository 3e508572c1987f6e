"""`lint -- TOOL [ARG ...]`: a linter, type checker or formatter on files that have version clauses."""

from __future__ import annotations

import argparse
import sys

from versioned_import.cli.output import USAGE, coloured, print_error
from versioned_import.plain_tools.linting import lint
from versioned_import.plain_tools.source import SourceError
from versioned_import.plain_tools.tools import CHECKER, FIXER, KNOWN

_EXAMPLES = """\
examples:
  versioned-import lint -- ruff check src
  versioned-import lint -- ruff check --fix --output-format github
  versioned-import lint -- black --diff app.py
  versioned-import lint -- python -m mypy --strict app.py
  versioned-import lint --as checker -- vulture src      # a tool that isn't known here
"""


def main(argv: list[str]) -> int:
    """Run the tool and return its exit status; 1 if a file couldn't be given its clauses back, 2 if nothing was run."""
    parser = argparse.ArgumentParser(
        prog="versioned-import lint",
        usage="versioned-import lint [-h] [--as checker|formatter] -- TOOL [ARG ...]",
        description="Run a tool as if plain Python could read version clauses: on a temporary copy in which they are "
        "blanked. Messages name the real files; what a formatter changes is written back, with the clauses.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--as",
        dest="kind",
        choices=("checker", "formatter"),
        help=f"what a tool does that is none of {', '.join(KNOWN)}: look at files, or change them",
    )
    parser.add_argument("words", metavar="TOOL [ARG ...]", nargs="*", help="the command, as without lint")
    at = argv.index("--") if "--" in argv else next((at for at, word in enumerate(argv) if word[:1] != "-"), len(argv))
    if "--" not in argv and at and argv[at - 1] == "--as":
        at += 1
    options = parser.parse_args(argv[:at])
    words = argv[at + (argv[at : at + 1] == ["--"]) :]
    if not words:
        parser.error("which tool? For example: versioned-import lint -- ruff check")
    kind = {"checker": CHECKER, "formatter": FIXER, None: ""}[options.kind]
    try:
        return lint(words, kind, coloured=coloured(sys.stdout), tell=lambda text: print(text, file=sys.stderr))
    except BrokenPipeError:
        raise  # the command line knows what to do
    except (SourceError, OSError) as error:
        print_error(error)
        return USAGE
