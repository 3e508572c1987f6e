"""`sync` from locks that the real tools write, with real files of the package index."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
sys.path.append(str(REPOSITORY / "tests" / "install"))

from wheels import record_problems, versioned_directories  # noqa: E402

pytestmark = pytest.mark.real

PYPROJECT = """\
[project]
name = "demo"
version = "0.1.0"
requires-python = ">=3.10"
dependencies = ["requests>=2.31,<3", "click==8.1.7; sys_platform != 'win32'", "tomli; python_version < '3.11'"]

[project.optional-dependencies]
socks = ["requests[socks]"]

[dependency-groups]
dev = ["iniconfig"]
"""
PACKAGED = f"{PYPROJECT}\n[build-system]\nrequires = ['setuptools>=64']\nbuild-backend = 'setuptools.build_meta'\n"


class Environment:
    """A virtual environment with uv that can import versioned_import."""

    def __init__(self, directory):
        venv.create(directory, with_pip=True)
        self.python = str(directory / "bin" / "python")
        self.site = next((directory / "lib").glob("python*/site-packages"))
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "VERSIONED_"))}
        self.environ = variables | {"PYTHONPATH": str(REPOSITORY)}
        needs = ("filelock", "packaging>=26.1", "resolvelib", "rich", "tomli_w", "uv")
        self.run("-m", "pip", "install", "-q", *needs)

    def run(self, *words, cwd=None, status=0):
        done = subprocess.run(
            [self.python, *map(str, words)], env=self.environ, cwd=cwd, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def sync(self, *words, status=0):
        return self.run("-m", "versioned_import", "sync", *words, status=status)

    def imports(self, project, code):
        return self.run("-m", "versioned_import", "--project", project, "-c", code)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("sync") / "venv")


@pytest.fixture
def project(environment, tmp_path):
    directory = tmp_path / "demo"
    directory.mkdir()
    (directory / "pyproject.toml").write_text(PYPROJECT)
    environment.run("-m", "uv", "lock", "-q", cwd=directory)
    return directory


def test_a_project_of_uv_with_group_and_extra(environment, project):
    environment.sync(project)
    names = {name.rpartition("-")[0] for name in versioned_directories(environment.site)}
    assert {"requests", "click", "iniconfig", "idna", "certifi", "urllib3", "charset-normalizer"} <= names
    assert "tomli" not in names
    assert record_problems(environment.site) == []
    missing = json.loads(environment.sync(project, "--extras", "socks", "--check", "--json", status=1))["missing"]
    assert [one["name"] for one in missing] == ["pysocks"]
    environment.sync(project, "--extras", "socks")
    assert environment.imports(project, "import click, requests; print(click.__version__)") == "8.1.7\n"
    origins = [json.loads(path.read_text()) for path in environment.site.glob(".versioned_import/origins/*.json")]
    assert all(one["download"]["archive_info"]["hashes"]["sha256"] for one in origins)


def test_a_requirements_file_with_hashes_needs_nothing_more(environment, project, tmp_path):
    environment.sync(project)
    exported = environment.run("-m", "uv", "export", "-q", "--no-dev", "--no-emit-project", cwd=project)
    (tmp_path / "requirements.txt").write_text(exported)
    assert environment.sync(tmp_path, "--check").endswith(" locked distributions are there\n")


def test_the_project_itself_is_built_by_setuptools_and_follows_its_sources(environment, project):
    (project / "pyproject.toml").write_text(PACKAGED)
    (project / "src" / "demo").mkdir(parents=True)
    (project / "src" / "demo" / "__init__.py").write_text("WORD = 'first'\n")
    environment.run("-m", "uv", "lock", "-q", cwd=project)
    environment.sync(project)
    code = "import demo, importlib.metadata as m; print(demo.WORD, m.version('demo'))"
    assert environment.imports(project, code) == "first 0.1.0\n"
    (project / "src" / "demo" / "__init__.py").write_text("WORD = 'second one'\n")
    assert environment.imports(project, code) == "second one 0.1.0\n"
