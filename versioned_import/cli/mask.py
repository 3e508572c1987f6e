"""`mask FILE`: the text of a file as plain Python, with every position as in the file."""

from __future__ import annotations

import argparse
import os
import stat
import sys

from versioned_import.cli.output import FAILED, OK, USAGE, print_error
from versioned_import.install.whole_files import write_named
from versioned_import.plain_tools.converting import check
from versioned_import.plain_tools.masks import blanked
from versioned_import.plain_tools.source import SourceError, parse_source

_EXAMPLES = """\
examples:
  versioned-import mask app.py > plain.py
  versioned-import mask - < app.py
  versioned-import mask app.py tools/*.py --output-dir plain
"""


def main(argv: list[str]) -> int:
    """Write the masked files; exit status 2 for a file that can't be read, 1 for one that is no plain Python even so.

    Nothing is written unless all of them can be masked.
    """
    parser = argparse.ArgumentParser(
        prog="versioned-import mask",
        description="Write a file as plain Python: blanks stand for each version clause, so lines, columns and length stay.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="a source file; - is standard input")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("-o", "--output", metavar="FILE", help="where to write it; standard output by default")
    where.add_argument("--output-dir", metavar="DIR", help="where to write several files, each below its relative path")
    options = parser.parse_args(argv)
    if options.output_dir is None and len(options.files) > 1:
        parser.error("several files need --output-dir DIR")
    if options.output_dir is not None and "-" in options.files:
        parser.error("standard input has no name for --output-dir")
    made: list[tuple[str, bytes]] = []
    status = OK
    for file in options.files:
        try:
            made.append((file, masked(file)))
        except MistakeError as error:
            print_error(error)
            status = max(status, FAILED)
        except (SourceError, OSError) as error:
            print_error(error)
            status = USAGE
    if status != OK:
        return status
    try:
        _write(made, options.output, options.output_dir)
    except SourceError as error:
        print_error(error)
        return USAGE
    except OSError as error:
        print_error(error)
        return FAILED
    return OK


class MistakeError(SourceError):
    """A file that has a mistake in it: Python can't read the mask either."""


def masked(file: str) -> bytes:
    """Return the mask of a file; raises OSError, SourceError, and MistakeError."""
    if file == "-":
        data = sys.stdin.buffer.read()
    else:
        with open(file, "rb") as opened:
            data = opened.read()
    source = parse_source("<stdin>" if file == "-" else file, data)
    try:
        check(source)
    except SourceError as error:
        raise MistakeError(error.request, error.reason, error.advice) from None
    return source.encoded(blanked(source))


def _write(made: list[tuple[str, bytes]], output: str | None, directory: str | None) -> None:
    if output is None and directory is None:
        if _is_source(made[0][0], 1):  # `>> app.py`
            raise SourceError(made[0][0], "standard output is the source itself", "Name another place.")
        sys.stdout.flush()
        sys.stdout.buffer.write(made[0][1])
        return
    files = [file for file, _ in made]
    targets = [output if output is not None else os.path.join(directory or "", _relative(file)) for file in files]
    _check_targets(files, targets)
    for (file, data), target in zip(made, targets, strict=True):
        if directory is not None:
            os.makedirs(os.path.dirname(target), exist_ok=True)
        write_named(target, data, stat.S_IMODE(os.stat(file).st_mode) if os.path.isfile(file) else 0o644)


def _relative(file: str) -> str:
    """Return where a file lies below the directory: what lies above the current one keeps its place, ../a.py is a.py."""
    relative = os.path.normpath(os.path.relpath(file))
    return os.path.join(*(part for part in relative.split(os.sep) if part != os.pardir))


def _check_targets(files: list[str], targets: list[str]) -> None:
    """Raise SourceError if a source would be overwritten, whatever its name there, or one mask by another."""
    places: dict[str, str] = {}
    for file, target in zip(files, targets, strict=True):
        for source in files:
            if _is_source(source, target):
                name = "the file at standard input" if source == "-" else f"the source {source}"
                raise SourceError(target, f"the mask of {file} would overwrite {name}", "Name another place.")
        before = places.setdefault(os.path.realpath(target), file)
        if os.path.realpath(before) != os.path.realpath(file):
            reason = f"the masks of {before} and {file} would both be written there"
            raise SourceError(target, reason, "Mask them in two runs, into two directories.")


def _is_source(file: str, target: str | int) -> bool:
    try:
        source, found = os.fstat(0) if file == "-" else os.stat(file), os.stat(target)
    except OSError:  # the target is new
        return False
    return stat.S_ISREG(found.st_mode) and os.path.samestat(source, found)
