"""The interactive session: clauses in lines typed one by one."""

import pytest

from versioned_import.syntax.console import Console


@pytest.fixture
def console(served, capsys):
    session = Console({})
    session.said = lambda: capsys.readouterr().err
    return session


class TestSession:
    """Spec 2.2: "with nothing a REPL that knows the syntax"."""

    def test_statement(self, console, capsys):
        assert console.push("import demo version 1.2") is False
        assert console.push("demo.VERSION") is False
        assert capsys.readouterr() == ("'1.2'\n", "")

    def test_block(self, console):
        assert console.push("if True:") is True
        assert console.push("    import demo version 1.2") is True
        assert console.push("    from demo version 1.2 import (") is True
        assert console.push("        VERSION)") is True
        assert console.push("") is False
        assert console.locals["VERSION"] == "1.2"

    def test_continued_line(self, console):
        assert console.push("import demo \\") is True
        assert console.push("   version 1.2") is False
        assert console.locals["demo"].VERSION == "1.2"

    def test_wrong_clause(self, console):
        assert console.push("import demo version latest") is False
        assert console.said() == (
            '  File "<console>", line 1\n'
            "    import demo version latest\n"
            "                        ^^^^^^\n"
            "SyntaxError: 'latest' is no version (PEP 440); leave the clause out to get the highest that is installed\n"
        )

    def test_mapping(self, console, capsys):
        assert console.push('__import_versions__ = {"demo": "1"}; import demo; print(demo.VERSION)') is False
        assert capsys.readouterr().out == "1.2\n"

    def test_mapping_for_later_lines(self, console):
        assert console.push('__import_versions__ = {"demo": "1"}') is False
        assert console.said() == (
            '  File "<console>", line 1\n'
            '    __import_versions__ = {"demo": "1"}\n'
            "                           ^^^^^^\n"
            "SyntaxError: __import_versions__: 'demo' governs nothing: no import of that name follows in the same file "
            "or cell (keys are import names, not those of distributions)\n"
        )

    def test_other_errors_are_pythons(self, console):
        assert console.push("x = = 1") is False
        assert console.said().splitlines()[-1] == "SyntaxError: invalid syntax"

    @pytest.mark.parametrize(
        "line", ["version = 2", "'import demo version latest'", "# import demo version latest", ""]
    )
    def test_plain_lines(self, console, line):
        assert console.push(line) is False
        assert console.said() == ""

    def test_what_is_remembered_of_future_statements(self, console, capsys):
        assert console.push("from __future__ import annotations") is False
        assert console.push("import demo version 1; x: demo.nothing = 1; list(__annotations__.values())") is False
        assert capsys.readouterr() == ("['demo.nothing']\n", "")

    @pytest.mark.filterwarnings("default")
    def test_a_warning_comes_once(self, console):
        with pytest.warns(SyntaxWarning, match="with a literal|with 'int' literal") as caught:
            assert console.push("import demo version 1; demo is 1") is False
        assert len(caught) == 1

    def test_our_errors_end_at_the_statement(self, console):
        console.push("import demo version 1")
        console.said()
        console.push("import demo version 2")
        shown = console.said().splitlines()
        assert shown[:2] == ["Traceback (most recent call last):", '  File "<console>", line 1, in <module>']
        assert shown[2].startswith(
            "versioned_import.VersionConflictError: import demo version 2 (<console>:1): demo 1.2"
        )
