"""`exec REQUIREMENT -- ARGS`: the console script of one version, with the versions of its requirements."""

import json
import os
import sysconfig

import pytest
from made import make_flat, make_versioned

from versioned_import.cli import main
from versioned_import.resolver.story import python_command

TOOL = """\
import sys
import helper
VERSION = {version!r}
def main():
    print(VERSION, helper.VERSION, sys.argv[1:])
    return int(sys.argv[1]) if sys.argv[1:] else 0
def fail():
    raise ValueError("from the tool")
class Nested:
    @staticmethod
    def run():
        return "a sentence on stderr"
"""


# Not `encodings`, `runpy` and the like, which Python itself imports before any of us.
NAMES_OF_PYTHON = ("argparse", "configparser", "csv", "dataclasses", "email", "json", "logging", "shutil", "sysconfig")


def make_tool(site, version, *, entries="tool = tool:main\n", files=None, requires=(), make=make_versioned):
    made = {"tool.py": TOOL.format(version=version), **(files or {})}
    if entries:
        made[f"tool-{version}.dist-info/entry_points.txt"] = f"[console_scripts]\n{entries}"
    return make(site, "tool", version, made, requires=requires)


@pytest.fixture
def tools(site):
    make_tool(site, "1.0", requires=["helper<2"])
    make_tool(site, "2.0", requires=["helper>=2"])
    make_versioned(site, "helper", "1.5")
    make_versioned(site, "helper", "2.5")
    return site


@pytest.fixture
def execute(children):
    def run(*words, **options):
        return children.start("-m", "versioned_import", "exec", *words, **options)

    return run


class TestEntryPoints:
    @pytest.mark.parametrize(
        ("requirement", "expected"), [("tool==1.0", "1.0 1.5"), ("tool<2", "1.0 1.5"), ("tool", "2.0 2.5")]
    )
    def test_the_version_and_its_closure_run(self, tools, execute, requirement, expected):
        done = execute(requirement, "--", "0", "--json", "-h")
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{expected} ['0', '--json', '-h']\n", "")

    def test_the_exit_status_is_the_scripts(self, tools, execute):
        assert execute("tool==1.0", "7").returncode == 7

    def test_a_text_that_it_returns_goes_to_stderr(self, site, execute):
        make_tool(site, "1.0", entries="tool = tool:Nested.run [extra]\n")
        make_versioned(site, "helper", "1.5")
        done = execute("tool")
        assert (done.returncode, done.stdout, done.stderr) == (1, "", "a sentence on stderr\n")

    def test_the_flat_install_of_another_version_does_not_disturb(self, tools, site, execute):
        make_flat(site, "helper", "9.0")
        assert execute("tool==1.0", "0").stdout == "1.0 1.5 ['0']\n"

    def test_the_flat_install_runs_where_it_is_what_fits(self, site, execute):
        make_tool(site, "3.0", requires=["helper"], make=make_flat)
        make_flat(site, "helper", "9.0")
        assert execute("tool==3", "0").stdout == "3.0 9.0 ['0']\n"

    def test_modules_of_the_current_directory_are_not_seen(self, tools, execute, children):
        (children.elsewhere / "helper.py").write_text("VERSION = 'mine'\n")
        assert execute("tool==1.0", "0").stdout == "1.0 1.5 ['0']\n"
        (children.elsewhere / "stray.py").write_text("")
        make_tool(tools, "4.0", files={"tool.py": "def main():\n    import stray\n"})
        assert execute("tool==4").stderr.endswith("ModuleNotFoundError: No module named 'stray'\n")

    def test_what_we_import_ourselves_is_not_of_the_current_directory_either(self, site, execute, children):
        text = "def main():\n    import csv, json, sys\n    print(json.loads('1'), csv.reader, sys.path[0])\n"
        make_tool(site, "1.0", files={"tool.py": text})
        make_versioned(site, "helper", "1.5")
        for name in NAMES_OF_PYTHON:
            (children.elsewhere / f"{name}.py").write_text(f"raise SystemExit('{name} of the current directory')\n")
        done = execute("tool")
        scripts = sysconfig.get_path("scripts")
        assert (done.stdout, done.stderr) == (f"1 <built-in function reader> {scripts}\n", "")

    def test_a_traceback_shows_the_program_only(self, site, execute):
        path = make_tool(site, "1.0", entries="tool = tool:fail\n")
        make_versioned(site, "helper", "1.5")
        done = execute("tool")
        assert done.returncode == 1
        assert done.stderr == (
            "Traceback (most recent call last):\n"
            f'  File "{path}/tool.py", line 8, in fail\n'
            '    raise ValueError("from the tool")\n'
            "ValueError: from the tool\n"
        )

    def test_main_is_as_empty_as_in_a_launcher(self, site, execute):
        make_tool(site, "1.0", files={"tool.py": "def main():\n    import __main__; print(__main__.__file__)\n"})
        assert execute("tool").stdout == "tool\n"

    def test_extras_are_honoured(self, site, execute):
        make_tool(site, "1.0", requires=["helper>=2; extra == 'new'", "helper"])
        make_versioned(site, "helper", "1.5")
        done = execute("tool[new]", "0")
        assert done.returncode == 1
        assert "tool 1.0 asks for helper>=2" in done.stderr
        make_versioned(site, "helper", "2.5")
        assert execute("tool[new]", "0").stdout == "1.0 2.5 ['0']\n"

    def test_libraries_of_ours_are_not_in_the_scripts_way(self, site, execute):
        names = ("filelock", "packaging", "resolvelib", "rich", "tomli_w")
        for name in names:
            make_versioned(site, name, "0.1", {f"{name}/__init__.py": "VERSION = 'its own'\n"})
        text = "".join(f"import {name}\n" for name in names)
        shown = ", ".join(f"{name}.VERSION" for name in names)
        made = {"tool.py": f"{text}def main():\n    print({shown})\n"}
        make_tool(site, "1.0", files=made, requires=[f"{name}==0.1" for name in names])
        done = execute("tool")
        assert (done.stdout, done.stderr) == (f"{' '.join(['its own'] * 5)}\n", "")


class TestWhichScript:
    def test_another_by_name(self, site, execute):
        make_tool(site, "1.0", entries="tool = tool:fail\ntoold = tool:main\n")
        make_versioned(site, "helper", "1.5")
        for words in (["tool", "--script", "toold", "0"], ["--script=toold", "tool", "--", "0"]):
            assert execute(*words).stdout == "1.0 1.5 ['0']\n"

    def test_the_only_one(self, site, execute):
        make_tool(site, "1.0", entries="other = tool:main\n")
        make_versioned(site, "helper", "1.5")
        assert execute("tool", "0").stdout == "1.0 1.5 ['0']\n"

    def test_several_are_listed(self, site, execute):
        make_tool(site, "1.0", entries="b = tool:main\na = tool:main\n")
        done = execute("tool")
        assert done.returncode == 1
        assert done.stderr == (
            "error: tool 1.0: it has several scripts, and none is called like it: a, b\n"
            '  versioned-import exec "tool===1.0" --script a\n'
        )

    def test_a_name_that_is_not_there(self, tools, execute):
        done = execute("tool==1.0", "--script", "absent")
        assert done.returncode == 1
        assert done.stderr == (
            "error: tool 1.0: it has no script absent; there are tool\n"
            '  versioned-import exec "tool===1.0" --script tool\n'
        )

    def test_none_at_all(self, site, execute):
        path = make_versioned(site, "helper", "1.5")
        done = execute("helper")
        assert (done.returncode, done.stderr) == (
            1,
            f"error: helper 1.5: it has no console script\n  It stands in {path}/\n",
        )


class TestScriptFiles:
    @staticmethod
    def make(site, text):
        path = make_tool(site, "1.0", entries="", files={"tool-1.0.data/scripts/tool": text})
        script = path / "tool-1.0.data" / "scripts" / "tool"
        script.chmod(0o755)
        make_versioned(site, "helper", "1.5")
        return script

    def test_of_python_run_after_the_selection(self, site, execute):
        script = self.make(site, "#!python\nimport sys, helper\nprint(__name__, __file__, helper.VERSION, sys.argv)\n")
        assert execute("tool", "a").stdout == f"__main__ {script} 1.5 ['tool', 'a']\n"

    def test_others_take_the_place_of_the_process(self, site, execute):
        script = self.make(site, '#!/bin/sh\necho "$0" "$@"\nexit 5\n')
        done = execute("tool", "a b", "c")
        assert (done.returncode, done.stdout, done.stderr) == (5, f"{script} a b c\n", "")

    def test_one_that_cannot_be_run(self, site, execute):
        script = self.make(site, "no program at all\n")
        script.chmod(0o644)
        if os.access(script, os.X_OK):
            pytest.skip("who may do anything can run it")
        done = execute("tool")
        assert (done.returncode, done.stderr) == (1, f"error: {script} can't be run: Permission denied\n")

    def test_of_a_flat_install(self, site, execute):
        make_tool(site, "1.0", entries="", make=make_flat)
        make_versioned(site, "helper", "1.5")
        script = site.parent.parent / "bin" / "tool"
        script.parent.mkdir(exist_ok=True)
        script.write_text("#!python\nprint('flat script')\n")
        with (site / "tool-1.0.dist-info" / "RECORD").open("a") as file:
            file.write("../../bin/tool,,\n")
        assert execute("tool==1.0").stdout == "flat script\n"


class TestErrors:
    def test_a_version_that_is_not_installed(self, tools, site, second_site, execute):
        done = execute("tool==3")
        lines = done.stderr.splitlines()
        assert done.returncode == 1
        assert lines[0] == "error: tool==3: no installed version fits"
        assert sorted(lines[1:3]) == [
            f"  tool 1.0 does not match: {site}/tool-1.0/",
            f"  tool 2.0 does not match: {site}/tool-2.0/",
        ]
        assert lines[3].startswith(f"  searched: {site}, {second_site}")
        assert lines[4:] == [
            f'  to install it: {python_command()} -m versioned_import pip install --allow-multiple "tool==3"'
        ]

    def test_nothing_of_that_name(self, execute):
        done = execute("tool")
        assert done.stderr.splitlines()[0] == "error: tool: not installed in any version"

    @pytest.mark.parametrize(("asked", "version"), [("tooling==1.0", "1.0"), ("tooling", "2.0"), ("Tooling>=1", "2.0")])
    def test_the_name_of_a_script_of_another_distribution(self, site, execute, asked, version):
        for one in ("1.0", "2.0"):
            make_tool(site, one, entries="tool = tool:main\ntooling = tool:fail\n")
        done = execute(asked)
        assert done.returncode == 1
        assert done.stderr.splitlines()[:2] == [
            f"error: {asked}: not installed in any version",
            f"  tooling is a script of tool {version}: versioned-import exec tool=={version} --script tooling",
        ]

    def test_the_name_of_a_script_of_a_version_that_does_not_fit(self, tools, execute):
        make_tool(tools, "3.0", entries="tooling = tool:fail\n")
        assert "is a script of" not in execute("tooling<3").stderr

    @pytest.mark.parametrize("text", ["tool ==", "tool @ file:///x", "tool; python_version >", "-", "==1"])
    def test_no_requirement(self, execute, text):
        done = execute(text)
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith(f"error: {text!r} ")

    def test_no_words(self, execute):
        done = execute()
        assert done.returncode == 2
        assert done.stderr.startswith("usage: versioned-import exec [-h] [--json] REQUIREMENT [--script NAME]")

    def test_help_teaches_by_example(self, capsys):
        with pytest.raises(SystemExit, match="0"):
            main.main(["exec", "--help"])
        assert 'versioned-import exec "black==24.1.0" -- --check app.py\n' in capsys.readouterr().out


def test_json_says_what_would_run(tools, execute, site):
    done = execute("--json", "tool==1.0", "--", "0")
    assert json.loads(done.stdout) == {
        "distribution": "tool",
        "version": "1.0",
        "place": f"{site}/tool-1.0",
        "script": "tool",
        "kind": "entry point",
        "target": "tool:main",
        "closure": {"helper": "1.5", "tool": "1.0"},
    }
