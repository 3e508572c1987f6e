"""`lock FILE ...`: one pylock.toml a group, valid, reproducible, and whole or not there."""

import hashlib
import json
import os
import tomllib

import pytest
from commands import command
from packaging.pylock import Pylock
from packaging.utils import canonicalize_name
from wheels import build, versioned_directories

from versioned_import.errors import InstallError
from versioned_import.install.engine import Planned
from versioned_import.install.program_locks import left_over, lock_texts, write_locks
from versioned_import.install.requirements import root


def packages(path):
    """Return name and version of a lock's packages; the lock must be valid."""
    lock = Pylock.from_dict(tomllib.loads(path.read_text()))
    return [(package.name, str(package.version)) for package in lock.packages]


class TestCommand:
    @pytest.fixture
    def wheels(self, environment):
        for version in ("1.0", "2.0"):
            build(environment.wheels, "demo", version, requires=[f"dep=={version}"])
            build(environment.wheels, "dep", version)
        return environment.wheels

    def test_one_group(self, environment, wheels, tmp_path):
        app = wheels / "app.py"
        app.write_text("import demo version 1\n")
        done = command(environment, "lock", app)
        assert done.returncode == 0, done.stderr
        assert done.stdout == "./pylock.toml: demo==1.* (2 distributions)\n"
        path = wheels / "pylock.toml"
        assert packages(path) == [("demo", "1.0"), ("dep", "1.0")]
        # Below the lock, so its path is relative; and its hash is there.
        (wheel,) = tomllib.loads(path.read_text())["packages"][0]["wheels"]
        name = "demo-1.0-py3-none-any.whl"
        digest = hashlib.sha256((wheels / name).read_bytes()).hexdigest()
        assert wheel == {"name": name, "path": name, "hashes": {"sha256": digest}}
        assert versioned_directories(environment.site) == []

    def test_several_groups_and_the_same_bytes_again(self, environment, wheels, tmp_path):
        app = tmp_path / "app.py"
        app.write_text("import demo version 2\ndef old():\n    import demo version 1\n")
        shown = json.loads(command(environment, "lock", app, "-o", tmp_path / "locks", "--json").stdout)
        first, second = (tmp_path / "locks" / f"pylock.demo-{version}-0.toml" for version in (1, 2))
        assert {one["path"]: one["packages"] for one in shown["locks"]} == {
            str(first): [{"name": "demo", "version": "1.0"}, {"name": "dep", "version": "1.0"}],
            str(second): [{"name": "demo", "version": "2.0"}, {"name": "dep", "version": "2.0"}],
        }
        before = {path.name: path.read_bytes() for path in (tmp_path / "locks").iterdir()}
        app.write_text("import demo version 1\nimport demo version 2\nimport demo version 2\n")
        assert command(environment, "lock", app, "-o", tmp_path / "locks").returncode == 0
        assert {path.name: path.read_bytes() for path in (tmp_path / "locks").iterdir()} == before
        assert packages(first) == [("demo", "1.0"), ("dep", "1.0")]

    def test_of_programs_that_conflict_each_finds_all_its_imports_in_one_lock(self, environment, wheels, tmp_path):
        for version in ("1.0", "2.0"):
            build(wheels, "plain", version)
        texts = {
            "a.py": "import demo version 1\nimport plain version 1\n",
            "b.py": 'import demo version 2\nimport plain version ">=1"\n',
            "c.py": 'import plain version ">=1"\n',
        }
        for name, text in texts.items():
            (wheels / name).write_text(text)
        done = command(environment, "lock", "c.py", "b.py", "a.py", "-o", "locks")
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines() == [
            "locks/pylock.demo-1-0.toml: demo==1.*, plain==1.*, plain>=1 (3 distributions), for c.py, a.py",
            "locks/pylock.demo-2-0.toml: demo==2.*, plain>=1 (3 distributions), for c.py, b.py",
        ]
        assert "note: " not in done.stderr
        assert packages(wheels / "locks" / "pylock.demo-1-0.toml") == [
            ("demo", "1.0"),
            ("dep", "1.0"),
            ("plain", "1.0"),
        ]
        assert packages(wheels / "locks" / "pylock.demo-2-0.toml") == [
            ("demo", "2.0"),
            ("dep", "2.0"),
            ("plain", "2.0"),
        ]
        shown = json.loads(command(environment, "lock", "a.py", "b.py", "-o", "locks", "--json").stdout)
        assert [one["programs"] for one in shown["locks"]] == [[str(wheels / "a.py")], [str(wheels / "b.py")]]

    def test_a_program_that_conflicts_with_itself_is_said(self, environment, wheels):
        (wheels / "a.py").write_text("import demo version 1\nimport dep version 2\n")
        done = command(environment, "lock", "a.py", "-o", "locks")
        assert done.returncode == 0, done.stderr
        note = "note: the imports of a.py conflict and are in 2 locks; one process can load one of them"
        assert note in done.stderr.splitlines()
        assert done.stdout.splitlines() == [
            "locks/pylock.demo-1-0.toml: demo==1.* (2 distributions)",
            "locks/pylock.dep-2-0.toml: dep==2.* (1 distribution)",
        ]

    def test_the_lock_installs_what_it_says(self, environment, wheels, tmp_path):
        app = tmp_path / "app.py"
        app.write_text("import demo version 1\n")
        assert command(environment, "lock", app, "-o", tmp_path).returncode == 0
        done = command(environment, "install", tmp_path / "pylock.toml", PIP_FIND_LINKS="")
        assert done.returncode == 0, done.stderr
        assert versioned_directories(environment.site) == ["demo-1.0", "dep-1.0"]

    def test_what_cannot_be_resolved_writes_nothing(self, environment, wheels, tmp_path):
        app = tmp_path / "app.py"
        app.write_text("import demo version 1\nimport absent version 1\n")
        done = command(environment, "lock", app, "-o", tmp_path / "locks")
        assert done.returncode == 1
        assert "absent==1.*" in done.stderr
        assert not (tmp_path / "locks").exists()

    @pytest.mark.parametrize(
        ("text", "status", "message"),
        [
            ("x = (\n", 2, "error: {path}:1: '(' was never closed\n"),
            ("import os\n", 1, "error: {path}: no versioned import is there to be locked\n"),
        ],
    )
    def test_programs_without(self, environment, tmp_path, text, status, message):
        app = tmp_path / "app.py"
        app.write_text(text)
        done = command(environment, "lock", app)
        assert (done.returncode, done.stdout, done.stderr) == (status, "", message.format(path=app))


def planned(name, version, *, requested=True, **info):
    hashes = {"hashes": {"sha256": "0" * 64}}
    url = f"https://index.example/{name.replace('-', '_')}-{version}-py3-none-any.whl"
    return Planned(
        name=str(canonicalize_name(name)),
        version=version,
        requested=requested,
        download={"url": url, "archive_info": hashes, **info},
    )


class TestFiles:
    def test_names_of_several_groups(self):
        shared = planned("six", "1.0")
        formed = [
            ((root("a.b==1"), root("six")), [planned("a-b", "1.0"), shared]),
            ((root("a.b==2"),), [planned("a-b", "2.0"), shared]),
            ((root("six"), root("z")), [shared, planned("z", "1!3.0+local")]),
        ]
        assert list(lock_texts(formed, "")) == [
            "pylock.a-b-1-0.toml",
            "pylock.a-b-2-0.toml",
            "pylock.z-1-3-0-local.toml",
        ]

    def test_a_file_without_hash_is_no_lock(self):
        formed = [((root("demo"),), [planned("demo", "1.0", archive_info={})])]
        with pytest.raises(InstallError) as raised:
            lock_texts(formed, "")
        assert str(raised.value).startswith("demo: its lock would not be valid: ")

    def test_local_files_elsewhere_keep_their_url(self, tmp_path):
        url = f"file://{tmp_path}/wheels/demo-1.0-py3-none-any.whl"
        formed = [((root("demo"),), [planned("demo", "1.0", url=url)])]

        def place(directory):
            (text,) = lock_texts(formed, str(directory)).values()
            (wheel,) = tomllib.loads(text)["packages"][0]["wheels"]
            return wheel.get("path"), wheel.get("url")

        assert place(tmp_path) == ("wheels/demo-1.0-py3-none-any.whl", None)
        assert place(tmp_path / "locks") == (None, url)

    def test_another_tools_lock_stays(self, tmp_path):
        (tmp_path / "pylock.toml").write_text('created-by = "pip"\n')
        with pytest.raises(InstallError) as raised:
            write_locks({"pylock.x.toml": "x", "pylock.toml": "x"}, str(tmp_path))
        assert str(raised.value) == (
            f"{tmp_path}/pylock.toml: something that versioned-import did not write has that name\n"
            "  Remove it, or write into another directory with -o DIR."
        )
        assert os.listdir(tmp_path) == ["pylock.toml"]

    def test_a_directory_that_cannot_be(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(InstallError, match="it can't be written: "):
            write_locks({"pylock.toml": "x"}, str(tmp_path / "file"))

    def test_locks_of_before(self, tmp_path):
        for name, tool in (("pylock.old.toml", "versioned-import"), ("pylock.toml", "pip"), ("other.toml", "pip")):
            (tmp_path / name).write_text(f'created-by = "{tool}"\n')
        assert left_over({"pylock.new.toml": ""}, str(tmp_path)) == [f"{tmp_path}/pylock.old.toml"]
        assert left_over({}, str(tmp_path / "absent")) == []
