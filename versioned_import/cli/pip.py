"""`python -m versioned_import pip ...`: the user's pip, with `install --allow-multiple` added to it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from versioned_import.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.install.engine import Planned
    from versioned_import.install.landing import Installation

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
    pip install --allow-multiple -v NAME            pip's own output too

A versioned directory that is there already stays as it is. --target, --prefix, --root and --editable can't be combined
with --allow-multiple. Without it, all arguments go to pip untouched; pip install --help lists pip's options.
"""


def main(argv: list[str]) -> int:
    """Run pip with these arguments, or the installation side by side; return the exit status.

    1 means that it failed, 2 that the command line makes no sense; of pip itself, its own status.
    """
    if not wants_multiple(argv):
        return run_pip(argv)
    try:
        return _install_side_by_side(argv)
    except InstallError as error:
        from versioned_import.install.requirements import UsageError

        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        print("error: interrupted, nothing was left half installed", file=sys.stderr)
        return 130


def wants_multiple(argv: Sequence[str]) -> bool:
    """Tell whether the arguments are `install` with `--allow-multiple` among its options."""
    options = argv[: argv.index("--")] if "--" in argv else argv
    return "install" in options and "--allow-multiple" in options


def run_pip(argv: Sequence[str]) -> int:
    """Run the user's pip with its own input and output; return its exit status, 128 + N if signal N ended it."""
    from versioned_import.install.pip_engine import pip_command

    try:
        command = pip_command()
    except InstallError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    status = subprocess.call([*command, *argv])
    return status if status >= 0 else 128 - status


def _install_side_by_side(argv: list[str]) -> int:
    from versioned_import.install.install import install
    from versioned_import.install.pip_engine import PipEngine
    from versioned_import.install.requirements import parse_arguments

    arguments = parse_arguments(argv, os.environ)
    if arguments.help:
        print(HELP, end="")
        return 0
    say = _nothing if arguments.quiet else _print
    warn = _nothing if arguments.quiet else _print_to_stderr
    engine = PipEngine(arguments.options, verbose=arguments.verbose, warn=warn)
    done = install(arguments, engine, tell=say)
    for line in lines(done):
        say(line)
    for notice in done.notices:
        warn(f"warning: {notice}")
    return 0


def lines(done: Installation) -> list[str]:
    """Return one line for each distribution of an installation; if there are several groups, under a line for each."""
    if len(done.groups) == 1:
        return [_line(landed.outcome, landed.distribution) for landed in done.groups[0].landed]
    told: dict[str, int] = {}
    result = []
    for number, group in enumerate(done.groups, start=1):
        result.append(f"group {number}: {', '.join(map(str, group.roots))}")
        for landed in group.landed:
            one = landed.distribution
            first = told.setdefault(one.directory, number)
            outcome = landed.outcome if first == number else f"shared with group {first}:"
            result.append(f"  {_line(outcome, one)}")
    return result


def _line(outcome: str, distribution: Planned) -> str:
    return f"{outcome} {distribution.name} {distribution.version} in {distribution.directory}/"


def _print(line: str) -> None:
    print(line, flush=True)


def _print_to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _nothing(_line: str) -> None:
    """Say nothing (-q)."""
