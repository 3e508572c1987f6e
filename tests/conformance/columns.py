"""The columns of the table: each is one process that runs the checks in one way with one version."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

from adapter import WAYS, write_program
from distributions import VERSIONS, install_flat, install_versioned

CHECKS = Path(__file__).parent / "checks"
# In this order: what has to be so before the first import comes first.
GROUPS = ("early", "statements", "imports", "seen", "modules", "objects", "together", "processes")
IN_PROCESS = GROUPS[:-1]
COLUMNS = [(way, version) for way in WAYS if way != "trap" for version in VERSIONS]
SECONDS = 150


def names_of_checks(*groups):
    """Return the names of the checks, `group.name`, in the order in which they run."""
    names = []
    for group in groups:
        tree = ast.parse((CHECKS / f"{group}.py").read_text(encoding="utf-8"))
        functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        names += [f"{group}.{name.removeprefix('check_')}" for name in functions if name.startswith("check_")]
    return names


def run_column(way, version, directory, groups=GROUPS):
    """Run the checks of some groups in one way with one version; return a dict of check to its problem, "" if none.

    `directory` is an empty folder for what has to be made. A check that was not reached is told of by the end of the process.
    """
    sites, program = _installed(way, version, Path(directory)), Path(directory, "program")
    program.mkdir()
    sources = {path.name: path.read_text(encoding="utf-8") for path in CHECKS.glob("*.py")}
    other = next(one for one in VERSIONS if one != version)
    sources["expected.py"] = f"VERSION, OTHER, SECONDS = {version!r}, {other!r}, {SECONDS}\n"
    arguments = write_program(way, version, sources, program)
    done = subprocess.run(
        [sys.executable, *arguments, *groups],
        env=_environment(sites, directory),
        cwd=directory,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS + 30,
        check=False,
    )
    found = dict.fromkeys(names_of_checks(*groups), f"not reached: {done.returncode}\n{done.stdout}{done.stderr}")
    for line in done.stdout.split("\n"):
        if line.startswith('{"check":'):
            result = json.loads(line)
            found[result["check"]] = result["problem"]
    return found


def _installed(way, version, directory):
    """Install what a column needs and return its site directories."""
    site, trap = directory / "site", directory / "trap"
    if not WAYS[way].side_by_side:
        install_flat(site, version)
        return [site]
    install_versioned(site)
    install_flat(trap, next(one for one in VERSIONS if one != version))
    return [trap, site]


def _environment(sites, directory):
    """Return the environment variables: the caller's without those that speak to Python or to us."""
    own = ("PYTHON", "VERSIONED_IMPORT", "XDG_", "COV_")
    environ = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    environ["PYTHONPATH"] = os.pathsep.join(map(str, sites))
    environ["VERSIONED_IMPORT_CACHE_DIR"] = str(Path(directory, "cache"))
    return environ
