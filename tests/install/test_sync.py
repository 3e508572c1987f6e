import hashlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commands import command
from locked import entry, make_lock, make_project, make_sdist, sha256
from wheels import build, record_problems, record_rows, versioned_directories


@pytest.fixture
def project(tmp_path):
    return tmp_path / "shop"


def sync(environment, *words, **environ):
    return command(environment, "sync", *words, **environ)


def said(environment, *names):
    return "".join(f"installed {name.replace('-', ' ')} in {environment.site}/{name}/\n" for name in names)


def with_wheels(environment, project, *pairs):
    return make_lock(
        project, *(entry(name, version, build(environment.wheels, name, version)) for name, version in pairs)
    )


class TestInstalling:
    def test_installs_what_the_lock_names_with_true_records_and_bytecode(self, environment, project):
        lock = with_wheels(environment, project, ("one", "1.0"), ("two", "2.0"))
        done = sync(environment, lock)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == said(environment, "one-1.0", "two-2.0")
        assert versioned_directories(environment.site) == ["one-1.0", "two-2.0"]
        assert record_problems(environment.site) == []
        assert list(environment.site.glob("one-1.0/__pycache__/one.*.pyc"))
        assert environment.staging() == []
        assert not (environment.site / ".versioned_import" / "groups").exists()

    def test_the_second_time_says_that_all_is_there(self, environment, project):
        lock = with_wheels(environment, project, ("one", "1.0"))
        sync(environment, lock)
        done = sync(environment, lock)
        text = f"{lock}/pylock.toml: all 1 locked distributions are there\n"
        assert (done.returncode, done.stdout, done.stderr) == (0, text, "")

    def test_without_a_name_it_is_the_project_of_this_directory(self, environment):
        with_wheels(environment, environment.wheels, ("one", "1.0"))
        assert sync(environment).stdout == said(environment, "one-1.0")

    def test_the_environment_names_the_project(self, environment, project):
        lock = with_wheels(environment, project, ("one", "1.0"))
        assert sync(environment, VERSIONED_IMPORT_PROJECT=str(lock)).stdout == said(environment, "one-1.0")

    def test_json_is_all_that_is_printed(self, environment, project):
        lock = with_wheels(environment, project, ("one", "1.0"))
        landed = {"name": "one", "version": "1.0", "place": f"{environment.site}/one-1.0", "outcome": "installed"}
        expected = {"lock": f"{lock}/pylock.toml", "locked": 1, "missing": [], "installed": [landed]}
        assert json.loads(sync(environment, lock, "--json").stdout) == expected

    def test_no_compile_is_a_word_for_pip(self, environment, project):
        lock = with_wheels(environment, project, ("one", "1.0"))
        assert sync(environment, lock, "--", "--no-compile").returncode == 0
        assert not list(environment.site.glob("one-1.0/__pycache__"))

    def test_a_flat_install_of_the_locked_version_counts(self, environment, project):
        lock = with_wheels(environment, project, ("one", "1.0"), ("two", "2.0"))
        environment.own_pip("install", "--no-index", "--find-links", environment.wheels, "one==1.0", planted=False)
        assert sync(environment, lock).stdout == said(environment, "two-2.0")

    def test_other_versions_stay(self, environment, project):
        build(environment.wheels, "one", "1.0")
        environment.install("one==1.0")
        lock = with_wheels(environment, project, ("one", "2.0"))
        assert sync(environment, lock).returncode == 0
        assert versioned_directories(environment.site) == ["one-1.0", "one-2.0"]

    def test_files_without_a_place_are_found_where_pip_looks(self, environment, project):
        wheel = build(environment.wheels, "one", "1.0")
        project.mkdir()
        (project / "requirements.txt").write_text(f"one==1.0 --hash=sha256:{sha256(wheel)}\n")
        assert sync(environment, project).stdout == said(environment, "one-1.0")
        assert sync(environment, project, "--check").returncode == 0

    def test_requirements_without_hashes(self, environment, project):
        build(environment.wheels, "one", "1.0")
        project.mkdir()
        (project / "requirements.txt").write_text("one==1.0\n")
        assert sync(environment, project).stdout == said(environment, "one-1.0")

    def test_console_scripts_get_launchers(self, environment, project):
        wheel = build(
            environment.wheels, "one", "1.0", {"one.py": "def main(): print('one')\n"}, scripts={"one": "one:main"}
        )
        sync(environment, make_lock(project, entry("one", "1.0", wheel)))
        launcher = Path(environment.python).with_name("one-1.0")
        assert subprocess.run([launcher], env=environment.environ, capture_output=True, check=True).stdout == b"one\n"
        launcher.unlink()


class TestFiles:
    def test_the_wheel_with_the_best_tags_is_taken(self, environment, project):
        pure = build(environment.wheels, "one", "1.0")
        other = pure.with_name("one-1.0-cp27-cp27m-win32.whl")
        other.write_bytes(b"never read")
        lock = make_lock(project, entry("one", "1.0", other, pure))
        assert sync(environment, lock).returncode == 0

    def test_an_sdist_is_built_where_no_wheel_fits(self, environment, project):
        other = environment.wheels / "one-1.0-cp27-cp27m-win32.whl"
        other.write_bytes(b"never read")
        lock = make_lock(project, entry("one", "1.0", other, sdist=make_sdist(environment.wheels, "one")))
        done = sync(environment, lock)
        assert (done.stdout, done.stderr) == (said(environment, "one-1.0"), "")
        assert sync(environment, lock, "--check").returncode == 0

    def test_wheels_for_other_platforms_only_are_an_error_before_anything_is_installed(self, environment, project):
        names = [f"{name}-1.0-cp27-cp27m-win32.whl" for name in ("bad", "worse")]
        for name in names:
            (environment.wheels / name).write_bytes(b"never read")
        good = entry("one", "1.0", build(environment.wheels, "one", "1.0"))
        bad = [entry(name.partition("-")[0], "1.0", environment.wheels / name) for name in names]
        lock = make_lock(project, good, *bad)
        done = sync(environment, lock)
        assert done.returncode == 1
        first, *lines, advice = done.stderr.splitlines()
        start = f"error: {lock}/pylock.toml: no wheel of it is for this Python, and no sdist is locked (cp3"
        assert first.startswith(start)
        assert lines == [f"  {name.partition('-')[0]} 1.0 has {name}" for name in names]
        assert advice == "  Lock for this platform too, or use a Python that the lock is for."
        assert versioned_directories(environment.site) == []

    @pytest.mark.parametrize("how", ["wheel", "sdist", "found by pip"])
    def test_another_hash_is_an_error_that_says_both(self, environment, project, how):
        good = build(environment.wheels, "good", "1.0")
        wrong = "0" * 64
        if how == "found by pip":
            bad = build(environment.wheels, "bad", "1.0")
            project.mkdir()
            pins = (f"bad==1.0 --hash=sha256:{wrong}", f"good==1.0 --hash=sha256:{sha256(good)}")
            (project / "requirements.txt").write_text("\n".join(pins) + "\n")
            name, place = "bad 1.0", " (line 1)"
        elif how == "sdist":
            bad = make_sdist(environment.wheels, "bad")
            make_lock(project, entry("good", "1.0", good), entry("bad", "1.0", sdist=bad, digest=wrong))
            name, place = bad.name, " (packages[1].sdist)"
        else:
            bad = build(environment.wheels, "bad", "1.0")
            make_lock(project, entry("good", "1.0", good), entry("bad", "1.0", bad, digest=wrong))
            name, place = f"{project}/pylock.toml: {bad.name}", ""
        done = sync(environment, project)
        assert done.returncode == 1
        assert done.stderr == (
            f"error: {name}: the file's sha256 is not what the lock says{place}\n"
            f"  expected {wrong}\n"
            f"  got      {sha256(bad)}\n"
            "  Don't trust it: nothing was installed. If the file was replaced on purpose, lock again.\n"
        )
        assert versioned_directories(environment.site) == []
        assert environment.staging() == []

    def test_all_hashes_of_a_file_count(self, environment, project):
        wheel = build(environment.wheels, "one", "1.0")
        text = entry("one", "1.0", wheel).replace("sha256 =", f'sha512 = "{"0" * 128}", sha256 =')
        done = sync(environment, make_lock(project, text))
        assert done.returncode == 1
        assert f"got      {hashlib.sha512(wheel.read_bytes()).hexdigest()}" in done.stderr
        assert versioned_directories(environment.site) == []

    def test_a_version_that_is_there_from_another_file_is_an_error(self, environment, project):
        build(environment.wheels, "one", "1.0", {"one.py": "VERSION = 'another'\n"})
        assert environment.install("one==1.0").returncode == 0
        lock = with_wheels(environment, project, ("one", "1.0"), ("two", "2.0"))
        done = sync(environment, lock)
        assert done.returncode == 1
        first, reason, advice = done.stderr.splitlines()
        assert first == f"error: {lock}/pylock.toml: what is installed is not what the lock names:"
        assert reason.startswith(f"  one 1.0: {environment.site}/one-1.0/ was installed from a file with sha256 ")
        assert advice == "  Remove it first: versioned-import uninstall one==1.0"
        assert versioned_directories(environment.site) == ["one-1.0"]


class TestMembers:
    def test_an_editable_member_is_built_beside_the_versioned_directories(self, environment, project):
        make_project(project, "shop")
        lock = make_lock(project, entry("shop", "", lines=['directory = {path = ".", editable = true}']))
        done = sync(environment, lock)
        assert (done.returncode, done.stderr) == (0, "")
        (place,) = (environment.site / ".versioned_import" / "editables").iterdir()
        assert done.stdout == f"installed shop 1.0 in {place}/\n"
        assert (place / "shop.pth").read_text() == f"{project}/src\n"
        assert (place / "shop-1.0.dist-info" / "METADATA").is_file()
        assert sync(environment, lock, "--check").returncode == 0

    def test_it_is_built_again_when_the_settings_of_its_project_change(self, environment, project):
        make_project(project, "shop")
        lock = make_lock(project, entry("shop", "", lines=['directory = {path = ".", editable = true}']))
        sync(environment, lock)
        (project / "backend.py").write_text((project / "backend.py").read_text().replace("'1.0'", "'2.0'"))
        (project / "pyproject.toml").write_text((project / "pyproject.toml").read_text() + "# changed\n")
        done = sync(environment, lock, "--check")
        assert done.returncode == 1
        assert done.stdout == "missing  why\nshop     its project's settings have changed since it was built\n"
        assert sync(environment, lock).returncode == 0
        (place,) = (environment.site / ".versioned_import" / "editables").iterdir()
        assert [path.name for path in place.glob("*.dist-info")] == ["shop-2.0.dist-info"]

    def test_one_that_cannot_be_built_leaves_nothing(self, environment, project):
        make_project(project, "shop")
        (project / "backend.py").write_text("raise SystemExit('no')\n")
        one = entry("one", "1.0", build(environment.wheels, "one", "1.0"))
        lock = make_lock(project, entry("shop", "", lines=['directory = {path = ".", editable = true}']), one)
        done = sync(environment, lock)
        assert done.returncode == 1
        assert done.stderr.startswith(f"error: shop in {project}: pip could not build its editable install")
        assert versioned_directories(environment.site) == []
        assert not (environment.site / ".versioned_import" / "editables").exists()

    def test_a_directory_becomes_a_wheel(self, environment, project):
        make_project(project / "part", "part", "3.0")
        lock = make_lock(project, entry("part", "", lines=['directory = {path = "part"}']))
        assert sync(environment, lock).stdout == said(environment, "part-3.0")
        assert sync(environment, lock, "--check").returncode == 0

    def test_an_archive_with_a_path(self, environment, project):
        sdist = make_sdist(environment.wheels, "one")
        line = f'archive = {{path = "{sdist}", hashes = {{sha256 = "{sha256(sdist)}"}}}}'
        lock = make_lock(project, entry("one", "1.0", lines=[line]))
        assert sync(environment, lock).stdout == said(environment, "one-1.0")
        assert sync(environment, lock, "--check").returncode == 0

    def test_a_checkout_at_the_locked_commit(self, environment, project, tmp_path):
        sources = make_project(tmp_path / "sources", "one")
        git = ["git", "-C", str(sources), "-c", "user.name=a", "-c", "user.email=a@index.example"]
        for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
            subprocess.run([*git, *words], check=True)
        commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
        make_project(sources, "one", "9.0")
        subprocess.run([*git, "commit", "-q", "-a", "-m", "nine"], check=True)
        line = f'vcs = {{type = "git", url = "file://{sources}", commit-id = "{commit}"}}'
        lock = make_lock(project, entry("one", "", lines=[line]))
        done = sync(environment, lock)
        assert (done.stderr, done.stdout) == ("", said(environment, "one-1.0"))
        assert sync(environment, lock, "--check").returncode == 0
        (direct,) = environment.site.glob("one-1.0/*.dist-info/direct_url.json")
        assert json.loads(direct.read_text())["vcs_info"]["commit_id"] == commit


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

    def test_a_lock_that_cannot_be_used_is_status_2(self, environment, project):
        project.mkdir()
        done = sync(environment, project)
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: {project}: the directory holds no lock\n")


class TestAccidents:
    def test_two_at_once_leave_everything_once_and_whole(self, environment, project):
        pairs = [(f"made{number}", "1.0") for number in range(6)]
        lock = with_wheels(environment, project, *pairs)
        words = [environment.python, "-m", "versioned_import", "sync", str(lock)]
        both = [
            subprocess.Popen(
                words, env=environment.environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        ends = [(one.communicate()[1], one.returncode) for one in both]
        assert ends == [("", 0), ("", 0)]
        assert versioned_directories(environment.site) == [f"{name}-1.0" for name, _ in pairs]
        assert record_problems(environment.site) == []
        assert environment.staging() == []

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_leaves_nothing(self, environment, project, number):
        make_project(project / "slow", "slow")
        backend = project / "slow" / "backend.py"
        started = project / "started"
        backend.write_text(f"import time\nopen({str(started)!r}, 'w').close()\ntime.sleep(60)\n")
        one = entry("one", "1.0", build(environment.wheels, "one", "1.0"))
        lock = make_lock(project, one, entry("slow", "", lines=['directory = {path = "slow"}']))
        running = subprocess.Popen(
            [environment.python, "-m", "versioned_import", "sync", str(lock)],
            env=environment.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        until = time.monotonic() + 30
        while not started.exists() and time.monotonic() < until:
            time.sleep(0.02)
        os.kill(running.pid, number)
        running.communicate(timeout=30)
        assert running.returncode == (130 if number == signal.SIGINT else 143)
        assert versioned_directories(environment.site) == []
        assert environment.staging() == []

    def test_a_wheel_that_lies_lands_nothing(self, environment, project):
        bad = build(environment.wheels, "bad", "1.0", extra_rows=[("nowhere.py", "", "")])
        lock = make_lock(
            project, entry("bad", "1.0", bad), entry("one", "1.0", build(environment.wheels, "one", "1.0"))
        )
        done = sync(environment, lock)
        assert done.returncode == 1
        assert done.stderr.startswith(f"error: {bad.name}: nowhere.py is in its RECORD but not in the wheel\n")
        assert versioned_directories(environment.site) == []

    def test_the_engine_that_drives_pip_does_the_same(self, environment, project):
        lock = with_wheels(environment, project, ("one", "1.0"), ("two", "2.0"))
        done = sync(environment, lock, "--engine=pip")
        assert done.stdout == said(environment, "one-1.0", "two-2.0")
        assert sync(environment, lock, "--check").returncode == 0
        assert record_rows(environment.site / "one-1.0")
