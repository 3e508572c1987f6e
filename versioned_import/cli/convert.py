"""`convert FILE ... --to cookie|mapping`: from one spelling of versioned imports to the other."""

from __future__ import annotations

import os
import sys

from versioned_import.cli.output import FAILED, OK, USAGE, command_parser, print_error, print_json
from versioned_import.errors import InstallError
from versioned_import.install.program import python_files
from versioned_import.plain_tools.converting import COOKIE, MAPPING, Converted, convert
from versioned_import.plain_tools.diffs import unified
from versioned_import.plain_tools.source import SourceError, check_writable, read_source, write_source


def main(argv: list[str]) -> int:
    """Convert files; 1 if one can't be converted (none is then), or with --check if one would be; 2 if one can't be read."""
    parser = command_parser(
        "convert",
        "Change between the two spellings: version clauses with the cookie, and plain imports below __import_versions__.",
        (
            "app.py --to mapping                  # then every tool can read it",
            "app.py --to cookie",
            "src --to mapping --diff              # show only; a directory: the Python files below it",
            "src --to cookie --check              # exit status 1 if a file is in the other spelling",
        ),
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="a source file, or a directory of them")
    parser.add_argument("--to", choices=(COOKIE, MAPPING), required=True, help="the spelling to change to")
    parser.add_argument(
        "--keep-cookie", action="store_true", help="with --to mapping: leave the cookie, so that plain Python obeys it"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if a file would change")
    parser.add_argument("--diff", action="store_true", help="write nothing; show what would change")
    options = parser.parse_args(argv)
    try:
        sources = [read_source(file) for file in _files(options.files)]
    except (OSError, SourceError, InstallError) as error:
        print_error(error)
        return USAGE
    done: list[Converted] = []
    errors: list[SourceError] = []
    for source in sources:
        try:
            done.append(convert(source, options.to, keep_cookie=options.keep_cookie))
        except SourceError as error:
            errors.append(error)
    writes = not (options.check or options.diff or errors)
    if writes:
        errors += _refused(done)  # nothing is written then
        writes = not errors
    if writes:
        errors += _write(done)
    if options.json:
        rows = [_row(one) for one in done]
        print_json({"written": writes, "files": rows, "errors": [_error_row(one) for one in errors]})
    else:
        _show(done, options.to, diff=options.diff, writes=writes, refused=bool(errors) and not options.check)
        for one in errors:
            print_error(one)
    return FAILED if errors or (options.check and any(one.changed for one in done)) else OK


def _files(named: list[str]) -> list[str]:
    """Return the files that are named or lie below a directory that is; one with several names by the first."""
    files = [file for one in named for file in (python_files([one]) if os.path.isdir(one) else [one])]
    found: dict[tuple[int, int], str] = {}
    for file in files:
        status = os.stat(file)
        found.setdefault((status.st_dev, status.st_ino), file)
    return list(found.values())


def _refused(done: list[Converted]) -> list[SourceError]:
    errors: list[SourceError] = []
    for one in done:
        try:
            if one.changed:
                check_writable(one.source.path)
        except SourceError as error:
            errors.append(error)
    return errors


def _write(done: list[Converted]) -> list[SourceError]:
    errors: list[SourceError] = []
    for one in done:
        if not one.changed:
            continue
        try:
            write_source(one.source, one.source.encoded(one.text))
        except SourceError as error:
            errors.append(error)
        except OSError as error:
            errors.append(SourceError(one.source.path, str(error), ""))
    return errors


def _row(one: Converted) -> dict[str, object]:
    return {
        "file": os.path.abspath(one.source.path),
        "changed": one.changed,
        "clauses": one.clauses,
        "diff": _diff(one),
    }


def _error_row(error: SourceError) -> dict[str, str]:
    return {"where": error.request, "error": error.reason, "advice": error.advice}


def _diff(one: Converted) -> str:
    name = one.source.path
    return "".join(unified(one.source.text, one.text, f"--- {name}\n", f"+++ {name}\n"))


def _show(done: list[Converted], spelling: str, *, diff: bool, writes: bool, refused: bool) -> None:
    for one in done:
        name = one.source.path
        if diff:
            print(_diff(one), end="")
        elif not one.changed:
            print(f"{name}: nothing to convert")
        elif writes:
            print(f"{name}: converted ({one.clauses} clause{'s' * (one.clauses != 1)})")
        else:
            print(f"{name}: {'not converted' if refused else 'would be converted'}")
    needing = [one.source.path for one in done if one.changed and _needs_runner(one, spelling)]
    if needing and writes:
        sys.stdout.flush()
        print(
            f"note: plain Python takes no notice of a mapping: run {', '.join(needing)} with python -m versioned_import, "
            "or convert with --keep-cookie",
            file=sys.stderr,
        )


def _needs_runner(one: Converted, spelling: str) -> bool:
    return spelling == MAPPING and one.source.has_cookie and one.clauses > 0 and "versioned" not in _head(one.text)


def _head(text: str) -> str:
    return " ".join(line for line in text.splitlines()[:2] if line.lstrip("\ufeff \t\f").startswith("#"))
