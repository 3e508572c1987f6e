"""Whether versioned imports can work with this Python: start-up, codec, pip, libraries. Findings come out, nothing changes."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import versioned_import

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OK, WARNING, PROBLEM = "ok", "warning", "problem"

_OWN = "versioned-import"
_PATIENCE_SECONDS = 60
_AT_START = """\
import json, sys
found = {"finder": any(getattr(one, "__name__", "") == "FallbackFinder" for one in sys.meta_path)}
found["startup"] = getattr(sys.modules.get("versioned_import_startup"), "__file__", None) or ""
try:
    text = b"import json version 1\\n".decode("versioned")
    found["codec"] = "" if "_versioned_" in text else "it leaves version clauses as they are"
except Exception as error:
    found["codec"] = f"{type(error).__name__}: {error}"
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: how it is, and the command that helps."""

    level: str
    """ok, warning or problem."""
    topic: str
    """python, start-up, codec, pip, library, search path, catalogue, hidden, leftover, directory or group."""
    text: str
    advice: str = ""


def look_at_process(python: str = sys.executable) -> Iterator[Finding]:
    """Yield the findings about the interpreter, what it does at its start, its pip, and our libraries."""
    kind = "virtual environment" if sys.prefix != sys.base_prefix else "Python"
    yield Finding(level=OK, topic="python", text=f"{kind} {platform.python_version()} at {python}")
    yield _own_version()
    yield from _start_up(python)
    yield from _pip(python)
    yield from libraries(_own_requirements())


def _own_version() -> Finding:
    place = os.path.dirname(os.path.abspath(versioned_import.__file__))
    ours = versioned_import.__version__
    try:
        installed = importlib.metadata.version(_OWN)
    except importlib.metadata.PackageNotFoundError:
        text = f"versioned_import {ours} from {place} is not installed, only found on the search path"
        return Finding(level=WARNING, topic="start-up", text=text, advice="python -m pip install versioned-import")
    if installed == ours:
        return Finding(level=OK, topic="start-up", text=f"versioned_import {ours} from {place}")
    text = f"versioned_import {ours} from {place} runs, but {installed} is installed"
    return Finding(level=PROBLEM, topic="start-up", text=text, advice=_reinstall())


def _reinstall() -> str:
    return "python -m pip install --force-reinstall versioned-import"


def _start_up(python: str) -> Iterator[Finding]:
    """Ask a fresh process, since this one has been set up by the command itself."""
    # -P: the directory that the command was given in must not stand in for what is installed.
    done = _child(python, "-P", "-c", _AT_START)
    try:
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        text = f"a fresh Python fails: {_last_line(done.stderr)}"
        yield Finding(level=PROBLEM, topic="start-up", text=text, advice=f"{python} -v")
        return
    place = os.path.dirname(os.path.dirname(os.path.abspath(versioned_import.__file__)))
    files = start_up_files()
    if not found["finder"]:
        missing = (
            "its start-up file (versioned_import.pth) does not run" if files else "there is no versioned_import.pth"
        )
        text = f"a fresh Python knows no version clauses: {missing}"
        yield Finding(level=PROBLEM, topic="start-up", text=text, advice=_reinstall())
    elif os.path.dirname(os.path.realpath(found["startup"])) != os.path.realpath(place):
        text = f"a fresh Python starts {found['startup']}, which is not of the versioned_import in {place}"
        yield Finding(level=PROBLEM, topic="start-up", text=text, advice=_reinstall())
    else:
        by = f" by {', '.join(files)}" if files else ""
        yield Finding(level=OK, topic="start-up", text=f"a fresh Python is set up{by}")
    if found["codec"]:
        text = f"the codec does not work in a fresh Python: {found['codec']}"
        yield Finding(level=PROBLEM, topic="codec", text=text, advice=_reinstall())
    else:
        yield Finding(level=OK, topic="codec", text='files with "# coding: versioned" work')


def start_up_files() -> list[str]:
    """Return the start-up files that this interpreter's site directories hold."""
    # .start files (PEP 829) are read from 3.15 on.
    names = ("versioned_import.pth", *(("versioned_import.start",) if sys.version_info >= (3, 15) else ()))
    import site

    users = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    places = dict.fromkeys((*site.getsitepackages(), *users))
    return [path for place in places for name in names if os.path.isfile(path := os.path.join(place, name))]


def _pip(python: str) -> Iterator[Finding]:
    done = _child(python, "-P", "-m", "pip", "install", "--help")
    if done.returncode:
        text = f"pip can't be run: {_last_line(done.stderr)}"
        yield Finding(level=WARNING, topic="pip", text=text, advice=f"{python} -m ensurepip")
        return
    try:
        name = f"pip {importlib.metadata.version('pip')}"
    except importlib.metadata.PackageNotFoundError:
        name = "pip"
    if "--allow-multiple" in done.stdout:
        yield Finding(level=OK, topic="pip", text=f"{name} knows --allow-multiple")
        return
    text = f"{name} does not know --allow-multiple"
    advice = "python -m versioned_import pip install --allow-multiple REQUIREMENT"
    yield Finding(level=WARNING, topic="pip", text=text, advice=advice)


def _own_requirements() -> list[str]:
    try:
        return importlib.metadata.requires(_OWN) or []
    except importlib.metadata.PackageNotFoundError:
        return []


def libraries(requirements: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding for each requirement that applies here: whether a plain import gets a version that meets it."""
    try:
        from versioned_import.libraries.packaging.requirements import Requirement
    except ImportError as error:
        yield missing(error)
        return
    for requirement in map(Requirement, requirements):
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        advice = f'python -m pip install --upgrade "{requirement.name}{requirement.specifier}"'
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(level=PROBLEM, topic="library", text=f"{requirement.name} is not installed", advice=advice)
            continue
        if requirement.specifier.contains(version, prereleases=True):
            yield Finding(level=OK, topic="library", text=f"{requirement.name} {version}")
        else:
            text = f"{requirement.name} {version} is installed, but {requirement.name}{requirement.specifier} is needed"
            yield Finding(level=PROBLEM, topic="library", text=text, advice=advice)


def missing(error: ImportError) -> Finding:
    """Return the finding for a library of ours that can't be imported."""
    return Finding(level=PROBLEM, topic="library", text=str(error), advice=_reinstall())


def _child(python: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"PYTHONIOENCODING": "utf-8", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    command = [python, *_switches(), *arguments]
    try:
        return subprocess.run(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def _switches() -> list[str]:
    """Return the switches of this process that decide what a Python sees."""
    flags = {"-E": sys.flags.ignore_environment, "-s": sys.flags.no_user_site, "-S": sys.flags.no_site}
    return ["-I"] if sys.flags.isolated else [switch for switch, given in flags.items() if given]


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "without a word"
