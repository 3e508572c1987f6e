"""Telling a page of docs/ as a story: its files are written, its commands typed, what it shows is compared with what comes.

`...` stands for anything; `/srv/app` is the virtual environment and `python3.12`, `3.12.1` the Python that it has;
`/srv/work` is the directory in which the commands are typed, `/srv/shop` and `/srv/team` are directories in it;
`/opt/python` is a host's Python and `/home/me` its user's home; `./versioned_import` is what a clone of this project makes,
its wheel; sizes and numbers of files are any, because bytecode counts and is not made here; the versions in FLOATING, which
the package index decides, are any versions; the spaces that align columns are any number of spaces.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from examples import PROJECT, blocks, clone, commands, environment, file_name, pattern_of, typed

if TYPE_CHECKING:
    from pathlib import Path

DOCS = PROJECT / "docs"
GUIDES = (
    "errors.md",
    "files.md",
    "how-an-import-travels.md",
    "how-to/from-virtual-environments.md",
    "how-to/plugin-host.md",
    "how-to/shared-host.md",
    "how-to/two-services.md",
    "index.md",
    "syntax.md",
    "tutorial.md",
    "what-can-go-wrong.md",
)
"""The pages that test_guides.py runs."""
FILE_LANGUAGES = {"ipython", "python", "toml"}
# Blocks of other languages, which other tests read.
ELSEWHERE = {
    "commands.md": {"yaml"},
    "installing.md": {"ini", "json"},
    "syntax.md": {"text"},
    "using.md": {"pycon"},
}

VERSION = r"\d[\w.]*"
# As the pages have them: what was newest when they were written.
FLOATING = (
    "certifi 2026.10.18",
    "charset-normalizer 3.5.2",
    "click 8.5.1",
    "filelock 4.2.11",
    "idna 3.20",
    "packaging 26.3",
    "pip 23.2.1",
    "pyyaml 6.0.3",
    "urllib3 2.8.0",
)
FILES = {
    "report.py": "import requests version 2.25\nimport idna version 3\n",
    "app.py": "# coding: versioned\nimport requests version 2.31\nimport yaml version 6\n",
    "old.py": "# coding: versioned\nimport requests version 2.22\n",
    "old.txt": "requests==2.25.1\n",
    "new.txt": "requests==2.32.3\n",
    "constraints.txt": "certifi>=2024\n",
}
# What `machine_at` has done, and the test of the README types.
DONE = {"python3 -m venv .venv", ".venv/bin/pip install --quiet ./versioned_import", ". .venv/bin/activate"}
# What can't be run, with the reason.
NOT_RUN: dict[str, str] = {}
if sys.version_info >= (3, 12):
    NOT_RUN['pip install --allow-multiple pandas==1.5.3 "numpy<2"'] = "pandas 1.5.3 has no wheels for this Python"


@dataclass(frozen=True, slots=True)
class Machine:
    """A virtual environment with the project and pip's own cache, and a directory with the files of the examples."""

    prefix: Path
    place: Path
    wheel: Path
    variables: dict[str, str]

    @property
    def site(self) -> Path:
        return next((self.prefix / "lib").glob("python*/site-packages"))

    def run(self, command: str, answer: str = "") -> tuple[int, str]:
        for placeholder, value in self.values().items():
            command = command.replace(placeholder, value)
        if " > " in command:
            command = f"sh -c {shlex.quote(command)}"
        return typed(command, self.place, self.variables, answer)

    def values(self) -> dict[str, str]:
        """Return what stands for the placeholders of the examples."""
        return {
            "https://index.example/simple": (self.place / "simple").as_uri(),
            "/srv/team": str(self.place / "team"),
            "python3.12": f"python3.{sys.version_info[1]}",
            "./versioned_import": str(self.wheel),
            "NAME": "click==8.1.7",
            "OTHER": str(self.place / "other" / "bin" / "python"),
        }

    def clear(self) -> None:
        """Remove all versioned directories, what is known of them, and what the story before wrote."""
        for path in [*self.site.glob("*-*/*.dist-info"), self.site / ".versioned_import"]:
            shutil.rmtree(path.parent if path.name.endswith(".dist-info") else path, ignore_errors=True)
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        for name, text in FILES.items():
            (self.place / name).write_text(text)


def machine_at(base: Path) -> Machine:
    """Make a virtual environment with the project below a directory."""
    variables = environment(base / "home")
    prefix = base / "app"
    source, wheels = clone(base / "clone"), base / "wheels"

    def type_(command: str) -> None:
        status, shown = typed(command, base, variables)
        assert status == 0, shown

    type_(f"python3 -m venv {prefix}")
    type_(f"{prefix}/bin/pip wheel --quiet --no-deps --wheel-dir {wheels} {source}")
    (wheel,) = wheels.iterdir()
    type_(f"{prefix}/bin/pip install --quiet {wheel}")
    scripts = f"{prefix / 'bin'}{os.pathsep}{variables['PATH']}"
    # Compiling the larger examples takes most of the time, and no page is about it.
    variables |= {"PATH": scripts, "PIP_COMPILE": "0", "PIP_PROGRESS_BAR": "off"}
    return Machine(prefix, base / "place", wheel, variables)


def generalised(expected: str, machine: Machine) -> str:
    """Return the regular expression for an output that a page shows, by the rules at the top of this file."""
    # What is typed at a prompt is not echoed into a pipe, nor is the end of its line.
    pattern = pattern_of(expected.replace("[y/N] y\n", "[y/N] "))
    pattern = re.sub(r"\d+(\\\.\d)?(\\ )(B|kB|MB)\b", r"\\d+(\\.\\d)?\\ (B|kB|MB)", pattern)
    pattern = re.sub(r"in\\ \d+\\ files", r"in\\ \\d+\\ files", pattern)
    for name, version in (one.split() for one in FLOATING):
        text = rf"({re.escape(re.escape(name))}(?:\\ )*(?:\\-)?){re.escape(re.escape(version))}(?![\d.])"
        pattern = re.sub(text, lambda found: found[1] + VERSION, pattern)
    real = {
        # The commands that are printed say `python3` where PATH leads to the same Python.
        re.escape("/srv/app/bin/python -m"): rf"({re.escape(str(machine.prefix))}/bin/python[\d.]*|python3?)\ \-m",
        re.escape("/srv/app"): re.escape(str(machine.prefix)),
        re.escape("/opt/python"): re.escape(str(machine.prefix)),
        re.escape("/home/me"): re.escape(machine.variables.get("HOME", "")),
        re.escape("/srv/team"): re.escape(str(machine.place / "team")),
        re.escape("/srv/work"): re.escape(str(machine.place)),
        re.escape("/srv/shop"): re.escape(str(machine.place / "shop")),
        re.escape("python3.12"): rf"python3\.{sys.version_info[1]}",
        re.escape("environment 3.12.1"): rf"environment\ 3\.{sys.version_info[1]}\.{VERSION}",
        re.escape("bin/python"): r"bin/python[\d.]*",
    }
    for shown, value in real.items():
        pattern = pattern.replace(shown, value)
    return re.sub(r"(?<!\n)(\\ ){2,}", r"\\ +", pattern)


def tell(machine: Machine, page: str, before: dict | None = None, after: dict | None = None) -> None:
    """Run the console blocks of a page in order, with what has to happen before and after some commands."""
    text = (DOCS / page).read_text()
    seen = 0
    for language, block in blocks(text):
        assert language in {"console", *FILE_LANGUAGES, *ELSEWHERE.get(page, ())}
        if language in FILE_LANGUAGES:
            file = machine.place / file_name(block)
            file.parent.mkdir(exist_ok=True, parents=True)
            file.write_text(block)
        for command, expected in commands(block) if language == "console" else ():
            seen += 1
            if command in DONE or command in NOT_RUN:
                continue
            (before or {}).get(command, lambda: None)()
            status, shown = machine.run(command, answer="y" if "[y/N] y\n" in expected else "")
            if expected:
                pattern = generalised(expected, machine)
                assert re.fullmatch(pattern, shown, re.DOTALL), f"{command}\n{shown}\n-- expected:\n{expected}"
            else:
                assert status == 0, f"{command}\n{shown}"
            (after or {}).get(command, lambda: None)()
    assert seen == len(re.findall(r"^\$ ", text, re.MULTILINE)), "a command stands where nobody runs it"
