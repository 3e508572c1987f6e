"""What pyright and mypy have to be told so that they see what a project has: the virtual environment of links.

Lists of directories (`extraPaths`, `mypy_path`) would not do. mypy refuses entries that stand in a site-packages, and takes
what it finds by the others for the user's own code: it reports their mistakes, and knows neither `py.typed` nor
`NAME-stubs` there. A list can't leave anything out either: both tools would go on to find what else the interpreter has.
"""

from __future__ import annotations

import configparser
import hashlib
import json
import os
import re
import sys
from typing import TYPE_CHECKING

from versioned_import.errors import InstallError
from versioned_import.metadata.places import cache_directory

if TYPE_CHECKING:
    from versioned_import.exports.virtual_environment import Environment
    from versioned_import.projects.options import Options

PYRIGHT, MYPY = "pyright", "mypy"


def kept_environment(options: Options) -> str:
    """Return the place in the user's cache directory of the environment for a project: the same whenever it is exported."""
    chosen = (options.lock, options.groups, options.extras, options.default_groups, sys.prefix, sys.version_info[:2])
    mark = hashlib.sha256(repr(chosen).encode()).hexdigest()[:12]
    name = re.sub(r"[^\w.-]+", "-", os.path.basename(options.directory)) or "project"
    return os.path.join(cache_directory(), "exports", f"{name}-{mark}")


def settings_for(tool: str, environment: Environment, file: str = "") -> str:
    """Return the settings of `pyright` or `mypy` as text, merged into those of an existing file.

    Raises InstallError if they can't be merged; OSError, UnicodeDecodeError if the file can't be read.
    """
    before = ""
    if file and os.path.exists(file):
        with open(file, encoding="utf-8", newline="") as opened:
            before = opened.read()
    return _for_pyright(environment, before, file) if tool == PYRIGHT else _for_mypy(environment, before, file)


def _for_pyright(environment: Environment, before: str, file: str) -> str:
    try:
        data = json.loads(before) if before.strip() else {}
    except ValueError as error:
        raise InstallError(file, f"it is no plain JSON ({error})", _BY_HAND) from None
    if not isinstance(data, dict):
        raise InstallError(file, "it holds no settings of pyright", _BY_HAND)
    parent, name = os.path.split(environment.directory)
    data |= {"venvPath": parent, "venv": name, "pythonVersion": f"{sys.version_info[0]}.{sys.version_info[1]}"}
    return f"{json.dumps(data, indent=2, ensure_ascii=False)}\n"


_BY_HAND = "Run the command without -o, and write what it prints by hand."


def _for_mypy(environment: Environment, before: str, file: str) -> str:
    # Interpolation is switched off in mypy's own reader too.
    line = f"python_executable = {environment.python}"
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(before)
    except configparser.Error:
        raise InstallError(file, "it is no settings file of mypy (mypy.ini, setup.cfg)", _BY_HAND) from None
    if not parser.has_section("mypy"):
        gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
        return f"{before}{gap}[mypy]\n{line}\n"
    head, section, rest = re.split(r"(^\[mypy\][^\n]*\n?)", before, maxsplit=1, flags=re.MULTILINE)
    end = re.search(r"^\[", rest, re.MULTILINE)
    own, others = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    if parser.has_option("mypy", "python_executable"):
        own = re.sub(r"^python_executable\s*[=:].*$", lambda _: line, own, count=1, flags=re.MULTILINE)
        return f"{head}{section}{own}{others}"
    return f"{head}{section.rstrip()}\n{line}\n{own}{others}"
