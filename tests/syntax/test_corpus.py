"""The whole standard library: left alone where it names no version, and right with a clause in every import statement."""

import ast
import io
import re
import sysconfig
import tokenize
import warnings
from itertools import cycle
from pathlib import Path

import pytest

from versioned_import.syntax import pseudo
from versioned_import.syntax.clauses import find_clauses
from versioned_import.syntax.rewrite import rewrite_text
from versioned_import.syntax.tree import rewrite_tree

pytestmark = pytest.mark.corpus

LIBRARY = Path(sysconfig.get_path("stdlib"))
SITE = Path(sysconfig.get_path("purelib"))
CLAUSES = [
    "2.31",
    "1",
    "0b2",
    "1.0+0b3f9ac",
    '">=1.20,<2"',
    "'opencv-python-headless>=4.8'",
    "1!2.0.post1",
    "2024.01.05",
    "1.2.*",
    "1.0_rc1",
    "'==1.*'",
    "v01.2.dev3",
]
# Every nth file gets clauses: each has to be tokenized and parsed three times.
EVERY = 7


def texts(top, step=1):
    """Yield the source files below a directory, decoded, those that aren't text left out."""
    for path in sorted(top.rglob("*.py"))[::step]:
        if "site-packages" in path.parts[len(top.parts) :] or path.name.startswith("bad"):
            continue
        try:
            with tokenize.open(path) as file:
                yield path, file.read()
        except (SyntaxError, UnicodeDecodeError):
            continue


def says_clause(text):
    """Tell whether a text may hold a clause or the mapping, in strings too: a coarse test of the tests' own."""
    return re.search(r"(import|from)\s[^\n]*\sversion\s*[\"'\dv]", text) or "__import_versions__" in text


class TestLeftAlone:
    """Spec 1.6: "A file that uses no clause is left byte for byte alone"."""

    @pytest.mark.parametrize("top", [LIBRARY, SITE], ids=["standard library", "site-packages"])
    def test_same_text(self, top):
        counted = 0
        for path, text in texts(top):
            if "versioned" in str(path).lower() or says_clause(text):
                continue
            counted += 1
            assert rewrite_text(text) is text, path
        assert counted > 100


# What may stand between two tokens of one logical line: blanks, and in parentheses line ends and comments.
GAP = r"(?:[ \t\f\r\n]|\\\r?\n|#.*)*"
CANDIDATE = re.compile(rf"\bversion{GAP}(?:[vV]?[0-9]|\.[0-9])")


def versions_by_tokens(text):
    """Return each pair of a NAME `version` and, behind it on its logical line, a number or a name such as `v1`."""
    found, before = [], None
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.NL, tokenize.COMMENT):
            continue
        number = token.type == tokenize.NUMBER or (token.type == tokenize.NAME and re.match(r"[vV]\d", token.string))
        if before == (tokenize.NAME, "version") and number:
            found.append(token.string)
        before = token.type, token.string
    return found


class TestToken:
    """The draft PEP: a tokenizer may read a VERSION behind every name `version`, whatever stands in front of it."""

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("import a version 1\n", ["1"]),
            ("version 1.2\n", ["1.2"]),
            ("x = a.version V2 + 1\n", ["V2"]),
            ("version \\\n  .5\n", [".5"]),
            ("f(version  # which\n  7)\n", ["7"]),
            ("version\n1\n", []),
            ("version = 1; versions = [version, 2]\n", []),
            ("print(version, 'version 1')  # version 1\n", []),
            ("aversion if version else v1\n", []),
            ("version vx\n", []),
        ],
    )
    def test_what_is_looked_for_is_found(self, text, found):
        assert versions_by_tokens(text) == found
        assert not found or CANDIDATE.search(text)

    def test_no_file_of_the_standard_library_has_one(self):
        looked_at = tokenized = 0
        for path, text in texts(LIBRARY):
            looked_at += 1
            if not CANDIDATE.search(text):
                continue  # strings and comments included, so no tokenizer finds one there
            try:
                parse(text)
            except (SyntaxError, ValueError):
                continue
            tokenized += 1
            assert versions_by_tokens(text) == [], path
        assert looked_at > 500
        assert tokenized > 10


def parse(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def injected(text, clauses):
    """Put a clause behind each module name that `tokenize` finds in an import statement of a text.

    Return the new text, and for each clause its span in the new text and the place of its name (line, and column in
    bytes, in the new text) with the clause's text.
    """
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    ends = sorted(starts[line - 1] + column for line, column in module_name_ends(text))
    parts, spans, at, shift = [], [], 0, 0
    for end in ends:
        clause = f" version {next(clauses)}"
        parts += text[at:end], clause
        spans.append((end + shift, end + shift + len(clause)))
        shift += len(clause)
        at = end
    return "".join((*parts, text[at:])), spans


def module_name_ends(text):
    """Yield where the module names of the absolute import statements end, as `tokenize` sees them."""
    statement = []
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    for token in tokens:
        if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            continue
        if token.type == tokenize.NEWLINE or token.string in (";", ":"):
            yield from ends_in(statement)
            statement = []
        else:
            statement.append(token)


def ends_in(statement):
    words = [token.string for token in statement]
    if not words or words[0] not in ("import", "from") or words[1:2] == ["__future__"]:
        return
    if words[0] == "from":
        if not words[1].startswith("."):
            yield statement[words.index("import") - 1].end
        return
    for at, token in enumerate(statement[1:], 1):
        if words[at + 1 : at + 2] in ([], [","], ["as"]) and words[at - 1] != "as" and token.string != ",":
            yield token.end


def by_hand(text, spans):
    """Return the tree that is expected: the clauses blanked by their known spans, the nodes before them renamed."""
    characters = list(text)
    for start, end in spans:
        characters[start:end] = " " * (end - start)
    tree = parse("".join(characters))
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    named = {
        end_place(text, lines, start): text[start:end].removeprefix(" version ").strip("'\"") for start, end in spans
    }
    renamed = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                clause = named.get(name_end(alias))
                if clause is None:
                    continue
                renamed += 1
                top = "." in alias.name and alias.asname is None
                alias.asname = alias.asname or alias.name.partition(".")[0]
                alias.name = pseudo.encode(alias.name, clause, top=top)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module != "__future__":
            inside = [
                clause
                for place, clause in named.items()
                if (node.lineno, node.col_offset) < place <= (node.end_lineno, node.end_col_offset)
            ]
            assert len(inside) == 1, (node.lineno, inside)
            renamed += 1
            node.module = pseudo.encode(node.module, inside[0])
    assert renamed == len(spans)
    return tree


def end_place(text, lines, offset):
    line = text.count("\n", 0, offset)
    return line + 1, len(text[lines[line] : offset].encode())


def name_end(alias):
    """Return where the dotted name of an alias ends; names of the standard library have no blanks inside."""
    return alias.lineno, alias.col_offset + len(alias.name.encode())


def first_difference(one, other):
    lines = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((pair for pair in lines if pair[0] != pair[1]), "")


class TestInjected:
    """Spec 1.6: "every other statement keeps its line **and column**", with a clause in every import statement."""

    def test_tree_and_clauses(self):
        clauses = cycle(CLAUSES)
        counted = 0
        for path, text in texts(LIBRARY, EVERY):
            if says_clause(text) or "\f" in text:  # str.splitlines of `injected` would break lines there
                continue
            try:
                parse(text)
            except (SyntaxError, ValueError):
                continue
            source, spans = injected(text, clauses)
            if not spans:
                continue
            expected = by_hand(source, spans)
            found = find_clauses(source)
            assert [(one.start - 1, one.end) for one in found] == spans, path
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = rewrite_tree(source, found, "text")
            wanted = ast.dump(expected, include_attributes=True, indent=0)
            got = ast.dump(tree, include_attributes=True, indent=0)
            assert got == wanted, (path, first_difference(got, wanted))
            rewritten = rewrite_text(source)
            assert rewritten.count("\n") == text.count("\n")
            assert ast.dump(parse(rewritten)) == ast.dump(expected), path
            counted += len(spans)
        assert counted > 500

    def test_file_inside_a_string_or_comment_has_none(self):
        clauses = cycle(CLAUSES)
        for path, text in texts(LIBRARY, EVERY * 5):
            if says_clause(text) or "\f" in text:
                continue
            try:
                source, _ = injected(text, clauses)
            except (tokenize.TokenError, SyntaxError):
                continue
            quoted = "x = " + repr(source).replace("\\n", "\\\n") + "\n"
            assert rewrite_text(quoted) is quoted, path
            commented = "".join(f"# {line}\n" for line in source.split("\n"))
            assert rewrite_text(commented) is commented, path


# Behind the grammar of Python that lark carries.
EXTENSION = r"""
%extend dotted_as_name: dotted_name "version" CLAUSE ["as" name]
%extend import_from: "from" dotted_name "version" CLAUSE "import" ("*" | "(" import_as_names ")" | import_as_names)
CLAUSE.2: /v?[0-9][\w.!+*-]*/ | /"[^"\\\n]+"/ | /'[^'\\\n]+'/
"""
ORACLE_SOURCE = '''\
"""Doc with import z version 1."""
import a version 1.2, b.c version '>=1' as d, e
from f.g version 0b2 import h, i as j
from version version 1.0+0b3f9ac import *
import version
version = 2
if version >= 2: import version version 1_post1 as version  # import z version 1
def f(x):
    import k \\
        version "x[y]>=1"
    from l version 1!2 import (
        m,  # version 2
        n,
    )
    return "import z version 1"
x = {"version": 1}; import o version v1.2
'''


def test_lark_finds_the_same_clauses():
    """An extended grammar of Python, run by a parser generator, reads the same clauses out of the same text."""
    import lark
    from lark.indenter import PythonIndenter

    grammar = Path(lark.__file__).parent.joinpath("grammars", "python.lark").read_text(encoding="utf-8")
    parser = lark.Lark(grammar + EXTENSION, parser="lalr", start="file_input", postlex=PythonIndenter())
    tokens = parser.parse(ORACLE_SOURCE).scan_values(lambda value: getattr(value, "type", "") == "CLAUSE")
    told = sorted((token.end_pos, token.strip("'\"")) for token in tokens)
    assert told == [(one.end, one.text) for one in find_clauses(ORACLE_SOURCE)]
    assert len(told) == 8
