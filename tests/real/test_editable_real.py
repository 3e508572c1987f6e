"""Editable installs as the usual build backends make them, beside a versioned directory of the same project."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
sys.path.append(str(REPOSITORY / "tests"))

from made import make_versioned, one_package, write  # noqa: E402

pytestmark = pytest.mark.real

PROJECT = """[build-system]
requires = ["{requires}"]
build-backend = "{backend}"

[project]
name = "{name}"
version = "1.0"
"""
SETUP = "from setuptools import setup\nsetup(name='{name}', version='1.0', packages=['{name}'])\n"
# By import name: the backend, what it requires, where the package stands, and more of pyproject.toml.
BACKENDS = {
    "bypath": ("setuptools.build_meta", "setuptools", "src", ""),
    "byfinder": ("setuptools.build_meta", "setuptools", ".", '[tool.setuptools]\npackages = ["byfinder"]\n'),
    "byhatch": ("hatchling.build", "hatchling", "src", ""),
    "byflit": ("flit_core.buildapi", "flit_core", ".", 'description = "A project."\n'),
    "bymeson": ("mesonpy", "meson-python", ".", ""),
}
PROGRAM = """# coding: versioned
import {name} version {version}
from importlib.metadata import version
print({name}.VERSION, version("{name}"), {name}.__file__)
try:
    import {name}.only_here
except ImportError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Return the Python of an environment with every project installed as an editable one."""
    home = tmp_path_factory.mktemp("editable")
    venv.create(home / "venv", with_pip=True)
    python = home / "venv" / "bin" / "python"
    projects = []
    for name, (backend, requires, folder, more) in BACKENDS.items():
        project = home / name
        write(project / "pyproject.toml", PROJECT.format(name=name, backend=backend, requires=requires) + more)
        for place, text in one_package(name, "1.0", only_here="").items():
            write(project / folder / place, text)
        files = f"'{name}/__init__.py', '{name}/only_here.py', subdir: '{name}'"
        build = f"project('{name}', version: '1.0')\nimport('python').find_installation(pure: true).install_sources({files})\n"
        write(project / "meson.build", build)
        projects += ["-e", project]
    tools = ("setuptools<80", "wheel", "hatchling", "editables", "flit_core", "meson-python", "ninja")
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    for arguments in ((REPOSITORY, *tools), ("--no-build-isolation", *projects)):
        command = [python, "-m", "pip", "install", "-q", *arguments]
        subprocess.run(command, check=True, env={**os.environ, "PATH": path})
    linked = home / "bylink"
    write(linked / "setup.py", SETUP.format(name="bylink"))
    for place, text in one_package("bylink", "1.0", only_here="").items():
        write(linked / place, text)
    subprocess.run(
        [python, "setup.py", "-q", "develop"], cwd=linked, check=True, env={**os.environ, "PYTHONWARNINGS": "ignore"}
    )
    (site,) = (home / "venv").glob("lib/python*/site-packages")
    for name in (*BACKENDS, "bylink"):
        make_versioned(site, name, "2.0", one_package(name, "2.0"))
    return python


def run(python, tmp_path, text):
    script = write(tmp_path / "app.py", text)
    own = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VERSIONED_IMPORT"))}
    own["VERSIONED_IMPORT_CACHE_DIR"] = str(tmp_path / "cache")
    return subprocess.run([python, script], cwd=tmp_path, env=own, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", [*BACKENDS, "bylink"])
class TestEach:
    def project(self, python, name):
        return python.parents[2] / name

    def test_its_own_version(self, python, tmp_path, name):
        for _ in range(2):
            done = run(python, tmp_path, PROGRAM.format(name=name, version=1))
            folder = self.project(python, name) / BACKENDS.get(name, (".",) * 4)[2] / name
            assert (done.stdout, done.stderr) == (f"1.0 1.0 {folder.resolve()}/__init__.py\n", "")

    def test_another_version_beside_it(self, python, tmp_path, name):
        for _ in range(2):
            done = run(python, tmp_path, PROGRAM.format(name=name, version=2))
            lines = done.stdout.split("\n")
            assert lines[0].startswith("2.0 2.0 "), done.stderr
            assert lines[0].endswith(f"/site-packages/{name}-2.0/{name}/__init__.py")
            assert lines[1:] == [f"No module named '{name}.only_here'", ""]

    def test_plain_import_is_pythons_own(self, python, tmp_path, name):
        assert run(python, tmp_path, f"import {name}\nprint({name}.VERSION)\n").stdout == "1.0\n"

    def test_neither(self, python, tmp_path, name):
        done = run(python, tmp_path, PROGRAM.format(name=name, version=3))
        assert f"  {name} 1.0 does not match: " in done.stderr
        assert f"(editable install of {self.project(python, name)})" in done.stderr

    def test_loaded_already(self, python, tmp_path, name):
        text = f"# coding: versioned\nimport {name}\nimport {name} version 1\ntry:\n    import {name} version 2\n"
        done = run(python, tmp_path, f"{text}except ImportError as error:\n    print(error)\n")
        assert f"{name} 1.0 is loaded already" in done.stdout, done.stderr
