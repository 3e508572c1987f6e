"""Does the interpreter still pass its own tests as before, once versioned_import is installed (spec 3.8, 8)?

Two fresh virtual environments of one interpreter hold the same distributions, but for versioned_import. The interpreter's
tests of everything that a codec or a finder could touch run in both; each test must be there in both, with one outcome.
What fails in both is the machine's business, not ours.

    python tests/interpreter/compare.py [--python PYTHON] [--wheel WHEEL] [--jobs N] [TEST_MODULE ...]

Exit status: 0 the same, 1 a difference, 77 nothing to compare with.
"""
# ruff: noqa: T201

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

PROJECT = Path(__file__).resolve().parents[2]
SKIPPED = 77
MODULES = (
    "test_import",
    "test_importlib",
    "test_runpy",
    "test_codecs",
    "test_tokenize",
    "test_source_encoding",
    "test_pkgutil",
    "test_site",
    "test_linecache",
    "test_inspect",
)

Outcomes = dict[str, str]
"""Test id, or test module, to its outcome."""

# How regrtest closes each module: "0:00:02 load avg: 1.13 [ 1/10] test_import passed -- running: ...".
_MODULE_LINE = re.compile(r"\[ *\d+/\d+(?:/\d+)?\] (test_[\w.]+) (.+)$", re.MULTILINE)
_NOT_OUTCOME = re.compile(r" -- running: .*| \((?:\d+ min )?(?:[\d.]+ sec)?\)| in (?:\d+ min )?[\d.]+ sec")
# How unittest heads the story of a failure; the only place that names a test of which a subtest failed.
_FAILURE_LINE = re.compile(r"^(FAIL|ERROR): \S+ \((?:test\.)?([\w.]+)\)", re.MULTILINE)


class NothingToCompare(Exception):  # noqa: N818 no error, a reason to skip
    """The interpreter has come without its own tests."""


def compare(python: str, modules: list[str], *, wheel: Path | None = None, jobs: int = 2) -> list[str]:
    """Return a sentence for each difference that shows twice. Raises NothingToCompare without the package `test`."""
    check_has_tests(python)
    with tempfile.TemporaryDirectory(prefix="compare-") as name:
        place = Path(name)
        wheel = wheel or build_wheel(place / "wheel")
        plain = make_environment(python, place / "plain", wheel)
        run([sys.executable, "-m", "pip", "--python", plain, "uninstall", "--quiet", "--yes", "versioned-import"])
        changed = make_environment(python, place / "changed", wheel)
        # A .pth file of any content makes test_site skip its look at what start-up loads, which is therefore asked here,
        # and makes `site` load a codec (3.13).
        Path(site_packages(plain), "nothing.pth").write_text("# nothing\n", "utf-8")
        extra = startup_modules(changed) ^ startup_modules(plain)
        if extra != {"versioned_import_startup"}:
            return [
                f"start-up loads with versioned_import, or without it only: {', '.join(sorted(extra)) or 'the same'}"
            ]
        before, after = (outcomes(each, modules, jobs) for each in (plain, changed))
        print(f"without: {summary(before)}\nwith:    {summary(after)}", flush=True)
        found = differences(before, after)
        if found:
            again = sorted({module_of(test, modules) for test in found})
            print(f"{len(found)} differences; once more: {' '.join(again)}", flush=True)
            before, after = (outcomes(each, again, jobs) for each in (plain, changed))
            twice = differences(before, after)
            found = {test: twice[test] for test in found if test in twice}
        return list(found.values())


def differences(before: Outcomes, after: Outcomes) -> dict[str, str]:
    """Return a sentence for each id whose outcome isn't the same on both sides."""
    return {
        test: f"{test}: {before.get(test, 'not there')} without versioned_import, {after.get(test, 'not there')} with it"
        for test in sorted(before.keys() | after.keys())
        if before.get(test) != after.get(test)
    }


def outcomes(python: str, modules: list[str], jobs: int) -> Outcomes:
    """Run test modules of the standard library in an environment and return what became of each test."""
    with tempfile.TemporaryDirectory(prefix="regrtest-") as directory:
        report = Path(directory, "report.xml")
        command = [
            python,
            "-m",
            "test",
            f"-j{jobs}",
            "--timeout=300",
            f"--junit-xml={report}",
            f"--tempdir={directory}",
        ]
        done = subprocess.run(
            [*command, *modules],
            cwd=directory,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        found = from_log(done.stdout)
        if not found or not report.exists():
            raise SystemExit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout[-4000:]}")
        return from_report(report.read_text("utf-8")) | found


def from_report(xml: str) -> Outcomes:
    """Return the outcomes in a JUnit report of regrtest; several tests of one id are taken together."""
    found: dict[str, list[str]] = {}
    for case in ET.fromstring(xml).iter("testcase"):
        # A test of which a subtest failed has lost its name here; from_log knows it.
        name = case.get("name", "").removeprefix("test.")
        if name:
            kinds = [kind for kind in ("error", "failure", "skipped") if case.find(kind) is not None]
            found.setdefault(name, []).append(case.get("outcome", kinds[0] if kinds else "passed"))
    return {name: ", ".join(sorted(kinds)) for name, kinds in found.items()}


def from_log(text: str) -> Outcomes:
    """Return the outcomes of whole modules, and of the tests that failed, from what regrtest printed."""
    found = {module: _NOT_OUTCOME.sub("", outcome).strip() for module, outcome in _MODULE_LINE.findall(text)}
    return found | {test: "failure" if kind == "FAIL" else "error" for kind, test in _FAILURE_LINE.findall(text)}


def module_of(test: str, modules: list[str]) -> str:
    """Return the module on the command line that a test id belongs to."""
    return next((module for module in modules if test == module or test.startswith(f"{module}.")), test)


def summary(found: Outcomes) -> str:
    """Return the number of each outcome, tests and modules together."""
    kinds = list(found.values())
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds), key=kinds.count, reverse=True))


def check_has_tests(python: str) -> None:
    """Raise NothingToCompare unless the interpreter brings its own tests; distributors like to split them off."""
    known = subprocess.run(
        [python, "-c", "import test.libregrtest, test.test_importlib"],
        env=clean_environment(),
        capture_output=True,
        check=False,
    )
    if known.returncode:
        raise NothingToCompare(f"{python} has no package `test` with the standard library's own tests")


def startup_modules(python: str) -> set[str]:
    """Return the modules that are loaded when a program begins."""
    return set(run([python, "-I", "-c", "import sys; print(*sys.modules)"]).split())


def site_packages(python: str) -> str:
    """Return the site directory of an environment."""
    return run([python, "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip()


def make_environment(python: str, place: Path, wheel: Path) -> str:
    """Make a virtual environment with the wheel and what it requires; return its interpreter."""
    run([python, "-m", "venv", "--without-pip", str(place)])
    own = str(place / "bin" / "python")
    run([sys.executable, "-m", "pip", "--python", own, "install", "--quiet", str(wheel)])
    return own


def build_wheel(place: Path) -> Path:
    """Build the project's wheel."""
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(place), str(PROJECT)])
    return next(place.glob("versioned_import-*.whl"))


def run(command: list[str]) -> str:
    """Return what a command printed that must succeed."""
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def clean_environment() -> dict[str, str]:
    """Return the environment without what would change an interpreter; pip's and the locale's settings stay."""
    ours = ("PYTHON", "VERSIONED_IMPORT", "COVERAGE")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def main() -> int:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter (default: this one)")
    parser.add_argument("--wheel", type=Path, help="a wheel of versioned_import (default: built from this project)")
    parser.add_argument("--jobs", type=int, default=2, help="processes at once (default: 2)")
    parser.add_argument("modules", nargs="*", metavar="TEST_MODULE", help="default: all that imports have to do with")
    asked = parser.parse_args()
    try:
        found = compare(asked.python, asked.modules or list(MODULES), wheel=asked.wheel, jobs=asked.jobs)
    except NothingToCompare as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    print(*found, f"{len(found)} differences", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
