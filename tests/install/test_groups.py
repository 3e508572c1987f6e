import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from versioned_import.install.engine import ResolutionConflictError
from versioned_import.install.groups import conflict, disjoint, longest_resolving, without_direct_conflicts
from versioned_import.install.install import form_groups
from versioned_import.install.requirements import root

needs_ranges = pytest.mark.skipif(
    not hasattr(SpecifierSet, "is_disjoint"), reason="packaging before 26 can't tell; pip finds the conflict instead"
)


def roots(*texts):
    return tuple(map(root, texts))


def texts(group):
    return [one.text for one in group]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("requests==2.22.0", "requests==2.32.2", True),
        pytest.param("Foo.Bar<2", "foo-bar>=3", True, marks=needs_ranges),
        ("requests", "requests==2.32.2", False),
        ("requests>=2", "requests<3", False),
        ("requests==2.22.0", "urllib3==2", False),
        ("requests[socks]==2.22.0", "requests==2.32.2", True),
        ("a==1; python_version < '3'", "a==2", False),
        ("a==1; extra == 'x'", "a==2", False),
        ("a @ https://example.org/a-1.zip", "a @ https://example.org/a-2.zip", True),
        ("a @ https://example.org/a-1.zip", "a==1", False),
        ("./a-1.0-py3-none-any.whl", "a==2", False),
        ("a==1.0", "a==1.0+local", False),
    ],
)
def test_a_direct_conflict_is_seen_from_the_text_alone(one, other, expected):
    assert conflict(root(one), root(other)) is expected
    assert conflict(root(other), root(one)) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("===1.0", "==2.0", True),
        pytest.param("===odd", "==2.0", True, marks=needs_ranges),
        ("===1.0", ">=1", False),
        ("", "===1", False),
    ],
)
def test_arbitrary_equality_is_only_disjoint_where_that_is_certain(one, other, expected):
    assert disjoint(SpecifierSet(one), SpecifierSet(other)) is expected


def test_first_fit_keeps_the_order():
    first, waiting = without_direct_conflicts(roots("a==1", "b", "a==2", "c", "a>=1", "a==3"))
    assert texts(first) == ["a==1", "b", "c", "a>=1"]
    assert texts(waiting) == ["a==2", "a==3"]


def resolver(*pairs):
    """Return a `resolves` that refuses groups which hold both names of a pair, and the list of what it was asked."""
    asked = []

    def resolves(group):
        asked.append(texts(group))
        return not any(set(pair) <= set(texts(group)) for pair in pairs)

    return resolves, asked


def test_a_culprit_waits_and_the_rest_stays_together():
    resolves, _ = resolver(("a", "c"), ("b", "e"))
    kept, waiting = longest_resolving(roots("a", "b", "c", "d", "e", "f"), resolves)
    assert texts(kept) == ["a", "b", "d", "f"]
    assert texts(waiting) == ["c", "e"]


def test_one_culprit_among_many_is_found_by_halving():
    names = [f"n{number}" for number in range(32)]
    resolves, asked = resolver(("n0", "n20"))
    kept, waiting = longest_resolving(roots(*names), resolves)
    assert texts(waiting) == ["n20"]
    assert len(kept) == 31
    assert len(asked) <= 6


def one_by_one(group, resolves):
    kept, waiting = group[:1], ()
    for one in group[1:]:
        if resolves((*kept, one)):
            kept = (*kept, one)
        else:
            waiting = (*waiting, one)
    return kept, waiting


@pytest.mark.property
@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1])))
def test_halving_gives_what_adding_one_by_one_gives(pairs):
    group = roots(*(f"n{number}" for number in range(8)))
    resolves, _ = resolver(*((f"n{a}", f"n{b}") for a, b in pairs))
    if resolves(group):
        return
    assert longest_resolving(group, resolves) == one_by_one(group, resolves)


class TestFormGroups:
    """Requirements that conflict are resolved in groups."""

    def formed(self, group, *pairs):
        resolves, asked = resolver(*pairs)

        def attempt(some):
            if not resolves(some):
                raise ResolutionConflictError(", ".join(texts(some)), "no", "")
            return len(some)

        return [(texts(some), result) for some, result in form_groups(group, attempt, resolves)], asked

    def test_what_agrees_is_one_group_and_one_attempt(self):
        groups, asked = self.formed(roots("a", "b"))
        assert groups == [(["a", "b"], 2)]
        assert asked == [["a", "b"]]

    def test_what_conflicts_by_itself_costs_no_failing_attempt(self):
        groups, asked = self.formed(roots("a==1", "b", "a==2"))
        assert groups == [(["a==1", "b"], 2), (["a==2"], 1)]
        assert asked == [["a==1", "b"], ["a==2"]]

    def test_what_conflicts_by_its_requirements_joins_the_next_group(self):
        groups, _ = self.formed(roots("a==1", "b", "a==2", "c"), ("a==1", "b"), ("b", "c"))
        assert [names for names, _ in groups] == [["a==1", "c"], ["a==2", "b"]]

    def test_a_chain_of_conflicts_is_two_groups(self):
        chain = [("chardet>=5", "requests==2"), ("requests==2", "urllib3>=2"), ("botocore==1", "urllib3>=2")]
        groups, _ = self.formed(roots("requests==2", "urllib3>=2", "botocore==1", "chardet>=5"), *chain)
        assert [names for names, _ in groups] == [["botocore==1", "requests==2"], ["chardet>=5", "urllib3>=2"]]

    def test_versions_of_one_distribution_are_not_tried_again(self):
        groups, asked = self.formed(roots("a==3", "a==1", "b", "a==2"))
        assert [names for names, _ in groups] == [["a==1", "b"], ["a==2"], ["a==3"]]
        assert len(asked) == 3

    def test_a_root_that_comes_twice_is_one_root(self):
        groups, _ = self.formed(roots("a", "a"))
        assert [names for names, _ in groups] == [["a"]]

    def test_the_order_does_not_matter(self):
        texts_ = ["b", "a==10", "c>=1", "a==9", "B_b", "./x.whl"]
        expected, _ = self.formed(roots(*texts_), ("b", "c>=1"))
        assert [names for names, _ in expected] == [["./x.whl", "a==9", "b", "B_b"], ["a==10", "c>=1"]]
        for order in itertools.permutations(texts_, len(texts_)):
            assert self.formed(roots(*order), ("b", "c>=1"))[0] == expected

    def test_a_root_that_fails_alone_is_an_error(self):
        with pytest.raises(ResolutionConflictError) as caught:
            self.formed(roots("a", "b"), ("a", "a"))
        assert caught.value.request == "a"
