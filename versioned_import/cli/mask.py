"""`mask FILE`: the text of a file as plain Python, with every position as in the file."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import tempfile

from versioned_import.cli.output import FAILED, OK, USAGE, print_error
from versioned_import.plain_tools.masks import blanked
from versioned_import.plain_tools.source import SourceError, parse_source
from versioned_import.syntax.loader import check_text

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
        except SyntaxError as error:
            print_error(f"{error.filename}:{error.lineno}: {error.msg}")
            status = max(status, FAILED)
        except (SourceError, OSError, ValueError) as error:
            print_error(error)
            status = USAGE
    if status != OK:
        return status
    try:
        _write(made, options.output, options.output_dir)
    except OSError as error:
        print_error(error)
        return FAILED
    return OK


def masked(file: str) -> bytes:
    """Return the mask of a file; raises OSError, SourceError, and SyntaxError where Python can't read the mask either."""
    if file == "-":
        data = sys.stdin.buffer.read()
    else:
        with open(file, "rb") as opened:
            data = opened.read()
    source = parse_source("<stdin>" if file == "-" else file, data)
    check_text(source.text.removeprefix("\ufeff"), source.path)
    return source.encoded(blanked(source))


def _write(made: list[tuple[str, bytes]], output: str | None, directory: str | None) -> None:
    if directory is not None:
        for file, data in made:
            # What lies above the current directory keeps its place below it: /src/app.py becomes DIR/src/app.py.
            relative = os.path.normpath(os.path.relpath(file))
            parts = [part for part in relative.split(os.sep) if part != os.pardir]
            path = os.path.join(directory, *parts)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            _write_whole(path, data, file)
    elif output is not None:
        _write_whole(output, made[0][1], made[0][0])
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(made[0][1])


def _write_whole(path: str, data: bytes, like: str) -> None:
    """Write a file so that nobody reads half of it, with the mode of another."""
    path = os.path.realpath(path)
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=os.path.dirname(path))
    try:
        with open(handle, "wb") as file:
            file.write(data)
        if os.path.isfile(like):
            shutil.copymode(like, temporary)
        else:
            os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
