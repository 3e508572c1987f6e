"""Runs one case with one implementation: makes its world in an empty folder, starts the command, compares what came out."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from portable.cases import marked_lines
from portable.implementation import CommandError
from portable.installs import install
from portable.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from portable.cases import Case, Expected
    from portable.implementation import Implementation

SECONDS = 60


class Outcome(NamedTuple):
    """What became of a case: `problem` is "" if it passed."""

    problem: str = ""
    lacking: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all came out as it should."""
        return not self.problem and not self.lacking


class Finished(NamedTuple):
    """What is left of a process that has ended."""

    status: int
    stdout: str
    stderr: str


def run_case(case: Case, implementation: Implementation, directory: Path, runs: int = 1) -> Outcome:
    """Run a case in an empty folder; the program of each of its steps `runs` times. Raises CommandError."""
    lacking = implementation.lacking(case)
    if lacking:
        return Outcome(lacking=tuple(sorted(lacking)))
    world = World(case, implementation, directory)
    world.make()
    problem = _problem(world, case.expected, runs)
    for number, step in enumerate(case.then, 1):
        if problem:
            break
        for entry in step.remove:
            world.remove(entry)
        for distribution in step.install:
            install(world.places["site1"], distribution)
        problem = _problem(world, step.expected, runs)
        problem = problem and f"then, step {number}: {problem}"
    return Outcome(problem)


def _problem(world: World, expected: Expected, runs: int) -> str:
    """Run the program, possibly more than once; return what is wrong with what came out, or ""."""
    for number in range(1, runs + 1):
        problem = _difference(world, expected, _run(world))
        if problem:
            return problem if runs == 1 else f"run {number}: {problem}"
    return ""


def _run(world: World) -> Finished:
    case = world.case
    words = world.implementation.words(world.python, case.switches, str(world.program / "main.py"))
    try:
        done = subprocess.run(
            [*words, *case.arguments],
            env=world.environment(),
            cwd=world.current,
            input=case.stdin.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finished(-1, "", f"it did not end within {SECONDS} seconds")
    except OSError as error:
        raise CommandError(f"{world.implementation.name}: {shlex.join(words)}: {error}") from None
    return Finished(done.returncode, _text(done.stdout), _text(done.stderr))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")


def _difference(world: World, expected: Expected, done: Finished) -> str:
    """Return how what came differs from what was expected, or ""."""
    prints, printed = world.filled(expected.prints), done.stdout.strip("\n")
    if not expected.error:
        wanted, came = (expected.status, prints, ""), (done.status, printed, done.stderr)
        return "" if wanted == came else _told(wanted, came)
    error, place, message = error_of(done.stderr)
    wanted = expected.status, prints, expected.error
    if wanted != (done.status, printed, error):
        return _told(wanted, (done.status, printed, done.stderr))
    if expected.line:
        line = marked_lines(world.case.modules[expected.file])[expected.line]
        right = str(world.program / expected.file), line
        if place != right:
            return f"expected the error at {right[0]}:{right[1]}, it is at {place[0]}:{place[1]}\n{done.stderr}"
    unsaid = [phrase for phrase in map(world.filled, expected.says) if phrase not in message]
    return f"the message does not say {unsaid}\n{message}" if unsaid else ""


def error_of(stderr: str) -> tuple[str, tuple[str, int], str]:
    """Return the class of the error that ended a process, the place of its last frame, and its text from the class on."""
    lines = stderr.split("\n")
    frames = [number for number, line in enumerate(lines) if line.startswith('  File "')]
    start = frames[-1] if frames else 0
    place = re.match(r'  File "(.*)", line (\d+)', lines[start])
    for number in range(start, len(lines)):
        match = re.match(r"(?:\w+\.)*(\w+)(?:: |$)", lines[number])
        if match:
            where = (place[1], int(place[2])) if place else ("", 0)
            return match[1], where, "\n".join(lines[number:])
    return "", ("", 0), ""


def _told(wanted: tuple[int, str, str], came: tuple[int, str, str]) -> str:
    """Return two blocks: what was expected, and what came."""
    blocks = []
    for title, (status, prints, error) in (("expected", wanted), ("came", came)):
        blocks += [f"{title}: exit status {status}", *(f"  | {line}" for line in prints.split("\n") if prints)]
        blocks += [f"  ! {line}" for line in error.rstrip("\n").split("\n") if error]
    return "\n".join(blocks)
