"""The commands that run, install, lock and remove, with real distributions from the package index."""

import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
from packaging.pylock import Pylock

REPOSITORY = Path(__file__).parents[2]
sys.path.append(str(REPOSITORY / "tests" / "install"))

from wheels import record_problems, versioned_directories  # noqa: E402

pytestmark = pytest.mark.real


class Environment:
    """A virtual environment into which the project is installed, as a user would."""

    def __init__(self, directory):
        venv.create(directory, with_pip=True)
        self.scripts = directory / "bin"
        self.site = next((directory / "lib").glob("python*/site-packages"))
        self.cwd = directory / "work"
        self.cwd.mkdir()
        self.run("python", "-m", "pip", "install", "-q", str(REPOSITORY))

    def run(self, script, *arguments, status=0):
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [self.scripts / script, *map(str, arguments)],
            cwd=self.cwd,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done

    def __call__(self, *arguments, status=0):
        return self.run("versioned-import", *arguments, status=status)

    def program(self, name, text):
        (self.cwd / name).write_text(f"# coding: versioned\n{text}")
        return name


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("programs") / "venv")


def test_black_of_two_versions(environment):
    environment("pip", "install", "--allow-multiple", "black==23.12.1", "black==24.1.0")
    (environment.cwd / "style.py").write_text("class A:\n\n    x = 1\nif x:\n    pass\n")
    for version in ("23.12.1", "24.1.0"):
        shown = environment("exec", f"black=={version}", "--", "--version")
        assert shown.stdout.startswith(f"black-{version}, {version} (compiled: ")
        launched = environment.run(f"black-{version}", "--version")
        assert launched.stdout.startswith(f"black-{version}, {version} (compiled: ")
    changed = environment("exec", "black==24.1.0", "--", "--diff", "-q", "style.py")
    assert "+\n" in changed.stdout
    assert environment("exec", "black==24.1.0", "--", "--check", "-q", "style.py", status=1).stdout == ""
    help_ = environment("exec", "black", "--script", "blackd", "--", "--help", status=1).stderr
    assert "aiohttp dependency is not installed" in help_


def test_a_tool_with_requirements_of_conflicting_versions(environment):
    environment("pip", "install", "--allow-multiple", "flake8==5.0.4", "flake8==7.1.0")
    (environment.cwd / "unused.py").write_text("import os\n")
    for version, pyflakes in (("5.0.4", "2.5.0"), ("7.1.0", "3.2.0")):
        shown = environment("exec", f"flake8=={version}", "--", "--version").stdout
        assert shown.startswith(f"{version} (mccabe: 0.7.0, ")
        assert f"pyflakes: {pyflakes}" in shown
        found = environment.run(f"flake8-{version}", "unused.py", status=1).stdout
        assert found == "unused.py:1:1: F401 'os' imported but unused\n"


def test_a_binary(environment):
    environment("pip", "install", "--allow-multiple", "ruff==0.4.0", "ruff==0.5.0")
    for version in ("0.4.0", "0.5.0"):
        assert environment("exec", f"ruff=={version}", "--", "--version").stdout == f"ruff {version}\n"
        assert environment.run(f"ruff-{version}", "--version").stdout == f"ruff {version}\n"
    done = environment("exec", "ruff==0.6.0", status=1)
    assert done.stderr.splitlines()[-1].endswith('pip install --allow-multiple "ruff==0.6.0"')


def test_a_program_from_nothing_its_lock_and_its_end(environment):
    environment("gc", "--keep", environment.program("none.py", ""), "-y")
    assert versioned_directories(environment.site) == []
    text = "import requests version 2.31\nimport yaml version 6\nprint(requests.__version__, yaml.safe_load('[1]'))\n"
    app = environment.program("app.py", text)
    shown = environment("install", app).stdout
    assert "import requests version 2.31  requests 2.31.0" in shown
    assert environment.run("python", app).stdout == "2.31.0 [1]\n"
    environment("lock", app, "-o", "locks")
    lock = Pylock.from_dict(tomllib.loads((environment.cwd / "locks" / "pylock.toml").read_text()))
    versions = {package.name: str(package.version) for package in lock.packages}
    assert versions["requests"] == "2.31.0"
    assert all(file.hashes["sha256"] for package in lock.packages for file in package.wheels)
    installed = versioned_directories(environment.site)
    assert installed == sorted(f"{name}-{version}" for name, version in versions.items())
    # Everything goes, and comes back from the lock alone.
    environment("gc", "--keep", environment.program("none.py", ""), "-y")
    assert versioned_directories(environment.site) == []
    environment.run("python", app, status=1)
    environment("install", "locks/pylock.toml")
    assert versioned_directories(environment.site) == installed
    assert record_problems(environment.site) == []
    assert environment.run("python", app).stdout == "2.31.0 [1]\n"
    assert environment("gc", "--keep", "locks/pylock.toml", "-y").stdout.startswith("nothing to remove: all ")


def test_uninstall_and_what_it_leaves(environment):
    environment("pip", "install", "--allow-multiple", "flake8==5.0.4")
    refused = environment("uninstall", "pyflakes", "-y", status=1).stderr
    assert "  flake8 5.0.4 needs pyflakes (<2.6.0,>=2.5.0) (group flake8==5.0.4)\n" in refused
    environment("uninstall", "flake8==5.0.4", "-y")
    assert not (environment.scripts / "flake8-5.0.4").exists()
    environment("gc", "--keep-groups", "-y")
    assert "pyflakes-2.5.0" not in versioned_directories(environment.site)
