"""The two back ends: text that Python compiles, and a tree whose positions are the file's."""

import ast
import re
import warnings

import pytest
from grammar_oracle import GRAMMAR

from versioned_import.syntax.clauses import find_clauses
from versioned_import.syntax.mask import mask
from versioned_import.syntax.rewrite import all_clauses, rewrite_text
from versioned_import.syntax.tree import rewrite_tree

TEXTS = [
    ("import a version 1.2", "import _versioned_a_v1_2 as a"),
    ("import a version 1.2 as b", "import _versioned_a_v1_2 as b"),
    ("import a.b version 1.2", "import _versioned_a_db_tv1_2 as a"),
    ("import a.b version 1.2 as c", "import _versioned_a_db_v1_2 as c"),
    ("from a.b version 1.2 import c", "from _versioned_a_db_v1_2 import c"),
    ("from a version 1 import *", "from _versioned_a_v1 import *"),
    ("from a version 1 import(b,\n  c)", "from _versioned_a_v1 import(b,\n  c)"),
    (
        'import a.b version 1, c, d version ">=2,<3" as e',
        "import _versioned_a_db_tv1 as a, c, _versioned_d_q_3e_3d2_2c_3c3 as e",
    ),
    ("import a version'1'", "import _versioned_a_v1 as a"),
    ("import a version '1'as b", "import _versioned_a_v1 as b"),
    ('from a version "1"import(b)', "from _versioned_a_v1 import(b)"),
    ("import a version '1'\\\nas b", "import _versioned_a_v1\\\nas b"),
    ("import a_b version 1.*", "import _versioned_a__b_q1_2e_2a as a_b"),
    ("import a version 1!2+x.1", "import _versioned_a_q1_212_2bx_2e1 as a"),
    ("import a . b version 1", "import _versioned_a_db_tv1 as a"),
    ("import a version \\\n  1", "import  \\\n_versioned_a_v1 as a"),
    ("import a \\\r\n version \\\r\n 1 as b", "import  \\\r\n \\\r\n_versioned_a_v1 as b"),
    ("from a \\\n version 1 \\\n import b", "from  \\\n_versioned_a_v1 \\\n import b"),
    ("if x: import a version 1 # c", "if x: import _versioned_a_v1 as a # c"),
    ("import a version 1;import b version 2", "import _versioned_a_v1 as a;import _versioned_b_v2 as b"),
    ("import a version 1\r\nx = 1\r\n", "import _versioned_a_v1 as a\r\nx = 1\r\n"),
    ("import a version 1\rx = 1\r", "import _versioned_a_v1 as a\rx = 1\r"),
    ("if x:\n\f\timport a version 1\n", "if x:\n\f\timport _versioned_a_v1 as a\n"),
    ("import élan version 1", "import _versioned_élan_v1 as élan"),
    ("import ﬁle version 1", "import _versioned_file_v1 as file"),
    (
        '"""Doc."""\nfrom __future__ import annotations\nimport a version 1\n',
        '"""Doc."""\nfrom __future__ import annotations\nimport _versioned_a_v1 as a\n',
    ),
    ("lazy import a.b version 1", "lazy import _versioned_a_db_tv1 as a"),
]


def breaks(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


class TestText:
    """Spec 1.6: "a rewritten statement keeps its line"."""

    @pytest.mark.parametrize(("source", "expected"), TEXTS)
    def test_whole_text(self, source, expected):
        assert rewrite_text(source) == expected

    @pytest.mark.parametrize("source", [source for source, _ in TEXTS if "lazy" not in source])
    def test_compiles_with_the_same_number_of_lines(self, source):
        rewritten = rewrite_text(source)
        assert breaks(rewritten) == breaks(source)
        compile(rewritten, "text", "exec", dont_inherit=True)

    @pytest.mark.parametrize("source", [source for source, _ in TEXTS])
    def test_rewriting_twice_is_rewriting_once(self, source):
        rewritten = rewrite_text(source)
        assert rewrite_text(rewritten) == rewritten

    @pytest.mark.parametrize("source", [case["source"] for case in GRAMMAR["accepted"] if "lazy" not in case])
    def test_python_reads_what_is_made_of_each_accepted_statement_of_the_grammar(self, source):
        rewritten = rewrite_text(source)
        assert breaks(rewritten) == breaks(source)
        ast.parse(rewritten)


class TestMask:
    """Every position of the masked text is the file's."""

    @pytest.mark.parametrize("source", [source for source, _ in TEXTS])
    def test_same_length_and_lines(self, source):
        masked = mask(source, find_clauses(source))
        assert len(masked) == len(source)
        assert breaks(masked) == breaks(source)
        assert "version" not in masked

    def test_continued_line_stays(self):
        assert mask("import a version \\\n 1 as b", find_clauses("import a version \\\n 1 as b")) == (
            "import a         \\\n   as b"
        )


# The clauses stand between marks, so that the text without them is known with no help from the code under test.
MARKED = '''\
"""Doc with import x version 1."""
from __future__ import annotations
é = "ü"; import a.b⟦ version 1.2⟧, c, d⟦ version 2⟧ as e
é = "ü"; import a.b⟦ version 1.2⟧, c, d⟦ version ">=1"⟧ as e; z = 1

def f(x: int) -> str:
    """import a version 1"""
    try:
        from p.q⟦ version 0b2⟧ import r as s, t
    except ImportError: import u⟦ version 1.0+0b3f9ac⟧; raise
    else:
        import v⟦  version  "x[y]>=1"⟧
    finally:
        from w⟦ version 1⟧ import (
            a1,  # version 2
            a2,
        )
    match x:
        case 1: import m⟦ \\
                  version \\
                  1⟧ as mm
    return f"{x!r:>{3}} import a version 1"

class C:
    import g.h⟦ version 1⟧; attribute = g
    async def method(self):
        async with self: import i⟦ version 1⟧
        for _ in x: import j⟦ version 1⟧
        while x: import k⟦ version 1⟧
        return lambda: 0
'''
SOURCE = MARKED.replace("⟦", "").replace("⟧", "")
BLANKED = re.sub("⟦(.*?)⟧", lambda mark: re.sub(r"[^\\\n]", " ", mark[1]), MARKED, flags=re.DOTALL)
PSEUDO = {
    (3, "a.b"): ("_versioned_a_db_tv1_2", "a"),
    (3, "d"): ("_versioned_d_v2", "e"),
    (4, "a.b"): ("_versioned_a_db_tv1_2", "a"),
    (4, "d"): ("_versioned_d_q_3e_3d1", "e"),
    (9, "p.q"): ("_versioned_p_dq_v0b2", ""),
    (10, "u"): ("_versioned_u_q1_2e0_2b0b3f9ac", "u"),
    (12, "v"): ("_versioned_v_qx_5by_5d_3e_3d1", "v"),
    (14, "w"): ("_versioned_w_v1", ""),
    (19, "m"): ("_versioned_m_v1", "mm"),
    (25, "g.h"): ("_versioned_g_dh_tv1", "g"),
    (27, "i"): ("_versioned_i_v1", "i"),
    (28, "j"): ("_versioned_j_v1", "j"),
    (29, "k"): ("_versioned_k_v1", "k"),
}


class TestTree:
    """Spec 1.6: "every other statement keeps its line **and column**"."""

    def test_only_names_differ_from_the_text_without_clauses(self):
        expected = ast.parse(BLANKED)
        for node in ast.walk(expected):
            if isinstance(node, ast.ImportFrom) and (node.lineno, node.module) in PSEUDO:
                node.module, _ = PSEUDO[node.lineno, node.module]
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    place = node.lineno, alias.name
                    alias.name, alias.asname = PSEUDO.get(place, (alias.name, alias.asname))
        tree = rewrite_tree(SOURCE, find_clauses(SOURCE), "text")
        assert ast.dump(tree, include_attributes=True, indent=1) == ast.dump(
            expected, include_attributes=True, indent=1
        )

    def test_statement_spans_are_the_files(self):
        source = "é = 1; import a.b version 1.2 as c, d; x = 2"
        tree = rewrite_tree(source, find_clauses(source), "text")
        statement = tree.body[1]
        first, second = statement.names
        assert (statement.col_offset, statement.end_col_offset) == (8, 38)
        assert (first.name, first.asname, first.col_offset, first.end_col_offset) == (
            "_versioned_a_db_v1_2",
            "c",
            15,
            35,
        )
        assert (second.name, second.asname, second.col_offset) == ("d", None, 37)
        assert tree.body[2].col_offset == 40

    def test_error_elsewhere_shows_the_users_line(self):
        source = "import a version 1; x = = 2\n"
        with pytest.raises(SyntaxError) as caught:
            rewrite_tree(source, find_clauses(source), "text.py")
        error = caught.value
        assert (error.msg, error.filename, error.lineno, error.offset) == ("invalid syntax", "text.py", 1, 25)
        assert error.text == source

    def test_warnings_of_the_parser_come_once(self):
        source = "import a version 1\nx = '\\d'\n"
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            compile(rewrite_tree(source, all_clauses(source), "text"), "text", "exec", dont_inherit=True)
        assert len(caught) == 1
