"""Generated programs: both spellings mean the same, there and back, and a formatter's work is taken over whole."""

import ast
import re

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from versioned_import.plain_tools.converting import COOKIE, MAPPING, convert
from versioned_import.plain_tools.masks import blanked, with_stand_ins, without_clauses
from versioned_import.plain_tools.restore import restored_by_names, restored_by_stand_ins
from versioned_import.plain_tools.source import SourceError, parse_source
from versioned_import.syntax.rewrite import all_clauses

pytestmark = pytest.mark.property

NAMES = st.sampled_from(["a", "b", "a.b", "a.b.c", "é", "version", "_v"])
CLAUSES = st.sampled_from(
    ["", "", " version 1", " version 2.*", ' version ">=1,<2"', " version 'X[y] ~=1.0'", " version \\\n 1.0+z"]
)
BOUND = st.sampled_from(["x", "y as z", "version"])


@st.composite
def statements(draw):
    name, clause = draw(NAMES), draw(CLAUSES)
    match draw(st.integers(0, 6)):
        case 0 | 1:
            more = "".join(f", {draw(NAMES)}{draw(CLAUSES)} as m" for _ in range(draw(st.integers(0, 1))))
            return f"import {name}{clause}{draw(st.sampled_from(['', ' as n']))}{more}{draw(st.sampled_from(['', '  # c']))}"
        case 2:
            return f"from {name}{clause} import {draw(BOUND)}, {draw(BOUND)}"
        case 3:
            return f"from {name}{clause} import (  # one\n    {draw(BOUND)},\n)"
        case 4:
            return f"try:\n    import {name}{clause}\nexcept ImportError:\n    from .a import x"
        case 5:
            return f"x = 1; import {name}{clause} as n; y = '''\nimport a version 1\n'''"
        case _:
            return draw(
                st.sampled_from(["x = {'a':1}", "# import a version 1", "@f\ndef g(): from a import x", "if x: pass"])
            )


@st.composite
def programs(draw):
    """Return a source file in which some imports have clauses."""
    head = draw(
        st.sampled_from(
            ["", "#!/bin/x\n", "# coding: versioned\n", "# coding: versioned-latin-1\n", "# coding: utf-8\n"]
        )
    )
    head += draw(st.sampled_from(["", '"""Doc."""\n', "from __future__ import annotations\n"]))
    text = head + "\n".join(draw(st.lists(statements(), min_size=1, max_size=6))) + draw(st.sampled_from(["", "\n"]))
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return parse_source("app.py", text.encode("latin-1" if "latin" in head else "utf-8"))


def requests(text):
    """Return which name asks for what, in the order of the text."""
    return [(one.form, one.name, one.text, one.renamed) for one in all_clauses(text)]


def parsed(source, text):
    return parse_source("app.py", text.encode(source.encoding))


@given(programs())
def test_blanked_text_is_plain_python_of_the_same_length(source):
    text = blanked(source)
    assert len(text) == len(source.text)
    assert [len(line) for line in text.split("\n")] == [len(line) for line in source.text.split("\n")]
    ast.parse(source.encoded(text))


@given(programs())
def test_a_mapping_asks_for_the_same_and_leads_back(source):
    try:
        mapping = convert(source, MAPPING).text
    except SourceError as error:
        event(error.reason.partition("'")[0])
        assume(not re.fullmatch(r"app\.py:\d+", error.request))
        raise
    assert requests(mapping) == requests(source.text)
    ast.parse(source.encoded(mapping))
    again = parsed(source, mapping)
    assert convert(again, MAPPING).text == mapping
    back = convert(again, COOKIE).text
    assert requests(back) == requests(source.text)
    assert convert(parsed(source, back), COOKIE).text == back
    assert requests(convert(parsed(source, back), MAPPING).text) == requests(source.text)


def reformatted(text):
    """Return a text as a formatter might leave it: the tree printed, but for the comment that declares an encoding."""
    head = "".join(line for line in text.splitlines(keepends=True)[:2] if line.startswith("#"))
    return head + ast.unparse(ast.parse(re.sub(r"coding[:=]", "", text))) + "\n"


@given(programs())
def test_stand_ins_bring_every_clause_back(source):
    given, _ = with_stand_ins(source)
    assert restored_by_stand_ins(source, given) == source.text
    text = restored_by_stand_ins(source, reformatted(given))
    assert requests(text) == requests(source.text)


@given(programs())
def test_names_bring_every_clause_back(source):
    given = without_clauses(source)
    assert restored_by_names(source, given) == (source.text, [])
    text, gone = restored_by_names(source, reformatted(given))
    assert requests(text) == requests(source.text)
    assert gone == []
