"""Every answer of the checks that do without `packaging` is that of `packaging`."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from versioned_import.syntax.version_text import is_quoted_clause, is_version

pytestmark = pytest.mark.property

DIGITS = st.from_regex(r"[0-9]{1,4}", fullmatch=True)
SEPARATOR = st.sampled_from(["", ".", "-", "_"])


@st.composite
def versions(draw):
    """Draw versions in all spellings of PEP 440."""
    text = draw(st.sampled_from(["", "", "v", "V"]))
    text += draw(st.sampled_from(["", "", f"{draw(DIGITS)}!"]))
    text += ".".join(draw(st.lists(DIGITS, min_size=1, max_size=5)))
    for words in (["a", "b", "c", "rc", "alpha", "beta", "pre", "preview"], ["post", "rev", "r", "-"], ["dev"]):
        if draw(st.booleans()) and draw(st.booleans()):
            word = draw(st.sampled_from(words))
            number = draw(st.one_of(st.just(""), DIGITS))
            text += f"-{draw(DIGITS)}" if word == "-" else draw(SEPARATOR) + word + draw(SEPARATOR) + number
    if draw(st.booleans()) and draw(st.booleans()):
        parts = draw(st.lists(st.from_regex(r"[a-zA-Z0-9]{1,5}", fullmatch=True), min_size=1, max_size=3))
        text += "+" + draw(st.sampled_from([".", "-", "_"])).join(parts)
    return draw(st.sampled_from([text, text, text.upper(), text.lower()]))


NEAR = st.text(st.sampled_from("0123456789..vrcabpostdev!+-_*x"), max_size=12)
OPERATORS = st.sampled_from(["==", "!=", "<=", ">=", "<", ">", "~=", "===", "=", "~", "=<"])
BLANKS = st.sampled_from(["", "", " ", "  ", "\t"])


@st.composite
def specifiers(draw):
    """Draw specifier sets, good ones and near misses."""
    one = []
    for _ in range(draw(st.integers(1, 3))):
        version = draw(st.one_of(versions(), versions(), NEAR))
        version += draw(st.sampled_from(["", "", "", ".*"]))
        one.append(draw(OPERATORS) + draw(BLANKS) + version)
    return (draw(BLANKS) + "," + draw(BLANKS)).join(one)


@st.composite
def requirements(draw):
    """Draw a name with extras and specifiers, good ones and near misses."""
    name = draw(st.one_of(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,6}", fullmatch=True), NEAR))
    extras = draw(st.sampled_from(["", "", "[]", "[x]", "[x,y-z]", "[ x , y ]", "[x", "[,]", "[-]"]))
    return name + draw(BLANKS) + extras + draw(BLANKS) + draw(specifiers())


def accepts(parse, text, error):
    try:
        parse(text)
    except error:
        return False
    return True


def is_clause_version(text):
    """Tell what spec 1.3 says, in packaging's terms: a version, or a bare release with `.*`."""
    if re.search(r"\s", text):
        return False
    if text.endswith(".*"):
        return accepts(lambda one: SpecifierSet(f"=={one}"), text, InvalidSpecifier) and bool(
            re.fullmatch(r"v?([0-9]+!)?[0-9.]+\.\*", text, re.IGNORECASE)
        )
    return accepts(Version, text, InvalidVersion)


class TestVersions:
    """Spec 1.3: "the clause takes one PEP 440 version, written without white space"."""

    @given(versions())
    def test_every_spelling(self, text):
        assert is_version(text)
        assert accepts(Version, text, InvalidVersion)
        assert is_quoted_clause(text)

    @given(st.one_of(NEAR, st.text(max_size=8), versions().map(lambda text: f"{text}.*")))
    def test_agrees_with_packaging(self, text):
        assert is_version(text) == is_clause_version(text)

    @pytest.mark.parametrize("text", ["1.2 ", " 1.2", "1.2\n", "", "\u0661", "1.\uff12", "1.2.*\n"])
    def test_blanks_and_other_digits(self, text):
        assert not is_version(text)


class TestQuoted:
    """Spec 1.4: "a bare version as above, or a PEP 440 specifier set, or a PEP 508 name with specifier"."""

    @given(st.one_of(specifiers(), specifiers().map(lambda text: f" {text} ")))
    def test_specifier_sets(self, text):
        good = accepts(SpecifierSet, text, InvalidSpecifier)
        assert is_quoted_clause(text) == good or is_arbitrary_equality(text)

    @given(requirements())
    def test_requirements(self, text):
        good = (
            is_clause_version(text)
            or accepts(SpecifierSet, text, InvalidSpecifier)
            or (accepts(Requirement, text, InvalidRequirement) and is_named_set(Requirement(text)))
        )
        assert is_quoted_clause(text) == good or is_arbitrary_equality(text)

    @pytest.mark.parametrize(
        "text",
        ["flask", "flask @ file:x", "flask>=1; python_version>'3'", "../x", "a/b", "1\0", ">=1\n", "a>=1 b", ">=1,"],
    )
    def test_refused(self, text):
        assert not is_quoted_clause(text)


def is_named_set(requirement):
    """PEP 508 wants a letter or digit at the end of each name; packaging lets an underscore through."""
    names = (requirement.name, *requirement.extras)
    return bool(requirement.specifier) and not any(name.endswith("_") for name in names)


def is_arbitrary_equality(text):
    """`===` takes any text; which characters end it is not the same in all releases of packaging."""
    return "===" in text
