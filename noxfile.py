"""All tests of the project, each session in an environment of its own with the built wheel.

`python3 tools/test.py` runs the default sessions, and `python3 tools/test.py --list` names them all.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

PROJECT = Path(__file__).resolve().parent
PYTHONS = ("3.11", "3.12", "3.13")
SETTINGS = nox.project.load_toml(PROJECT / "pyproject.toml")
FAST = "not real and not corpus and not property"
# What drives pip from outside, and what needs none, is tested on the first of the Pythons; what works inside a pip on the
# others too if theirs is another one: 3.12 comes with that of 3.11.
INSIDE = (
    "test_inside_groups.py",
    "test_pip.py",
    "test_pip_flag.py",
    "test_pip_flag_urls.py",
    "test_staging.py",
    "test_sync.py",
)
INSTALLING = {"3.12": (), "3.13": INSIDE}
# What reads and writes files, or starts many processes for what is the same on each Python, is left out on the one in the
# middle where both others run it. What depends on the import system and on start-up stays: the rest of tests/projects.
BETWEEN = (
    "locks",
    "plain_tools",
    "cli",
    "projects/test_bad_projects.py",
    "projects/test_samples.py",
    "runtime/test_pytest_plugin.py",
)
SKIPPED = 77  # how our own scripts say that the machine lacks something


def directory_of(version: str) -> Path | None:
    """Return the directory of a `pythonX.Y` that runs, on PATH or among pyenv's, or None.

    A pyenv shim may stand on PATH for an interpreter that isn't active, and only says so when it is run.
    """
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    installed = sorted(
        root.glob(f"{version}*/bin"), key=lambda path: [int(part) for part in _numbers(path)], reverse=True
    )
    for directory in (*map(Path, os.get_exec_path()), *installed):
        command = directory / f"python{version}"
        if (
            os.access(command, os.X_OK)
            and not subprocess.run(
                [command, "-c", f"import sys; sys.exit('%d.%d' % sys.version_info[:2] != {version!r})"],
                capture_output=True,
                check=False,
            ).returncode
        ):
            return directory
    return None


def _numbers(path: Path) -> list[str]:
    return [part for part in path.parent.name.split(".") if part.isdigit()]


PLACES = {version: place for version in PYTHONS if (place := directory_of(version)) is not None}
# The interpreter for what needs to run once only; with none of ours, nox says that it is missing.
FIRST = next(iter(PLACES), PYTHONS[0])

# nox looks on PATH, where a shim that doesn't run must not come first.
_HIDDEN = [
    str(place) for name, place in PLACES.items() if shutil.which(f"python{name}") != str(place / f"python{name}")
]
os.environ["PATH"] = os.pathsep.join((*_HIDDEN, os.environ.get("PATH", "")))
# Compiled files are a part of what is tested.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "venv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "docs", "tests", "property", "real", "pyodide"]


def install(session: nox.Session, *groups: str) -> None:
    """Install the project, as users get it, and some of its dependency groups."""
    session.install(".", *nox.project.dependency_groups(SETTINGS, *groups))


@nox.session(python=FIRST)
def lint(session: nox.Session) -> None:
    """Check style, format and types."""
    session.install(*nox.project.dependency_groups(SETTINGS, "lint"), *SETTINGS["project"]["dependencies"])
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy", "--strict")


@nox.session(python=FIRST)
def docs(session: nox.Session) -> None:
    """Make the pages of docs/ and of the draft PEP; a warning is an error."""
    install(session, "docs")
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "docs", "build/docs")
    session.run("python", "tools/pep.py", "build/pep")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the fast tests; what stands behind `--` goes to pytest."""
    install(session, "test")
    ignored = [f"--ignore=tests/{name}" for name in left_out(session.python)]
    session.run("pytest", "-n", "auto", "-m", FAST, *ignored, *session.posargs)


def left_out(version: str) -> list[str]:
    """Return the files and folders of tests that other Pythons run."""
    run = INSTALLING.get(version)
    every = sorted(path.name for path in Path(PROJECT, "tests", "install").glob("test_*.py"))
    names = [f"install/{name}" for name in every if run is not None and name not in run and PYTHONS[0] == FIRST]
    oldest, middle, newest = PYTHONS
    return [*names, *BETWEEN] if version == middle and {oldest, newest} <= PLACES.keys() else names


@nox.session(name="property", python=FIRST)
def property_(session: nox.Session) -> None:
    """Run the generated cases and the walks over the standard library."""
    install(session, "test")
    session.run("pytest", "-n", "auto", "-m", "(property or corpus) and not real", *session.posargs)


@nox.session(python=FIRST)
def real(session: nox.Session) -> None:
    """Run what needs the package index: real packages, real pip, the interpreter's own tests."""
    install(session, "test")
    # A file has its own environment, which its tests share.
    session.run("pytest", "-n", "auto", "--dist", "loadfile", "-m", "real and not long", *session.posargs)


@nox.session(python=FIRST)
def long(session: nox.Session) -> None:
    """Run what takes minutes more: own tests of NumPy, pandas, Flask and httpx, locks made anew by six tools, benchmarks."""
    install(session, "test")
    session.run("pytest", "-m", "long", *session.posargs)


@nox.session(python=FIRST)
def pyodide(session: nox.Session) -> None:
    """Test on CPython 3.14 and 3.15, compiled to WebAssembly, under Node."""
    install(session, "test")
    cache = Path(session.cache_dir, "pyodide")
    run_or_skip(session, "tests/pyodide/run.py", "--cache", str(cache), *session.posargs)


@nox.session(python=PYTHONS)
def interpreter(session: nox.Session) -> None:
    """Compare the interpreter's own tests with and without the project; on one of them, `real` does it too."""
    run_or_skip(session, "tests/interpreter/compare.py", *session.posargs)


@nox.session(python=FIRST)
def coverage(session: nox.Session) -> None:
    """Measure what the fast tests and the generated cases run, branches and child processes included."""
    install(session, "test")
    session.env["COVERAGE_FILE"] = str(Path(session.create_tmp(), "coverage"))
    # The script, not `-m pytest`, which would put the source tree in front of the installed wheel.
    pytest = Path(session.bin, "pytest")
    session.run("coverage", "erase")
    session.run("coverage", "run", str(pytest), "-m", "not real and not corpus", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


def run_or_skip(session: nox.Session, script: str, *arguments: str) -> None:
    """Run a script of the project in the session's environment; skip the session where the script says so."""
    python = Path(session.bin, "python")
    environ = {**os.environ, **{name: value for name, value in session.env.items() if value is not None}}
    session.log(f"python {script} {' '.join(arguments)}")
    sys.stdout.flush()
    status = subprocess.run([python, script, *arguments], cwd=PROJECT, env=environ, check=False).returncode
    if status == SKIPPED:
        session.skip(f"{script} found something missing (see above)")
    if status:
        session.error(f"{script} ended with status {status}")
