"""The check table for any implementation: a process for each version, in which the checks of `checks/` run in order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from portable.runs import Outcome
from portable.world import caller_environment

SUITE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(SUITE), str(SUITE.parent)]  # `made`, with which the table's own modules install

from adapter import with_clause  # noqa: E402
from columns import CHECKS, GROUPS, SECONDS, names_of_checks  # noqa: E402
from distributions import VERSIONS, install_flat, install_versioned  # noqa: E402

if TYPE_CHECKING:
    from portable.implementation import Implementation

NEEDS = {"processes": "main-in-children"}


class Check(NamedTuple):
    """A check with one of the versions, as the report sees it."""

    id: str
    group: str
    spec: str = "What plain Python does with one flat version, the versioned directory of it does as well."


def all_checks() -> dict[str, list[Check]]:
    """Return the checks of each version, in the order in which they run."""
    return {
        version: [Check(f"{name} {version}", f"check: {name.partition('.')[0]}") for name in names_of_checks(*GROUPS)]
        for version in VERSIONS
    }


def run_checks(implementation: Implementation, version: str, directory: Path) -> dict[str, Outcome]:
    """Run the checks with one version, the other flat in front of it, in an empty folder; return outcomes by `Check.id`."""
    groups = [group for group in GROUPS if NEEDS.get(group) not in implementation.lacks]
    other = next(one for one in VERSIONS if one != version)
    install_versioned(directory / "site")
    install_flat(directory / "trap", other)
    program = directory / "program"
    program.mkdir()
    sources = {path.name: path.read_text(encoding="utf-8") for path in CHECKS.glob("*.py")}
    sources["expected.py"] = f"VERSION, OTHER, SECONDS = {version!r}, {other!r}, {SECONDS}\n"
    for name, text in sources.items():
        (program / name).write_text(f"#\n{with_clause(text, name, version)}", encoding="utf-8")
    words = implementation.words(implementation.python, (), str(program / "main.py"))
    path = os.pathsep.join([str(directory / "trap"), str(directory / "site")])
    done = subprocess.run(
        [*words, *groups],
        env=caller_environment(directory) | {"PYTHONPATH": path},
        cwd=directory,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS + 30,
        check=False,
    )
    found = {
        f"{name} {version}": Outcome(lacking=(NEEDS.get(name.partition(".")[0], ""),))
        for name in names_of_checks(*GROUPS)
    }
    unreached = Outcome(f"not reached: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    found |= {f"{name} {version}": unreached for name in names_of_checks(*groups)}
    results = [json.loads(line) for line in done.stdout.split("\n") if line.startswith('{"check":')]
    return found | {f"{one['check']} {version}": Outcome(one["problem"]) for one in results}
