"""`install FILE ...`: what programs ask for, from nothing; and exactly what a lock fixes."""

import hashlib
import json

import pytest
from commands import command
from made import make_versioned
from wheels import build, versioned_directories

from versioned_import.metadata.group_locks import read_group_locks


@pytest.fixture
def program(tmp_path):
    def write(text, name="app.py"):
        path = tmp_path / name
        path.write_text(f"# coding: versioned\n{text}")
        return path

    return write


def make_wheels(environment):
    for version in ("1.0", "1.5", "2.0"):
        build(environment.wheels, "demo", version, requires=["dep<2" if version < "2" else "dep>=2"])
    for version in ("1.0", "2.0"):
        build(environment.wheels, "dep", version)


class TestPrograms:
    def test_from_nothing_and_then_there_already(self, environment, program):
        make_wheels(environment)
        app = program("import demo version 1.0\nfrom dep version 1 import VERSION\n")
        done = command(environment, "install", app)
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert lines[:3] == [
            "requirement                   asked for by",
            f"demo==1.0.*  to be installed  {app}:2",
            f"dep==1.*     to be installed  {app}:3",
        ]
        assert lines[-2:] == [
            f"{app}:2: import demo version 1.0  demo 1.0  {environment.site}/demo-1.0/",
            f"{app}:3: import dep version 1     dep 1.0  {environment.site}/dep-1.0/",
        ]
        assert versioned_directories(environment.site) == ["demo-1.0", "dep-1.0"]
        assert done.stderr.splitlines()[:2] == [
            "note: demo==1.0.*: nothing installed has this import name, so the distribution's name is a guess",
            "note: dep==1.*: nothing installed has this import name, so the distribution's name is a guess",
        ]
        again = command(environment, "install", app)
        assert (again.returncode, again.stderr) == (0, "")
        assert again.stdout.splitlines()[1:4] == [
            f"demo==1.0.*  there already  {app}:2",
            f"dep==1.*     there already  {app}:3",
            "everything is there already",
        ]

    @staticmethod
    def install_first(environment):
        make_versioned(environment.site, "demo", "1.0", requires=["dep<2"])
        make_versioned(environment.site, "dep", "1.0")

    def test_only_what_is_missing(self, environment, program):
        make_wheels(environment)
        self.install_first(environment)
        app = program("import demo version 1\nimport dep version '<2'\n")
        other = program("import dep version 2\n", "other.py")
        document = json.loads(command(environment, "install", app, other, "--json").stdout)
        assert [(one["requirement"], one["installed"]) for one in document["requirements"]] == [
            ("demo==1.*", True),
            ("dep<2", True),
            ("dep==2.*", False),
        ]
        assert versioned_directories(environment.site) == ["demo-1.0", "dep-1.0", "dep-2.0"]
        assert [row["version"] for row in document["statements"]] == ["demo 1.0", "dep 1.0", "dep 2.0"]
        assert document["done"] is True

    def test_all_looks_for_newer_ones(self, environment, program):
        make_wheels(environment)
        self.install_first(environment)
        assert command(environment, "install", program("import demo version 1\n"), "--all").returncode == 0
        assert "demo-1.5" in versioned_directories(environment.site)

    def test_two_statements_that_clash_land_in_two_groups_and_are_told(self, environment, program):
        make_wheels(environment)
        app = program("import demo version 1\nimport demo version 2\n")
        done = command(environment, "install", app)
        assert versioned_directories(environment.site) == ["demo-1.5", "demo-2.0", "dep-1.0", "dep-2.0"]
        assert (
            f"note: no one version is demo==1.* ({app}:2) and demo==2.* ({app}:3): they land in two groups, and one"
            " process gets one of them\n"
        ) in done.stderr
        # One process can't have both, and the check says so.
        assert done.returncode == 1
        assert "no installed versions fit together" in done.stdout

    def test_what_is_there_but_does_not_go_together_is_resolved_together(self, environment, program):
        for version, dep in (("1.0", "dep==1.0"), ("1.1", "dep==2.0")):
            build(environment.wheels, "one", version, requires=[dep])
        for version in ("1.0", "2.0"):
            build(environment.wheels, "dep", version)
        build(environment.wheels, "two", "1.0", requires=["dep==2.0"])
        make_versioned(environment.site, "one", "1.0", requires=["dep==1.0"])
        make_versioned(environment.site, "two", "1.0", requires=["dep==2.0"])
        for version in ("1.0", "2.0"):
            make_versioned(environment.site, "dep", version)
        app = program("import one version 1\nimport two version 1\n")
        done = command(environment, "install", app)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "one-1.1" in versioned_directories(environment.site)

    def test_dry_run(self, environment, program):
        make_wheels(environment)
        done = command(environment, "install", "--dry-run", program("import demo version 1\n"))
        assert done.returncode == 0, done.stderr
        assert "would install demo 1.5" in done.stdout
        assert versioned_directories(environment.site) == []

    def test_what_pip_cannot_find(self, environment, program):
        done = command(environment, "install", program("import absent version 1\n"))
        assert done.returncode == 1
        assert "absent==1.*" in done.stderr
        assert versioned_directories(environment.site) == []

    def test_words_for_pip(self, environment, program):
        make_wheels(environment)
        app = program("import demo version 1\n")
        words = ("--", "--no-index", "--find-links", environment.wheels)
        done = command(environment, "install", "--engine=pip", app, *words, PIP_NO_INDEX="0", PIP_FIND_LINKS="")
        assert done.returncode == 0, done.stderr
        assert versioned_directories(environment.site) == ["demo-1.5", "dep-1.0"]

    @pytest.mark.parametrize("text", ["import demo version latest\n", "x = (\n"])
    def test_a_mistake_in_a_program_installs_nothing(self, environment, program, text):
        make_wheels(environment)
        good = program("import demo version 1\n", "good.py")
        done = command(environment, "install", good, program(text))
        assert (done.returncode, done.stdout) == (2, "")
        assert versioned_directories(environment.site) == []

    def test_no_statement(self, environment, program):
        done = command(environment, "install", program("import os\n"))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "note: no versioned import\n")


class TestLocks:
    def lock(self, environment, path, *versions, wrong=False):
        """Write a pylock.toml of made wheels and return its path."""
        lines = ['lock-version = "1.0"', 'created-by = "the test"']
        for name, version in versions:
            wheel = environment.wheels / f"{name}-{version}-py3-none-any.whl"
            digest = hashlib.sha256(b"" if wrong else wheel.read_bytes()).hexdigest()
            lines += ["[[packages]]", f'name = "{name}"', f'version = "{version}"', "[[packages.wheels]]"]
            lines += [f'name = "{wheel.name}"', f'url = "file://{wheel}"', f'hashes = {{ sha256 = "{digest}" }}']
        path.write_text("\n".join(lines))
        return path

    def test_exactly_these_versions(self, environment, tmp_path):
        make_wheels(environment)
        lock = self.lock(environment, tmp_path / "pylock.toml", ("demo", "1.0"), ("dep", "1.0"))
        done = command(environment, "install", lock, PIP_FIND_LINKS="")
        assert done.returncode == 0, done.stderr
        assert versioned_directories(environment.site) == ["demo-1.0", "dep-1.0"]
        (group,) = read_group_locks(str(environment.site))
        assert group.versions == {"demo": "1.0", "dep": "1.0"}
        again = command(environment, "install", lock)
        assert (again.returncode, again.stdout) == (0, f"{lock}: everything is there already\n")

    def test_requirements_that_the_lock_leaves_out_are_not_installed(self, environment, tmp_path):
        make_wheels(environment)
        lock = self.lock(environment, tmp_path / "pylock.toml", ("demo", "1.0"))
        assert command(environment, "install", lock).returncode == 0
        assert versioned_directories(environment.site) == ["demo-1.0"]

    def test_a_wrong_hash_installs_nothing(self, environment, tmp_path):
        make_wheels(environment)
        lock = self.lock(environment, tmp_path / "pylock.toml", ("dep", "1.0"), wrong=True)
        done = command(environment, "install", lock)
        assert done.returncode == 1
        assert "DO NOT MATCH THE HASHES" in done.stderr
        assert versioned_directories(environment.site) == []

    def test_what_is_no_lock(self, environment, tmp_path):
        (tmp_path / "pylock.toml").write_text("nonsense")
        done = command(environment, "install", tmp_path / "pylock.toml")
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: {tmp_path}/pylock.toml: it is no pylock.toml (PEP 751): ")

    def test_a_directory_has_no_hash_and_is_installed_all_the_same(self, environment, tmp_path):
        project = tmp_path / "project"
        project.mkdir()
        lock = tmp_path / "pylock.toml"
        lock.write_text(
            'lock-version = "1.0"\ncreated-by = "t"\n[[packages]]\nname = "local"\nversion = "1.0"\n'
            'directory = { path = "project" }\n'
        )
        done = command(environment, "install", lock, "--dry-run")
        # It can't be built without an index, but pip was asked for the right thing.
        assert f"file://{project}" in done.stdout + done.stderr
