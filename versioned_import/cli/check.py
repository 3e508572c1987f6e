"""`check FILE ...`: what each versioned import of a program would get, or why it would get nothing."""

from __future__ import annotations

import ast
import difflib
import os
import sys

from versioned_import.cli.output import FAILED, OK, USAGE, coloured, command_parser, print_error, print_json
from versioned_import.errors import ImportVersionError, InstallError, VersionConflictError
from versioned_import.install.program import python_files
from versioned_import.resolver.choose import choose
from versioned_import.resolver.closure import NothingLoaded
from versioned_import.resolver.orders import Taken
from versioned_import.resolver.request import Request
from versioned_import.resolver.search_path import search_path
from versioned_import.syntax.clauses import find_clauses
from versioned_import.syntax.loader import check_text, has_cookie, read_text
from versioned_import.syntax.mask import mask
from versioned_import.syntax.parsing import parse
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
    parser = command_parser(
        "check",
        "Say what each versioned import of a program would get, without importing anything.",
        ("app.py", "app.py plugins/          # a directory stands for the Python files below it", "app.py --json"),
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="a program, or a directory of programs")
    options = parser.parse_args(argv)
    rows: list[dict[str, str]] = []
    try:
        # What is named may have any name; what is found below a directory must be Python.
        files = [file for one in options.files for file in (python_files([one]) if os.path.isdir(one) else [one])]
        for file in files:
            rows += check_file(file)
    except (OSError, UnicodeDecodeError, InstallError) as error:
        print_error(error)
        return USAGE
    if options.json:
        print_json(rows)
    else:
        show(rows)
        print(end="", flush=True)  # into one pipe, the notes come below the rows as on a terminal
        for file in files:
            if note := cookie_note(file):
                print(f"note: {note}", file=sys.stderr)
    return FAILED if any(row["error"] for row in rows) else OK


def check_file(file: str) -> list[dict[str, str]]:
    """Return a row for each versioned statement of a file, its statements answered together, as in one process."""
    with open(file, "rb") as opened:
        data = opened.read()
    try:
        source = read_text(data)
        check_text(source, file)
    except SyntaxError as error:
        lines = data.splitlines()
        # Of an encoding that doesn't exist Python tells no line.
        number = error.lineno or next((at for at, line in enumerate(lines[:2], 1) if b"coding" in line), 1)
        text = error.text or (lines[number - 1].decode(errors="replace") if number <= len(lines) else "")
        row = {"where": f"{file}:{number}", "statement": text.strip(), "version": "", "place": ""}
        return [{**row, "error": f"{error.msg}{_meant(error.msg)}"}]
    rows: list[dict[str, str]] = []
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
    """Yield what each versioned statement of a source text gets, with those before it answered, as in one process.

    All that they took counts as loaded, so a statement that could only be met by exchanging some of it gets the error
    that the run would end in. The order is that of the text, also for what stands inside functions.
    """
    positions = Positions(source)
    late = _lines_of_functions(source)
    earlier: list[Need] = []
    selection: dict[CanonicalName, Candidate] = {}
    for clause in all_clauses(source):
        line = positions.line_and_column(clause.name_start)[0]
        request = Request(clause.name, clause.text, f"{file}:{line}")
        try:
            choice = choose(request, search_path(), earlier, NothingLoaded(), selection)
            if any(selection.get(one.distribution, one).key() != one.key() for one in choice.closure.values()):
                choice = choose(request, search_path(), earlier, Taken(selection, earlier), selection)
        except VersionConflictError as error:
            yield request, _when_it_runs(error) if line in late else error
            continue
        except ImportVersionError as error:
            yield request, error
            continue
        choice.need.asker += ", when it runs" if line in late else ""
        earlier.append(choice.need)
        selection.update(choice.closure)
        yield request, choice


def _lines_of_functions(source: str) -> set[int]:
    """Return the lines that run when a function is called, if ever."""
    tree = parse(mask(source, find_clauses(source)))
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {line for one in functions for line in range(one.body[0].lineno, (one.end_lineno or 0) + 1)}


def _when_it_runs(error: VersionConflictError) -> VersionConflictError:
    return VersionConflictError(error.name, error.request, error.where, f"{error.headline}, when it runs", error.story)


def cookie_note(file: str) -> str:
    """Return what keeps plain Python from understanding the clauses of a file, or ""."""
    with open(file, "rb") as opened:
        data = opened.read()
    try:
        if has_cookie(data) or not all_clauses(read_text(data)):
            return ""
    except SyntaxError:  # it has been told
        return ""
    late = next((number for number, line in enumerate(data.splitlines(), 1) if has_cookie(line)), 0)
    if late:
        return (
            f'{file} has its "# coding: versioned" on line {late}, where Python does not look: move it to line 1 or 2'
        )
    return f'{file} has no "# coding: versioned" on line 1 or 2: it needs python -m versioned_import or enable()'


def _meant(message: str) -> str:
    """Return what to write where an unknown encoding was probably meant to be ours."""
    written = message.rpartition(":")[2].strip(" '")
    close = "encoding" in message and difflib.get_close_matches(written, ["versioned"], cutoff=0.7)
    return "; write # coding: versioned" if close else ""


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
    if coloured(sys.stdout):
        return "\033[32m", "\033[31m", "\033[0m"
    return "", "", ""
