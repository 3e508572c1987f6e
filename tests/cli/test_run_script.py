"""`run --project DIR SCRIPT ARGS`: the console script of a locked distribution, as its own environment would run it."""

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
from child_processes import Children
from made import make_flat, make_versioned, write

TOOL = """\
import os, sys
import helper
VERSION = {version!r}
def main():
    print(VERSION, helper.VERSION, os.path.basename(sys.argv[0]), sys.argv[1:])
    return int(sys.argv[1]) if sys.argv[1:2] and sys.argv[1].isdigit() else 0
def fail():
    raise ValueError("from the tool")
def interrupted():
    raise KeyboardInterrupt
class Nested:
    @staticmethod
    def run():
        return "a sentence on stderr"
def again():
    import subprocess
    if sys.argv[1:]:
        print("again", VERSION, helper.VERSION, __import__("__main__").__file__ == sys.argv[0])
    else:
        sys.stdout.flush()
        subprocess.run([sys.executable, sys.argv[0], "x"], check=True)
def probe():
    for name in ("nowhere", "misses"):
        try:
            __import__(name)
        except ImportError as error:
            print(name, type(error).__name__, error.__traceback__.tb_next is not None)
def double(number):
    return number * 2, VERSION, helper.VERSION
def pool():
    import multiprocessing
    for method in ("spawn", "forkserver", "fork"):
        with multiprocessing.get_context(method).Pool(1) as workers:
            print(method, workers.map(double, [1, 2]))
"""
ENTRIES = """\
[console_scripts]
tool = tool:main
tool-fail = tool:fail
tool-interrupted = tool:interrupted
tool-nested = tool:Nested.run [extra]
tool-again = tool:again
tool-probe = tool:probe
tool-pool = tool:pool
[gui_scripts]
tool-window = tool:main
"""


def make_tool(site, version, *, name="tool", entries=ENTRIES, files=None, requires=(), make=make_versioned):
    made = {"tool.py": TOOL.format(version=version), **(files or {})}
    if entries:
        made[f"{name}-{version}.dist-info/entry_points.txt"] = entries
    return make(site, name, version, made, requires=requires)


def write_lock(directory, **versions):
    packages = [
        f'[[packages]]\nname = "{name}"\nversion = "{version}"\n[[packages.wheels]]\n'
        f'name = "{name.replace("-", "_")}-{version}-py3-none-any.whl"\nurl = "https://index.example/{name}-{version}-py3-none-any.whl"\n'
        f'hashes = {{ sha256 = "{"0" * 64}" }}\n'
        for name, version in versions.items()
    ]
    text = 'lock-version = "1.0"\ncreated-by = "a test"\n'
    return write(directory / "pylock.toml", "\n".join((text, *packages))).parent


def make_project(site, place):
    """Return a project that locks tool 1.0 and helper 1.5, while newer ones stand beside and others are flat."""
    make_tool(site, "1.0", requires=["helper"])
    make_tool(site, "2.0", requires=["helper"])
    make_tool(site, "0.9", requires=["helper"], make=make_flat)
    make_versioned(site, "helper", "1.5")
    make_versioned(site, "helper", "2.5")
    make_flat(site, "helper", "9.0")
    return write_lock(place, tool="1.0", helper="1.5")


@pytest.fixture
def project(site, tmp_path):
    return make_project(site, tmp_path / "project")


@pytest.fixture
def run(children):
    def start(*words, **options):
        return children.start("-m", "versioned_import", "run", *words, **options)

    return start


# Each command line in a fork of one process that has imported what most of them need, which takes longer than they do.
IN_FORKS = """
import importlib, json, os, runpy, sys
for name in ("cli.run_script", "cli.execute", "cli.own_lock", "projects.plan", "projects.scripts"):
    importlib.import_module(f"versioned_import.{name}")
ended = []
for number, words in enumerate(json.loads(sys.argv[1])):
    child = os.fork()
    if not child:
        for file, stream in enumerate(("out", "err"), 1):
            os.dup2(os.open(f"{stream}{number}", os.O_WRONLY | os.O_CREAT), file)
        sys.argv[1:] = ["run", *words]
        runpy.run_module("versioned_import", run_name="__main__", alter_sys=True)
        raise SystemError("it did not end the process")
    ended.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(json.dumps(ended))
"""
PROJECT = "--project", "PROJECT"
LINES = {
    "words": (*PROJECT, "tool", "0", "--json", "--project", "-h"),
    "dashes": ("--project=PROJECT", "--", "tool", "--", "-x"),
    "status": (*PROJECT, "tool", "7"),
    "nested": (*PROJECT, "tool-nested"),
    "window": (*PROJECT, "tool-window"),
    "close": (*PROJECT, "tool-windows"),
    "flat": (*PROJECT, "other"),
    "novelty": (*PROJECT, "novelty"),
    "helper": (*PROJECT, "helper"),
    "nothing close": (*PROJECT, "zzz"),
    "one of two": ("--project", "ANOTHER", "tool"),
    "two": ("--project", "SHARED", "shared"),
    "two from": ("--project", "SHARED", "--from", "Second", "shared"),
    "two from a third": ("--project", "SHARED", "--from", "third", "shared"),
    "json": ("--json", *PROJECT, "tool"),
    "no script": PROJECT,
    "help": ("--help",),
}


@dataclass
class Many:
    """What became of each of LINES, and where that was."""

    site: Path
    places: dict[str, Path]
    ended: dict[str, tuple[int, str, str]]

    @property
    def project(self):
        return self.places["PROJECT"]

    def __call__(self, name):
        return self.ended[name]


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    place = tmp_path_factory.mktemp("many")
    site = place / "site"
    places = {name: place / name.lower() for name in ("PROJECT", "ANOTHER", "SHARED")}
    make_project(site, places["PROJECT"])
    make_tool(site, "3.0", name="other", entries="[console_scripts]\nother = tool:main\n", make=make_flat)
    make_tool(site, "4.0", entries="[console_scripts]\nnovelty = tool:main\n")
    entries = "[console_scripts]\ntool = nothing:main\n"
    make_versioned(site, "another", "5.0", {"nothing.py": "", "another-5.0.dist-info/entry_points.txt": entries})
    write_lock(places["ANOTHER"], another="5.0", helper="1.5", tool="1.0")
    text = "def main():\n    print({!r})\n"
    for name in ("first", "second"):
        entries = f"[console_scripts]\nshared = {name}:main\n"
        files = {f"{name}.py": text.format(name), f"{name}-1.0.dist-info/entry_points.txt": entries}
        make_versioned(site, name, "1.0", files)
    write_lock(places["SHARED"], first="1.0", second="1.0")
    lines = [[_with_places(word, places) for word in words] for words in LINES.values()]
    children = Children(place, (site,))
    done = children.start("-c", IN_FORKS, json.dumps(lines))
    assert (done.returncode, done.stderr) == (0, "")
    texts = [
        [(children.elsewhere / f"{one}{number}").read_text() for one in ("out", "err")] for number in range(len(LINES))
    ]
    ended = {name: (status, *told) for name, status, told in zip(LINES, json.loads(done.stdout), texts, strict=True)}
    return Many(site, places, ended)


def _with_places(word, places):
    for name, place in places.items():
        word = word.replace(name, str(place))
    return word


class TestScripts:
    def test_the_locked_version_runs_with_its_words(self, many):
        assert many("words") == (0, "1.0 1.5 tool ['0', '--json', '--project', '-h']\n", "")

    def test_two_dashes_may_stand_in_front(self, many):
        assert many("dashes")[1] == "1.0 1.5 tool ['--', '-x']\n"

    def test_the_exit_status_is_the_scripts(self, many):
        assert many("status")[0] == 7

    def test_a_text_that_it_returns_goes_to_stderr(self, many):
        assert many("nested") == (1, "", "a sentence on stderr\n")

    def test_a_gui_script_runs(self, many):
        assert many("window")[1] == "1.0 1.5 tool-window []\n"

    def test_a_traceback_shows_the_program_only(self, project, site, run):
        done = run("--project", project, "tool-fail")
        assert done.returncode == 1
        assert done.stderr == (
            "Traceback (most recent call last):\n"
            f'  File "{site}/tool-1.0/tool.py", line 8, in fail\n'
            '    raise ValueError("from the tool")\n'
            "ValueError: from the tool\n"
        )

    def test_ctrl_c_ends_it_as_python_would(self, project, run):
        done = run("--project", project, "tool-interrupted")
        assert done.returncode == -signal.SIGINT
        assert done.stderr.endswith("KeyboardInterrupt\n")

    def test_modules_of_the_current_directory_are_not_seen(self, project, run, children):
        (children.elsewhere / "helper.py").write_text("VERSION = 'mine'\n")
        assert run("--project", project, "tool").stdout == "1.0 1.5 tool []\n"

    def test_what_it_sees_as_its_own_path_starts_it_anew(self, project, run):
        done = run("--project", project, "tool-again")
        assert (done.stdout, done.stderr) == ("again 1.0 1.5 True\n", "")

    def test_that_path_leads_to_the_project_without_our_variables_too(self, project, run, children):
        (project / "pylock.toml").rename(project / "pylock.web.toml")
        lock = project / "pylock.web.toml"
        assert run("--project", lock, "tool").returncode == 0
        (launcher,) = (children.tmp_path / "cache" / "projects" / "bin").glob("*/tool")
        done = children.start(launcher, "0")
        assert (done.stdout, done.stderr) == ("1.0 1.5 tool ['0']\n", "")
        assert os.access(launcher, os.X_OK)

    def test_programs_see_by_the_traceback_whether_it_is_the_module_that_is_missing(self, project, site, run):
        make_versioned(site, "misser", "1.0", {"misses.py": "import nowhere\n"})
        write_lock(project, tool="1.0", helper="1.5", misser="1.0")
        done = run("--project", project, "tool-probe")
        assert (done.stdout, done.stderr) == ("nowhere NotLockedError False\nmisses NotLockedError True\n", "")

    def test_its_workers_have_the_locked_versions(self, project, run):
        done = run("--project", project, "tool-pool")
        shown = [(2, "1.0", "1.5"), (4, "1.0", "1.5")]
        assert (done.stdout, done.stderr) == (f"spawn {shown}\nforkserver {shown}\nfork {shown}\n", "")

    def test_it_runs_where_the_cache_can_not_be_written(self, project, run, children):
        (children.tmp_path / "cache").write_text("no directory")
        done = run("--project", project, "tool")
        assert (done.stdout, done.stderr) == ("1.0 1.5 tool []\n", "")

    def test_libraries_of_ours_are_not_in_the_scripts_way(self, site, tmp_path, run):
        names = ("filelock", "packaging", "resolvelib", "rich", "tomli_w")
        for name in names:
            make_versioned(site, name.replace("_", "-"), "0.1", {f"{name}/__init__.py": "VERSION = 'its own'\n"})
        text = "".join(f"import {name}\n" for name in names)
        shown = ", ".join(f"{name}.VERSION" for name in names)
        make_tool(site, "1.0", files={"tool.py": f"{text}def main():\n    print({shown})\n"})
        project = write_lock(tmp_path / "project", tool="1.0", **{name.replace("_", "-"): "0.1" for name in names})
        done = run("--project", project, "tool")
        assert (done.stdout, done.stderr) == (f"{' '.join(['its own'] * 5)}\n", "")


class TestScriptFiles:
    def test_one_of_python(self, project, site, tmp_path, run):
        text = "#!python\nimport sys, helper\nprint(helper.VERSION, __file__ == sys.argv[0], sys.argv[1:])\n"
        make_versioned(site, "filer", "1.0", {"filer.py": "", "filer-1.0.data/scripts/file-it": text})
        place = write_lock(tmp_path / "files", filer="1.0", helper="1.5")
        done = run("--project", place, "file-it", "a")
        assert (done.stdout, done.stderr) == ("1.5 True ['a']\n", "")

    def test_an_executable_whose_children_run_from_the_lock(self, project, site, tmp_path, run, children):
        text = '#!/bin/sh\n"$PYTHON_OF_TEST" -c "import helper; print(helper.VERSION)"\nexit 3\n'
        path = make_versioned(site, "filer", "1.0", {"filer.py": "", "filer-1.0.data/scripts/file-it": text})
        (path / "filer-1.0.data" / "scripts" / "file-it").chmod(0o755)
        place = write_lock(tmp_path / "files", filer="1.0", helper="1.5")
        done = run("--project", place, "file-it", environ={"PYTHON_OF_TEST": __import__("sys").executable})
        assert (done.returncode, done.stdout, done.stderr) == (3, "1.5\n", "")


class TestWhichScript:
    def test_close_names_are_listed_with_who_has_them(self, many):
        status, out, err = many("close")
        assert (status, out) == (1, "")
        assert err == (
            f"error: tool-windows: no distribution of the lock {many.project}/pylock.toml has a script of that name\n"
            "  there is tool-window of tool 1.0\n"
        )

    def test_a_flat_install_that_has_it_is_named(self, many):
        told = f"  other 3.0 in {many.site} (flat install) has it, but is not in the lock"
        assert many("flat")[2].splitlines()[1:] == [told]

    def test_a_version_that_is_not_the_locked_one_is_named(self, many):
        told = f"  tool 4.0 in {many.site}/tool-4.0/ has it, but is not in the lock"
        assert many("novelty")[2].splitlines()[1:] == [told]

    def test_a_locked_distribution_without_scripts_is_named(self, many):
        assert many("helper")[2].splitlines()[1:] == ["  helper 1.5 is locked; it has no scripts"]

    def test_with_nothing_to_guess_all_are_listed(self, many):
        names = "tool, tool-again, tool-fail, tool-interrupted, tool-nested, tool-pool, tool-probe, tool-window"
        assert many("nothing close")[2].splitlines()[1:] == [f"  the scripts of the lock are {names}"]

    def test_of_two_the_distribution_of_that_name_counts(self, many):
        assert many("one of two")[1] == "1.0 1.5 tool []\n"

    def test_of_two_others_one_has_to_be_chosen(self, many):
        assert many("two")[2] == (
            "error: shared: 2 locked distributions have a script of that name: first 1.0, second 1.0\n"
            "  say which one is meant: versioned-import run --from first shared\n"
        )
        assert many("two from")[1] == "second\n"
        lock = many.places["SHARED"] / "pylock.toml"
        assert many("two from a third")[2] == f"error: third: is not in the lock {lock}\n  locked are first, second\n"

    def test_json_says_what_would_run(self, many):
        assert json.loads(many("json")[1]) == {
            "lock": f"{many.project}/pylock.toml",
            "distribution": "tool",
            "version": "1.0",
            "script": "tool",
            "kind": "entry point",
            "target": "tool:main",
        }


class TestWhichProject:
    def test_the_environment_may_name_it(self, project, run):
        done = run("tool", environ={"VERSIONED_IMPORT_PROJECT": str(project)})
        assert (done.stdout, done.stderr) == ("1.0 1.5 tool []\n", "")

    def test_the_current_directory_never_decides(self, project, run):
        done = run("tool", cwd=project)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "error: run tool: which project?\n"
            "  give the directory that holds its lock, or the lock: versioned-import run --project DIR tool\n"
            "  or set VERSIONED_IMPORT_PROJECT\n"
            '  a script of an installed version, without a lock: versioned-import exec "REQUIREMENT" --script tool\n'
        )

    def test_in_a_child_process_it_is_the_parents(self, project, run, children):
        code = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'versioned_import', 'run', 'tool'])"
        done = children.start("-m", "versioned_import", "--project", project, "-c", code)
        assert (done.stdout, done.stderr) == ("1.0 1.5 tool []\n", "")

    def test_no_script_is_a_mistake(self, many):
        status, _, err = many("no script")
        assert (status, err) == (
            2,
            "error: no script is named: versioned-import run --project DIR SCRIPT [ARG ...]\n",
        )

    def test_a_locked_version_that_is_missing_is_an_error(self, site, tmp_path, run):
        make_tool(site, "1.0")
        place = write_lock(tmp_path / "project", tool="1.0", helper="1.5")
        done = run("--project", place, "tool")
        assert (done.returncode, done.stdout) == (1, "")
        assert "helper 1.5" in done.stderr
        assert f"versioned-import sync {place}" in done.stderr

    def test_help(self, many):
        status, out, _ = many("help")
        assert status == 0
        assert out.startswith("usage: versioned-import run ")
