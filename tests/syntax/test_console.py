"""The interactive session: clauses in lines typed one by one."""

import pytest

from versioned_import.syntax.console import Console


@pytest.fixture
def console(served):
    said = []
    session = Console({})
    session.write = said.append
    session.said = said
    return session


class TestSession:
    """Spec 2.2: "with nothing a REPL that knows the syntax"."""

    def test_statement(self, console, capsys):
        assert console.push("import demo version 1.2") is False
        assert console.push("demo.VERSION") is False
        assert capsys.readouterr().out == "'1.2'\n"
        assert console.said == []

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
        assert "".join(console.said) == (
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
        assert "".join(console.said) == (
            '  File "<console>", line 1\n'
            '    __import_versions__ = {"demo": "1"}\n'
            "                           ^^^^^^\n"
            "SyntaxError: __import_versions__: 'demo' governs nothing: no import of that name follows in the same file "
            "or cell (keys are import names, not those of distributions)\n"
        )

    def test_other_errors_are_pythons(self, console):
        assert console.push("x = = 1") is False
        assert "".join(console.said).splitlines()[-1] == "SyntaxError: invalid syntax"

    @pytest.mark.parametrize(
        "line", ["version = 2", "'import demo version latest'", "# import demo version latest", ""]
    )
    def test_plain_lines(self, console, line):
        assert console.push(line) is False
        assert console.said == []
