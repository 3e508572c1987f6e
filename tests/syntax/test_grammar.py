"""Grammar file, scanner, oracle, CPython, draft PEP and docs say the same about version clauses."""

import itertools
import re
import sys
from pathlib import Path

import pytest
from grammar_oracle import GRAMMAR, VERSION, Found, RefusedError, is_good_string, read
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version
from peg_rules import Choice, Keyword, Look, Maybe, Name, Option, Repeat, Series, read_rules
from railroad_diagram import DRAWING, draw
from test_grammar_programs import by_oracle, by_scanner, is_python
from test_version_text import requirements, specifiers

from versioned_import.syntax.clauses import find_clauses
from versioned_import.syntax.mask import mask
from versioned_import.syntax.version_text import is_quoted_clause, is_version

PROJECT = Path(__file__).resolve().parents[2]
ACCEPTED = GRAMMAR["accepted"]
REFUSED = GRAMMAR["refused"]
WITHOUT = GRAMMAR["without"]["sources"]


def sources(cases):
    return [case["source"] for case in cases]


@pytest.mark.parametrize("case", ACCEPTED, ids=sources(ACCEPTED))
class TestAccepted:
    """Each accepted statement of the grammar's file has the clauses that stand there."""

    def test_by_the_scanner(self, case):
        found, plain = by_scanner(case["source"])
        assert found == [Found(**clause) for clause in case["clauses"]]
        assert is_python(plain)

    def test_by_the_oracle(self, case):
        reading = read(case["source"])
        assert reading.clauses == [Found(**clause) for clause in case["clauses"]]
        assert is_python(reading.plain)

    def test_not_by_python(self, case):
        assert not is_python(case["source"])

    def test_lazy_marks_what_python_reads_from_3_15_on(self, case):
        plain = mask(case["source"], find_clauses(case["source"]))
        assert is_python(plain) is (sys.version_info >= (3, 15) or not case.get("lazy", False))


@pytest.mark.parametrize("source", WITHOUT)
class TestWithout:
    """Each program of the file that has no clause is Python, and stays so."""

    def test_by_python(self, source):
        assert is_python(source)

    def test_by_the_scanner(self, source):
        assert by_scanner(source) == ([], source)

    def test_by_the_oracle(self, source):
        assert by_oracle(source) == []


@pytest.mark.parametrize("case", REFUSED, ids=sources(REFUSED))
class TestRefused:
    """Each refused statement of the file is refused by all, and has a reason."""

    def test_by_the_scanner(self, case):
        assert not is_python(by_scanner(case["source"])[1])

    def test_by_the_oracle(self, case):
        with pytest.raises(RefusedError):
            read(case["source"])

    def test_by_python(self, case):
        assert not is_python(case["source"])
        assert case["reason"]


# Whatever can stand in a version, and some that can't.
PARTS = [*"01vV!.-_+*abcCrxe \n", "é", "\u0661", "\u212a", "08", "alpha", "beta", "rc", "RC", "pre", "preview", "post"]
PARTS += ["rev", "dev", ".*", ".1", "1.2"]
KINDS = [*"0v!.-_+ax", "post", "dev", ".*"]
LONGER = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


def is_version_of_pep_440(text):
    """Tell what `version.prose` of the file says, in the words of `packaging`."""
    if not text.isascii() or re.search(r"\s", text):
        return False
    release = text.removesuffix(".*")
    if release != text and not re.fullmatch(r"[vV]?([0-9]+!)?[0-9.]+", release):
        return False
    try:
        Version(release)
    except InvalidVersion:
        return False
    return True


class TestVersions:
    """Spec 1.3, and `version.regex` of the file: the same texts are versions for the file, the scanner and `packaging`."""

    @pytest.mark.parametrize(("parts", "count"), [(PARTS, 3), (KINDS, 4)])
    def test_all_texts_of_some_parts(self, parts, count):
        texts = {"".join(chosen) for chosen in itertools.product(["", *parts], repeat=count)}
        expected = {text for text in texts if VERSION.fullmatch(text)}
        assert len(expected) > 200
        assert {text for text in texts if is_version(text)} == expected
        assert {text for text in texts if is_version_of_pep_440(text)} == expected

    @pytest.mark.property
    @settings(max_examples=800, deadline=None)
    @given(st.from_regex(VERSION, fullmatch=True) | LONGER)
    def test_longer_texts(self, text):
        expected = VERSION.fullmatch(text) is not None
        assert is_version(text) == expected
        assert is_version_of_pep_440(text) == expected

    @pytest.mark.property
    @settings(max_examples=400, deadline=None)
    @given(
        st.from_regex(VERSION, fullmatch=True),
        st.sampled_from(PARTS),
        st.sampled_from(["", " ", ",", ";", "as b", "#"]),
    )
    def test_a_version_ends_where_its_characters_end(self, version, part, behind):
        source = f"import a version {version}{part}{behind}"
        found, plain = by_scanner(source)
        assert (found if is_python(plain) else None) == by_oracle(source)


class TestStrings:
    """Spec 1.4, and `string.prose` of the file: the scanner's patterns and `packaging` take the same texts."""

    @pytest.mark.property
    @settings(max_examples=600, deadline=None)
    @given(
        specifiers() | requirements(),
        st.sampled_from(["", "", " ", "\t", "\f", "\v", ",", "(", ")", ";"]),
        st.integers(0, 30),
    )
    def test_any_texts(self, text, put_in, at):
        text = text[:at] + put_in + text[at:]
        assert is_quoted_clause(text) == is_good_string(text)

    @pytest.mark.parametrize("text", [">=1,\f<2", ">=\v1", "a\f>=1", "a[b\n]>=1", "a >=1,\r<2"])
    def test_only_spaces_and_tabs_stand_between_parts(self, text):
        assert not is_quoted_clause(text)
        assert not is_good_string(text)
        assert is_quoted_clause(re.sub(r"\s", "\t", text))


class TestWords:
    """What is quoted elsewhere is what stands in the file."""

    @pytest.mark.parametrize("page", ["grammar/README.md", "docs/syntax.md", "pep-draft/pep-9999.rst"])
    @pytest.mark.parametrize("block", [GRAMMAR["peg"], GRAMMAR["version"]["regex"]], ids=["peg", "version"])
    def test_blocks(self, page, block):
        text = (PROJECT / page).read_text("utf-8")
        quoted = [re.sub(r"^ {3}", "", text, flags=re.MULTILINE), text][page.endswith(".md")]
        assert block in quoted

    @pytest.mark.parametrize("page", ["docs/syntax.md", "pep-draft/pep-9999.rst"])
    def test_sentences(self, page):
        text = one_line((PROJECT / page).read_text("utf-8"))
        sentences = GRAMMAR["version"]["prose"] + GRAMMAR["string"]["prose"] + GRAMMAR["soft_keyword"]["rules"]
        assert [one for one in sentences if one_line(one) not in text] == []

    def test_string_literal(self):
        assert f"`{GRAMMAR['string']['regex'].strip()}`" in (PROJECT / "grammar/README.md").read_text("utf-8")

    def test_table_of_what_python_says(self):
        rows = re.findall(r"^\| (`.*`) \| (.*) \| the (?:parser|tokenizer) \|$", page_of_grammar(), re.MULTILINE)
        assert len(rows) == 6
        for versions, message in rows:
            for version in re.findall("`(.*?)`", versions):
                with pytest.raises(SyntaxError) as caught:
                    compile(f"import a version {version}\n", "text", "exec")
                assert (version, caught.value.msg) == (version, message)

    def test_drawing_is_up_to_date(self):
        """If it isn't: python tools/railroad_diagram.py."""
        assert DRAWING.read_text("utf-8") == draw()


def page_of_grammar():
    return (PROJECT / "grammar/README.md").read_text("utf-8")


def one_line(text):
    return " ".join(text.replace("``", "`").split())


class TestNotation:
    """peg_rules.read_rules: "Return the rules of a text in PEG notation. Raises ValueError at what is not understood"."""

    def test_every_sign(self):
        rules = read_rules(
            "# c\na:    # new\n    | 'x'? b* ','.(b | \"y\")+ &'z' !b\n\nb:\n    # changed\n    | ['.' B]+\n    | b\n"
        )
        x, y, z, comma, dot = (Keyword(text, soft=text == "y") for text in "xyz,.")
        b = Name("b")
        separated = Repeat(Choice((b, y)), 1, comma)
        item = Series((Maybe(x), Repeat(b, 0), separated, Look(z, wanted=True), Look(b, wanted=False)))
        assert rules == {
            "a": [Option(item, "new")],
            "b": [Option(Repeat(Maybe(Series((dot, Name("B")))), 1), "changed"), Option(b, "")],
        }

    @pytest.mark.parametrize(
        "text", ["a:\n    | (b\n", "a:\n    | b)\n", "a:\n    | b ~ c\n", "a b\n", "a:\n    | ','.b\n", "a:\n    | *\n"]
    )
    def test_refused(self, text):
        with pytest.raises(ValueError, match=r"understood|expected|unknown|neither"):
            read_rules(text)
