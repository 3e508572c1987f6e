"""Test on Pythons that the machine needn't have: CPython 3.14 and 3.15 compiled to WebAssembly, under Node.

    python tests/pyodide/run.py [--cache DIRECTORY] [3.14] [3.15] [-- PYTEST_ARGUMENT ...]

The interpreter comes from npm's `pyodide` package, pytest from the package index; both and the project's own wheel are
served as its site-packages, so that start-up reads our .pth or .start file. Inside, where there are no child processes, run
the tests of what is pure; outside, test_commands.py starts `python FILE` and the like, each in a Node process of its own.

It runs by the Python of an environment that has the project and its group `test`. Exit status: 0 passed, 1 failed, 77
skipped, because Node, npm or the network isn't there.
"""
# ruff: noqa: T201

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
PACKAGES = {"3.14": "314.0.7", "3.15": "315.0.0-alpha.2"}
SKIPPED = 77
OLDEST_NODE = 20
ENVIRONMENT_VARIABLE = "PYODIDE_UNDER_TEST"
"""Tells test_commands.py which interpreter it is about."""

SUITE = (
    "tests/syntax/test_clauses.py",
    "tests/syntax/test_rewrite.py",
    "tests/syntax/test_mapping.py",
    "tests/syntax/test_problems.py",
    "tests/syntax/test_pseudo.py",
    "tests/syntax/test_version_text.py",
    "tests/syntax/test_console.py",
    "tests/pyodide/test_in_pyodide.py",
)
# Only wheels without compiled parts fit, whatever else the machine itself could take.
PURE = ("--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none", "--python-version=3.14")


class CannotRun(Exception):  # noqa: N818 no error, a reason to skip
    """What the machine lacks."""


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    """A Python inside Node: its unpacked npm package, and the host directory that is its site-packages."""

    version: str
    package: str
    site: str

    def command(
        self, *arguments: str, mounts: dict[str, str], cwd: str, env: dict[str, str] | None = None
    ) -> list[str]:
        """Return the command line of `python ARGUMENTS`; `mounts` maps directories inside to those of the host."""
        settings = {"package": self.package, "site": self.site, "args": arguments}
        settings |= {"mounts": mounts, "cwd": cwd, "env": env or {}}
        return ["node", str(HERE / "python.mjs"), json.dumps(settings)]


@dataclass(kw_only=True)
class Run:
    """One call of this script."""

    cache: Path
    pytest_arguments: list[str] = field(default_factory=list)

    def versions(self, versions: list[str]) -> int:
        """Test some versions and return the exit status."""
        try:
            check_node()
            packages = {version: self.unpacked(PACKAGES[version]) for version in versions}
        except CannotRun as reason:
            print(f"skipped: {' and '.join(versions)} under Node: {reason}", flush=True)
            return SKIPPED
        with tempfile.TemporaryDirectory(prefix="pyodide-") as place:
            site = make_site(Path(place))
            statuses = [
                self.one(Interpreter(version=version, package=str(package), site=str(site)))
                for version, package in packages.items()
            ]
        return int(any(statuses))

    def unpacked(self, version: str) -> Path:
        """Return the directory of an unpacked npm package, fetched if it isn't there. Raises CannotRun."""
        kept = self.cache / f"pyodide-{version}"
        if kept.is_dir():
            return kept / "package"
        self.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.cache) as place:
            print(f"fetching pyodide {version}", flush=True)
            command = ["npm", "pack", "--loglevel=error", "--pack-destination", place, f"pyodide@{version}"]
            done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
            if done.returncode:
                # The first error line has the reason; what follows it is where npm keeps its log.
                lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
                raise CannotRun(f"`npm pack pyodide@{version}` failed: {lines[0]}")
            with tarfile.open(next(Path(place).glob("*.tgz"))) as archive:
                archive.extractall(Path(place, "unpacked"), filter="data")
            try:
                Path(place, "unpacked").rename(kept)
            except OSError:  # another run was first
                if not kept.is_dir():
                    raise
        return kept / "package"

    def one(self, interpreter: Interpreter) -> int:
        """Run all tests of both kinds, inside and outside, and return the exit status."""
        files = [name for name in SUITE if (PROJECT / name).exists()]
        marked = ["-m", "not real and not corpus and not property"]
        # Not from the project's directory, which -P doesn't keep off sys.path here: the wheel is what is tested.
        inside = ["-m", "pytest", "-c", "/project/pyproject.toml", "-p", "no:cacheprovider", *marked]
        inside += [*self.pytest_arguments, *(f"/project/{name}" for name in files)]
        outside = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *self.pytest_arguments]
        settings = {**os.environ, ENVIRONMENT_VARIABLE: json.dumps(vars(interpreter))}
        statuses = []
        for what, command in (
            ("pure tests, inside", interpreter.command(*inside, mounts={"/project": str(PROJECT)}, cwd="/tmp")),
            ("commands, each in a process", [*outside, "tests/pyodide/test_commands.py"]),
        ):
            print(f"\n== Python {interpreter.version} under Node: {what}", flush=True)
            done = subprocess.run(command, cwd=PROJECT, env=settings, stdin=subprocess.DEVNULL, check=False)
            statuses.append(done.returncode)
        return int(any(statuses))


def check_node() -> None:
    """Raise CannotRun unless a Node is there that can run the package."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise CannotRun(f"there is no `{tool}` on PATH")
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    number = re.match(r"v(\d+)", said)
    if number is None or int(number[1]) < OLDEST_NODE:
        raise CannotRun(f"Node {OLDEST_NODE} or newer is needed, not {said or 'one that does not tell its version'}")


def make_site(place: Path) -> Path:
    """Make a site directory with the project's wheel and its group `test`."""
    needed = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["test"]
    pip = [sys.executable, "-m", "pip"]
    subprocess.run([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", place, PROJECT], check=True)
    (wheel,) = place.glob("*.whl")
    site = place / "site"
    subprocess.run([*pip, "install", "--quiet", *PURE, "--target", site, wheel, *needed], check=True)
    return site


def main() -> int:
    """Read the command line and run."""
    words = sys.argv[1:]
    at = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--cache", type=Path, default=PROJECT / ".nox" / "pyodide", help="where npm's packages are kept"
    )
    parser.add_argument("versions", nargs="*", metavar="VERSION", help=f"{' or '.join(PACKAGES)}; default: all")
    asked = parser.parse_args(words[:at])
    versions = asked.versions or list(PACKAGES)
    for version in versions:
        if version not in PACKAGES:
            parser.error(f"there is no package for Python {version}")
    return Run(cache=asked.cache.absolute(), pytest_arguments=words[at + 1 :]).versions(versions)


if __name__ == "__main__":
    sys.exit(main())
