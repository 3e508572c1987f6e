"""`python -m versioned_import`: run a program, or one of the commands."""

from __future__ import annotations

import sys

import versioned_import_startup

OPTIONS = "-h", "--help", "-V", "--version"


def main(argv: list[str] | None = None) -> int:
    """Do what a command line says and return the exit status; a program that is run may also leave by SystemExit."""
    # Where the package is only on PYTHONPATH, no .pth file has done it.
    versioned_import_startup.register()
    words = sys.argv[1:] if argv is None else argv
    if words and may_be_command(words[0]):
        from versioned_import.cli import commands

        if words[0] in OPTIONS:
            return commands.quietly(lambda: commands.tell_of_us(words[0]))
        if words[0] in commands.COMMANDS:
            return commands.run_command(*words)
    from versioned_import import running  # noqa: F401 it loads most of the following at once, out of one file
    from versioned_import.cli.run import run_with_project

    return run_with_project(words)


def may_be_command(word: str) -> bool:
    """Tell whether a word may be one of the commands, or ask for help; False is certain, as for most programs."""
    return word in OPTIONS or (not word.startswith("-") and word.replace("-", "").isalpha())
