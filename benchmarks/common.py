"""Measuring whole processes side by side: runs are interleaved, and what is compared was measured in the same minutes.

The verdict is by pairs: the median of the ratios of runs that followed each other. On a shared machine, the same command
against itself (`import django`, 160 runs each, three times) gave 0.998 to 1.001 that way, by medians 0.986 to 1.023, and by
minima 0.962 to 1.001.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = Path(__file__).resolve().parents[1]


class Row:
    """One figure: what was compared, both minima in milliseconds, the ratios by pairs, minima and medians, and the budget."""

    def __init__(self, name: str, ours: list[float], peer: list[float], budget: str, *, good: bool) -> None:
        self.name, self.ours, self.peer, self.budget, self.good = name, ours, peer, budget, good

    @property
    def ratio(self) -> float:
        return min(self.ours) / min(self.peer)

    def __str__(self) -> str:
        verdict = "kept" if self.good else "NOT KEPT"
        return (
            f"{self.name:58} {min(self.ours):9.2f} {min(self.peer):9.2f} {ratio(self.ours, self.peer):7.3f} {self.ratio:7.3f}"
            f" {statistics.median(self.ours) / statistics.median(self.peer):7.3f}  {self.budget:18} {verdict}"
        )


HEADER = f"{'figure':58} {'ours ms':>9} {'peer ms':>9} {'pairs':>7} {'min':>7} {'median':>7}  {'at most':18}"


def ratio(mine: list[float], peer: list[float]) -> float:
    """Return the median of the ratios of runs that were made one after the other."""
    return statistics.median(ours / other for ours, other in zip(mine, peer, strict=False))


def difference(mine: list[float], peer: list[float]) -> float:
    """Return the median of their differences, in milliseconds."""
    return statistics.median(ours - other for ours, other in zip(mine, peer, strict=False))


def environment_with(directory: Path, *requirements: str) -> Path:
    """Make a virtual environment with requirements installed and return its interpreter."""
    venv.create(directory, with_pip=True)
    python = directory / "bin" / "python"
    if requirements:
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return python


def clean_variables(cache: Path) -> dict[str, str]:
    """Return the environment of the measured processes: byte code is written, caches are private."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VERSIONED_IMPORT"))}
    return {**kept, "VERSIONED_IMPORT_CACHE_DIR": str(cache)}


def interleaved(
    commands: list[list[str]],
    runs: int,
    variables: dict[str, str],
    before: Callable[[], object] = lambda: None,
    *,
    warming: int = 3,
    directory: Path | None = None,
) -> list[list[float]]:
    """Return the wall times, in milliseconds, of `runs` runs of each command, taken in turns.

    `before` is called before each run and not measured; the first `warming` runs are not either. `directory` is where they
    are started; `python -m versioned_import` would find the clone that it is started in.
    """
    times: list[list[float]] = [[] for _ in commands]
    for command in commands * warming:
        before()
        subprocess.run(command, check=True, env=variables, stdout=subprocess.DEVNULL, cwd=directory)
    for turn in range(runs):
        order = range(len(commands)) if turn % 2 else reversed(range(len(commands)))
        for number in order:
            before()
            started = time.perf_counter()
            subprocess.run(commands[number], check=True, env=variables, stdout=subprocess.DEVNULL, cwd=directory)
            times[number].append((time.perf_counter() - started) * 1000)
    return times


def quick() -> bool:
    """Tell whether the command line asks for a short run, to see that everything works."""
    return "--quick" in sys.argv
