"""Launchers `bin/NAME-VERSION`: start one version's console script, whatever the flat install's `bin/NAME` is."""

from __future__ import annotations

import configparser
import csv
import os
import re
import sys
from typing import TYPE_CHECKING

from versioned_import.install.whole_files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = "# versioned_import launcher: "
_LONGEST_SHEBANG = 127  # what Linux reads of the first line
_SCRIPT_FOLDERS = ("bin", "Scripts")
_NAME = re.compile(r"[\w.+-]+")


def make_launchers(directory: str, distribution: str, version: str, scripts: str) -> list[str]:
    """Write a launcher for each script of a versioned directory; return sentences about those that could not be written.

    A file of that name that is no launcher of the same distribution and version stays as it is.
    """
    problems = []
    for script in script_names(directory):
        path = launcher_path(scripts, script, version)
        mark = _mark(distribution, version, script)
        try:
            if os.path.lexists(path) and not _is_ours(path, mark):
                problems.append(f"{distribution} {version}: no launcher {path}: something else has that name")
                continue
            os.makedirs(scripts, 0o755, exist_ok=True)
            write_whole(path, _text(mark, distribution, version, script))
            os.chmod(path, 0o755)  # noqa: S103 a launcher is there to be run by everybody
        except OSError as error:
            problems.append(f"{distribution} {version}: no launcher {path}: {error.strerror}")
    return problems


def remove_launchers(directory: str, distribution: str, version: str, scripts: str) -> list[str]:
    """Remove the launchers of a versioned directory, which must still be there; return the paths removed."""
    removed = []
    for script in script_names(directory):
        path = launcher_path(scripts, script, version)
        if is_launcher(path, distribution, version, script):
            os.unlink(path)
            removed.append(path)
    return removed


def launcher_path(scripts: str, script: str, version: str) -> str:
    """Return where the launcher of a script stands."""
    # Windows starts a file by its ending; .py belongs to the launcher py.exe.
    return os.path.join(scripts, f"{script}-{version}{'.py' if os.name == 'nt' else ''}")


def is_launcher(path: str, distribution: str, version: str, script: str) -> bool:
    """Tell whether a file is the launcher of this script of this version."""
    return _is_ours(path, _mark(distribution, version, script))


def script_names(directory: str) -> list[str]:
    """Return the names of the console and GUI scripts and of the script files of a versioned directory."""
    return sorted({*entry_points(directory), *script_files(directory)})


def entry_points(directory: str) -> dict[str, str]:
    """Return the console and GUI scripts of a versioned directory: name to `module:attribute`."""
    return {name: target for info in _infos(directory) for name, target in entry_points_of(info).items()}


def entry_points_of(info: str) -> dict[str, str]:
    """Return the console and GUI scripts of a `.dist-info`: name to `module:attribute`."""
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    try:
        parser.read(os.path.join(info, "entry_points.txt"), encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return {}
    sections = [one for one in ("console_scripts", "gui_scripts") if parser.has_section(one)]
    # "[extra]" behind a target is allowed and means nothing to a launcher.
    return {
        name: target.partition("[")[0].strip()
        for section in sections
        for name, target in parser.items(section)
        if _NAME.fullmatch(name)
    }


def script_files(directory: str) -> dict[str, str]:
    """Return the script files of a versioned directory: name to path."""
    found: dict[str, str] = {}
    for info in _infos(directory):
        place = f"{info.removesuffix('.dist-info')}.data{os.sep}scripts"
        names = os.listdir(place) if os.path.isdir(place) else []
        found.update({name: os.path.join(place, name) for name in names if _NAME.fullmatch(name)})
    return found


def recorded_script_files(site: str, info: str) -> dict[str, str]:
    """Return the script files of a flat install: name to path, by the rows of its RECORD that lead to a `bin`."""
    try:
        with open(os.path.join(info, "RECORD"), encoding="utf-8", newline="") as file:
            paths = [row[0] for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error):
        return {}
    made = entry_points_of(info)
    found = {}
    for path in paths:
        folder, name = os.path.split(path)
        # The installer's own launchers of entry points bear their names.
        if (
            os.path.basename(folder) in _SCRIPT_FOLDERS
            and path.startswith("../")
            and name.partition(".exe")[0] not in made
        ):
            found[name] = os.path.normpath(os.path.join(site, path))
    return found


def _infos(directory: str) -> Iterator[str]:
    try:
        names = os.listdir(directory)
    except OSError:
        return
    yield from (os.path.join(directory, name) for name in names if name.endswith(".dist-info"))


def _mark(distribution: str, version: str, script: str) -> str:
    return f"{_MARK}{distribution}=={version} {script}\n"


def _is_ours(path: str, mark: str) -> bool:
    try:
        with open(path, encoding="utf-8") as file:
            return mark in file.read(2000)
    except (OSError, UnicodeDecodeError):
        return False


def _text(mark: str, distribution: str, version: str, script: str) -> str:
    return (
        f"{shebang(sys.executable)}{mark}"
        "import sys\n"
        'if __name__ == "__main__":  # worker processes take the selection over\n'
        "    from versioned_import.cli.execute import run, select\n"
        # `==` would take local versions too.
        f'    sys.exit(run(select("{distribution}==={version}"), "{script}"))\n'
    )


def shebang(python: str) -> str:
    """Return the lines that start Python: by way of the shell where the system could not read the path."""
    if " " not in python and len(python) + len("#!\n") <= _LONGEST_SHEBANG:
        return f"#!{python}\n"
    return f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n"
