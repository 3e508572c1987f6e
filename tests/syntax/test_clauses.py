"""The scanner's answers for every spelling of a version, every form of statement, and every text that only looks like one."""

import pytest

from versioned_import.syntax.clauses import find_clauses
from versioned_import.syntax.rewrite import rewrite_text

VERSIONS = [
    "1",
    "2.31",
    "1.09",
    "1.2.3",
    "2024.01.05",
    "1.2.09",
    "1.2rc1",
    "1.0post1",
    "1.0RC1",
    "1a",
    "1.2.3rc1",
    "2.0.0.0b2",
    "1!2.0",
    "1.0.post1",
    "1.0.dev3",
    "1.0-1",
    "1.0-post1",
    "1.0+local.1",
    "1.0+d0.1e9",
    "1.0+1e5a",
    "1.0+0777",
    "1.0+08a",
    "1.0+cu121.1",
    "01",
    "007",
    "09",
    "012345",
    "1.2.*",
    "1.*",
    "v1.2",
    "V1",
    "0b2",
    "0b3",
    "1!0b2",
    "1.0_post1",
    "1.0_rc1",
    "1_post1",
    "1.0+1_a",
    "1.0+0b3f9ac",
    "1.0+0xg1",
    "1.0+0o9",
    "1.0+0x",
    "1.2.3.4.5.6.7",
    "1.0a1.post2.dev3+x.y-z_1",
]
# What Python's tokenizer takes for one number, and PEP 440 for no version.
NUMBERS_ONLY = ["1e5", "1.2j", "0x1", "0b1_0", "08.5.", "1_000", "0o17", "1.0+0_", "1.0.0e1"]
QUOTED = [
    "1.2",
    ">=1.20,<2",
    "==1.2",
    "==1.2.*",
    "~=1.4.2",
    "===1.0-odd",
    "!=1.5",
    ">= 1.20 , < 2",
    "opencv-python-headless>=4.8",
    "PyYAML>=6",
    "requests[socks]==2.31",
    "0b2",
]


def told(source):
    return [(clause.form, clause.name, clause.text) for clause in find_clauses(source)]


class TestVersions:
    """Spec 1.3: "the clause takes one PEP 440 version, written without white space ... an optional trailing `.*`"."""

    @pytest.mark.parametrize("version", VERSIONS)
    def test_in_both_statements(self, version):
        source = f"import a version {version}\nfrom a.b version {version} import c\nimport d version {version} as e\n"
        clauses = find_clauses(source)
        assert [(one.form, one.name, one.text, one.renamed) for one in clauses] == [
            ("import", "a", version, False),
            ("from", "a.b", version, False),
            ("import", "d", version, True),
        ]
        assert [source[one.start : one.end] for one in clauses] == [f"version {version}"] * 3
        assert [source[one.name_start : one.name_end] for one in clauses] == ["a", "a.b", "d"]

    @pytest.mark.parametrize("number", NUMBERS_ONLY)
    def test_numbers_that_are_no_versions(self, number):
        assert told(f"import a version {number}\n") == []


class TestQuoted:
    """Spec 1.4: "Quoted (one plain string literal, no prefix, no concatenation)"."""

    @pytest.mark.parametrize("text", QUOTED)
    @pytest.mark.parametrize("quote", ["'", '"'])
    @pytest.mark.parametrize("blank", [" ", "", "\t", " \\\n "])
    def test_good(self, text, quote, blank):
        source = f"import a version{blank}{quote}{text}{quote} as b, c"
        (clause,) = find_clauses(source)
        assert (clause.name, clause.text, clause.renamed) == ("a", text, True)
        assert source[clause.start : clause.end] == f"version{blank}{quote}{text}{quote}"

    @pytest.mark.parametrize(
        "clause",
        [
            'r"1.2"',
            'f"1.2"',
            'b"1.2"',
            '"1.2" "3"',
            '"1.2""3"',
            '"""1.2"""',
            "'''1.2'''",
            '"1.2',
            '"1.2\\n"',
            '"../1"',
            '"1\0"',
            '""',
            '" "',
            '"1.2"3',
            '"é>=1"',
            '"1."',
            '">="',
        ],
    )
    def test_bad(self, clause):
        assert told(f"import a version {clause}\n") == []
        assert told(f"from a version {clause} import b\n") == []


class TestStatements:
    """Spec 1.1, 1.2: the clause follows the dotted name and precedes `as` (in `import`) or `import` (in `from`)."""

    @pytest.mark.parametrize(
        ("source", "clauses"),
        [
            ("import version version 1", [("import", "version", "1")]),
            ("import version version 1 as version", [("import", "version", "1")]),
            ("from version version 1 import version", [("from", "version", "1")]),
            ("import a.version version 1", [("import", "a.version", "1")]),
            (
                "import a.b version 1, c, d version '>=2,<3' as e",
                [("import", "a.b", "1"), ("import", "d", ">=2,<3")],
            ),
            ("import c, a.b version 1", [("import", "a.b", "1")]),
            ("import c as version, a version 1", [("import", "a", "1")]),
            ("import a version 1,b version 2", [("import", "a", "1"), ("import", "b", "2")]),
            ("from a version 1 import (b, # version 2\n  c)", [("from", "a", "1")]),
            ("from a version 1 import(b)", [("from", "a", "1")]),
            ("from a version 1 import b as c, d", [("from", "a", "1")]),
            ("from a version 1 import *", [("from", "a", "1")]),
            ("import a \\\n  version \\\n  1 \\\n  as b", [("import", "a", "1")]),
            ("import a \\\r\n  version \\\r\n  1", [("import", "a", "1")]),
            ("import a . b version 1", [("import", "a.b", "1")]),
            ("import a\\\n.\\\nb version 1", [("import", "a.b", "1")]),
            ("import a version 1 # version 2", [("import", "a", "1")]),
            ("import a version 1# version 2", [("import", "a", "1")]),
            ("if x: import a version 1", [("import", "a", "1")]),
            (
                "try: import a version 1\nexcept E: from b version 2 import c",
                [("import", "a", "1"), ("from", "b", "2")],
            ),
            ("def f(): import a version 1; return a", [("import", "a", "1")]),
            ("while 1: import a version 1; break", [("import", "a", "1")]),
            ("with x as y: import a version 1", [("import", "a", "1")]),
            ("match x:\n case {'version': 1}: import a version 1", [("import", "a", "1")]),
            ("class A: import a version 1", [("import", "a", "1")]),
            ("x = {1: 2}; import a version 1;import b version 2", [("import", "a", "1"), ("import", "b", "2")]),
            ("x: int = 1; import a version 1", [("import", "a", "1")]),
            ("f = lambda: 0; import a version 1", [("import", "a", "1")]),
            ("'docstring'; import a version 1", [("import", "a", "1")]),
            ("'docstring'\nimport a version 1", [("import", "a", "1")]),
            ("\timport a version\t1\tas\tb", [("import", "a", "1")]),
            ("\fimport\fa\fversion\f1", [("import", "a", "1")]),
            ("import  a   version    1    as  b ", [("import", "a", "1")]),
            ("\ufeffimport a version 1", [("import", "a", "1")]),
            ("import a version 1\rimport b version 2\r", [("import", "a", "1"), ("import", "b", "2")]),
            ("import a version 1\r\nimport b version 2\r\n", [("import", "a", "1"), ("import", "b", "2")]),
            ("x = '\u2028'\nimport a version 1", [("import", "a", "1")]),
            ("# \u2028\nimport a version 1", [("import", "a", "1")]),
            ("import élan.ß version 1", [("import", "élan.ß", "1")]),
            ("é = 'é'; from a version 1 import é", [("from", "a", "1")]),
            ("lazy import a version 1", [("import", "a", "1")]),
            ("lazy from a version 1 import b", [("from", "a", "1")]),
            ("x = 1; lazy  \\\n import a version 1", [("import", "a", "1")]),
            ("import lazy version 1", [("import", "lazy", "1")]),
            ("import from_x version 1", [("import", "from_x", "1")]),
            ("import imports version 1, fromage version 2", [("import", "imports", "1"), ("import", "fromage", "2")]),
            ("from importlib.x version 1 import y", [("from", "importlib.x", "1")]),
            ("x = r'\\\\'; y = '\\\\'\nimport a version 1 #'", [("import", "a", "1")]),
            ("x = '\\\n'\nimport a version 1", [("import", "a", "1")]),
            ("x = 'a\\\r\nb'\r\nimport a version 1", [("import", "a", "1")]),
            ('x = """a\\""" import b version 2"""\nimport a version 1', [("import", "a", "1")]),
            ("x = f'{y!r:>{w}} {{ {d[\"k\"]:%H:%M} }}'\nimport a version 1", [("import", "a", "1")]),
            ("x = f'\\N{LEFT CURLY BRACKET}'\nimport a version 1", [("import", "a", "1")]),
            ("x = rf'\\{y}' + fr'\\\\'\nimport a version 1", [("import", "a", "1")]),
            ("x = f'{d['import b version 2']}'\nimport a version 1", [("import", "a", "1")]),
            ("x = f'{f'{f'{1}'}'}'\nimport a version 1", [("import", "a", "1")]),
            ("x = f'{y # import b version 2 }\n}'\nimport a version 1", [("import", "a", "1")]),
            ("x = t'{y}' 'import b version 2'\nimport a version 1", [("import", "a", "1")]),
            ("x = f'''{\n'}'\n}'''; import a version 1", [("import", "a", "1")]),
            ("x = f'{(lambda: {1: 2})()}'; import a version 1", [("import", "a", "1")]),
            ("if'{'in x:pass\nimport a version 1", [("import", "a", "1")]),
        ],
    )
    def test_clauses(self, source, clauses):
        assert told(source) == clauses
        assert told(source + "\n") == clauses
        assert told(f"x = 1\n{source.removeprefix(chr(0xFEFF))}") == clauses

    def test_name_is_normalised_as_python_does(self):
        assert told("import ﬁle version 1") == [("import", "file", "1")]

    def test_positions_behind_other_alphabets_are_characters(self):
        source = "é = 'ü'; import a version 1"
        (clause,) = find_clauses(source)
        assert (clause.name_start, clause.name_end, clause.start, clause.end) == (16, 17, 18, 27)

    def test_repr(self):
        (clause,) = find_clauses("import a.b version 1")
        assert repr(clause) == "<Clause import a.b version '1' at 7>"

    @pytest.mark.parametrize("text", ["import a version 1;", "from a version 1 import b;", "import a version '>=1';"])
    def test_one_long_line_takes_no_square_of_its_length(self, text):
        assert len(find_clauses(text * 20_000)) == 20_000

    def test_long_strings_of_backslashes_take_no_square_of_their_length(self):
        source = 'x = r"""' + "\\w+ " * 200_000 + '"""\nimport a version 1\n'
        assert told(source) == [("import", "a", "1")]


NO_CLAUSES = [
    "import version",
    "from version import version",
    "from .version import x",
    "from . import version",
    "version = 2",
    "def version(): ...",
    "version('1.2')",
    "version ['1.2']",
    "print(version, '1.2')",
    "if version >= 2: pass",
    "match version:\n  case 1: pass",
    "x = {'version': 1, version: '1'}",
    "f(version='1')",
    "import a; version = '1'",
    "import a as version",
    "import version as a",
    "from a import b as version",
    "from a import (\n version,\n)",
    "'import a version 1'",
    '"""\nimport a version 1\n"""',
    'r"""\nimport a version 1\n\\"""\nimport b version 2"""',
    "# import a version 1",
    "x = 1 # import a version 1",
    "x = 1 # '\n# import a version 1",
    "f'import a version 1'",
    "f'''\nimport a version 1\n{x}\nimport a version 1\n'''",
    "f'{x}\\\nimport a version 1'",
    "f'{x!r}import a version 1{y}'",
    "t'''{x}\nimport a version 1\n'''",
    "f'{d['a']}; import a version 1'",
    "rb'''\nimport a version 1\n'''",
    "u'''\nimport a version 1\n'''",
    "'a\\\nimport a version 1'",
    "'a\\\r\nimport a version 1'",
    "'''a\rimport a version 1\r'''",
    "# \fimport a version 1",
    "# \u2028import a version 1",
    "# \x0bimport a version 1",
    "# \x85import a version 1",
    "importa version 1",
    "ximport a version 1",
    "import a versions 1",
    "import a xversion 1",
    "version 1",
    "",
    "\ufeff",
]


class TestNoChange:
    """Spec 1.1, 1.6: `version` stays an ordinary identifier; a file that uses no clause is left byte for byte alone."""

    @pytest.mark.parametrize("source", NO_CLAUSES)
    @pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r"])
    def test_identical(self, source, ending):
        assert find_clauses(source + ending) == []
        assert rewrite_text(source + ending) == source + ending


MALFORMED = [
    "from . version 1 import x",
    "from .a version 1 import x",
    "from .version version 1 import x",
    "from ... version '1' import x",
    "from __future__ version 1 import annotations",
    "import a version 9.9.9-tweak.2",
    "import a version latest",
    "import a version",
    "import a version 1.2 version 1.3",
    "import a version 1.2 b",
    "import a version 1 .2",
    "import a version 1. 2",
    "import a version >=2",
    "import a version (1)",
    "import a as b version 1",
    "from a import b version 1",
    "from a import (b version 1)",
    "from a version 1",
    "from a version 1 as b import c",
    "import a version 1 import b",
    "import a version 1 as",
    "import a version 1as b",
    "import a version 1,",
    "import a version 1, b version x",
    "import a version x, b version 1",
    "import a version 1, b.",
    "import a version 1 = 2",
    "import (a version 1)",
    "import .a version 1",
    "import a..b version 1",
    "import a. version 1",
    "import 1 version 1",
    "import a version\n1",
    "import a\nversion 1",
    "import class version 1",
    "import a.if version 1",
    "import a² version 1",
    "from None version 1 import x",
    "lazy lazy import a version 1",
    "lazyimport a version 1",
    "x import a version 1",
    "x = import a version 1",
    "'open string\nimport a version 1",
    "'''open string\nimport a version 1",
    "f'{open\nimport a version 1",
    "import a version '1",
]


class TestMalformed:
    """Spec 1.5: a clause that is wrong is left for Python's parser, which points at it."""

    @pytest.mark.parametrize("source", MALFORMED)
    def test_left_alone(self, source):
        assert find_clauses(source) == []
        assert rewrite_text(source) == source

    @pytest.mark.parametrize("source", MALFORMED)
    def test_is_no_python(self, source):
        with pytest.raises(SyntaxError):
            compile(source.replace("import a version 1\n", "import a\n"), "text", "exec", dont_inherit=True)
