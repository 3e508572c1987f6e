"""Every example of the README is run, in order, as a newcomer would: files are written, commands are typed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# The test command itself would run this test again.
NOT_RUN = {"python3 tools/test.py"}

pytestmark = pytest.mark.real


def blocks(text: str) -> list[tuple[str, str]]:
    return BLOCK.findall(text)


def file_name(block: str) -> str:
    """Return the name in the comment at the head of a Python example."""
    return re.search(r"^# (\S+\.py)$", block, re.MULTILINE)[1]


def pattern_of(expected: str) -> str:
    """Return the regular expression of an output in which `...` stands for anything."""
    return ".*?".join(map(re.escape, re.sub(r"^\.\.\.\n", "...", expected, flags=re.MULTILINE).split("...")))


def clone(target: Path) -> Path:
    """Copy the files that git knows, as a clone would have them."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, names.split("\0")):
        if (PROJECT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, target / name)
    return target


def environment(home: Path) -> dict[str, str]:
    """Return the variables of a machine that knows nothing of us, where `python3` is the interpreter under test."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VERSIONED_IMPORT", "COV"))
    }
    (home / "bin").mkdir(parents=True, exist_ok=True)
    (home / "bin" / "python3").symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}")
    return {**kept, "PATH": f"{home / 'bin'}{os.pathsep}{kept['PATH']}", "XDG_CACHE_HOME": str(home / "cache")}


def test_every_example_of_the_readme_does_what_it_shows(tmp_path: Path) -> None:
    place = clone(tmp_path / "clone")
    variables = environment(tmp_path / "home")
    ran = 0
    for language, block in blocks((PROJECT / "README.md").read_text()):
        if language == "python":
            (place / file_name(block)).write_text(block)
            continue
        assert language == "console"
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            if command in NOT_RUN:
                continue
            done = subprocess.run(
                command.split(),
                cwd=place,
                env=variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=600,
            )
            shown = re.sub(r"^WARNING: .*\n", "", done.stdout, flags=re.MULTILINE)
            if expected:
                assert re.fullmatch(pattern_of(expected), shown, re.DOTALL), (
                    f"{command}\n{shown}\n-- expected:\n{expected}"
                )
            else:
                assert done.returncode == 0, f"{command}\n{shown}"
            ran += 1
    assert ran >= 8
