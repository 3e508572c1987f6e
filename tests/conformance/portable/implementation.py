"""What is tested: a command that runs a program, and the interpreter that it takes."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from portable.cases import Case

SUITE = Path(__file__).resolve().parent.parent
_PLACEHOLDER = re.compile(r"\{(python|switches|program|suite)\}")
_FACTS = """\
import os, site, sys
print("%d.%d" % sys.version_info[:2], os.path.realpath(sys.executable), sep="\\n")
print(os.path.relpath(site.getusersitepackages(), site.getuserbase()))
print(*(path for path in sys.path if path.endswith(("site-packages", "dist-packages"))), sep="\\n")
"""


class CommandError(Exception):
    """The command of an implementation can't be started."""


@dataclass(frozen=True)
class Implementation:
    """What is tested: a name for the report, the command that runs a program, and what it is known not to do."""

    name: str
    command: str
    lacks: frozenset[str] = frozenset()
    python: str = sys.executable

    def lacking(self, case: Case) -> frozenset[str]:
        """Return the abilities that the case needs and that this doesn't have."""
        given = {ability for ability in ("switches", "python") if f"{{{ability}}}" not in self.command}
        return case.needs & (self.lacks | given)

    def words(self, python: str, switches: tuple[str, ...], program: str) -> list[str]:
        """Return the command line for a program."""
        command = self.command if "{program}" in self.command else f"{self.command} {{program}}"
        found = []
        for word in shlex.split(command):
            if word == "{switches}":
                found += switches
                continue
            values = {"python": python, "switches": " ".join(switches), "program": program, "suite": str(SUITE)}
            filled = _PLACEHOLDER.sub(lambda match, values=values: values[match[1]], word)
            # Programs run in a folder of their own, so a path in the command can't be relative to it.
            found.append(os.path.abspath(filled) if os.sep in filled and os.path.exists(filled) else filled)
        return found


class Facts(NamedTuple):
    """What has to be known of an interpreter to make a virtual environment of it."""

    version: str
    file: str
    """The interpreter itself, where it is called by a link."""

    user: str
    """The user's site-packages, below the user's base directory."""

    sites: tuple[str, ...]
    """The directories of installed distributions on its path."""


@cache
def facts_of(python: str) -> Facts:
    """Ask an interpreter for its facts; raises CommandError."""
    try:
        done = subprocess.run([python, "-I", "-c", _FACTS], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CommandError(f"{python} is no Python: {error}") from None
    version, file, user, *sites = done.stdout.rstrip("\n").split("\n")
    return Facts(version, file, user, tuple(sites))
