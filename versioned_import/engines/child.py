"""Running another program for an engine: it never outlives an interruption, and what it complains of is kept."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from versioned_import.install.passwords import without_password

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SECONDS_TO_END = 10


def run_child(command: Sequence[str], environ: Mapping[str, str], *, show: bool, text: str = "") -> tuple[int, str]:
    """Run a command with `text` as its standard input; return its exit status and what it wrote to stderr.

    What it writes to stdout is shown or lost; passwords of URLs are left out of the rest.
    """
    output = None if show else subprocess.DEVNULL
    with subprocess.Popen(
        command,
        env=environ,
        stdin=subprocess.PIPE if text else None,
        stdout=output,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as child:
        try:
            _, messages = child.communicate(text or None)
        except BaseException:
            end(child)
            raise
    return child.returncode, without_password(messages)


def end(child: subprocess.Popen[str]) -> None:
    """End a child process, first politely: installers remove their temporary files."""
    child.terminate()
    try:
        child.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        child.kill()
