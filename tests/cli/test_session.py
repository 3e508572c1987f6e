"""The interactive session, through a pseudo terminal and through a pipe (spec 2.2)."""

import re
import sys
from pathlib import Path

import pytest
from made import make_versioned
from terminals import CTRL_D, UP, Terminal

PAGE = Path(__file__).parents[2] / "docs" / "using.md"
BLOCK = "if True:\n    import demo version 1.0 as k\n    print(k.VERSION, 'in a block')\n\n"


@pytest.fixture
def start(children, site, tmp_path):
    """Return a function that starts a session with the editing that every Python has."""
    make_versioned(site, "demo", "1.0")
    make_versioned(site, "demo", "2.0")
    children.write("beside.py", "import demo version 1\n")
    home = tmp_path / "home"
    home.mkdir()

    def session(*arguments, switches=(), **environ):
        command = [sys.executable, "-s", *switches, "-m", "versioned_import", *arguments]
        variables = {"TERM": "xterm", "HOME": str(home), "PYTHON_BASIC_REPL": "1", **environ}
        return Terminal(command, {**children.environ, **variables}, children.program)

    return session


@pytest.fixture
def session(start):
    with start() as one:
        one.expect(">>> ")
        yield one


def answer(session, line, prompt=">>> "):
    """Return what the session says to a line, up to the next prompt."""
    session.type(f"{line}\n")
    session.expect("\n")
    return session.expect(prompt).removesuffix(prompt)


def test_session(start):
    with start() as session:
        greeting = session.expect(">>> ")
        assert "with versioned imports" in greeting
        assert 'Type "help"' in greeting
        assert answer(session, "import demo version 1") == ""
        assert answer(session, "demo.VERSION") == "'1.0'\n"
        assert answer(session, "import beside; beside.demo is demo") == "True\n"
        assert answer(session, "if True:", prompt="... ") == ""
        assert answer(session, "    from demo version 1.0 import VERSION as v", prompt="... ") == ""
        assert answer(session, "") == ""
        assert answer(session, "v, __name__") == "('1.0', '__main__')\n"
        conflict = answer(session, "import demo version 2")
        assert (
            "versioned_import.VersionConflictError: import demo version 2 (<console>:1): demo 1.0 is loaded" in conflict
        )
        assert "imported first by <console>:1: import demo version 1\n" in conflict
        refused = answer(session, "import demo version 9.9.9-tweak.2")
        assert refused == (
            '  File "<console>", line 1\n'
            "    import demo version 9.9.9-tweak.2\n"
            "                        ^^^^^^^^^^^^^\n"
            "SyntaxError: '9.9.9-tweak.2' is no version (PEP 440); did you mean 9.9.9+tweak.2?\n"
        )
        assert "ZeroDivisionError" in answer(session, "1 / 0")
        assert answer(session, "version = 3; version") == "3\n"
        session.type(CTRL_D)
        assert session.status() == 0
        assert session.rest.strip() == ""


def test_the_page(start, site):
    make_versioned(site, "requests", "2.25.1", {"requests/__init__.py": "__version__ = '2.25.1'\n"})
    (block,) = re.findall(r"^```pycon\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    with start() as session:
        session.expect(">>> ")
        for typed, shown in re.findall(r"((?:>>> .*\n)(?:\.\.\..*\n)*)((?:(?!>>> ).*\n)*)", block):
            first, *others = [line[4:] for line in typed.splitlines()]
            for line in (first, *others)[:-1]:
                assert answer(session, line, prompt="... ") == ""
            assert answer(session, (first, *others)[-1]) == shown


def test_exit_status(session):
    session.type("exit(5)\n")
    assert session.status() == 5


def test_an_interrupt_gives_up_what_is_typed_and_what_runs(session):
    session.type("import demo version")
    session.expect("version")
    session.interrupt()
    assert session.expect(">>> ") == "\nKeyboardInterrupt\n>>> "
    assert answer(session, "if True:", prompt="... ") == ""
    session.interrupt()
    assert session.expect(">>> ") == "\nKeyboardInterrupt\n>>> "
    session.type("import itertools; print('go' + 'ing'); any(False for _ in itertools.count())\n")
    session.expect("going\n")
    session.interrupt()
    assert "\nKeyboardInterrupt\n" in session.expect(">>> ")
    assert answer(session, "import demo version 1; demo.VERSION") == "'1.0'\n"


def test_lines_come_back_also_in_the_next_session(start):
    with start() as session:
        session.expect(">>> ")
        assert answer(session, "import demo version 2") == ""
        session.type(f"{UP}; print(demo.VERSION)\n")
        session.expect("\n2.0\n>>> ")
        session.type(CTRL_D)
        assert session.status() == 0
    with start() as session:
        session.expect(">>> ")
        session.type(f"{UP}\n")
        assert session.expect("\n2.0\n>>> ").startswith("import demo version 2; print(demo.VERSION)")


def test_names_are_completed(session):
    answer(session, "import demo version 1")
    session.type("demo.VERS\t\n")
    session.expect("'1.0'\n>>> ")


def test_startup_file(start, tmp_path):
    file = tmp_path / "startup.py"
    file.write_text("import demo version 1\nimport sys\nsys.ps1 = '@ '\n")
    with start(PYTHONSTARTUP=str(file)) as session:
        session.expect("@ ")
        assert answer(session, "demo.VERSION", prompt="@ ") == "'1.0'\n"
    with start(switches=["-E"], PYTHONSTARTUP=str(file)) as session:
        session.expect(">>> ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1 / 0\n", "ZeroDivisionError: division by zero\n"),
        ("import demo version latest\n", "SyntaxError: 'latest' is no version (PEP 440); "),
        (None, "Could not open PYTHONSTARTUP\nFileNotFoundError: [Errno 2] No such file or directory: "),
    ],
)
def test_a_startup_file_that_fails(start, tmp_path, text, told):
    file = tmp_path / "startup.py"
    if text is not None:
        file.write_text(text)
    with start(PYTHONSTARTUP=str(file)) as session:
        assert told in session.expect(">>> ")
        assert answer(session, "1 + 1") == "2\n"


def test_quiet(start):
    with start(switches=["-q"]) as session:
        assert session.expect(">>> ") == ">>> "


def basic_and_new():
    return ["1", ""] if sys.version_info >= (3, 13) else ["1"]


@pytest.mark.parametrize("basic", basic_and_new())
@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["good.py"], ""),
        (["good.py", "4"], '  File "{}/good.py", line 4, in <module>\n'),
        (["-m", "good"], ""),
        (["-c", "import demo version 1; x = 5"], ""),
    ],
)
def test_a_session_after_a_program(start, children, words, shown, basic):
    children.write("good.py", "import sys\nimport demo version 1\nx = 5\nsys.argv[1:] and sys.exit(4)\n")
    with start(*words, switches=["-i"], PYTHON_BASIC_REPL=basic, TERM="xterm-256color") as session:
        before = session.expect(">>> ").splitlines()
        if shown:
            assert "\n".join(before).startswith(f"Traceback (most recent call last):\n{shown}".format(children.program))
            assert before[-2] == "SystemExit: 4" if basic else "SystemExit: 4" in before
        else:
            assert [line for line in before if line] == [">>> "]
        session.type("import demo version 1.0 as k; print(k is demo, x * 11)\n")
        session.expect("True 55\n")
        session.type("exit(3)\n")
        assert session.status() == 3
        assert "__interactivehook__" not in session.rest


@pytest.mark.parametrize("keys", [CTRL_D, "exit(0)\n"])
def test_the_session_itself_with_i(start, keys):
    with start(switches=["-i"]) as session:
        assert "with versioned imports" in session.expect(">>> ")
        session.type(keys)
        assert session.status() == 0
        assert ">>>" not in session.rest
        assert "hook" not in session.rest


def test_standard_input_from_elsewhere(children, site):
    make_versioned(site, "demo", "1.0")
    done = children.start("-m", "versioned_import", input="import demo version 1\nprint(demo.VERSION)\n")
    assert (done.stdout, done.stderr, done.returncode) == ("1.0\n", "", 0)


@pytest.mark.skipif(sys.version_info < (3, 13), reason="the new REPL came with Python 3.13")
class TestNewRepl:
    """With the editing of Python 3.13 and later."""

    @pytest.fixture
    def edited(self, start):
        with start(PYTHON_BASIC_REPL="", TERM="xterm-256color") as one:
            one.expect(">>> ")
            yield one

    def test_blocks_are_pasted_recalled_and_edited_as_one(self, edited):
        edited.type(f"\x1b[200~{BLOCK}\x1b[201~\n")
        edited.expect("1.0 in a block\n")
        edited.expect(">>> ")
        edited.type(UP)
        edited.expect("print(k.VERSION, 'in a block')")
        edited.type("\n\n")
        edited.expect("1.0 in a block\n")

    def test_several_statements_pasted_at_once(self, edited):
        text = "import demo version 1.0\nfrom demo version 1 import (\n    VERSION as v,\n)\nv + ' and more'\n"
        edited.type(f"\x1b[200~{text}\x1b[201~\n")
        edited.expect("'1.0 and more'\n")

    def test_the_mapping(self, edited):
        text = "__import_versions__ = {'demo': '1'}\nimport demo\nprint(demo.VERSION * 2)\n"
        edited.type(f"\x1b[200~{text}\x1b[201~\n")
        edited.expect("1.01.0\n")

    def test_a_block_that_is_typed(self, edited):
        edited.type("if True:\nimport demo version 1.0 as k\nprint(k.VERSION, 'typed')\n\n")  # it indents by itself
        edited.expect("\n1.0 typed\n")

    def test_errors_show_what_was_typed(self, edited):
        edited.type("import demo version latest\n")
        edited.expect(
            '  File "<python-input-0>", line 1\n'
            "    import demo version latest\n"
            "                        ^^^^^^\n"
            "SyntaxError: 'latest' is no version (PEP 440); leave the clause out to get the highest that is installed\n"
        )
        edited.type("import demo version 1 as k; 1 / 0\n")
        edited.expect(
            '  File "<python-input-1>", line 1, in <module>\n'
            "    import demo version 1 as k; 1 / 0\n"
            "                                ~~^~~\n"
            "ZeroDivisionError: division by zero\n"
        )
        assert "\x1b[1;35mZeroDivisionError\x1b[0m" in edited.raw
        edited.type("import demo version 2\n")
        edited.expect("VersionConflictError: import demo version 2 (<python-input-2>:1): demo 1.0 is loaded already\n")

    def test_future_statements_are_remembered(self, edited):
        edited.type("from __future__ import annotations\n")
        edited.expect(">>> ")
        edited.type("import demo version 1; x: demo.VERSION = 1; print(list(__annotations__.values()))\n")
        edited.expect("['demo.VERSION']\n")

    def test_endings(self, start):
        for keys, status in ((CTRL_D, 0), ("exit\n", 0), ("exit(3)\n", 3)):
            with start(PYTHON_BASIC_REPL="", TERM="xterm-256color") as session:
                session.expect(">>> ")
                session.type(keys)
                assert session.status() == status

    def test_an_interrupt(self, edited):
        edited.type("import demo")
        edited.expect("import demo")
        edited.interrupt()
        edited.expect("\nKeyboardInterrupt\n")
        edited.type("import demo version 1; print(demo.VERSION * 2)\n")
        edited.expect("\n1.01.0\n")

    def test_a_terminal_without_what_it_needs(self, start):
        with start(PYTHON_BASIC_REPL="", TERM="dumb") as session:
            assert "without multi-line editing, which is not to be had here (RuntimeError: " in session.expect(">>> ")
            assert answer(session, "import demo version 1; demo.VERSION") == "'1.0'\n"

    @pytest.mark.parametrize(
        ("breakage", "told"),
        [
            ("del _pyrepl.simple_interact.run_multiline_interactive_console", "ImportError: cannot import name "),
            ("_pyrepl.simple_interact.run_multiline_interactive_console = lambda: 0", "TypeError: "),
            ("sys.modules['_pyrepl.console'] = None", "ModuleNotFoundError: "),
        ],
    )
    def test_a_python_whose_private_part_has_changed(self, start, tmp_path, breakage, told):
        (tmp_path / "sitecustomize.py").write_text(f"import sys\nimport _pyrepl.simple_interact\n{breakage}\n")
        with start(PYTHON_BASIC_REPL="", TERM="xterm-256color", PYTHONPATH=str(tmp_path)) as session:
            assert f"without multi-line editing, which is not to be had here ({told}" in session.expect(">>> ")
            assert answer(session, "import demo version 1; demo.VERSION") == "'1.0'\n"
