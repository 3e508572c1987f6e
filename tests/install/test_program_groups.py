"""Which programs share a lock: each whole in one group; units are programs, not single requirements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from versioned_import.install.engine import ResolutionConflictError
from versioned_import.install.program_groups import program_groups, served
from versioned_import.install.requirements import root


def formed(programs, *pairs):
    """Return the groups of programs, lines of requirements, where a group with both names of a pair does not resolve."""
    attempts = []

    def resolves(group):
        names = {one.requirement.name for one in group}
        return not any(pair <= names for pair in map(set, pairs))

    def attempt(group):
        attempts.append(group)
        if not resolves(group) or "broken" in map(str, group):
            raise ResolutionConflictError(", ".join(map(str, group)), "no", "")
        return len(group)

    groups = program_groups([tuple(map(root, program.split())) for program in programs], attempt, resolves)
    return [" ".join(map(str, group)) for group, _ in groups], len(attempts)


@pytest.mark.parametrize(
    ("programs", "pairs", "groups", "attempts"),
    [
        (["a", "b", ""], (), ["a b"], 1),
        ([], (), [], 0),
        (["a==1 b", "a==2 b"], (), ["a==1 b", "a==2 b"], 2),
        (["a==2 b", "a==1", "b c"], (), ["a==1 b c", "a==2 b"], 2),
        (["a c", "b c"], ("ab",), ["a c", "b c"], 3),
        (["a", "b", "c"], ("ab",), ["a c", "b"], 3),
        # one that conflicts with itself is taken apart, and its parts go where they fit
        (["a==1 a==2 b"], (), ["a==1 b", "a==2"], 4),
        (["a b c", "a"], ("ab",), ["a c", "b"], 9),
    ],
)
def test_groups(programs, pairs, groups, attempts):
    assert formed(programs, *pairs) == (groups, attempts)
    assert formed(programs[::-1], *pairs)[0] == groups


def test_a_root_that_fails_alone_is_an_error():
    with pytest.raises(ResolutionConflictError, match="broken"):
        formed(["a broken", "b"])


@pytest.mark.property
@given(
    st.lists(st.sets(st.sampled_from("abcdef"), max_size=3), max_size=5),
    st.sets(st.sampled_from([a + b for a in "abcdef" for b in "abcdef" if a < b]), max_size=5),
)
def test_each_program_that_can_be_resolved_is_whole_in_a_group(programs, pairs):
    groups, _ = formed([" ".join(sorted(one)) for one in programs], *pairs)
    held = [set(group.split()) for group in groups]
    assert not any(set(pair) <= one for pair in pairs for one in held)
    for program in programs:
        if any(set(pair) <= program for pair in pairs):
            assert program <= set().union(*held)
        else:
            assert not program or any(program <= one for one in held)


def test_which_programs_a_group_serves():
    a, b, c = map(root, "abc")
    programs = {"all.py": (a, b, c), "a.py": (a,), "none.py": ()}
    assert list(served(programs, [(a, b), (c,)])) == [["all.py", "a.py"], ["all.py"]]
    assert list(served(programs, [(a, b, c), (c,)])) == [["all.py", "a.py"], []]
