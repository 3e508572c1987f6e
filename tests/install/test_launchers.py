"""Launchers `bin/NAME-VERSION`: made by an installation, never over somebody's file, and they run their version."""

import os
import shutil
import subprocess
import sys

import pytest
from wheels import build

from versioned_import.install.launchers import (
    is_launcher,
    make_launchers,
    recorded_script_files,
    remove_launchers,
    script_names,
)


@pytest.fixture
def scripts(environment):
    """Return the environment's directory of scripts, emptied afterwards of what the test left."""
    place = environment.site.parents[2] / "bin"
    before = set(place.iterdir())
    yield place
    for path in set(place.iterdir()) - before:
        path.unlink()


def make_wheels(directory):
    for version, helper in (("1.0", "helper<2"), ("2.0", "helper>=2")):
        text = f"import helper, sys\ndef main():\n    print({version!r}, helper.VERSION, sys.argv)\n    return 3\n"
        build(directory, "tool", version, {"tool.py": text}, requires=[helper], scripts={"tool": "tool:main"})
    for version in ("1.0", "2.0"):
        build(directory, "helper", version)


def run(path, *arguments, **environ):
    return subprocess.run([path, *arguments], env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_an_installation_makes_launchers_that_run_their_version(environment, scripts):
    make_wheels(environment.wheels)
    done = environment.install("tool==1.0", "tool==2.0")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in scripts.glob("tool*")} == {"tool-1.0", "tool-2.0"}
    for version in ("1.0", "2.0"):
        path = scripts / f"tool-{version}"
        shown = run(path, "a b", **environment.environ)
        assert (shown.returncode, shown.stdout, shown.stderr) == (3, f"{version} {version} {[str(path), 'a b']}\n", "")

    # One that was removed by hand is the clear error.
    shutil.rmtree(environment.site / "tool-1.0")
    shown = run(scripts / "tool-1.0", **environment.environ)
    assert (shown.returncode, shown.stderr.splitlines()[0]) == (1, "error: tool===1.0: no installed version fits")


def test_the_flat_script_and_somebodys_file_stay(environment, scripts):
    make_wheels(environment.wheels)
    (scripts / "tool").write_text("the flat script")
    (scripts / "tool-1.0").write_text("somebody's")
    done = environment.install("tool==1.0")
    assert f"tool 1.0: no launcher {scripts}/tool-1.0: something else has that name" in done.stderr
    assert (scripts / "tool").read_text() == "the flat script"
    assert (scripts / "tool-1.0").read_text() == "somebody's"


def test_a_local_version_does_not_run_in_the_place_of_the_plain_one(environment, scripts):
    text = "def main():\n    print({!r})\n"
    for version in ("1.0", "1.0+local"):
        build(environment.wheels, "tool", version, {"tool.py": text.format(version)}, scripts={"tool": "tool:main"})
    done = environment.install("tool===1.0", "tool==1.0+local")
    assert done.returncode == 0, done.stderr
    shown = {path.name: run(path, **environment.environ).stdout for path in scripts.glob("tool*")}
    assert shown == {"tool-1.0": "1.0\n", "tool-1.0+local": "1.0+local\n"}

    # As launchers were written before.
    (scripts / "tool-1.0").write_text(
        f"#!{environment.python}\n"
        "# versioned_import launcher: tool==1.0 tool\n"
        "import sys\n"
        "from versioned_import.cli.execute import launch\n"
        'if __name__ == "__main__":\n'
        '    sys.exit(launch("tool==1.0", "tool"))\n'
    )
    assert run(scripts / "tool-1.0", **environment.environ).stdout == "1.0\n"
    shutil.rmtree(environment.site / "tool-1.0")
    shown = run(scripts / "tool-1.0", **environment.environ)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr.splitlines()[0] == "error: tool===1.0: no installed version fits"


POOLS = """\
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
VERSION = {version!r}
def versions():
    import helper
    return VERSION, helper.VERSION, sys.argv
def main():
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(1) as pool:
        print(pool.apply_async(versions).get(timeout=20))
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        print(pool.submit(versions).result(timeout=20))
"""


def test_processes_that_a_launcher_starts_have_its_versions(environment, scripts):
    for version, helper in (("1.0", "helper<2"), ("2.0", "helper>=2")):
        files = {"tool.py": POOLS.format(version=version)}
        build(environment.wheels, "tool", version, files, requires=[helper], scripts={"tool": "tool:main"})
        build(environment.wheels, "helper", version)
    done = environment.install("tool==1.0", "tool==2.0")
    assert done.returncode == 0, done.stderr
    path = scripts / "tool-1.0"
    for method in ("spawn", "forkserver", "fork"):
        shown = run(path, method, **environment.environ)
        expected = f"{('1.0', '1.0', [str(path), method])}\n" * 2
        assert (shown.returncode, shown.stdout, shown.stderr) == (0, expected, "")


def test_a_second_installation_makes_what_is_missing(environment, scripts):
    make_wheels(environment.wheels)
    environment.install("tool==1.0")
    (scripts / "tool-1.0").unlink()
    assert "already there tool 1.0" in environment.install("tool==1.0").stdout
    assert (scripts / "tool-1.0").exists()


class TestFiles:
    """What stands in the files, without an installation."""

    @pytest.fixture
    def directory(self, tmp_path):
        info = tmp_path / "site" / "demo-1.0" / "demo-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "entry_points.txt").write_text(
            "[console_scripts]\ndemo = demo:main [extra]\nbad name = x:y\n[gui_scripts]\nDemo-Gui=demo:run\n[other]\nx = y\n"
        )
        place = info.parent / "demo-1.0.data" / "scripts"
        place.mkdir(parents=True)
        (place / "tool.sh").write_text("#!/bin/sh\n")
        return info.parent

    def make(self, directory, scripts):
        return make_launchers(str(directory), "demo", "1.0", str(scripts))

    def test_every_kind_of_script_gets_one(self, directory, tmp_path):
        assert script_names(str(directory)) == ["Demo-Gui", "demo", "tool.sh"]
        assert self.make(directory, tmp_path / "bin") == []
        made = sorted((tmp_path / "bin").iterdir())
        assert [path.name for path in made] == ["Demo-Gui-1.0", "demo-1.0", "tool.sh-1.0"]
        assert all(os.access(path, os.X_OK) for path in made)
        assert (tmp_path / "bin" / "demo-1.0").read_text() == (
            f"#!{sys.executable}\n"
            "# versioned_import launcher: demo==1.0 demo\n"
            "import sys\n"
            'if __name__ == "__main__":  # worker processes take the selection over\n'
            "    from versioned_import.cli.execute import run, select\n"
            '    sys.exit(run(select("demo===1.0"), "demo"))\n'
        )

    def test_they_go_and_leave_what_is_not_theirs(self, directory, tmp_path):
        scripts = tmp_path / "bin"
        self.make(directory, scripts)
        (scripts / "demo-1.0").write_text("somebody's\n")
        assert not is_launcher(str(scripts / "demo-1.0"), "demo", "1.0", "demo")
        removed = remove_launchers(str(directory), "demo", "1.0", str(scripts))
        assert removed == [str(scripts / "Demo-Gui-1.0"), str(scripts / "tool.sh-1.0")]
        assert [path.name for path in scripts.iterdir()] == ["demo-1.0"]

    def test_a_link_into_nowhere_is_somebodys(self, directory, tmp_path):
        scripts = tmp_path / "bin"
        scripts.mkdir()
        (scripts / "demo-1.0").symlink_to("nowhere")
        assert self.make(directory, scripts) == [
            f"demo 1.0: no launcher {scripts}/demo-1.0: something else has that name"
        ]

    def test_a_place_that_is_no_directory_is_said(self, directory, tmp_path):
        (tmp_path / "bin").write_text("")
        assert self.make(directory, tmp_path / "bin")[0] == (
            f"demo 1.0: no launcher {tmp_path}/bin/Demo-Gui-1.0: File exists"
        )

    def test_broken_entry_points_are_none(self, directory):
        (directory / "demo-1.0.dist-info" / "entry_points.txt").write_text("no section\n")
        assert script_names(str(directory)) == ["tool.sh"]

    def test_a_python_with_blanks_in_its_path(self, directory, tmp_path, monkeypatch):
        spaced = tmp_path / "a place with blanks"
        spaced.mkdir()
        python = spaced / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(python))
        self.make(directory, tmp_path / "bin")
        shown = run(tmp_path / "bin" / "demo-1.0", "x y", VERSIONED_IMPORT_PATH=str(tmp_path / "site"))
        assert shown.stderr.splitlines()[0] == "error: demo===1.0: no installed version fits"

    def test_a_flat_install_has_its_script_files_in_the_record(self, tmp_path):
        info = tmp_path / "lib" / "site" / "demo-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "entry_points.txt").write_text("[console_scripts]\ndemo = demo:main\n")
        (info / "RECORD").write_text("../../bin/demo,,\n../../bin/tool,,\ndemo.py,,\nbin/inside,,\n")
        found = recorded_script_files(str(tmp_path / "lib" / "site"), str(info))
        assert found == {"tool": str(tmp_path / "bin" / "tool")}
        (info / "RECORD").unlink()
        assert recorded_script_files(str(tmp_path), str(info)) == {}
