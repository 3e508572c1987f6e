"""`check FILE ...` says what each versioned import of a program would get; `show-source` what the codec makes of a file."""

import json
import sys

import pytest
from made import make_versioned, one_package

from versioned_import.cli import check, show_source
from versioned_import.resolver.story import python_command


@pytest.fixture(autouse=True)
def _installed(process, site, monkeypatch):
    monkeypatch.setattr(check, "search_path", lambda: (str(site),))
    make_versioned(site, "demo", "1.0", one_package("demo", "1.0"), requires=["dep<2"])
    make_versioned(site, "demo", "2.0", one_package("demo", "2.0"))
    make_versioned(site, "dep", "1.0")
    make_versioned(site, "dep", "2.0")


@pytest.fixture
def program(tmp_path):
    """Return a function that writes a file and returns its path as text."""

    def write(text, name="app.py"):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


class TestCheck:
    def test_table(self, program, capsys, site):
        file = program(
            "# coding: versioned\nimport demo version 1\nif 0:\n    from dep version '>=1' import VERSION as v\n"
        )
        assert check.main([file]) == 0
        assert capsys.readouterr().out == (
            f"{file}:2: import demo version 1     demo 1.0  {site}/demo-1.0/\n"
            f'{file}:4: import dep version ">=1"  dep 1.0  {site}/dep-1.0/\n'
        )

    def test_failure_with_its_story(self, program, capsys, site):
        file = program("import demo version 3\nimport demo version 2\n")
        assert check.main([file]) == 1
        lines = capsys.readouterr().out.split("\n")
        assert lines[0] == f"{file}:1: import demo version 3  no installed version fits"
        assert sorted(lines[1:3]) == [
            f"    demo 1.0 does not match: {site}/demo-1.0/",
            f"    demo 2.0 does not match: {site}/demo-2.0/",
        ]
        assert lines[3:5] == [
            f"    searched: {site}",
            f'    to install it: {python_command()} -m versioned_import pip install --allow-multiple "demo==3.*"',
        ]
        assert lines[5] == f"{file}:2: import demo version 2  demo 2.0  {site}/demo-2.0/"

    def test_statements_are_answered_together(self, program, capsys):
        file = program("import demo version 1\nimport dep version 2\n")
        assert check.main([file]) == 1
        assert "demo 1.0 asks for dep<2" in capsys.readouterr().out

    def test_json(self, program, capsys, site):
        file = program("import demo version 1\nimport absent version 1\n")
        assert check.main(["--json", file]) == 1
        good, bad = json.loads(capsys.readouterr().out)
        assert good == {
            "where": f"{file}:1",
            "statement": "import demo version 1",
            "version": "demo 1.0",
            "place": f"{site}/demo-1.0/",
            "error": "",
        }
        assert bad["version"] == bad["place"] == ""
        assert bad["error"].startswith("not installed in any version\n")

    def test_several_files(self, program, capsys):
        files = program("import demo version 1\n", "a.py"), program("import demo version 2\n", "b.py")
        assert check.main([*files]) == 0
        assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == list(files)

    def test_nothing_to_check(self, program, capsys):
        assert check.main([program("import os\n# import demo version 1\n")]) == 0
        assert capsys.readouterr().out == "no versioned import\n"

    def test_no_file(self, program, capsys, tmp_path):
        assert check.main([str(tmp_path / "absent.py")]) == 2
        assert "No such file or directory" in capsys.readouterr().err

    def test_refused_clause(self, program, capsys):
        file = program("x = 1\nimport demo version latest\n")
        assert check.main([file]) == 1
        out = capsys.readouterr().out
        assert out.startswith(f"{file}:2: import demo version latest  ")

    def test_no_colour_into_a_pipe(self, program, capsys):
        check.main([program("import demo version 1\n")])
        assert "\033" not in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("environ", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
    )
    def test_colour_for_a_person(self, monkeypatch, environ, coloured):
        for name in ("NO_COLOR", "TERM"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        assert any(check._colours()) is coloured

    def test_as_a_command(self, children, program):
        file = program("import demo version 1\nimport demo version 7\n")
        done = children.start("-m", "versioned_import", "check", file)
        note = f'note: {file} has no "# coding: versioned" on line 1 or 2: it needs python -m versioned_import or enable()\n'
        assert (done.returncode, done.stderr) == (1, note)
        assert "demo 1.0" in done.stdout


class TestOrder:
    """What an earlier statement took is loaded by then, most probably: the answer is that of the run."""

    @pytest.fixture(autouse=True)
    def _frames(self, site):
        make_versioned(site, "frames", "2.2", {"frames.py": "import dep\n"}, requires=["dep>=1"])

    def test_a_later_statement_that_changes_what_an_earlier_one_took(self, program, capsys, site):
        file = program("import frames version 2.2\nimport dep version 1\n")
        assert check.main([file]) == 1
        assert capsys.readouterr().out == (
            f"{file}:1: import frames version 2.2  frames 2.2  {site}/frames-2.2/\n"
            f"{file}:2: import dep version 1       no installed versions fit together with what is loaded\n"
            f"    import dep version 1 ({file}:2) asks for dep 1\n"
            f"    dep 2.0 is loaded by then, most probably: {site}/dep-2.0/\n"
            f"    dep comes with import frames version 2.2 ({file}:1)\n"
            f"    the installed versions dep 1.0, frames 2.2 fit all: put this import before {file}:1\n"
        )

    def test_the_run_says_the_same(self, children, program):
        first, second = "import frames version 2.2\n", "import dep version 1\n"
        wrong = program(f"# coding: versioned\n{first}{second}", "wrong.py")
        right = program(f"# coding: versioned\n{second}{first}", "right.py")
        assert (check.main([wrong]), check.main([right])) == (1, 0)
        assert (children.start(wrong).returncode, children.start(right).returncode) == (1, 0)
        told = children.start(wrong).stderr.split("\n")[-2]
        assert told == f"  the installed versions dep 1.0, frames 2.2 fit all: put this import before {wrong}:2"

    def test_statements_of_functions(self, program, capsys, site):
        file = program("def work():\n    import frames version 2.2\n\ndef more():\n    import dep version 1\n")
        assert check.main([file]) == 1
        assert capsys.readouterr().out == (
            f"{file}:2: import frames version 2.2  frames 2.2  {site}/frames-2.2/\n"
            f"{file}:5: import dep version 1       no installed versions fit together with what is loaded, when it runs\n"
            f"    import dep version 1 ({file}:5) asks for dep 1\n"
            f"    dep 2.0 is loaded by then, most probably: {site}/dep-2.0/\n"
            f"    dep comes with import frames version 2.2 ({file}:2), when it runs\n"
            f"    the installed versions dep 1.0, frames 2.2 fit all: put this import before {file}:2\n"
        )

    def test_what_can_be_had_in_no_order(self, program, capsys, site):
        file = program("import demo version 1\nimport dep version 2\n")
        assert check.main([file]) == 1
        assert capsys.readouterr().out.endswith(
            "    no installed versions fit all of them, in any order: ask for others,"
            " or run the two parts in processes of their own\n"
        )


class TestShowSource:
    def test_rewritten_text(self, program, capsys):
        assert show_source.main([program("import demo version 1 as d; x = 1\ny = 2\n")]) == 0
        out = capsys.readouterr().out
        compile(out, "app.py", "exec")
        assert out.split("\n")[1:] == ["y = 2", ""]
        assert "_versioned_demo_v1" in out

    def test_file_with_the_cookie_shows_the_same(self, program, capsys):
        text = "import demo version 1\n"
        show_source.main([program(text)])
        plain = capsys.readouterr().out
        show_source.main([program(f"# coding: versioned\n{text}")])
        assert capsys.readouterr().out == f"# coding: versioned\n{plain}"

    def test_file_without_clause_is_left_alone(self, program, capsys):
        assert show_source.main([program("x = 1  # version 2\n")]) == 0
        assert capsys.readouterr().out == "x = 1  # version 2\n"

    def test_refused_clause(self, program, capsys):
        assert show_source.main([program("import demo version latest\n")]) == 1
        out, err = capsys.readouterr()
        assert out == "import demo version latest\n"
        assert "SyntaxError" in err

    def test_no_file(self, capsys, tmp_path):
        assert show_source.main([str(tmp_path / "absent.py")]) == 2
        assert capsys.readouterr().err.startswith(f"show-source: {tmp_path}/absent.py: ")


class TestCookies:
    """What keeps Python from understanding a file is told, with the line."""

    def test_a_misspelt_cookie(self, tmp_path, capsys):
        file = tmp_path / "app.py"
        file.write_text("#!/usr/bin/env python\n# coding: versoned\nimport demo version 1\n")
        assert check.main([str(file)]) == 1
        shown = capsys.readouterr()
        assert shown.out == f"{file}:2: # coding: versoned  unknown encoding: versoned; write # coding: versioned\n"
        assert shown.err == ""

    def test_an_encoding_that_nobody_has(self, tmp_path, capsys):
        file = tmp_path / "app.py"
        file.write_text("# coding: klingon\nimport demo version 1\n")
        assert check.main([str(file)]) == 1
        assert capsys.readouterr().out == f"{file}:1: # coding: klingon  unknown encoding: klingon\n"

    def test_a_cookie_that_comes_too_late(self, site, tmp_path, capsys):
        make_versioned(site, "demo", "1.0")
        file = tmp_path / "app.py"
        file.write_text("#!/usr/bin/env python\n# what it does\n# coding: versioned\nimport demo version 1\n")
        check.main([str(file)])
        assert capsys.readouterr().err == (
            f'note: {file} has its "# coding: versioned" on line 3, where Python does not look: move it to line 1 or 2\n'
        )


def test_a_directory_stands_for_the_files_below(tmp_path, capsys):
    (tmp_path / "program" / "inner").mkdir(parents=True)
    (tmp_path / "program" / "inner" / "app.py").write_text("# coding: versioned\nimport absent_thing version 1\n")
    assert check.main([str(tmp_path / "program")]) == 1
    assert f"{tmp_path / 'program' / 'inner' / 'app.py'}:2: import absent_thing version 1" in capsys.readouterr().out
