"""`run [--project DIR] SCRIPT ARGS`: a console script of a locked distribution, in this process, as in its own environment."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from versioned_import.cli.output import FAILED, USAGE, command_parser, print_error, print_json
from versioned_import.cli.project_options import add_project_options
from versioned_import.errors import ImportVersionError, InstallError, LockError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from versioned_import.projects.kept import Plan
    from versioned_import.projects.scripts import ProjectScript

_WITH_VALUE = ("--project", "--groups", "--extras", "--from")


def main(argv: list[str]) -> int:
    """Run the script that the command line names from its lock, in this process; its exit status is the result."""
    own, words = _split(argv)
    options = _parser().parse_args(own)
    if not words:
        print_error("no script is named: versioned-import run --project DIR SCRIPT [ARG ...]")
        return USAGE
    name, *arguments = words
    try:
        plan = _activated(options)
        if plan is None:
            print_error(_no_project(name))
            return USAGE
        from versioned_import.projects.scripts import find_script

        script = find_script(plan, name, options.distribution)
    except (LockError, InstallError, ImportVersionError) as error:
        print_error(error)
        return FAILED
    if options.json:
        print_json(_described(plan, script))
        return 0
    return _run(script, _launcher(plan, script), arguments)


def runs_script(argv: Sequence[str]) -> bool:
    """Tell whether these words run a script, and do not ask for help or for what would run."""
    own, words = _split(argv)
    return bool(words) and not {"-h", "--help", "--json"}.intersection(own)


def launch(where: Sequence[str], distribution: str, name: str) -> int:
    """Run a script for the file that `sys.argv[0]` names: a program may start itself anew by that.

    `where` is the lock, its groups and extras with commas between, and "" or "1" for no default groups. A project that
    is in force, as in a child process, stays.
    """
    from versioned_import.projects.scripts import find_script

    try:
        script = find_script(_in_force(*where), name, distribution)
    except (LockError, InstallError, ImportVersionError) as error:
        print_error(error)
        return FAILED
    return _run(script, sys.argv[0], sys.argv[1:])


def _in_force(lock: str, groups: str, extras: str, no_default_groups: str) -> Plan:
    from versioned_import.projects.activate import activate
    from versioned_import.projects.in_force import running
    from versioned_import.projects.options import options_for, split_names

    if running.plan is None:
        activate(options_for(lock, split_names(groups), split_names(extras), default_groups=not no_default_groups))
    if running.plan is None:
        raise LockError(lock, "it is not in force", "")
    return running.plan


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "run",
        "Run a console script of a locked distribution, from its lock, with no virtual environment.",
        (
            "--project . black --check app.py",
            "--project . --groups test pytest -q",
            "--project srv/uv.lock gunicorn app:app -w 2",
            "--project . --from uvicorn uvicorn app:app    # of two that have one of that name",
            "--json --project . black                     # what would run",
        ),
    )
    parser.usage = (
        "versioned-import run [-h] [--json] [--project DIR|FILE] [--groups NAMES] [--extras NAMES] [--no-default-groups] "
        "[--install] [--from NAME] SCRIPT [ARG ...]"
    )
    add_project_options(parser)
    parser.add_argument("--install", action="store_true", help="install first what the lock names and is missing")
    parser.add_argument(
        "--from", metavar="NAME", dest="distribution", default="", help="the distribution that the script is of"
    )
    return parser


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return our own words, and the script with its words."""
    words = list(argv)
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at] == "--":
            return words[:at], words[at + 1 :]
        at += 2 if words[at] in _WITH_VALUE else 1
    return words[:at], words[at:]


def _activated(options: argparse.Namespace) -> Plan | None:
    """Return what is in force after the options, the environment and the parent process have been asked for a project."""
    from versioned_import.cli.own_lock import OptionError, Wishes
    from versioned_import.projects.in_force import running
    from versioned_import.projects.options import split_names

    wishes = Wishes(
        project=os.path.abspath(options.project) if options.project else "",
        groups=[name for text in options.groups for name in split_names(text)],
        extras=[name for text in options.extras for name in split_names(text)],
        default_groups=not options.no_default_groups,
        install=options.install,
    )
    try:
        wishes.activate([])
    except OptionError:
        return None
    return running.plan


def _no_project(name: str) -> str:
    """Return the sentences for a command line that says no project: the current directory never decides."""
    return (
        f"run {name}: which project?\n"
        f"  give the directory that holds its lock, or the lock: versioned-import run --project DIR {name}\n"
        "  or set VERSIONED_IMPORT_PROJECT\n"
        f'  a script of an installed version, without a lock: versioned-import exec "REQUIREMENT" --script {name}'
    )


def _described(plan: Plan, script: ProjectScript) -> dict[str, object]:
    from versioned_import.projects.scripts import version_in

    return {
        "lock": plan.lock,
        "distribution": script.distribution,
        "version": version_in(script.metadata),
        "script": script.name,
        "kind": "entry point" if script.target else "file",
        "target": script.target or script.path,
    }


def _launcher(plan: Plan, script: ProjectScript) -> str:
    """Return what the script sees as its own path: a file that starts just this, since servers start themselves anew by it.

    It bears the script's name, as usage lines show that. Where it can't be written, it is the bare name.
    """
    if script.path:
        return script.path
    from versioned_import.install.launchers import shebang
    from versioned_import.install.whole_files import write_whole
    from versioned_import.metadata.places import cache_directory, checksum

    where = plan.lock, *plan.key[-3:]
    text = (
        f"{shebang(sys.executable)}import sys\n"
        'if __name__ == "__main__":  # worker processes run from the project anyway\n'
        "    from versioned_import.cli.run_script import launch\n"
        f"    sys.exit(launch({where!r}, {script.distribution!r}, {script.name!r}))\n"
    )
    number = checksum("\n".join((*where, sys.executable, script.distribution)).encode("utf-8", "surrogateescape"))
    path = os.path.join(cache_directory(), "projects", "bin", f"{number:x}", script.name)
    try:
        if _text_of(path) != text:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            write_whole(path, text)
            os.chmod(path, 0o755)  # noqa: S103 as installers write it
    except (OSError, UnicodeError):
        return script.name
    return path


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return ""


def _run(script: ProjectScript, path: str, arguments: list[str]) -> int:
    from versioned_import.cli.execute import Script, run_as

    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(path) or sys.path[0]
    return run_as(Script(name=script.name, target=script.target, path=script.path), path, arguments)
