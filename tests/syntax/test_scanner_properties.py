"""What must hold for any text at all: no exception, no line gained or lost, and the same answer from both back ends."""

import ast
import random
import warnings
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from versioned_import.syntax.clauses import find_clauses
from versioned_import.syntax.loader import compile_source
from versioned_import.syntax.mask import mask
from versioned_import.syntax.rewrite import all_clauses, rewrite_text
from versioned_import.syntax.tree import rewrite_tree

pytestmark = pytest.mark.property

PIECES = st.sampled_from(
    [
        *"\n\r\t\f\\ ,;:.'\"#(){}[]=!*@ab_é\u2028\ufeff\0",
        "\r\n",
        "\\\n",
        "\\\r\n",
        "import ",
        "from ",
        " import ",
        " version ",
        "version",
        " as ",
        "lazy ",
        "1",
        "1.2",
        "0b2",
        "1!2+x",
        "'>=1'",
        '"1"',
        '"""',
        "'''",
        "f'",
        'rf"',
        "\\N{",
        "{{",
        "{x",
        "!r:",
        "if x: ",
        "def f():\n  ",
        "__import_versions__ = {'a': '1'}\n",
        "import a version 1",
        "from a.b version 1.2 import c\n",
        "import a version '>=1' as b; ",
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=30).map("".join), st.text(max_size=60))
ONCE_PYTHON = [Path(ast.__file__), Path(random.__file__), Path(__file__)]


@st.composite
def mutated_python(draw):
    """Draw a piece of a real module with parts cut out, doubled, or replaced."""
    text = ONCE_PYTHON[draw(st.integers(0, len(ONCE_PYTHON) - 1))].read_text(encoding="utf-8")
    start = draw(st.integers(0, len(text)))
    text = text[start : start + draw(st.integers(0, 2000))]
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(PIECES) + text[at + draw(st.integers(0, 3)) :]
    return text


def breaks(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


def refusal_of(data):
    try:
        compile_source(data, "text")
    except (SyntaxError, ValueError) as error:
        return error
    return None


def parsed(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


@pytest.mark.parametrize("texts", [TEXTS, mutated_python()], ids=["pieces", "mutants"])
class TestAnyText:
    def test_scanner(self, texts):
        @settings(max_examples=400, deadline=None)
        @given(texts)
        @example("lazy " * 3000 + "import a version 1")
        @example("f'{" * 3000 + "import a version 1")
        @example("import a version \\")
        def check(source):
            """clauses.find_clauses: "Never raises, whatever the text"; clauses come in order and hold what they say."""
            at = 0
            for clause in find_clauses(source):
                assert at <= clause.name_start < clause.name_end < clause.start < clause.end <= len(source)
                assert source[clause.start : clause.end].startswith("version")
                assert source[clause.start : clause.end].rstrip("'\"").endswith(clause.text.rstrip("'\""))
                at = clause.end

        check()

    def test_lines(self, texts):
        @settings(max_examples=400, deadline=None)
        @given(texts)
        @example("import a version \\\n1")
        @example("import a \\\r\n.b version\\\r1 as c")
        def check(source):
            """Spec 1.6: "a rewritten statement keeps its line"."""
            rewritten = rewrite_text(source)
            assert breaks(rewritten) == breaks(source)
            masked = mask(source, find_clauses(source))
            assert len(masked) == len(source)
            assert breaks(masked) == breaks(source)

        check()

    def test_both_back_ends_agree(self, texts):
        @settings(max_examples=400, deadline=None)
        @given(texts)
        def check(source):
            """What one back end accepts, the other accepts too, with the same tree but for positions."""
            clauses = all_clauses(source)
            if not clauses or "\ufeff" in source:
                return
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    tree = rewrite_tree(source, clauses, "text")
                except (SyntaxError, ValueError):
                    tree = None
            other = parsed(rewrite_text(source))
            assert (tree is None) == (other is None)
            if tree is not None and other is not None:
                assert ast.dump(tree) == ast.dump(other)

        check()

    def test_hook_refuses_only_with_syntax_errors(self, texts):
        @settings(max_examples=300, deadline=None)
        @given(texts)
        def check(source):
            """loader.compile_source: "Raises SyntaxError that names the clause where a clause is the reason"."""
            data = source.encode("utf-8", "replace")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                error = refusal_of(data)
            if isinstance(error, SyntaxError):
                assert error.lineno is None or 0 <= error.lineno <= breaks(source) + 2
            elif error is not None:
                assert "null bytes" in str(error)

        check()
