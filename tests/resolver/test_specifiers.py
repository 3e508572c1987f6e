"""What a clause matches (spec 3.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from versioned_import.errors import ClauseError
from versioned_import.resolver.request import Request
from versioned_import.resolver.specifiers import Wanted, allows, is_prerelease, sort_key

# Clause, versions that it takes, versions that it does not.
TABLE = [
    ("1", ["1", "1.0", "1.9.9", "1.1.post3", "1.2rc1", "1.0.dev1", "1.0+local"], ["0.9", "2", "10", "11.0", "1!1.0"]),
    ("1.1", ["1.1", "1.1.0", "1.1.7", "1.1.post1", "1.1rc1"], ["1.0", "1.0.9", "1.2", "1.11", "1.10", "1"]),
    ("1.0", ["1", "1.0", "1.0.5"], ["1.1", "1.00001"]),
    ("1.1.0", ["1.1", "1.1.0", "1.1.0.3"], ["1.1.1"]),
    ("1.2.*", ["1.2", "1.2.9"], ["1.3", "1"]),
    ("2024.01.05", ["2024.1.5", "2024.1.5.1"], ["2024.1.6", "2024.10.5"]),
    ("007", ["7", "7.1"], ["0.7"]),
    ("1!2.0", ["1!2.0", "1!2.0.3"], ["2.0", "1!2.1"]),
    ("1!2.0.*", ["1!2.0.1"], ["2.0.1"]),
    ("v1.2", ["1.2", "1.2.3"], ["1.3"]),
    ("1.2rc1", ["1.2rc1", "1.2.0rc1"], ["1.2", "1.2rc2", "1.2rc1.post1", "1.2.1rc1"]),
    ("1.0.dev3", ["1.0.dev3"], ["1.0", "1.0.dev4", "1.0.1.dev3"]),
    ("1.0.post1", ["1.0.post1"], ["1.0", "1.0.post2"]),
    ("1.0+cu121.1", ["1.0+cu121.1", "1.0.0+cu121.1"], ["1.0", "1.0+cu121", "1.0+cu118.1"]),
    (">=1.20,<2", ["1.20", "1.99", "1.20.post1"], ["1.19", "2", "2.0.1"]),
    ("==1.2", ["1.2", "1.2.0", "1.2+local"], ["1.2.1", "1.2.post1"]),
    ("~=1.4.2", ["1.4.2", "1.4.9"], ["1.4.1", "1.5"]),
    ("!=1.5", ["1.4", "2"], ["1.5", "1.5.0"]),
    ("===1.0-odd", ["1.0-odd", "1.0-ODD"], ["1.0", "1.0-other"]),
    ("PyYAML>=6", ["6", "6.0.1"], ["5.4"]),
    ("opencv-python-headless[extra]~=4.8", ["4.8", "4.9"], ["5", "4.7"]),
    ("", ["1", "0.1", "2rc1"], []),
]


class TestPrefix:
    """`version X` means `==X.*` of PEP 440; a clause with a pre, post, dev or local part is exact."""

    @pytest.mark.parametrize(("clause", "version"), [(clause, one) for clause, yes, _ in TABLE for one in yes])
    def test_taken(self, clause, version):
        assert Wanted(clause).allows(version)

    @pytest.mark.parametrize(("clause", "version"), [(clause, one) for clause, _, no in TABLE for one in no])
    def test_not_taken(self, clause, version):
        assert not Wanted(clause).allows(version)

    @pytest.mark.parametrize("clause", [row[0] for row in TABLE if row[0]])
    def test_specifiers_say_the_same(self, clause):
        wanted = Wanted(clause)
        for _, yes, no in (row for row in TABLE if row[0] == clause):
            assert all(allows(wanted.specifiers, version) for version in yes)
            assert not any(allows(wanted.specifiers, version) for version in no)


@pytest.mark.property
@given(
    prefix=st.lists(st.integers(0, 12), min_size=1, max_size=4),
    release=st.lists(st.integers(0, 12), min_size=1, max_size=5),
)
def test_digits_and_dots_are_compared_as_packaging_compares_them(prefix, release):
    clause, version = ".".join(map(str, prefix)), ".".join(map(str, release))
    assert Wanted(clause).allows(version) == SpecifierSet(f"=={clause}.*").contains(version)


@pytest.mark.parametrize(
    "text", ["latest", "1..2", "9.9.9-tweak.2", "==", "foo bar", ">= ", "1.2 ", " 1.2", "foo", "é"]
)
def test_what_is_no_clause(text):
    with pytest.raises(ClauseError) as caught:
        Wanted(text)
    sentence = "is no version clause: it takes a version, a specifier set or a requirement (PEP 440, PEP 508)"
    assert str(caught.value) == f"{text!r} {sentence}"


@pytest.mark.parametrize(
    ("clause", "distribution", "extras"),
    [("Py.YAML>=6", "py-yaml", ()), ("a_B[y, x]==1", "a-b", ("x", "y")), ("1.2", None, ()), (">=1", None, ())],
)
def test_distribution_and_extras(clause, distribution, extras):
    assert (Wanted(clause).distribution, Wanted(clause).extras) == (distribution, extras)


@pytest.mark.parametrize(
    ("clause", "names"),
    [("1", False), ("1.2rc1", True), ("1.0.dev3", True), (">=1", False), (">=1rc1", True), ("foo>=2b1", True)],
)
def test_names_prerelease(clause, names):
    assert Wanted(clause).names_prerelease is names


def test_order_of_versions():
    versions = ["1.10", "1.9", "odd", "1.0rc1", "1.0", "1.0.post1", "1!0.1"]
    assert sorted(versions, key=sort_key) == ["odd", "1.0rc1", "1.0", "1.0.post1", "1.9", "1.10", "1!0.1"]


@pytest.mark.parametrize("version", ["1", "1.0", "1.0rc1", "1.dev1", "1.post1", "odd"])
def test_is_prerelease(version):
    assert is_prerelease(version) == (version != "odd" and Version(version).is_prerelease)


@pytest.mark.parametrize(
    ("clause", "statement"),
    [
        ("1.2", "import a.b version 1.2"),
        ("v1", "import a.b version v1"),
        (">=1", 'import a.b version ">=1"'),
        ("vim>=1", 'import a.b version "vim>=1"'),
        ("", "import a.b"),
    ],
)
def test_statement_of_a_request(clause, statement):
    assert Request("a.b", clause).statement == statement
    assert Request("a.b", clause).asker == statement
    assert Request("a.b", clause, "app.py:3").asker == f"{statement} (app.py:3)"
    assert Request("a.b", clause).prefixes() == ["a", "a.b"]
