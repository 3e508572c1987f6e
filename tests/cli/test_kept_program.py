"""The code of a program's file is kept from run to run, for just these bytes and this Python (docs/files.md)."""

import sys
import textwrap

import pytest
from made import write

TELL = "import sys\nsys.addaudithook(lambda name, told: name == 'compile' and told[1] == {!r} and print('compiled'))\n"


@pytest.fixture
def run(children, tmp_path):
    """Return a function that writes a program, runs it, and returns its output: with a line for each compilation of it."""
    place = tmp_path / "told" / "app.py"
    write(tmp_path / "told" / "site" / "sitecustomize.py", TELL.format(str(place)))

    def start(text, *switches, error=""):
        write(place, textwrap.dedent(text))
        environ = {"PYTHONPATH": str(tmp_path / "told" / "site"), "VERSIONED_IMPORT_CACHE_DIR": str(tmp_path / "kept")}
        done = children.start(*switches, "-m", "versioned_import", "--no-project", place, environ=environ)
        assert error in done.stderr if error else done.stderr == ""
        return done.stdout.split()

    return start


@pytest.fixture
def kept(tmp_path):
    """Return a function that returns the one file that is kept."""
    return lambda: next((tmp_path / "kept" / "programs").iterdir())


def test_a_program_is_compiled_in_its_first_run_only(run):
    # Twice: without what the user filters, nobody would know that it warns of nothing.
    assert [run("print(1)") for _ in range(2)] == [["compiled", "compiled", "1"], ["1"]]


def test_another_text_of_the_same_length_counts_at_once(run):
    run("print(1)")
    assert run("print(2)")[-1] == "2"
    assert run("print(2)") == ["2"]


def test_what_a_compilation_warns_of_is_said_each_time(run):
    for _ in range(2):
        assert run("print(1 is 1)", error="SyntaxWarning")[-1] == "True"


def test_an_error_that_warnings_are_made_to_be_is_one_each_time(run):
    run("print(1 is 1)", error="SyntaxWarning")
    assert run("print(1 is 1)", "-Werror", error="SyntaxError")[-1] == "compiled"


def test_what_does_not_compile_is_not_kept(run):
    for _ in range(2):
        assert run("print(1", error="SyntaxError: '(' was never closed") == ["compiled"]


@pytest.mark.parametrize("damage", [b"", b"x" * 99, None])
def test_a_broken_file_is_a_miss(run, kept, damage):
    run("print(1)")
    data = kept().read_bytes()
    kept().write_bytes(data[:-3] + b"abc" if damage is None else damage)
    assert run("print(1)") == ["compiled", "compiled", "1"]
    assert run("print(1)") == ["1"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_nor_is_one_that_others_can_write_to_taken(run, kept):
    run("print(1)")
    assert kept().stat().st_mode & 0o777 == 0o600
    kept().chmod(0o660)
    assert run("print(1)") == ["compiled", "compiled", "1"]


def test_each_level_of_optimization_has_its_own_code(run):
    text = "assert False\nprint(1)"
    assert run(text, "-O")[-1] == "1"
    assert run(text, error="AssertionError")[0] == "compiled"


def test_nothing_is_kept_where_nothing_is_to_be_compiled(run):
    assert [run("print(1)", "-B") for _ in range(2)] == [["compiled", "1"]] * 2


def test_a_traceback_shows_the_lines_of_the_file(run, tmp_path):
    for _ in range(2):
        run(
            "x = 1\n1 / 0  # here\n",
            error=f'File "{tmp_path / "told" / "app.py"}", line 2, in <module>\n    1 / 0  # here',
        )


def test_so_many_programs_are_kept_and_no_more(tmp_path, monkeypatch):
    from versioned_import.cli import program_code

    monkeypatch.setenv("VERSIONED_IMPORT_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(program_code, "MOST", 4)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    for number in range(6):
        program_code.code_of(b"x = 1", f"/app{number}.py")
    assert len(list((tmp_path / "programs").iterdir())) == 4
