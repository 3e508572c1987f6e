"""The clause's own quick comparison gives the answers of `packaging`."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from test_version_text import versions

from versioned_import.resolver.specifiers import Wanted

pytestmark = pytest.mark.property

SMALL = st.lists(st.sampled_from(["0", "1", "2", "01", "10"]), min_size=1, max_size=4).map(".".join)
VERSIONS = st.one_of(SMALL, st.builds("".join, st.tuples(SMALL, st.sampled_from(["rc1", ".post1", ".dev2", "+x.1"]))))


def oracle(text):
    """Spec 3.1: `version X` means `==X.*`; where PEP 440 has no such thing (local, dev), it is exact."""
    try:
        return SpecifierSet(f"=={text}.*")
    except InvalidSpecifier:
        return SpecifierSet(f"=={text}")


class TestPrefix:
    """Spec 3.1: "`1` takes any `1.*`, `1.1` takes neither `1.0.*` nor `1.2.*`, `1.1` takes `1.1` itself"."""

    @given(SMALL, VERSIONS)
    @example("1", "1")
    @example("1.1", "1.1")
    @example("1.1", "1.10")
    @example("1.0", "1")
    @example("1.0.0", "1")
    @example("1", "1!1.0")
    @example("1", "1.5rc1")
    @example("1", "1+local")
    @example("01", "1.2")
    def test_releases(self, text, version):
        assert Wanted(text).allows(version) == oracle(text).contains(version, prereleases=True)

    @given(versions(), versions())
    def test_every_spelling(self, text, version):
        assert Wanted(text).allows(version) == oracle(text).contains(version, prereleases=True)

    @given(versions())
    def test_takes_itself(self, text):
        assert Wanted(text).allows(text)

    @given(SMALL, VERSIONS)
    def test_star(self, text, version):
        assert Wanted(f"{text}.*").allows(version) == SpecifierSet(f"=={text}.*").contains(version, prereleases=True)
