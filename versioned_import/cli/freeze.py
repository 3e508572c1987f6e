"""`freeze [-o FILE] PROGRAM ARGS`: run a program, and write a lock of what it has selected when it ends."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from versioned_import.cli.output import FAILED, OK, USAGE, command_parser, print_error, print_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def main(argv: list[str]) -> int:
    """Run the program that the command line names; its exit status is the result, or 1 if the lock can't be written.

    What can't be run at all changes nothing.
    """
    own, program = _split(argv)
    options = _parser().parse_args(own)
    if not any(not word.startswith("--") for word in program):
        print_error("no program is named: versioned-import freeze [-o FILE] app.py [ARG ...]")
        return USAGE
    path = os.path.abspath(options.output) if options.output else ""
    if path and not os.path.isdir(os.path.dirname(path)):
        print_error(f"{path}: its directory does not exist")
        return USAGE
    from versioned_import.cli.run import run_with_project

    try:
        status = run_with_project(program)
    except BaseException as error:
        _wait_for_threads()
        written = _write(path, options, "" if isinstance(error, SystemExit) else type(error).__name__)
        if not written and isinstance(error, SystemExit) and not error.code:
            return FAILED
        raise
    if status:
        return status  # nothing has run, and a lock that is there is as good as before
    _wait_for_threads()
    return OK if _write(path, options, "") else FAILED


def runs_script(argv: Sequence[str]) -> bool:
    """Tell whether these words run a program, and do not ask for help."""
    own, program = _split(argv)
    return bool(program) and not {"-h", "--help"}.intersection(own)


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "freeze",
        "Run a program, and write what it has selected as a pylock.toml (PEP 751) when it ends, also if it fails.\n"
        "That is what its imports got, versioned or plain, with all that these require. Options of the runner, such as"
        " --project, stand behind those of freeze.",
        (
            "-o pylock.toml app.py --port 8000",
            "-o pylock.toml -m package.module",
            '-c "import requests version 2.31"   # without -o: to standard output, behind the program\'s own',
        ),
    )
    parser.usage = "versioned-import freeze [-h] [--json] [-o FILE] (FILE | -m MODULE | -c CODE | -) [ARG ...]"
    parser.add_argument("-o", "--output", metavar="FILE", default="", help="write to FILE, not to standard output")
    return parser


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return our own words, which come first, and the runner's."""
    words = list(argv)
    own: list[str] = []
    while words:
        word = words[0]
        if word in ("-o", "--output"):
            taken = 2
        elif word in ("-h", "--help", "--json") or word.startswith("--output=") or (word[:2] == "-o" and word != "-o"):
            taken = 1
        else:
            break
        own += words[:taken]
        words = words[taken:]
    return own, words


def _wait_for_threads() -> None:
    """Wait as Python does before it ends: what other threads import counts too."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


def _write(path: str, options: argparse.Namespace, failure: str) -> bool:
    """Write the lock, and tell what there is to tell. Return whether it could be written."""
    from versioned_import.exports.freezing import frozen_text
    from versioned_import.install.whole_files import write_named

    text, unknown = frozen_text(os.path.dirname(path))
    notices = [f"the program ended by {failure}: the lock has what was selected until then"] if failure else []
    if unknown:
        sentence = (
            "nobody has noted from which file it is: the lock has the version only, and other tools refuse such a lock"
        )
        notices.append(f"{', '.join(unknown)}: {sentence}")
    for notice in notices:
        print(f"note: {notice}", file=sys.stderr)
    try:
        if path:
            write_named(path, text)
        elif not options.json:
            print(text, end="")
    except OSError as error:
        print_error(f"{path or 'standard output'}: {error.strerror}")
        return False
    if options.json:
        print_json({"output": path, "text": text, "unknown": unknown, "notices": notices})
    return True
