"""A made distribution `demo` 1.2 that clauses can ask for, and child processes that can import it."""

import os
import subprocess
import sys

import pytest

import versioned_import_startup
from versioned_import.metadata import catalogue
from versioned_import.runtime.finder import SelectionFinder, install
from versioned_import.runtime.state import state

OWN_VARIABLES = ("PYTHON", "VERSIONED_IMPORT", "COV")
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: made\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def make_distribution(directory, name, version, files):
    """Write the versioned directory of a distribution from a dict of path to text; return it."""
    top = directory / f"{name}-{version}"
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": METADATA.format(name=name, version=version),
        f"{info}/WHEEL": WHEEL,
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    for path, text in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text, encoding="utf-8")
    return top


@pytest.fixture
def demo(tmp_path):
    """Return a site directory with `demo` 1.2: a package with a submodule."""
    directory = tmp_path / "demos"
    directory.mkdir()
    files = {"demo/__init__.py": "VERSION = '1.2'\nname = 'demo'\n", "demo/part.py": "NAME = 'part'\n"}
    make_distribution(directory, "demo", "1.2", files)
    return directory


class Child:
    """Runs Python with `demo` on the search path and with nothing of the caller's environment."""

    def __init__(self, directory, demo):
        self.directory = directory
        self.environ = {key: value for key, value in os.environ.items() if not key.startswith(OWN_VARIABLES)}
        self.environ["VERSIONED_IMPORT_PATH"] = str(demo)
        self.environ["VERSIONED_IMPORT_CACHE_DIR"] = str(directory / "cache")

    def write(self, name, data):
        """Write a file of the program, as bytes or UTF-8 without translated line breaks; return its path."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def run(self, *arguments, **environ):
        """Run Python and return the finished process."""
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=self.directory,
            env={**self.environ, **environ},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def output(self, *arguments, **environ):
        """Run Python, which must succeed without a word on stderr, and return what it printed."""
        done = self.run(*arguments, **environ)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout


@pytest.fixture
def child(tmp_path, demo):
    """Return the runner of child processes, in a directory of its own."""
    directory = tmp_path / "program"
    directory.mkdir()
    return Child(directory, demo)


@pytest.fixture
def served(demo, tmp_path, monkeypatch):
    """Let this process find `demo`, with the codec registered, and forget it all after the test."""
    monkeypatch.setenv("VERSIONED_IMPORT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "meta_path", [one for one in sys.meta_path if one is not SelectionFinder])
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    state.reset()
    catalogue.forget()
    versioned_import_startup.register()
    state.search_path = (str(demo),)
    install()
    yield demo
    state.reset()
    catalogue.forget()
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == "demo" or name.startswith("_versioned_"):
            del sys.modules[name]
