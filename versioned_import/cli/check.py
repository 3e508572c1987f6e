"""`check FILE ...`: what each versioned import of a program would get, or why it would get nothing."""

from __future__ import annotations

import argparse
import json
import os
import sys

from versioned_import.errors import ImportVersionError
from versioned_import.resolver.choose import choose
from versioned_import.resolver.closure import NothingLoaded
from versioned_import.resolver.request import Request
from versioned_import.resolver.search_path import search_path
from versioned_import.syntax.clauses import MAPPING_NAME, find_clauses
from versioned_import.syntax.loader import check_text, has_cookie, read_text
from versioned_import.syntax.positions import Positions
from versioned_import.syntax.rewrite import all_clauses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.resolver.choose import Choice
    from versioned_import.resolver.closure import Need


def main(argv: list[str]) -> int:
    """Print one line a statement; exit status 1 if any statement gets nothing, 2 for a file that can't be read."""
    parser = argparse.ArgumentParser(
        prog="python -m versioned_import check",
        description="Say what each versioned import of a program would get, without importing anything.",
        epilog="example: python -m versioned_import check app.py plugins/*.py",
    )
    parser.add_argument("files", metavar="FILE", nargs="+")
    parser.add_argument("--json", action="store_true", help="one JSON list for machines")
    options = parser.parse_args(argv)
    rows: list[dict[str, str]] = []
    for file in options.files:
        try:
            rows += check_file(file)
        except (OSError, UnicodeDecodeError) as error:
            print(f"check: {file}: {error}", file=sys.stderr)
            return 2
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        show(rows)
        for file in options.files:
            if needs_runner(file):
                note = f'{file} has no "# coding: versioned" on line 1 or 2: it needs python -m versioned_import'
                print(f"note: {note}", file=sys.stderr)
    return int(any(row["error"] for row in rows))


def check_file(file: str) -> list[dict[str, str]]:
    """Return a row for each versioned statement of a file, its statements answered together, as in one process."""
    with open(file, "rb") as opened:
        data = opened.read()
    try:
        source = read_text(data)
        check_text(source, file)
    except SyntaxError as error:
        line = f"{file}:{error.lineno}"
        return [
            {"where": line, "statement": (error.text or "").strip(), "version": "", "place": "", "error": error.msg}
        ]
    rows = idle_rows(file, source)
    for request, answer in answers(file, source):
        row = {"where": request.where, "statement": request.statement, "version": "", "place": "", "error": ""}
        rows.append(row)
        if isinstance(answer, ImportVersionError):
            row["error"] = "\n".join((answer.headline, *answer.story))
            continue
        row["version"] = f"{answer.candidate.distribution} {answer.candidate.version}"
        row["place"] = answer.candidate.place
    return rows


def answers(file: str, source: str) -> Iterator[tuple[Request, Choice | ImportVersionError]]:
    """Yield what each versioned statement of a source text gets, with those before it answered, as in one process."""
    positions = Positions(source)
    earlier: list[Need] = []
    selection: dict[CanonicalName, Candidate] = {}
    for clause in all_clauses(source):
        request = Request(clause.name, clause.text, f"{file}:{positions.line_and_column(clause.name_start)[0]}")
        try:
            choice = choose(request, search_path(), earlier, NothingLoaded(), selection)
        except ImportVersionError as error:
            yield request, error
            continue
        earlier.append(choice.need)
        selection.update(choice.closure)
        yield request, choice


def idle_rows(file: str, source: str) -> list[dict[str, str]]:
    """Return a row for each key of an `__import_versions__` that governs no import."""
    if MAPPING_NAME not in source:
        return []
    from versioned_import.syntax.mapping import idle_keys

    error = "governs nothing: no import of that name follows (keys are import names, not those of distributions)"
    return [
        {"where": f"{file}:{line}", "statement": f"{MAPPING_NAME}: {key!r}", "version": "", "place": "", "error": error}
        for line, key in idle_keys(source, find_clauses(source))
    ]


def needs_runner(file: str) -> bool:
    """Tell whether a file has clauses that plain Python would not understand."""
    with open(file, "rb") as opened:
        data = opened.read()
    return not has_cookie(data) and bool(all_clauses(read_text(data)))


def show(rows: list[dict[str, str]]) -> None:
    """Print the rows as a table; what failed with its story below it."""
    wide = max((len(row["statement"]) for row in rows), default=0)
    green, red, plain = _colours()
    for row in rows:
        head = f"{row['where']}: {row['statement']:{wide}}"
        if row["error"]:
            first, *story = row["error"].split("\n")
            print(f"{head}  {red}{first}{plain}")
            for line in story:
                print(f"    {line}")
        else:
            print(f"{head}  {green}{row['version']}{plain}  {row['place']}")
    if not rows:
        print("no versioned import")


def _colours() -> tuple[str, str, str]:
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
        return "\033[32m", "\033[31m", "\033[0m"
    return "", "", ""
