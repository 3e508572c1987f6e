"""`exec REQUIREMENT [--script NAME] [--] ARGS`: run the console script of one version, with its closure selected."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from versioned_import.cli.output import FAILED, USAGE, command_parser, print_error, print_json
from versioned_import.cli.run import new_main, run_code
from versioned_import.cli.show_error import show_as_python_would
from versioned_import.errors import ClauseError, ImportVersionError, InstallError
from versioned_import.install.launchers import (
    entry_points_of,
    is_launcher,
    launcher_path,
    recorded_script_files,
    script_files,
)
from versioned_import.install.site_directory import of_path
from versioned_import.inventory import installed as inventory
from versioned_import.metadata.layout import canonical
from versioned_import.resolver.search_path import search_path
from versioned_import.resolver.specifiers import sort_key
from versioned_import.runtime.require import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.metadata.candidate import Candidate

_MOST_NAMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script of a distribution: `target` is `module:attribute` of an entry point, else `path` is its file."""

    name: str
    target: str = ""
    path: str = ""


def main(argv: list[str]) -> int:
    """Run the script that the command line names, in this process; its exit status is the result."""
    parser = command_parser(
        "exec",
        "Run the console script of one version of a distribution, with the versions of its requirements.",
        (
            '"black==24.1.0" -- --check app.py',
            '"black==24.1.0" --script blackd',
            "ruff -- --version                  # the highest version installed",
            '--json "black>=24"                  # what would run, and with which versions',
        ),
    )
    parser.usage = "versioned-import exec [-h] [--json] REQUIREMENT [--script NAME] [--] [ARG ...]"
    parser.add_argument("requirement", metavar="REQUIREMENT", help="a distribution, with a specifier and extras")
    parser.add_argument("--script", metavar="NAME", help="the script; by default the one called like the distribution")
    own, arguments = _split(argv)
    options = parser.parse_args(own)
    # What `python -m` put there is the current directory, whose modules the script must not see.
    if not sys.flags.safe_path:
        sys.path[0] = of_path(_own_site()).scripts
    chosen = _chosen(options.requirement)
    return chosen if isinstance(chosen, int) else _run(chosen, options.script, arguments, only_show=options.json)


def runs_script(argv: Sequence[str]) -> bool:
    """Tell whether these words run a script, and do not ask for help or for what would run."""
    return not {"-h", "--help", "--json"}.intersection(_split(argv)[0])


def select(requirement: str) -> Candidate:
    """Select the version of a launcher `bin/NAME-VERSION`; leave with a message and exit status where it isn't there.

    Launchers call it; those of earlier releases do so at module level, in worker processes of multiprocessing too.
    """
    chosen = _chosen(requirement)
    return sys.exit(chosen) if isinstance(chosen, int) else chosen


def run(candidate: Candidate, script: str) -> int:
    """Run one script of the version selected by a launcher, with the words of `sys.argv`."""
    return _run(candidate, script, sys.argv[1:], launcher=sys.argv[0])


def launch(requirement: str, script: str) -> int:
    """Run one script for a launcher of an earlier release, which asks by `NAME==VERSION` and means just that version."""
    return run(select(requirement.replace("==", "===", 1)), script)


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return our own words and the script's: all that follows the requirement, but for --script right behind it."""
    own: list[str] = []
    words = list(argv)
    named = False
    while words:
        word = words[0]
        if word == "--":
            return own, words[1:]
        if named and word != "--script" and not word.startswith("--script="):
            break
        named = named or not word.startswith("-")
        taken = 2 if word == "--script" else 1
        own += words[:taken]
        words = words[taken:]
    return own, words


def _chosen(requirement: str) -> Candidate | int:
    """Return what is selected, with its closure; after a message, the exit status."""
    try:
        chosen = require(requirement)
    except ClauseError as error:
        print_error(error)
        return USAGE
    except ImportVersionError as error:
        story = (*_owner_of_script(requirement), *error.story)
        print_error("\n".join((f"{requirement}: {error.headline}", *(f"  {line}" for line in story))))
        return FAILED
    if not chosen:
        print_error(f"{requirement}: its marker does not hold here")
        return FAILED
    return chosen[0]


def _owner_of_script(requirement: str) -> list[str]:
    """Return the sentence for a requirement that names no distribution but a script of one, if it is installed."""
    try:
        wanted = inventory.wanted(requirement)
    except ValueError:
        return []
    usable = inventory.take_inventory(search_path()).usable()
    if any(one.distribution == wanted.distribution for one in usable):
        return []
    fitting = [one for one in usable if replace(wanted, distribution=one.distribution).takes(one)]
    for owner in sorted(fitting, key=lambda one: sort_key(one.version), reverse=True):
        for script in scripts_of(owner):
            if canonical(script.name) == wanted.distribution:
                version = f"{owner.distribution}=={owner.version}"
                command = f"versioned-import exec {version} --script {script.name}"
                return [f"{script.name} is a script of {owner.distribution} {owner.version}: {command}"]
    return []


def _run(
    candidate: Candidate, asked: str | None, arguments: list[str], *, launcher: str = "", only_show: bool = False
) -> int:
    try:
        script = choose_script(candidate, asked)
    except InstallError as error:
        print_error(error)
        return FAILED
    if only_show:
        print_json(_described(candidate, script))
        return 0
    return run_as(script, launcher or _launcher(candidate, script), arguments)


def run_as(script: Script, path: str, arguments: list[str]) -> int:
    """Run a script in this process; `path` is what it sees as its own, and `arguments` are its words."""
    sys.argv[:] = [path, *arguments]
    if script.target:
        return _run_entry_point(script)
    if _is_python(script.path):
        return _run_file(script.path)
    return _become(script.path, arguments)


def scripts_of(candidate: Candidate) -> list[Script]:
    """Return the console and GUI scripts and the script files of a candidate, by name."""
    info = candidate.metadata_directory
    files = script_files(candidate.path) if candidate.entry else recorded_script_files(candidate.site, info)
    found = {name: Script(name=name, path=path) for name, path in files.items()}
    found |= {name: Script(name=name, target=target) for name, target in entry_points_of(info).items()}
    return [found[name] for name in sorted(found)]


def choose_script(candidate: Candidate, asked: str | None) -> Script:
    """Return the script of that name; without a name, the one called like the distribution, or the only one.

    Raises InstallError that lists what is there.
    """
    scripts = scripts_of(candidate)
    version = f"{candidate.distribution} {candidate.version}"
    if not scripts:
        raise InstallError(version, "it has no console script", f"It stands in {candidate.place}")
    wanted = asked or candidate.distribution
    for script in scripts:
        if script.name == wanted or (asked is None and script.name.replace("_", "-").lower() == wanted):
            return script
    if asked is None and len(scripts) == 1:
        return scripts[0]
    names = [script.name for script in scripts]
    shown = ", ".join(names[:_MOST_NAMES]) + (", ..." if len(names) > _MOST_NAMES else "")
    reason = f"it has no script {asked}" if asked else "it has several scripts, and none is called like it"
    example = f'versioned-import exec "{candidate.distribution}==={candidate.version}" --script {names[0]}'
    raise InstallError(version, f"{reason}; there are {shown}" if asked else f"{reason}: {shown}", example)


def _described(candidate: Candidate, script: Script) -> dict[str, object]:
    from versioned_import.runtime.state import state

    kind = "entry point" if script.target else "Python file" if _is_python(script.path) else "executable"
    return {
        "distribution": candidate.distribution,
        "version": candidate.version,
        "place": candidate.path,
        "script": script.name,
        "kind": kind,
        "target": script.target or script.path,
        "closure": {one.distribution: one.version for one in sorted(state.selection.values(), key=_name)},
    }


def _name(candidate: Candidate) -> str:
    return candidate.distribution


def _launcher(candidate: Candidate, script: Script) -> str:
    """Return what the script sees as its own path: its launcher if there is one, else its name."""
    scripts = of_path(candidate.site).scripts if candidate.entry else ""
    path = launcher_path(scripts, script.name, candidate.version)
    return (
        path if scripts and is_launcher(path, candidate.distribution, candidate.version, script.name) else script.name
    )


def _run_entry_point(script: Script) -> int:
    """Import the module and call the attribute, as the launchers do that installers write."""
    module, _, attributes = script.target.partition(":")
    new_main().__file__ = sys.argv[0]
    try:
        __import__(module)
        function: object = sys.modules[module]
        for name in filter(None, attributes.strip().split(".")):
            function = getattr(function, name)
        if not callable(function):
            print_error(f"{script.name}: its entry point {script.target} is nothing that can be called")
            return FAILED
        sys.exit(function())
    except SystemExit:
        raise
    except BaseException as error:
        show_as_python_would(error)
        raise


def _run_file(path: str) -> int:
    """Run a Python script as `__main__`."""
    with open(path, "rb") as file:
        data = file.read()
    main = new_main()
    main.__file__ = path
    return run_code(lambda: compile(data, path, "exec", dont_inherit=True), main)


def _become(path: str, arguments: list[str]) -> int:
    """Let an executable take the place of this process; where that can't be, run it and return its exit status."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        if os.name != "nt":
            os.execv(path, [path, *arguments])  # noqa: S606 no shell is wanted
        import subprocess

        return subprocess.call([path, *arguments])
    except OSError as error:
        print_error(f"{path} can't be run: {error.strerror}")
        return FAILED


def _is_python(path: str) -> bool:
    """Tell whether a script file is one of Python: `#!python` in the wheel, the interpreter's path where pip wrote it."""
    with open(path, "rb") as file:
        first = file.readline(512)
    return first.startswith(b"#!") and b"python" in first


def _own_site() -> str:
    import sysconfig

    return sysconfig.get_path("purelib")
