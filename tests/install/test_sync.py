"""What `sync` installs, in three runs that the tests of this file share; each way to come by a distribution is in the first."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from commands import command
from locked import entry, make_lock, make_project, make_sdist, sha256
from wheels import build, record_problems, tree, versioned_directories

EDITABLE = entry("shop", "", lines=['directory = {path = ".", editable = true}'])
INSTALLED = ("archived-1.0", "checked-1.0", "made-1.0", "one-1.0", "part-3.0", "tagged-1.0")


@dataclass
class Shop:
    """One project, what three commands said of it, and copies of the site directory after the first and the last."""

    project: Path
    site: Path
    first: Path
    last: Path
    commit: str
    launcher: Path
    done: subprocess.CompletedProcess
    again: subprocess.CompletedProcess
    changed: subprocess.CompletedProcess
    rebuilt: subprocess.CompletedProcess
    launched: bytes

    @property
    def editable(self):
        (place,) = self.first.glob(".versioned_import/editables/*")
        return place


@pytest.fixture(scope="module")
def shop(_environment, tmp_path_factory):
    environment, place = _environment, tmp_path_factory.mktemp("shop")
    environment.wheels = place / "wheels"
    environment.wheels.mkdir()
    project = make_project(place / "project", "shop")
    commit = checkout(place / "sources")
    make_shop(environment.wheels, project, place / "sources", commit)
    tree(environment.site, "flat", "1.0", {"flat.py": "VERSION = '1.0'\n"})
    tree(environment.site / "one-2.0", "one", "2.0", {"one.py": "VERSION = '2.0'\n"})
    done = sync(environment, project)
    again = sync(environment, project)
    launcher = Path(environment.python).with_name("one-1.0")
    launched = subprocess.run([launcher], env=environment.environ, capture_output=True, check=False).stdout
    first = shutil.copytree(environment.site, place / "first", ignore=shutil.ignore_patterns("pip*", "setuptools*"))
    (project / "backend.py").write_text((project / "backend.py").read_text().replace("'1.0'", "'2.0'"))
    (project / "pyproject.toml").write_text((project / "pyproject.toml").read_text() + "# changed\n")
    changed = sync(environment, project, "--check")
    rebuilt = sync(environment, project)
    last = shutil.copytree(environment.site, place / "last", ignore=shutil.ignore_patterns("pip*", "setuptools*"))
    environment.clear()
    launcher.unlink(missing_ok=True)
    return Shop(project, environment.site, first, last, commit, launcher, done, again, changed, rebuilt, launched)


def make_shop(wheels, project, sources, commit):
    """Write a lock with a wheel, tagged ones, sdists, an archive, a checkout, a directory and an editable member."""
    scripted = build(wheels, "one", "1.0", {"one.py": "def main(): print('one')\n"}, scripts={"one": "one:main"})
    pure = build(wheels, "tagged", "1.0")
    others = [wheels / f"{name}-1.0-cp27-cp27m-win32.whl" for name in ("tagged", "made")]
    for other in others:
        other.write_bytes(b"never read")
    archive = make_sdist(wheels, "archived")
    make_project(project / "part", "part", "3.0")
    make_lock(
        project,
        EDITABLE,
        entry("one", "1.0", scripted),
        entry("flat", "1.0", build(wheels, "flat", "1.0")),
        entry("tagged", "1.0", others[0], pure),
        entry("made", "1.0", others[1], sdist=make_sdist(wheels, "made")),
        entry(
            "archived", "1.0", lines=[f'archive = {{path = "{archive}", hashes = {{sha256 = "{sha256(archive)}"}}}}']
        ),
        entry("checked", "", lines=[f'vcs = {{type = "git", url = "file://{sources}", commit-id = "{commit}"}}']),
        entry("part", "", lines=['directory = {path = "part"}']),
    )


def checkout(sources):
    """Make a repository whose newest commit is another version; return the commit before it."""
    make_project(sources, "checked")
    git = ["git", "-C", str(sources), "-c", "user.name=a", "-c", "user.email=a@index.example"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *words], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    make_project(sources, "checked", "9.0")
    subprocess.run([*git, "commit", "-q", "-a", "-m", "nine"], check=True)
    return commit


@pytest.fixture
def project(tmp_path):
    return tmp_path / "shop"


def sync(environment, *words, **environ):
    return command(environment, "sync", *words, **environ)


def said(site, *names):
    return "".join(f"installed {name.replace('-', ' ')} in {site}/{name}/\n" for name in names)


def with_wheels(environment, project, *pairs):
    return make_lock(
        project, *(entry(name, version, build(environment.wheels, name, version)) for name, version in pairs)
    )


class TestInstalling:
    def test_says_a_line_for_each_that_it_installed(self, shop):
        editable = shop.site / shop.editable.relative_to(shop.first)
        assert (shop.done.returncode, shop.done.stderr) == (0, "")
        assert shop.done.stdout == said(shop.site, *INSTALLED) + f"installed shop 1.0 in {editable}/\n"

    def test_records_are_true_and_there_is_bytecode(self, shop):
        assert record_problems(shop.first) == []
        assert list(shop.first.glob("one-1.0/__pycache__/one.*.pyc"))

    def test_leaves_no_group_and_no_staging_directory(self, shop):
        assert not (shop.first / ".versioned_import" / "groups").exists()
        assert not list(shop.first.glob(".versioned_import/stage-*"))

    def test_the_second_time_says_that_all_is_there(self, shop):
        text = f"{shop.project}/pylock.toml: all 8 locked distributions are there\n"
        assert (shop.again.returncode, shop.again.stdout, shop.again.stderr) == (0, text, "")

    def test_a_flat_install_of_the_locked_version_counts_and_other_versions_stay(self, shop):
        assert versioned_directories(shop.first) == sorted([*INSTALLED, "one-2.0"])

    def test_console_scripts_get_launchers(self, shop):
        assert shop.launched == b"one\n"

    def test_json_is_all_that_is_printed_and_no_compile_is_a_word_for_pip(self, environment, project):
        lock = with_wheels(environment, project, ("one", "1.0"))
        landed = {"name": "one", "version": "1.0", "place": f"{environment.site}/one-1.0", "outcome": "installed"}
        expected = {"lock": f"{lock}/pylock.toml", "locked": 1, "missing": [], "installed": [landed]}
        assert json.loads(sync(environment, lock, "--json", "--", "--no-compile").stdout) == expected
        assert not list(environment.site.glob("one-1.0/__pycache__"))

    @pytest.mark.parametrize("hashed", [True, False])
    def test_files_without_a_place_are_found_where_pip_looks(self, environment, project, hashed):
        wheel = build(environment.wheels, "one", "1.0")
        project.mkdir()
        option = f" --hash=sha256:{sha256(wheel)}" if hashed else ""
        (project / "requirements.txt").write_text(f"one==1.0{option}\n")
        assert sync(environment, project).stdout == said(environment.site, "one-1.0")
        assert sync(environment, project, "--check").returncode == 0


class TestMembers:
    def test_an_editable_member_is_built_beside_the_versioned_directories(self, shop):
        assert (shop.editable / "shop.pth").read_text() == f"{shop.project}/src\n"
        assert (shop.editable / "shop-1.0.dist-info" / "METADATA").is_file()

    def test_it_is_built_again_when_the_settings_of_its_project_change(self, shop):
        assert shop.changed.returncode == 1
        assert shop.changed.stdout == "missing  why\nshop     its project's settings have changed since it was built\n"
        assert shop.rebuilt.returncode == 0
        (place,) = shop.last.glob(".versioned_import/editables/*")
        assert [path.name for path in place.glob("*.dist-info")] == ["shop-2.0.dist-info"]

    def test_a_checkout_is_at_the_locked_commit(self, shop):
        (direct,) = shop.first.glob("checked-1.0/*.dist-info/direct_url.json")
        assert json.loads(direct.read_text())["vcs_info"]["commit_id"] == shop.commit


class TestCheck:
    def test_it_lists_what_is_missing_and_changes_nothing(self, environment, project):
        lock = with_wheels(environment, project, ("one", "1.0"), ("two", "2.0"))
        done = sync(environment, lock, "--check")
        table = "missing  version  why\none      1.0      not installed\ntwo      2.0      not installed\n"
        assert (done.returncode, done.stdout, done.stderr) == (1, table, "")
        assert versioned_directories(environment.site) == []

    def test_as_json(self, environment, project):
        lock = with_wheels(environment, project, ("one", "1.0"))
        done = sync(environment, lock, "--check", "--json")
        missing = {"name": "one", "version": "1.0", "why": "not installed", "where": "packages[0]"}
        expected = {"lock": f"{lock}/pylock.toml", "locked": 1, "missing": [missing], "installed": []}
        assert (done.returncode, json.loads(done.stdout)) == (1, expected)

    def test_without_a_name_it_is_the_project_of_this_directory(self, environment):
        lock = with_wheels(environment, environment.wheels, ("one", "1.0"))
        assert json.loads(sync(environment, "--check", "--json").stdout)["lock"] == f"{lock}/pylock.toml"

    def test_the_environment_names_the_project(self, environment, project):
        lock = with_wheels(environment, project, ("one", "1.0"))
        done = sync(environment, "--check", "--json", VERSIONED_IMPORT_PROJECT=str(lock))
        assert json.loads(done.stdout)["lock"] == f"{lock}/pylock.toml"


def test_a_version_that_is_there_from_another_file_is_an_error(environment, shop, project):
    shutil.copytree(shop.first / "one-1.0", environment.site / "one-1.0")
    shutil.copytree(shop.first / ".versioned_import", environment.site / ".versioned_import")
    lock = with_wheels(environment, project, ("one", "1.0"), ("two", "2.0"))
    done = sync(environment, lock)
    assert done.returncode == 1
    first, reason, advice = done.stderr.splitlines()
    assert first == f"error: {lock}/pylock.toml: what is installed is not what the lock names:"
    assert reason.startswith(f"  one 1.0: {environment.site}/one-1.0/ was installed from a file with sha256 ")
    assert advice == "  Remove it first: versioned-import uninstall one==1.0"
    assert versioned_directories(environment.site) == ["one-1.0"]


class TestVersionsThatAreWrittenOtherwise:
    @pytest.mark.parametrize("engine", [(), ("--engine", "pip")])
    def test_zeros_count_for_nothing_and_local_versions_are_others(self, environment, project, engine):
        for version in ("1.0", "1.0+a", "1.0+b"):
            build(environment.wheels, "one", version)
        project.mkdir()
        (project / "requirements.txt").write_text("one==1.0.0\n")
        done = sync(environment, project, *engine)
        assert (done.returncode, done.stdout) == (0, said(environment.site, "one-1.0")), done.stderr
        assert sync(environment, project, "--check").returncode == 0

    def test_a_local_version_alone_is_not_what_the_lock_names(self, environment, project):
        build(environment.wheels, "one", "1.0+a")
        project.mkdir()
        (project / "requirements.txt").write_text("one==1.0\n")
        done = sync(environment, project)
        assert done.returncode == 1
        assert "No matching distribution found for one!=1.0+a,==1.0" in done.stderr
        assert versioned_directories(environment.site) == []

    def test_what_gc_keeps_of_a_lock_is_what_sync_finds(self, environment, project):
        build(environment.wheels, "one", "2.0")
        project.mkdir()
        (project / "requirements.txt").write_text("one==2.0.0\n")
        assert sync(environment, project).returncode == 0
        done = command(environment, "gc", "--keep", project / "requirements.txt", "-y")
        assert done.stdout == f"nothing to remove: all 1 versioned directories of {environment.site} are needed\n"

    def test_another_file_of_the_version_is_in_the_way(self, environment, project):
        old = build(environment.wheels, "one", "2.0", {"one.py": "old = 1\n"})
        project.mkdir()
        lock = project / "requirements.txt"
        lock.write_text(f"one==2.0 --hash=sha256:{sha256(old)}\n")
        assert sync(environment, project).returncode == 0
        new = build(environment.wheels, "one", "2.0", {"one.py": "new = 1\n"})
        lock.write_text(f"one==2.0.0 --hash=sha256:{sha256(new)}\n")
        done = sync(environment, project)
        assert done.returncode == 1
        assert done.stderr.startswith(f"error: {lock}: what is installed is not what the lock names:\n  one 2.0.0: ")
        assert done.stderr.endswith("  Remove it first: versioned-import uninstall one==2.0.0\n")
