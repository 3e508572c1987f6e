"""The spelling that every tool can read: a mapping of import names to clauses at module level."""

import traceback
import warnings

import pytest

from versioned_import.syntax.clauses import find_clauses
from versioned_import.syntax.loader import compile_source
from versioned_import.syntax.rewrite import all_clauses, rewrite_text

MAPPING = '__import_versions__ = {"requests": "2.31", "yaml": "PyYAML>=6", "a.b": "1", "é": "3"}\n'
# A key that governs nothing would be an error.
ALL = "\nif 0: import requests, yaml, a.b, é\n"
ALL_WITH_CLAUSES = '\nif 0: import requests version 2.31, yaml version "PyYAML>=6", a.b version 1, é version 3\n'


class TestEqualInMeaning:
    """Spec 1.8: "`__import_versions__ = {...}` at module level before the imports it governs, and the statement itself"."""

    @pytest.mark.parametrize(
        ("plain", "with_clause"),
        [
            ("import requests", "import requests version 2.31"),
            ("import requests as r", "import requests version 2.31 as r"),
            ("import requests.sessions", "import requests.sessions version 2.31"),
            ("from requests import get", "from requests version 2.31 import get"),
            (
                "from requests.sessions import (\n  Session,\n)",
                "from requests.sessions version 2.31 import (\n  Session,\n)",
            ),
            ("from yaml import *", 'from yaml version "PyYAML>=6" import *'),
            ("import os, yaml, requests as r", 'import os, yaml version "PyYAML>=6", requests version 2.31 as r'),
            ("import a", "import a"),
            ("import a.b", "import a.b version 1"),
            ("import a.b.c as d", "import a.b.c version 1 as d"),
            ("import a.bc", "import a.bc"),
            ("from a import b", "from a import b"),
            ("from . import requests", "from . import requests"),
            ("from .requests import x", "from .requests import x"),
            ("from .yaml import x", "from .yaml import x"),
            ("import é; x = 'é'; import requests", "import é version 3; x = 'é'; import requests version 2.31"),
            ("import requests version 1", "import requests version 1"),
            ("import requests version 1, yaml", 'import requests version 1, yaml version "PyYAML>=6"'),
            ("def f():\n  if x: import yaml\n", 'def f():\n  if x: import yaml version "PyYAML>=6"\n'),
            ("import a . b", "import a . b version 1"),
            ("'import requests'", "'import requests'"),
        ],
    )
    def test_as_if_it_stood_in_the_statement(self, plain, with_clause):
        assert rewrite_text(MAPPING + plain + ALL) == MAPPING + rewrite_text(with_clause + ALL_WITH_CLAUSES)

    def test_longer_name_goes_first(self):
        source = '__import_versions__ = {"a": "1", "a.b": "2"}\nimport a.b.c, a.x\n'
        assert [(one.name, one.text) for one in all_clauses(source)] == [("a.b.c", "2"), ("a.x", "1")]

    def test_only_imports_behind_it(self):
        source = 'import a\n__import_versions__ = {"a": "1"}\nimport a\n__import_versions__ = {"a": "2"}; import a\n'
        assert [(one.name_start, one.text) for one in all_clauses(source)] == [(49, "1"), (92, "2")]

    def test_annotated(self):
        source = '__import_versions__: dict[str, str] = {"a": "1"}\nimport a\n'
        assert rewrite_text(source).endswith("\nimport _versioned_a_v1 as a\n")

    @pytest.mark.parametrize(
        "source",
        [
            'x.__import_versions__ = {"a": "1"}\nimport a\n',
            '"""\n__import_versions__ = {"a": "1"}\n"""\nimport a\n',
            '# __import_versions__ = {"a": "1"}\nimport a\n',
            "__import_versions__\nimport a\n",
            '__import_versions__ = {"a": "1"}\nimport a (\n',
            '__import_versions__ = {"a": "1"}\nimport a\n\0',
        ],
    )
    def test_governs_nothing(self, source):
        assert rewrite_text(source) == source

    def test_empty_clause_span(self):
        (clause,) = all_clauses('__import_versions__ = {"a": "1"}\nimport a as b\n')
        assert (clause.start, clause.end, clause.name_end, clause.renamed) == (41, 41, 41, True)
        assert find_clauses('__import_versions__ = {"a": "1"}\nimport a as b\n') == []


class TestErrors:
    """Spec 1.5: "Each is a `SyntaxError` with file, line, column, the line and a caret"."""

    @pytest.mark.parametrize(
        ("mapping", "column", "width", "message"),
        [
            ("dict(a='1')", 22, 11, "__import_versions__ takes a plain dictionary"),
            ("{1: '1'}", 26, 3, "__import_versions__: its keys are import names in quotes"),
            ("{**x}", 25, 1, "__import_versions__: its keys are import names in quotes"),
            ("{'a-b': '1'}", 30, 3, "__import_versions__: 'a-b' is no import name"),
            ("{'': '1'}", 27, 3, "__import_versions__: '' is no import name"),
            ("{'.a': '1'}", 29, 3, "__import_versions__: '.a' is no import name"),
            ("{'a': 1.2}", 28, 3, "__import_versions__: the clause of 'a' is a text in quotes"),
            ("{'a': x + '1'}", 28, 7, "__import_versions__: the clause of 'a' is a text in quotes"),
            (
                "{'é': '1', 'a': 'latest'}",
                38,
                8,
                "__import_versions__: 'latest' is no version, specifier set or requirement (PEP 440, PEP 508)",
            ),
            (
                "{'a': '9.9.9-tweak.2'}",
                28,
                15,
                "__import_versions__: '9.9.9-tweak.2' is no version, specifier set or requirement (PEP 440, PEP 508)",
            ),
            (
                "{'__future__': '1'}",
                37,
                3,
                "__import_versions__: a __future__ import takes no version clause",
            ),
        ],
    )
    def test_message(self, mapping, column, width, message):
        source = f"x = 1\n__import_versions__ = {mapping}\nimport a\n"
        with pytest.raises(SyntaxError) as caught:
            compile_source(source.encode(), "app.py")
        assert "".join(traceback.format_exception_only(caught.value)) == (
            '  File "app.py", line 2\n'
            f"    __import_versions__ = {mapping}\n"
            f"    {' ' * column}{'^' * width}\n"
            f"SyntaxError: {message}\n"
        )

    def test_item_of_several_lines(self):
        source = "__import_versions__ = {\n  'a': (\n   1),\n}\n"
        with pytest.raises(SyntaxError) as caught:
            compile_source(source.encode(), "app.py")
        assert (caught.value.lineno, caught.value.offset, caught.value.text) == (3, 4, "   1),\n")

    def test_wrong_clause_in_a_file_with_a_mapping_is_explained(self):
        source = "__import_versions__ = {'a': '1'}\nimport b version latest\n"
        with pytest.raises(SyntaxError) as caught:
            compile_source(source.encode(), "app.py")
        assert caught.value.msg == (
            "'latest' is no version (PEP 440); leave the clause out to get the highest that is installed"
        )

    @pytest.mark.parametrize("imported", ["import a", "def f(): import a"])
    def test_warnings_come_once(self, imported):
        source = f"__import_versions__ = {{'a': '1'}}\n{imported}\nx = '\\d'\n"
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            compile_source(source.encode(), "app.py")
        assert len(caught) == 1

    def test_error_behind_the_mapping_is_pythons(self):
        with pytest.raises(SyntaxError) as caught:
            compile_source(b"__import_versions__ = {'a': '1'}\nx = = 1\n", "app.py")
        assert (caught.value.msg, caught.value.lineno, caught.value.offset) == ("invalid syntax", 2, 5)


HEAD = "__import_versions__: {key!r} governs nothing: {reason}"
NOT_THERE = "no import of that name follows in the same file or cell"


class TestKeysThatGovernNothing:
    """Spec 8: "Never silently another version than was asked"."""

    @pytest.mark.parametrize(
        ("key", "imports", "reason"),
        [
            ("reqests", "import requests", f"{NOT_THERE}; did you mean 'requests'?"),
            ("PyYAML", "import yaml", f"{NOT_THERE}; did you mean 'yaml'?"),
            ("a", "from . import a", f"{NOT_THERE} (keys are import names, not those of distributions)"),
            ("a", "", f"{NOT_THERE} (keys are import names, not those of distributions)"),
            ("a.b", "from a import b", "the key for 'from a import ...' is 'a'"),
        ],
    )
    def test_message_and_place(self, key, imports, reason):
        source = f"__import_versions__ = {{'é': '1', {key!r}: '1'}}\nimport é\n{imports}\n"
        with pytest.raises(SyntaxError) as caught:
            compile_source(source.encode(), "app.py")
        error = caught.value
        assert error.msg == HEAD.format(key=key, reason=reason)
        assert (error.filename, error.lineno, error.text[error.offset - 1 : error.end_offset - 1]) == (
            "app.py",
            1,
            repr(key),
        )
        assert f"{key!r} $ {error.msg}: '1'" in rewrite_text(source)

    def test_import_above(self):
        source = "x = 1\nif x:\n  import a.b\n__import_versions__ = {'a': '1'}\n"
        with pytest.raises(SyntaxError) as caught:
            compile_source(source.encode(), "app.py")
        assert caught.value.msg == HEAD.format(key="a", reason="it must stand above the import of line 3")

    @pytest.mark.parametrize(
        "imports",
        [
            "def f():\n  import a",
            "try:\n  pass\nexcept E:\n  from a import b",
            "class A:\n  import a.b as c",
            "import a version 2",
            "match x:\n  case 1:\n    import a",
        ],
    )
    def test_wherever_the_import_stands(self, imports):
        source = f"__import_versions__ = {{'a': '1'}}\n{imports}\n"
        assert compile_source(source.encode(), "app.py")[1] is True
        assert " $ " not in rewrite_text(source)

    @pytest.mark.parametrize("line", ["__import_versions__ = {'a': '1'}", "__import_versions__ = {'a': '1'}\n"])
    def test_a_single_line_that_tokenize_decodes_is_left_alone(self, line):
        assert rewrite_text(line) == line

    def test_file_with_the_cookie(self, child):
        app = child.write("app.py", "# coding: versioned\n__import_versions__ = {'demmo': '1'}\nimport demo\n")
        shown = f"  File \"{app}\", line 2\n    __import_versions__ = {{'demmo': '1'}}\n"
        plain = child.run(app)
        assert plain.returncode == 1
        assert plain.stderr.startswith(shown)
        told = child.run("-m", "versioned_import", app)
        assert told.returncode == 1
        assert told.stderr == (
            f"{shown}                           ^^^^^^^\n"
            f"SyntaxError: {HEAD.format(key='demmo', reason=NOT_THERE)}; did you mean 'demo'?\n"
        )
