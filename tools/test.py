#!/usr/bin/env python3
"""Run the project's tests: python3 tools/test.py [ARGUMENT OF NOX ...].

It keeps nox in a private environment, `.venv-test` beside the project, and hands its arguments on to it: none for the
default sessions, `--list` to see them all, `-s tests-3.12 -- -k codec` for some tests on one Python. The exit status is
that of nox. Nothing but the standard library is needed to start it.
"""
# ruff: noqa: T201

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
ENVIRONMENT = PROJECT / ".venv-test"
PYTHON = ENVIRONMENT / "bin" / "python"
OLDEST = (3, 11)
# The same under whatever name it was called, and not the private environment's own.
INTERPRETER = os.path.realpath(sys.executable)


def main() -> int:
    """Make the environment if need be, and run nox in it."""
    if sys.version_info < OLDEST:
        wanted, found = (".".join(map(str, version)) for version in (OLDEST, sys.version_info[:3]))
        print(f"tools/test.py: Python {wanted} or newer is needed; this is {found} ({sys.executable})", file=sys.stderr)
        return 2
    begun = time.monotonic()
    make_environment(nox_requirements())
    arguments = sys.argv[1:]
    tell(f"nox {' '.join(arguments)}".rstrip())
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run([PYTHON, "-m", "nox", "-f", PROJECT / "noxfile.py", *arguments], env=environ, check=False)
    tell(f"{'failed' if done.returncode else 'passed'} after {time.monotonic() - begun:.0f} s")
    return done.returncode


def nox_requirements() -> list[str]:
    """Return what the dependency group `nox` in pyproject.toml asks for."""
    import tomllib

    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    return list(settings["dependency-groups"]["nox"])


def make_environment(requirements: list[str]) -> None:
    """Make the private environment, unless it is there, whole, for these requirements and this interpreter."""
    asked = "\n".join((sys.version, INTERPRETER, *requirements))
    mark = ENVIRONMENT / f"complete-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"
    if mark.exists() and PYTHON.exists():
        return
    tell(f"making {ENVIRONMENT.name} with {', '.join(requirements)}")
    subprocess.run([INTERPRETER, "-m", "venv", "--clear", ENVIRONMENT], check=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", *requirements], stdin=subprocess.DEVNULL, check=True)
    mark.touch()


def tell(what: str) -> None:
    """Say what happens next, before any output of child processes."""
    print(f"-- {what}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        print(f"tools/test.py: {' '.join(map(str, error.cmd))} ended with status {error.returncode}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
