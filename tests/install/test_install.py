"""The whole way with the real pip, on wheels made here."""

import hashlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from wheels import build, record_problems, record_rows, versioned_directories


@pytest.fixture
def two(environment):
    """Return the environment with wheels of `old` and `new`, which need different versions of `base`."""
    for version in ("1.0", "2.0"):
        build(environment.wheels, "base", version)
    build(environment.wheels, "old", "1.0", requires=["base<2"])
    build(environment.wheels, "new", "1.0", requires=["base>=2"])
    build(environment.wheels, "free", "1.0")
    return environment


def test_two_versions_land_side_by_side(two):
    done = two.install("base==1.0", "base==2.0")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "collecting base==1.0",
        "collecting base==2.0",
        "group 1: base==1.0",
        "  installed base 1.0 in base-1.0/",
        "group 2: base==2.0",
        "  installed base 2.0 in base-2.0/",
    ]
    assert versioned_directories(two.site) == ["base-1.0", "base-2.0"]
    assert "1.0" in (two.site / "base-1.0" / "base.py").read_text()
    assert record_problems(two.site) == []
    assert two.staging() == []


def test_requirements_that_conflict_by_what_they_need_are_resolved_in_groups(two):
    done = two.install("old", "free", "new")
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("group")] == [
        "group 1: free, new",
        "group 2: old",
    ]
    assert versioned_directories(two.site) == ["base-1.0", "base-2.0", "free-1.0", "new-1.0", "old-1.0"]
    assert done.stderr == ""


def test_two_wheel_files_of_one_distribution_are_two_groups(two):
    done = two.install(*sorted(two.wheels.glob("base-*.whl")))
    assert done.returncode == 0, done.stderr
    assert versioned_directories(two.site) == ["base-1.0", "base-2.0"]
    assert (two.site / "base-1.0" / "base-1.0.dist-info" / "direct_url.json").exists()


def test_what_two_groups_share_is_installed_once(two):
    build(two.wheels, "old", "2.0", requires=["base<2", "free"])
    done = two.install("old==1.0", "free", "old==2.0")
    assert "  shared with group 1: base 1.0 in base-1.0/" in done.stdout.splitlines()
    assert "  shared with group 1: free 1.0 in free-1.0/" in done.stdout.splitlines()


def test_what_is_there_already_stays_and_is_said(two):
    two.install("base==1.0")
    (two.site / "base-1.0" / "mark").write_text("")
    done = two.install("old")
    assert done.stdout.splitlines()[1:] == [
        "already there base 1.0 in base-1.0/",
        "installed old 1.0 in old-1.0/",
    ]
    assert (two.site / "base-1.0" / "mark").exists()


def test_a_flat_install_neither_counts_nor_changes(two):
    flat = two.pip("install", "--no-index", "--find-links", two.wheels, "base==1.0")
    assert "Successfully installed base-1.0" in flat.stdout
    before = sorted(path.name for path in two.site.glob("base*"))
    assert two.install("base==1.0").returncode == 0
    assert versioned_directories(two.site) == ["base-1.0"]
    assert sorted(path.name for path in two.site.glob("base*")) == sorted([*before, "base-1.0"])
    assert "base" in two.pip("list").stdout
    two.pip("uninstall", "-y", "base")


def test_a_dry_run_says_what_would_land_and_changes_nothing(two):
    two.install("base==1.0")
    before = sorted(two.site.rglob("*"))
    done = two.install("--dry-run", "old", "new")
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if " in " in line] == [
        "  would install base 2.0 in base-2.0/",
        "  would install new 1.0 in new-1.0/",
        "  already there base 1.0 in base-1.0/",
        "  would install old 1.0 in old-1.0/",
    ]
    assert sorted(two.site.rglob("*")) == before


def test_quiet_says_nothing(two):
    done = two.install("-q", "base==1.0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_verbose_shows_what_pip_says(two):
    assert "Processing " in two.install("-v", "base==1.0").stdout


def test_bytecode_is_compiled_unless_told_otherwise(two):
    two.pip("install", "--allow-multiple", "--engine=pip", "--no-index", "--find-links", two.wheels, "base==1.0")
    assert any(path.endswith(".pyc") for path, *_ in record_rows(two.site / "base-1.0"))
    assert record_problems(two.site) == []


def test_options_of_the_environment_that_contradict_do_not_reach_pip(two):
    done = two.install("base==1.0", PIP_TARGET="elsewhere", PIP_QUIET="3", PIP_DRY_RUN="1")
    assert versioned_directories(two.site) == ["base-1.0"], done.stderr


def test_requirements_files_are_roots_too(two, tmp_path):
    (tmp_path / "old.txt").write_text("base==1.0  # the old one\n-r new.txt\n")
    (tmp_path / "new.txt").write_text("base \\\n  ==2.0\n")
    assert two.install("-r", tmp_path / "old.txt", "free").returncode == 0
    assert versioned_directories(two.site) == ["base-1.0", "base-2.0", "free-1.0"]


def test_constraints_hold_in_every_group(two, tmp_path):
    (tmp_path / "c.txt").write_text("base<2\n")
    done = two.install("-c", tmp_path / "c.txt", "new")
    assert done.returncode == 1
    assert "conflicting dependencies" in done.stderr
    assert versioned_directories(two.site) == []


def test_hashes_are_checked_by_pip_in_every_group(two, tmp_path):
    lines = []
    for version in ("1.0", "2.0"):
        data = (two.wheels / f"base-{version}-py3-none-any.whl").read_bytes()
        lines.append(f"base=={version} --hash=sha256:{hashlib.sha256(data).hexdigest()}\n")
    (tmp_path / "r.txt").write_text("".join(lines))
    assert two.install("-r", tmp_path / "r.txt").returncode == 0
    assert versioned_directories(two.site) == ["base-1.0", "base-2.0"]
    two.clear()
    (tmp_path / "r.txt").write_text(lines[0] + "base==2.0 --hash=sha256:" + "0" * 64 + "\n")
    done = two.install("-r", tmp_path / "r.txt")
    assert done.returncode == 1
    assert "DO NOT MATCH" in done.stderr
    assert versioned_directories(two.site) == []


class TestNothingHalf:
    """A failed or killed install leaves nothing that an import could see."""

    def test_a_group_that_fails_keeps_the_others_out(self, two):
        done = two.install("base==1.0", "base==9.0")
        assert done.returncode == 1
        assert "error: base==9.0: pip could not install it (exit status 1):" in done.stderr
        assert "No matching distribution found for base==9.0" in done.stderr
        assert versioned_directories(two.site) == []
        assert two.staging() == []

    @pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
    def test_interrupted(self, environment, number, status):
        build(environment.wheels, "many", "1.0", {f"many/m{index}.py": "" for index in range(4000)})
        child = environment.start("many")
        wait_for(environment.staging, child)
        child.send_signal(number)
        _, errors = child.communicate(timeout=60)
        assert child.returncode == status, errors
        assert "Traceback" not in errors
        assert environment.staging() == []
        assert versioned_directories(environment.site) == []

    def test_killed(self, environment):
        build(environment.wheels, "many", "1.0", {f"many/m{index}.py": "" for index in range(4000)})
        child = environment.start("many")
        wait_for(environment.staging, child)
        child.kill()
        child.communicate(timeout=60)
        assert versioned_directories(environment.site) == []
        stale = next(path for path in environment.staging() if path.is_dir())
        wait_for_orphans(stale)
        assert environment.install("many").returncode == 0
        assert environment.staging() == []
        assert record_problems(environment.site) == []

    def test_a_directory_of_somebody_else_in_the_way(self, two):
        (two.site / "base-2.0" / "theirs").mkdir(parents=True)
        done = two.install("base==1.0", "base==2.0")
        assert done.returncode == 1
        assert "is in the way and holds no .dist-info" in done.stderr
        assert versioned_directories(two.site) == []

    def test_a_rename_that_fails_takes_the_locks_back(self, two):
        program = (
            "import os, sys\n"
            "rename = os.rename\n"
            "def fail(source, target):\n"
            "    if target.endswith('old-1.0') and 'stage-' not in target:\n"
            "        raise OSError(13, 'no more')\n"
            "    rename(source, target)\n"
            "os.rename = fail\n"
            "from versioned_import.cli.pip import main; sys.exit(main(sys.argv[1:]))"
        )
        assert two.install("base==2.0").returncode == 0
        locks = set(two.site.glob(".versioned_import/groups/*"))
        done = subprocess.run(
            [two.python, "-c", program, *map(str, two.arguments("base==2.0", "old"))],
            env=two.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            f"error: old 1.0: it can't be renamed into {two.site}: no more",
            "  Check the permissions of the directory.",
        ]
        assert versioned_directories(two.site) == ["base-1.0", "base-2.0"]
        assert set(two.site.glob(".versioned_import/groups/*")) == locks
        origins = sorted(path.name for path in two.site.glob(".versioned_import/origins/*"))
        assert origins == ["base-1.0.json", "base-2.0.json"]


def wait_for(condition, child):
    for _ in range(600):
        if condition() or child.poll() is not None:
            return
        time.sleep(0.02)


def wait_for_orphans(directory):
    """Wait for the pip of a killed installer, which nobody ends, to have come to its own end."""
    mark = os.fsencode(directory)
    for _ in range(600):
        if not any(mark in command_line(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
            return
        time.sleep(0.1)


def command_line(process):
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def test_many_at_once_leave_every_record_true(two):
    for version in ("3.0", "4.0"):
        build(two.wheels, "base", version, {f"base/m{index}.py": version for index in range(200)})
    wanted = [["base==3.0", "base==4.0"], ["base==4.0", "base==3.0"], ["old", "new", "base==3.0"], ["base==4.0", "old"]]
    children = [two.start(*some) for some in wanted]
    for child in children:
        _, errors = child.communicate(timeout=120)
        assert child.returncode == 0, errors
    assert versioned_directories(two.site) == ["base-1.0", "base-3.0", "base-4.0", "new-1.0", "old-1.0"]
    assert record_problems(two.site) == []
    assert two.staging() == []


class TestAwkwardWheels:
    def test_only_what_the_user_asked_for_is_marked_as_requested(self, environment):
        build(environment.wheels, "one", "1.0", {"common/__init__.py": "1\n", "one.py": ""}, requires=["two"])
        build(environment.wheels, "two", "1.0", {"common/__init__.py": "22\n", "two.py": ""})
        done = environment.install("one")
        assert done.returncode == 0, done.stderr
        assert (environment.site / "one-1.0" / "one-1.0.dist-info" / "REQUESTED").exists()
        assert not (environment.site / "two-1.0" / "two-1.0.dist-info" / "REQUESTED").exists()
        assert record_problems(environment.site) == []

    def test_files_that_two_distributions_claim_are_each_ones_own(self, environment):
        build(environment.wheels, "one", "1.0", {"common/__init__.py": "WHO = 'one'\n", "one.py": ""})
        build(environment.wheels, "two", "1.0", {"common/__init__.py": "WHO = 'two, the second'\n", "two.py": ""})
        done = environment.install("one", "two")
        assert done.returncode == 0, done.stderr
        assert "one" in (environment.site / "one-1.0" / "common" / "__init__.py").read_text()
        assert "two" in (environment.site / "two-1.0" / "common" / "__init__.py").read_text()
        assert record_problems(environment.site) == []

    def test_launchers_are_no_part_of_a_versioned_directory_and_scripts_of_the_wheel_are(self, environment):
        files = {
            "tool.py": "",
            "tool-1.0.data/scripts/binary": "#!/bin/sh\necho binary\n",
            "tool-1.0.data/scripts/in-python": "#!python\nprint('in python')\n",
            "tool-1.0.data/headers/tool.h": "",
        }
        build(environment.wheels, "tool", "1.0", files, scripts={"do-it": "tool:main"})
        assert environment.install("tool").returncode == 0
        directory = environment.site / "tool-1.0"
        assert [row[0] for row in record_rows(directory) if ".dist-info" not in row[0]] == [
            "tool-1.0.data/scripts/binary",
            "tool-1.0.data/scripts/in-python",
            "tool-1.0.data/headers/tool.h",
            "tool.py",
        ]
        assert sorted(path.name for path in directory.iterdir()) == ["tool-1.0.data", "tool-1.0.dist-info", "tool.py"]
        for name, shown in (("binary", "binary\n"), ("in-python", "in python\n")):
            script = directory / "tool-1.0.data" / "scripts" / name
            assert subprocess.run([script], capture_output=True, text=True, check=True).stdout == shown
        assert record_problems(environment.site) == []

    def test_a_module_called_bin_takes_no_scripts_from_others(self, environment):
        files = {"tool.py": "", "tool-1.0.data/scripts/do-it": "#!python\n"}
        build(environment.wheels, "tool", "1.0", files)
        build(environment.wheels, "sloppy", "1.0", {"bin/__init__.py": ""}, scripts={"do-it": "bin:main"})
        done = environment.install("tool", "sloppy")
        assert done.returncode == 0, done.stderr
        assert (environment.site / "tool-1.0" / "tool-1.0.data" / "scripts" / "do-it").exists()
        assert (environment.site / "sloppy-1.0" / "bin" / "__init__.py").exists()
        assert record_problems(environment.site) == []

    def test_data_files_and_pth_files_are_named_in_warnings(self, environment):
        files = {"data.py": "", "data.pth": "import data", "data-1.0.data/data/share/x.txt": "x"}
        build(environment.wheels, "data", "1.0", files)
        done = environment.install("data")
        assert done.stderr.splitlines() == [
            "warning: data 1.0: data.pth is kept, but never run from a versioned directory",
            "warning: data 1.0: 1 data file kept in data-1.0.data/data/, not in sys.prefix (such as share/x.txt)",
        ]
        assert (environment.site / "data-1.0" / "data-1.0.data" / "data" / "share" / "x.txt").read_text() == "x"
        assert record_problems(environment.site) == []

    @pytest.mark.parametrize("path", ["/etc/passwd", "../../../../outside.py", "../outside.py"])
    def test_a_hostile_record_is_refused_and_nothing_lands(self, two, path):
        build(two.wheels, "evil", "1.0", extra_rows=[(path, "sha256=x", "1")])
        done = two.install("free", "evil")
        assert done.returncode == 1
        assert f"error: evil-1.0.dist-info: its RECORD leads outside: {path}" in done.stderr
        assert versioned_directories(two.site) == []

    def test_a_record_that_claims_the_files_of_another_takes_nothing(self, two):
        build(two.wheels, "evil", "1.0", extra_rows=[("free.py", "", "")])
        done = two.install("free", "evil")
        assert done.returncode == 1
        assert "error: evil 1.0: free.py is in its RECORD but was not installed" in done.stderr
        assert versioned_directories(two.site) == []

    def test_a_wheel_with_a_dist_info_of_another_name_is_refused(self, two):
        build(two.wheels, "evil", "1.0", info_name="free")
        assert two.install("evil").returncode == 1
        assert versioned_directories(two.site) == []

    def test_a_hash_that_is_wrong_is_refused(self, two):
        build(two.wheels, "broken", "1.0", {"broken.py": "x"}, extra_rows=[("broken.py", "sha256=AAAA", "1")])
        done = two.install("broken")
        assert done.returncode == 1
        assert "broken 1.0: broken.py does not have the hash of its RECORD" in done.stderr


def test_names_and_versions_are_normal_in_the_directory(environment):
    build(environment.wheels, "Mixed.Name", "1.0+local.1", {"mixed.py": ""})
    assert environment.install("mixed-name").returncode == 0
    assert versioned_directories(environment.site) == ["mixed-name-1.0+local.1"]


def test_pip_does_not_see_versioned_directories(two):
    before = two.pip("list").stdout
    two.install("base==1.0", "base==2.0")
    assert two.pip("list").stdout == before


def test_an_interpreter_without_pip_is_an_error(environment):
    program = (
        "import sys; sys.modules['pip'] = None; from versioned_import.cli.pip import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [environment.python, "-c", program, "install", "--allow-multiple", "a"],
        env=environment.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "has no pip" in done.stderr
