"""`export`: what a lock chooses, as a virtual environment of links, as settings of type checkers, or as requirements."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from versioned_import.cli.output import FAILED, OK, USAGE, command_parser, paint, print_error, print_json, working
from versioned_import.cli.project_options import add_project_options, options_of
from versioned_import.errors import InstallError, LockError
from versioned_import.exports.parts import parts_of
from versioned_import.exports.requirements import requirements_text
from versioned_import.exports.settings import MYPY, PYRIGHT, kept_environment, settings_for
from versioned_import.exports.virtual_environment import make_environment
from versioned_import.install.whole_files import is_by_itself, write_named
from versioned_import.locks.read import read_lock
from versioned_import.projects.plan import project_of

if TYPE_CHECKING:
    import argparse

    from versioned_import.exports.virtual_environment import Environment
    from versioned_import.projects.options import Options


def main(argv: list[str]) -> int:
    """Write what is asked for; 1 if something of the lock is missing or can't be written, 2 for a senseless command line."""
    options = _parser().parse_args(argv)
    if problem := _problem(options):
        print_error(problem)
        return USAGE
    try:
        project = _project(options)
        document = _requirements(project, options) if options.requirements else _environment(project, options)
    except (LockError, InstallError) as error:
        print_error(error)
        return FAILED
    except (OSError, UnicodeDecodeError) as error:
        print_error(f"{options.output}: {getattr(error, 'strerror', None) or error}")
        return FAILED
    if options.json:
        print_json(document)
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "export",
        "Write what a lock chooses for this Python, for tools that don't know of versioned directories.\n"
        "Nothing is installed or copied: an environment is made of links.",
        (
            "--venv .venv                        # for editors, and whatever wants a virtual environment",
            "--project app --groups dev --venv ../app-venv",
            "--pyright -o pyrightconfig.json     # an environment in the cache, and the settings that name it",
            "--mypy -o mypy.ini",
            "--requirements -o requirements.txt",
        ),
    )
    parser.add_argument("--venv", metavar="DIR", help="make a virtual environment of links")
    parser.add_argument("--pyright", action="store_true", help="settings for pyright, as pyrightconfig.json has them")
    parser.add_argument("--mypy", action="store_true", help="settings for mypy, as mypy.ini has them")
    parser.add_argument("--requirements", action="store_true", help="a requirements file for pip, with hashes")
    parser.add_argument("--no-hashes", action="store_true", help="requirements without hashes")
    parser.add_argument("-o", "--output", metavar="FILE", default="", help="write to FILE, not to standard output")
    add_project_options(parser)
    return parser


def _problem(options: argparse.Namespace) -> str:
    settings = options.pyright + options.mypy
    if not (options.venv or settings or options.requirements):
        return "say what is wanted: --venv DIR, --pyright, --mypy or --requirements"
    if settings + options.requirements > 1 or (options.venv and options.requirements):
        return "--pyright, --mypy and --requirements go one at a time; --venv DIR goes with one of the first two"
    if options.no_hashes and not options.requirements:
        return "--no-hashes is for --requirements"
    if options.output and not (settings or options.requirements):
        return "-o FILE is for --pyright, --mypy and --requirements"
    return ""


def _project(options: argparse.Namespace) -> Options:
    """Return the project that is meant: without a word on it, that of this directory. Raises LockError."""
    found = options_of(options, default=os.curdir)
    if found is None:
        raise LockError(os.curdir, "no project is named", "Give --project DIR.")
    return found


def _requirements(project: Options, options: argparse.Namespace) -> dict[str, object]:
    lock = read_lock(project.lock)
    chosen = lock.chosen(project.groups, project.extras, project.default_groups)
    text, notice = requirements_text(lock, chosen, hashed=not options.no_hashes)
    notices = [notice] if notice else []
    _give(text, notices, options)
    distributions = {str(one.distribution): one.version for one in chosen}
    return _document(project, options, distributions, text, notices)


def _environment(project: Options, options: argparse.Namespace) -> dict[str, object]:
    tool = PYRIGHT if options.pyright else MYPY if options.mypy else ""
    parts = parts_of(project_of(project))
    directory = options.venv or kept_environment(project)
    told = {
        "lock": project.lock,
        "groups": project.groups,
        "extras": project.extras,
        "default_groups": project.default_groups,
    }
    with working("making links"):
        made = make_environment(directory, parts, told)
    text = settings_for(tool, made, options.output) if tool else ""
    if not tool and not options.json:
        count = "1 distribution" if len(parts) == 1 else f"{len(parts)} distributions"
        print(f"{paint(made.directory, 'green')}: {count}, by links")
    _give(text, made.notices, options)
    distributions = {part.distribution: part.version for part in parts}
    return _document(project, options, distributions, text, made.notices, made)


def _give(text: str, notices: list[str], options: argparse.Namespace) -> None:
    """Write a text to where it belongs, and tell what there is to tell."""
    for notice in notices:
        print(f"note: {notice}", file=sys.stderr)
    if options.output:
        write_named(os.path.abspath(options.output), text)
        if not options.json and is_by_itself(options.output):
            print(paint(os.path.abspath(options.output), "green"))
    elif not options.json:
        print(text, end="")


def _document(
    project: Options,
    options: argparse.Namespace,
    distributions: dict[str, str],
    text: str,
    notices: list[str],
    made: Environment | None = None,
) -> dict[str, object]:
    return {
        "lock": project.lock,
        "directory": made.directory if made is not None else "",
        "python": made.python if made is not None else "",
        "output": os.path.abspath(options.output) if options.output else "",
        "text": text,
        "distributions": [{"name": name, "version": version} for name, version in distributions.items()],
        "notices": notices,
    }
