"""Running the examples of the pages as a newcomer would: files are written, commands are typed, outputs are compared."""

from __future__ import annotations

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def blocks(text: str) -> list[tuple[str, str]]:
    """Return language and text of each labelled block of a page."""
    return BLOCK.findall(text)


def commands(block: str) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with the output that is shown."""
    return COMMAND.findall(block)


def file_name(block: str) -> str:
    """Return the name in the comment at the head of an example that is a file."""
    return re.search(r"^# (\S+\.(?:i?py|toml))$", block, re.MULTILINE)[1]


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
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "VERSIONED_IMPORT", "VIRTUAL_ENV", "COV"))
    }
    (home / "bin").mkdir(parents=True, exist_ok=True)
    (home / "bin" / "python3").symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}")
    return {**kept, "PATH": f"{home / 'bin'}{os.pathsep}{kept['PATH']}", "XDG_CACHE_HOME": str(home / "cache")}


def typed(command: str, place: Path, variables: dict[str, str], answer: str = "") -> tuple[int, str]:
    """Type a command and return its exit status and all that it prints, but for pip's warnings about the machine.

    `answer` is typed at the terminal that is standard input then, which the command may ask.
    """
    leader, follower = pty.openpty()
    try:
        if answer:
            os.write(leader, f"{answer}\n".encode())
        done = subprocess.run(
            shlex.split(command, comments=True),
            cwd=place,
            env=variables,
            stdin=follower if answer else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=600,
        )
    finally:
        with suppress(OSError):
            os.close(follower)
        os.close(leader)
    return done.returncode, re.sub(r"^WARNING: .*\n", "", done.stdout, flags=re.MULTILINE)
