"""What binds or changes `__import_versions__` otherwise than a mapping at module level does, in every spelling."""

import sys
from pathlib import Path

import pytest

from versioned_import.syntax.loader import compile_source
from versioned_import.syntax.rewrite import all_clauses, rewrite_text

NAME = "__import_versions__"
ONLY = f"{NAME} is only assigned, as a plain dictionary at module level: it is read before the file runs"
# What is pointed at stands between `<` and `>`.
OTHER_BINDINGS = [
    'if x: <NAME> = {"a": "1"}',
    'if x:\n  pass\nelse:\n  <NAME> = {"a": "1"}',
    'try:\n  <NAME> = {"a": "1"}\nfinally: pass',
    'def f():\n  <NAME> = {"a": "1"}',
    'async def f():\n  <NAME> = {"a": "1"}',
    'class C:\n  <NAME> = {"a": "1"}',
    'with x:\n  <NAME>: dict = {"a": "1"}',
    'match x:\n  case 1: <NAME> = {"a": "1"}',
    '<NAME["a"]> = "1"',
    '<NAME["a"]>: str = "1"',
    '<NAME["a"]["b"]> = "1"',
    '<NAME["a"]> += "1"',
    "del <NAME['a']>",
    "<NAME.a> = 1",
    "<NAME> |= {'a': '1'}",
    "<NAME.update>({'a': '1'})",
    "u = <NAME.setdefault>",
    "<NAME.pop>('a')",
    "<NAME.popitem>()",
    "<NAME.clear>()",
    "<NAME.__setitem__>('a', '1')",
    "del <NAME>",
    "<global NAME>",
    "def f():\n  x = 1\n  <global y, NAME>",
    "print(<NAME> := {'a': '1'})",
    "<NAME>, b = {'a': '1'}, 1",
    "[*<NAME>] = 1,",
    "for <NAME> in x: pass",
    "[1 for é, <NAME> in x]",
    "import <x as NAME>",
    "import é, <NAME>",
    "import <NAME.b>",
    "from x import <NAME>",
    "from x import (y,\n  <z as NAME>)",
    "with x as <NAME>: pass",
    "try: pass\nexcept <E> as NAME: pass",
    "def <NAME>():\n  pass",
    "@d\nasync  def <NAME>(): pass",
    "class  <NAME>(b): pass",
    "def f(<NAME>): pass",
    "def f(*<NAME: int>): pass",
    "lambda *, <NAME>=1: 1",
    "match x:\n  case <NAME>: pass",
    "match x:\n  case [1, <*NAME>]: pass",
    "match x:\n  case <{1: 2, **NAME}>: pass",
    "<NAME>: dict",
    "x = é = <f'{(NAME := 1)}'>",
    "x = (1,\n  <f'{y:{(NAME := 1)}} NAME' 'NAME'>)",
]


def marked(text):
    """Return a text without its marks, the line of these (from 0), and the columns (from 0) between them."""
    before, rest = text.split("<")
    inside, behind = rest.split(">")
    column = len(before.rpartition("\n")[2])
    inside = inside.replace("NAME", NAME)
    return f"{before}{inside}{behind.replace('NAME', NAME)}", before.count("\n"), (column, column + len(inside))


def check_message_and_place(text, behind="import a"):
    """Assert what the hook and the runner say, of a file with clauses around the text."""
    plain, above, columns = marked(text)
    with pytest.raises(SyntaxError) as caught:
        compile_source(f"import é version 1\n{plain}\n{behind}\n".encode(), "app.py")
    error = caught.value
    assert (error.msg, error.filename, error.lineno) == (ONLY, "app.py", 2 + above)
    assert error.text == f"{plain}\n".splitlines(keepends=True)[above]
    assert (error.offset - 1, error.end_offset - 1) == columns


def check_text_of_the_codec(text):
    """Assert that Python's parser stops at the reason."""
    plain, above, _ = marked(text)
    spoiled = rewrite_text(f"import é version 1\n{plain}\nimport a\n")
    with pytest.raises(SyntaxError) as caught:
        compile(spoiled, "app.py", "exec")
    assert caught.value.lineno == 2 + above
    assert f" $ {ONLY}" in spoiled.splitlines()[1 + above]


class TestRefused:
    """Spec 1.8: "The name is bound and changed in no other way"."""

    @pytest.mark.parametrize("text", OTHER_BINDINGS)
    def test_message_and_place(self, text):
        check_message_and_place(text)

    @pytest.mark.parametrize("text", OTHER_BINDINGS)
    def test_beside_a_mapping(self, text):
        check_message_and_place(text, "__import_versions__ = {'a': '1'}\nimport a version 2, a")

    @pytest.mark.parametrize("text", OTHER_BINDINGS)
    def test_python_stops_at_the_reason_in_the_text_of_the_codec(self, text):
        check_text_of_the_codec(text)

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are of Python 3.12")
    @pytest.mark.parametrize(
        "text", ["type <NAME> = int", "def f[<NAME>](): pass", "class C[<*NAME>]: pass", "def f[<**NAME>](): pass"]
    )
    def test_type_parameters(self, text):
        check_message_and_place(text)
        check_text_of_the_codec(text)

    def test_in_each_way_to_run_it(self, child):
        text = "if True:\n    __import_versions__ = {'demo': '1.5'}\nimport demo\nprint(demo.VERSION)\n"
        plain, cookie = child.write("helper.py", text), child.write("app.py", f"# coding: versioned\n{text}")
        shown = "    __import_versions__ = {'demo': '1.5'}\n"
        carets = f"    {'^' * len(NAME)}\nSyntaxError: {ONLY}\n"
        told = [
            (f'  File "{plain}", line 2\n{shown}{carets}', ["-m", "versioned_import", plain]),
            (f'  File "{cookie}", line 3\n{shown}{carets}', ["-m", "versioned_import", cookie]),
            (f'  File "{cookie}", line 3\n{shown}', [cookie]),
            (
                f'  File "{plain}", line 2\n{shown}{carets}',
                ["-c", "import versioned_import; versioned_import.enable('helper'); import helper"],
            ),
        ]
        for expected, arguments in told:
            done = child.run(*arguments)
            assert (done.returncode, done.stdout) == (1, "")
            assert expected in done.stderr
        checked = child.run("-m", "versioned_import", "check", plain)
        assert (checked.returncode, checked.stdout) == (
            1,
            f"{plain}:2: __import_versions__ = {{'demo': '1.5'}}  {ONLY}\n",
        )


class TestTaken:
    @pytest.mark.parametrize(
        "use",
        [
            "print(NAME, NAME['a'], NAME.get('a'), NAME.items())",
            "x.NAME = y.NAME['a'] = {}",
            "x.NAME.update({})",
            "del x.NAME",
            "f(NAME=1)",
            "f(NAME).x = x[NAME] = 1",
            "'NAME = {}'  # NAME = {}",
            "import x.NAME as y",
            "from NAME import y",
            "import NAME as y",
            "def f(): return NAME | {}",
            "x = f'{NAME}NAME'",
            "NAME: dict[str, str] = {'b': '2'}\nimport b",
            "x = NAME = {'b': '2'}\nimport b",
        ],
    )
    def test_reading_the_name_and_further_mappings(self, use):
        source = f"__import_versions__ = {{'a': '1'}}\nimport a\n{use.replace('NAME', NAME)}\nimport a\n"
        assert compile_source(source.encode(), "app.py")[1] is True
        compile(rewrite_text(source), "app.py", "exec")

    def test_attributes_and_strings_in_a_file_without_a_mapping(self):
        source = "x.__import_versions__ = {'a': '1'}\n'''\n__import_versions__['a'] = '1'\n'''\nimport a\n"
        assert compile_source(source.encode(), "app.py")[1] is False
        assert rewrite_text(source) == source

    @pytest.mark.parametrize("line", ["del __import_versions__", "__import_versions__['a'] = '1'\n"])
    def test_a_single_line_that_tokenize_decodes(self, line):
        assert rewrite_text(line) == line

    def test_each_of_two_mappings_governs_what_is_behind_it(self):
        source = "__import_versions__ = {'a': '1', 'b': '1'}\nimport a\n__import_versions__ = {'a': '2'}\nimport a, b\n"
        assert [(one.name, one.text) for one in all_clauses(source)] == [("a", "1"), ("a", "2"), ("b", "1")]


def test_a_file_that_plain_python_compiled_is_not_taken_for_a_governed_module(child):
    child.write("helper.py", "__import_versions__ = {'demo': '9'}\nimport demo\n")
    child.write("demo.py", "")
    plain = ["-c", "import helper; print(helper.__cached__)"]
    hooked = ["-c", "import versioned_import; versioned_import.enable('helper'); import helper"]
    first = child.run(*plain)
    assert Path(first.stdout.strip()).exists()
    for _ in range(2):
        assert "VersionNotFoundError: import demo version 9" in child.run(*hooked).stderr
    assert child.run(*plain).returncode == 0
