"""`python -m versioned_import`: run a program, or one of the commands."""

from __future__ import annotations

import importlib
import sys

import versioned_import_startup

COMMANDS = {"check": "check", "pip": "pip", "show-source": "show_source"}

USAGE = """\
usage: python -m versioned_import FILE [ARG ...]         run a program whose imports name versions
       python -m versioned_import -m MODULE [ARG ...]    run a module as a program
       python -m versioned_import -c CODE [ARG ...]      run a text
       python -m versioned_import - [ARG ...]            run what standard input says
       python -m versioned_import                        an interactive session that knows the syntax

commands (for a file of that name, write ./check):
       check FILE ...          what each versioned import of a program would get; exit 1 if one gets nothing
       show-source FILE        the text that the codec makes of a file
       pip install --allow-multiple REQUIREMENT ...
                               install several versions side by side, with your own pip

examples:
       python -m versioned_import pip install --allow-multiple requests==2.22.0 requests==2.32.2
       python -m versioned_import check app.py
       python -m versioned_import app.py --port 8000
"""


def main(argv: list[str] | None = None) -> int:
    """Do what a command line says and return the exit status; a program that is run may also leave by SystemExit."""
    # Where the package is only on PYTHONPATH, no .pth file has done it.
    versioned_import_startup.register()
    words = sys.argv[1:] if argv is None else argv
    if words and words[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    if words and words[0] in ("-V", "--version"):
        from versioned_import import __version__

        print(f"versioned_import {__version__}")
        return 0
    if words and words[0] in COMMANDS:
        module = importlib.import_module(f"versioned_import.cli.{COMMANDS[words[0]]}")
        status: int = module.main(words[1:])
        return status
    from versioned_import.cli.run import run

    return run(words)
