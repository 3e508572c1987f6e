"""Where each file came from, as pip's engine tells it: locks and `direct_url.json` are made of that."""

import hashlib
import json
import subprocess
import zipfile

import pytest
from wheels import build, metadata, record_problems, record_rows, versioned_directories

BACKEND = """
import os
import zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "made-1.5-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        wheel.writestr("made.py", "")
        wheel.writestr("made-1.5.dist-info/METADATA", {metadata!r})
        wheel.writestr("made-1.5.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("made-1.5.dist-info/RECORD", "made.py,,\\nmade-1.5.dist-info/RECORD,,\\n")
    return name
"""
PROGRAM = """
import json, os, sys
from versioned_import.engines.pip_engine import PipEngine
from versioned_import.install.requirements import parse_arguments
arguments = parse_arguments(sys.argv[2:], os.environ)
engine = PipEngine(arguments.options, warn=print)
how = engine.plan(arguments.roots) if sys.argv[1] == "plan" else engine.stage(arguments.roots, sys.argv[1])
print(json.dumps([[one.name, one.version, one.requested, one.is_direct, one.download] for one in how]))
"""


@pytest.fixture
def told(environment, tmp_path):
    """Return a function that gives what the engine tells of requirements when it stages, or else plans, them."""

    def told(*requirements, plan=False):
        how = "plan" if plan else str(tmp_path / "stage")
        (tmp_path / "stage").mkdir(exist_ok=True)
        options = ("install", "--allow-multiple", "--no-index", "--find-links", environment.wheels)
        command = [environment.python, "-c", PROGRAM, how, *options, *requirements]
        done = subprocess.run(
            list(map(str, command)), env=environment.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return sorted(json.loads(done.stdout.splitlines()[-1]))

    return told


@pytest.fixture
def project(tmp_path):
    """Return the directory of a project that builds itself without any other."""
    directory = tmp_path / "project"
    directory.mkdir()
    (directory / "backend.py").write_text(BACKEND.format(metadata=metadata("made", "1.5")))
    (directory / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    return directory


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_wheel_of_an_index_and_what_it_requires(told, environment):
    base = build(environment.wheels, "base", "1.0")
    top = build(environment.wheels, "top", "2.0", requires=["base"])
    (first, second) = told("top")
    assert told("top", plan=True) == [first, second]
    assert first[:4] == ["base", "1.0", False, False]
    assert second[:4] == ["top", "2.0", True, False]
    for one, wheel in ((first, base), (second, top)):
        assert one[4]["url"] == wheel.as_uri()
        assert one[4]["archive_info"]["hashes"] == {"sha256": digest(wheel)}


def test_a_wheel_by_its_path(told, environment):
    wheel = build(environment.wheels, "base", "1.0")
    ((*facts, download),) = told(wheel)
    assert facts == ["base", "1.0", True, True]
    assert (download["url"], download["archive_info"]["hashes"]) == (wheel.as_uri(), {"sha256": digest(wheel)})


def test_a_source_distribution(told, environment, project):
    sdist = environment.wheels / "made-1.5.zip"
    with zipfile.ZipFile(sdist, "w") as file:
        for path in project.iterdir():
            file.write(path, f"made-1.5/{path.name}")
        file.writestr("made-1.5/PKG-INFO", metadata("made", "1.5"))
    ((*facts, download),) = told("made")
    assert facts == ["made", "1.5", True, False]
    assert (download["url"], download["archive_info"]["hashes"]) == (sdist.as_uri(), {"sha256": digest(sdist)})


def test_a_project_directory(told, project):
    assert told(project) == [["made", "1.5", True, True, {"url": project.as_uri(), "dir_info": {}}]]


def test_a_version_control_url(told, project):
    git = ["git", "-C", str(project), "-c", "user.name=tests", "-c", "user.email=tests@index.example"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"], ["tag", "v1.5"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    ((*facts, download),) = told(f"git+{project.as_uri()}@v1.5#egg=made")
    assert facts == ["made", "1.5", True, True]
    assert download == {
        "url": project.as_uri(),
        "vcs_info": {"vcs": "git", "requested_revision": "v1.5", "commit_id": commit},
    }


class TestInstalling:
    """`--engine pip`: what lands is what pip's inside makes of the same wheels."""

    def install(self, environment, *requirements):
        return environment.pip(*environment.arguments("--engine", "pip", *requirements))

    def test_conflicting_requirements_land_in_groups(self, environment):
        for version in ("1.0", "2.0"):
            build(environment.wheels, "base", version)
        build(environment.wheels, "old", "1.0", requires=["base<2"])
        build(environment.wheels, "new", "1.0", requires=["base>=2"])
        done = self.install(environment, "old", "new")
        assert done.returncode == 0, done.stderr
        assert [line for line in done.stdout.splitlines() if line.startswith("group")] == [
            "group 1: new",
            "group 2: old",
        ]
        assert versioned_directories(environment.site) == ["base-1.0", "base-2.0", "new-1.0", "old-1.0"]
        assert record_problems(environment.site) == []
        assert environment.staging() == []

    def test_what_is_no_module_stands_where_its_wheel_has_it(self, environment):
        files = {
            "tool.py": "",
            "tool.pth": "import tool",
            "tool-1.0.data/scripts/binary": "#!/bin/sh\necho binary\n",
            "tool-1.0.data/headers/tool.h": "",
            "tool-1.0.data/data/share/tool.txt": "",
        }
        build(environment.wheels, "tool", "1.0", files, scripts={"do-it": "tool:main"})
        done = self.install(environment, "tool")
        directory = environment.site / "tool-1.0"
        assert [row[0] for row in record_rows(directory) if ".dist-info" not in row[0]] == [
            "tool-1.0.data/scripts/binary",
            "tool-1.0.data/headers/tool.h",
            "tool-1.0.data/data/share/tool.txt",
            "tool.pth",
            "tool.py",
        ]
        script = directory / "tool-1.0.data" / "scripts" / "binary"
        assert subprocess.run([script], capture_output=True, text=True, check=True).stdout == "binary\n"
        assert done.stderr.splitlines() == [
            "warning: tool 1.0: tool.pth is kept, but never run from a versioned directory",
            "warning: tool 1.0: 1 data file kept in tool-1.0.data/data/, not in sys.prefix (such as share/tool.txt)",
        ]
        assert record_problems(environment.site) == []

    def test_files_that_two_distributions_claim_are_each_ones_own(self, environment):
        build(environment.wheels, "one", "1.0", {"common/__init__.py": "1\n", "one.py": ""}, requires=["two"])
        build(environment.wheels, "two", "1.0", {"common/__init__.py": "22\n", "two.py": ""})
        done = self.install(environment, "one")
        assert done.returncode == 0, done.stderr
        for name, text in (("one", "1\n"), ("two", "22\n")):
            assert (environment.site / f"{name}-1.0" / "common" / "__init__.py").read_text() == text
        # Each was installed alone at last, yet only one was asked for.
        assert not (environment.site / "two-1.0" / "two-1.0.dist-info" / "REQUESTED").exists()
        assert (environment.site / "one-1.0" / "one-1.0.dist-info" / "REQUESTED").exists()
        assert record_problems(environment.site) == []

    def test_a_record_that_leads_outside_is_refused(self, environment):
        build(environment.wheels, "free", "1.0")
        build(environment.wheels, "evil", "1.0", extra_rows=[("../../../../outside.py", "sha256=x", "1")])
        done = self.install(environment, "free", "evil")
        assert done.returncode == 1
        assert "error: evil-1.0.dist-info: its RECORD leads outside: ../../../../outside.py" in done.stderr
        assert versioned_directories(environment.site) == []
