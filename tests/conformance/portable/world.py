"""A case on the disk: its program, what is installed for it, and the environment in which the program is run."""

from __future__ import annotations

import os
import re
import shutil
import time
from typing import TYPE_CHECKING

from portable.cases import marked_lines
from portable.implementation import facts_of
from portable.installs import install, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from portable.cases import Case
    from portable.implementation import Implementation

_FOREIGN = ("PYTHON", "VERSIONED_IMPORT", "XDG_", "COV", "PIP_", "VIRTUAL_ENV")


def caller_environment(directory: Path) -> dict[str, str]:
    """Return the variables of the caller without those that speak to Python, and with a home below a directory."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    home = str(directory / "home")
    own = {"HOME": home, "XDG_CACHE_HOME": f"{home}/cache", "PYTHONUSERBASE": f"{home}/user"}
    return environ | own | {"PYTHONIOENCODING": "utf-8"}


def _age(directory: Path) -> None:
    """Let all below a directory be installed an hour ago: an implementation may keep no answers about what is newer."""
    then = time.time() - 3600
    for path in (directory, *directory.rglob("*")):
        os.utime(path, (then, then))


class World:
    """A case on the disk."""

    def __init__(self, case: Case, implementation: Implementation, directory: Path) -> None:
        self.case = case
        self.implementation = implementation
        self.directory = directory
        self.program = directory / "program"
        self.current = directory / "current"
        self.python = implementation.python
        self.places = {name: directory / name for name in case.places}

    def make(self) -> None:
        """Write the program and install what it needs."""
        self.current.mkdir()
        (self.directory / "home").mkdir()
        if "{python}" in self.implementation.command:
            self._make_virtual_environment()
        for name, distributions in self.case.places.items():
            self.places[name].mkdir(parents=True, exist_ok=True)
            for distribution in distributions:
                install(self.places[name], distribution)
            _age(self.places[name])
        for path, text in self.case.files:
            write(self.directory / path, text)
        for path, text in self.case.modules.items():
            mark = "\ufeff" if self.case.bom else ""
            write(self.program / path, mark + text.replace("\n", self.case.newline), self.case.encoding)

    def remove(self, entry: str) -> None:
        """Remove a file or folder of the first site directory."""
        path = self.places["site1"] / entry
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()

    def environment(self) -> dict[str, str]:
        """Return the environment variables: where the directories are, and what the case sets."""
        environ = caller_environment(self.directory)
        environ |= {"PYTHONPATH": os.pathsep.join(str(self.places[name]) for name in self.case.python_path)}
        if "front" in self.places:
            environ["VERSIONED_IMPORT_PATH"] = str(self.places["front"])
        return environ | {name: self.filled(value) for name, value in self.case.environment}

    def _make_virtual_environment(self) -> None:
        """Make an environment whose site-packages is empty but for a line that hands on to those of the interpreter.

        So no case depends on what else is installed where the implementation is.
        """
        made = self.directory / "environment"
        facts = facts_of(self.implementation.python)
        site = made / "lib" / f"python{facts.version}" / "site-packages"
        shared = str("user" in self.places and self.case.system_site_packages).lower()
        write(made / "pyvenv.cfg", f"home = {os.path.dirname(facts.file)}\ninclude-system-site-packages = {shared}\n")
        handed = "".join(f"site.addsitedir({path!r}); " for path in facts.sites)
        write(site / "conformance.pth", f"import site; {handed}\n")
        (made / "bin").mkdir()
        self.python = str(made / "bin" / "python")
        os.symlink(facts.file, self.python)
        here = {"interpreter": site, "user": self.directory / "home" / "user" / facts.user}
        self.places |= {name: path for name, path in here.items() if name in self.places}

    def filled(self, text: str) -> str:
        """Return a text with `{name}` replaced: marked lines, the directories, the parts of the world."""
        values: Mapping[str, object] = {
            **self.places,
            "program": self.program,
            **{name: line for module in self.case.modules.values() for name, line in marked_lines(module).items()},
        }
        return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], match[0])), text)
