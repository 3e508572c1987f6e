"""The commands of `python -m versioned_import`, and its help."""

from __future__ import annotations

import importlib
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

COMMANDS = {
    "check": "check",
    "convert": "convert",
    "doctor": "doctor",
    "exec": "execute",
    "export": "export",
    "freeze": "freeze",
    "gc": "gc",
    "install": "install",
    "lint": "lint",
    "list": "list_installed",
    "lock": "lock",
    "mask": "mask",
    "pip": "pip",
    "run": "run_script",
    "show": "show",
    "show-source": "show_source",
    "sync": "sync",
    "tree": "tree",
    "uninstall": "uninstall",
    "verify": "verify",
    "why": "why",
}

USAGE = """\
usage: python -m versioned_import FILE [ARG ...]         run a program whose imports name versions
       python -m versioned_import -m MODULE [ARG ...]    run a module as a program
       python -m versioned_import -c CODE [ARG ...]      run a text
       python -m versioned_import - [ARG ...]            run what standard input says
       python -m versioned_import                        an interactive session that knows the syntax

a program runs from its lock (pylock.toml, uv.lock, poetry.lock, pdm.lock, Pipfile.lock, pinned requirements), with no
virtual environment; the nearest one above FILE counts where no option says otherwise:
       --project DIR|LOCK      this lock; VERSIONED_IMPORT_PROJECT says the same
       --no-project            no lock
       --groups A,B --extras A,B --no-default-groups
                               which of its groups and extras
       --install               install first what the lock names and is missing

commands (for a file of that name, write ./check):
       check FILE ...          what each versioned import of a program would get; exit 1 if one gets nothing
       show-source FILE        the text that the codec makes of a file
       mask FILE               the text without its clauses, for tools that read plain Python: the same positions
       lint -- TOOL [ARG ...]  run ruff, black, mypy or pyright on files that have clauses
       convert FILE ... --to cookie|mapping
                               change between the two spellings: clauses, and the mapping __import_versions__
       list [NAME ...]         what is installed, versioned directories and flat installs, with sizes and groups
       show NAME               everything on one distribution, with the import statement to write
       tree [FILE]             what the installed groups, or the imports of a program, are made of
       why NAME                which groups and distributions need it
       verify [NAME ...]       whether what is installed is whole: hashes, wheel tags, requirements
       doctor                  whether versioned imports can work with this Python, and what stands in the way
       pip install --allow-multiple REQUIREMENT ...
                               install several versions side by side, with your own pip
       install FILE ...        install what the imports of programs ask for, or what a lock fixes
       lock FILE ...           write a pylock.toml for each group that the imports of programs need
       exec REQUIREMENT [--] ARG ...
                               run the console script of one version
       sync [DIR|LOCK]         install what a lock names and is missing
       run --project DIR SCRIPT [ARG ...]
                               run a console script of a locked distribution
       export                  what is locked, as a virtual environment of links or as other tools' settings
       freeze FILE [ARG ...]   run a program and write a lock of what it had selected
       uninstall NAME[==VERSION] ...
                               remove versioned directories
       gc --keep LOCK|PROGRAM ...
                               remove the versioned directories that nothing of these needs

examples:
       python -m versioned_import pip install --allow-multiple requests==2.22.0 requests==2.32.2
       python -m versioned_import check app.py
       python -m versioned_import app.py --port 8000
       python -m versioned_import --project . --install -m pytest
"""


def run_command(name: str, *words: str) -> int:
    """Run one of the commands and return its exit status; Ctrl-C and a reader that went away end it without a traceback."""
    selecting = {"versioned_import.runtime.state", "versioned_import.runtime.shortcut"}
    if name not in ("exec", "run", "freeze") and selecting & sys.modules.keys():
        from versioned_import.runtime.state import state

        state.reset()  # what a parent process selected is for programs: a command sees what is there
    module = importlib.import_module(f"versioned_import.cli.{COMMANDS[name]}")
    if name in ("exec", "run", "freeze") and module.runs_script(words):  # a script ends as it ends without us
        status: int = module.main([*words])
        return status
    try:
        return quietly(lambda: module.main([*words]))
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return 130


def tell_of_us(option: str) -> int:
    """Print what `--help` or `--version` asks for."""
    if option in ("-h", "--help"):
        print(USAGE, end="")
    else:
        from versioned_import import __version__

        print(f"versioned_import {__version__}")
    return 0


def quietly(act: Callable[[], int]) -> int:
    """Return the exit status of what prints to standard output; 128 + SIGPIPE if nobody reads that any more."""
    try:
        try:
            return act()
        finally:  # also after the help of a command, which leaves by SystemExit
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        # Python would try to write the rest when it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
