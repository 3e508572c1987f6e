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
from contextlib import suppress
from typing import TYPE_CHECKING

from versioned_import.errors import InstallError
from versioned_import.install.whole_files import is_by_itself
from versioned_import.metadata.places import cache_directory

if TYPE_CHECKING:
    from versioned_import.exports.virtual_environment import Environment
    from versioned_import.projects.options import Options

PYRIGHT, MYPY = "pyright", "mypy"
_PYTHON = "python_executable"
_OPTION = re.compile(rf"\s*{_PYTHON}\s*[=:]", re.IGNORECASE)


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
    if file and os.path.exists(file) and is_by_itself(file):
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
    settings = _read_ini(before, file)
    line = f"{_PYTHON} = {environment.python}"
    if not settings.has_section("mypy"):
        gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
        return f"{before}{gap}[mypy]\n{line}\n"
    found = re.split(r"(^\[mypy\][^\n]*\n?)", before, maxsplit=1, flags=re.MULTILINE)
    if len(found) == 1:
        raise InstallError(file, "its section [mypy] can't be found by this command", _BY_HAND)
    head, section, rest = found
    end = re.search(r"^\[", rest, re.MULTILINE)
    own, others = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    replaced = _with_line(own, line)
    after = (
        f"{head}{section.rstrip()}\n{line}\n{own}{others}" if replaced is None else f"{head}{section}{replaced}{others}"
    )
    # A form that nobody thought of here must not become a file that says something else.
    settings.set("mypy", _PYTHON, environment.python)
    if _plain(_read_ini(after, file)) != _plain(settings):
        raise InstallError(file, f"its {_PYTHON} can't be replaced by this command", _BY_HAND)
    return after


def _read_ini(text: str, file: str) -> configparser.RawConfigParser:
    # As mypy's own reader: no interpolation, names of options in any case, [DEFAULT] for all sections.
    parser = configparser.RawConfigParser()
    with suppress(configparser.Error):
        if not file.endswith(".toml"):  # a short one can be read like this, but must not be written like this
            parser.read_string(text)
            return parser
    raise InstallError(file, "it is no settings file of mypy (mypy.ini, setup.cfg)", _BY_HAND)


def _with_line(own: str, line: str) -> str | None:
    """Return the text of a section with a line in the place of the option of that name, None if it has no such option.

    What goes on an option stands deeper than it does; blank lines and comments may come in between.
    """
    lines = own.split("\n")
    at = next((at for at, text in enumerate(lines) if _OPTION.match(text)), None)
    if at is None:
        return None
    depth, end = _depth(lines[at]), at + 1
    for after, text in enumerate(lines[at + 1 :], start=at + 2):
        is_said = bool(text.strip()) and not text.lstrip().startswith(("#", ";"))
        if is_said and _depth(text) <= depth:
            break
        end = after if is_said else end
    return "\n".join((*lines[:at], lines[at][:depth] + line, *lines[end:]))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _plain(parser: configparser.RawConfigParser) -> dict[str, dict[str, str]]:
    return {name: dict(section) for name, section in parser.items()}
