"""`python -m versioned_import pip ...`: the user's pip, with `install --allow-multiple` added to it."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from typing import TYPE_CHECKING

import versioned_import_startup
from versioned_import.cli.output import FAILED, INTERRUPTED, USAGE, print_error
from versioned_import.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Sequence

HELP = """\
python -m versioned_import pip install --allow-multiple REQUIREMENT...

Two versions of one distribution, side by side in one site directory:

    pip install --allow-multiple requests==2.22.0 requests==2.32.2

puts each version, and the versions of its requirements, into a versioned directory (requests-2.22.0/, idna-2.8/ ...).
A program then says which one it means:

    import requests version 2.22

Requirements that conflict are put into groups, and pip resolves each group by itself. Here urllib3>=2 conflicts with
requests 2.22.0, but not with click:

    pip install --allow-multiple requests==2.22.0 "urllib3>=2" click

Everything else is as pip has it:

    pip install --allow-multiple -r old.txt -r new.txt -c constraints.txt
    pip install --allow-multiple --index-url URL --no-compile NAME
    pip install --allow-multiple --user NAME
    pip install --allow-multiple --dry-run NAME     show what would land, change nothing
    pip install --allow-multiple -q NAME            only errors
    pip install --allow-multiple --report FILE NAME pip's report, with the groups under the key "versioned_import"

A versioned directory that is there already stays as it is. --target, --prefix, --root, --editable, --force-reinstall and
options that choose another platform can't be combined with --allow-multiple. Without it, all arguments go to pip
untouched; pip install --help lists pip's options.

Where versioned_import is installed, the plain `pip install --allow-multiple` of the same interpreter does the same.
"""


def main(argv: list[str]) -> int:
    """Run pip with these arguments, its `install` knowing --allow-multiple; return the exit status.

    1 means that it failed, 2 that the command line makes no sense; of pip itself, its own status.
    """
    if wants_multiple(argv) and wants_other_engine(argv):
        return side_by_side(argv)
    if wants_multiple(argv) and {"-h", "--help"} & set(argv):
        print(HELP, end="")
        return 0
    return run_with_flag(argv) if "install" in argv else run_pip(argv)


def wants_multiple(argv: Sequence[str]) -> bool:
    """Tell whether the arguments are `install` with `--allow-multiple` among its options."""
    options = _options(argv)
    return "install" in options and "--allow-multiple" in options


def wants_other_engine(argv: Sequence[str]) -> bool:
    """Tell whether the arguments choose an engine, which then works in child processes; pip's inside is the usual one."""
    return any(word == "--engine" or word.startswith("--engine=") for word in _options(argv))


def run_pip(argv: Sequence[str]) -> int:
    """Run the user's pip with its own input and output; return its exit status, 128 + N if signal N ended it."""
    from versioned_import.engines.pip_engine import pip_command

    try:
        command = pip_command()
    except InstallError as error:
        print_error(error)
        return FAILED
    status = subprocess.call([*command, *argv])
    return status if status >= 0 else 128 - status


def run_with_flag(argv: Sequence[str]) -> int:
    """Run the user's pip in this process, where the flag is planted even if no .pth file did it; return its exit status."""
    from versioned_import.engines.pip_engine import pip_command

    try:
        pip_command()
    except InstallError as error:
        print_error(error)
        return FAILED
    versioned_import_startup.watch_for_pip()
    before, sys.argv = sys.argv, ["pip", *argv]
    try:
        # What pip itself names as the way that works, if any, in a running process.
        runpy.run_module("pip", run_name="__main__", alter_sys=True)
    except SystemExit as stop:
        if stop.code is None or isinstance(stop.code, int):
            return stop.code or 0
        print(stop.code, file=sys.stderr)
        return FAILED
    finally:
        sys.argv = before
    return 0


def side_by_side(argv: list[str]) -> int:
    """Install by an engine that drives an installer's public command line; return the exit status."""
    try:
        return _install_side_by_side(argv)
    except InstallError as error:
        from versioned_import.install.requirements import UsageError

        print_error(error)
        return USAGE if isinstance(error, UsageError) else FAILED
    except ImportError as error:
        print_error(f"pip install --allow-multiple: {error}\n  Run: python -m pip install --upgrade versioned-import")
        return FAILED
    except KeyboardInterrupt:
        print_error("interrupted, nothing was left half installed")
        return INTERRUPTED


def _options(argv: Sequence[str]) -> Sequence[str]:
    return argv[: argv.index("--")] if "--" in argv else argv


def _install_side_by_side(argv: list[str]) -> int:
    from versioned_import.engines.choose import engine_for
    from versioned_import.install.install import install
    from versioned_import.install.landing import lines
    from versioned_import.install.requirements import parse_arguments

    arguments = parse_arguments(argv, os.environ)
    if arguments.help:
        print(HELP, end="")
        return 0
    say = _nothing if arguments.quiet else _print
    warn = _nothing if arguments.quiet else _print_to_stderr
    done = install(arguments, engine_for(arguments, warn=warn), tell=say)
    for line in lines(done):
        say(line)
    for notice in done.notices:
        warn(f"warning: {notice}")
    return 0


def _print(line: str) -> None:
    print(line, flush=True)


def _print_to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _nothing(_line: str) -> None:
    """Say nothing (-q)."""


if __name__ == "__main__":  # how the flag in pip starts the other engine
    sys.exit(side_by_side(sys.argv[1:]))
