"""`show-source FILE`: the text that the codec makes of a file."""

from __future__ import annotations

import argparse
import sys

from versioned_import.syntax.loader import compile_source, decode_text, has_cookie
from versioned_import.syntax.rewrite import rewrite_text


def main(argv: list[str]) -> int:
    """Print the rewritten text; exit status 2 for a file that can't be read, 1 for one with a refused clause."""
    parser = argparse.ArgumentParser(
        prog="versioned-import show-source",
        description="Print the plain Python that a file with versioned imports becomes.",
        epilog="example: versioned-import show-source app.py",
    )
    parser.add_argument("file", metavar="FILE")
    file = parser.parse_args(argv).file
    try:
        with open(file, "rb") as opened:
            data = opened.read()
        text = decode_text(data)
    except (OSError, UnicodeDecodeError, SyntaxError) as error:
        print(f"show-source: {file}: {error}", file=sys.stderr)
        return 2
    sys.stdout.write(text if has_cookie(data) else rewrite_text(text))
    try:
        compile_source(data, file)
    except SyntaxError as error:
        import traceback

        print("".join(traceback.format_exception_only(error)), file=sys.stderr, end="")
        return 1
    return 0
