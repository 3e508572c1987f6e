"""Who needs whom inside a group, and what is left of it."""

import pytest
from made import make_versioned

from versioned_import.install.inside_groups import by_version, edges, name_of_root, needers, what_is_left
from versioned_import.metadata.catalogue import forget, open_catalogue
from versioned_import.metadata.group_locks import GroupLock


@pytest.fixture
def installed(site):
    make_versioned(site, "app", "1.0", requires=["helper[fast]", "absent", "other; extra == 'more'"])
    make_versioned(site, "helper", "1.0", requires=["quick; extra == 'fast'"])
    for name in ("quick", "other"):
        make_versioned(site, name, "1.0")
    forget()
    return by_version(open_catalogue(str(site)).everything())


def lock(*roots, requested=("app",), names=("app", "helper", "quick", "other")):
    return GroupLock("", roots, dict.fromkeys(names, "1.0"), frozenset(requested), 0)


def test_extras_lead_on(installed):
    found = [(edge.asker.distribution, edge.needed) for edge in edges(lock("app"), installed)]
    assert found == [("app", "helper"), ("helper", "quick")]
    found = [(edge.asker.distribution, edge.needed) for edge in edges(lock("app[more]"), installed)]
    assert sorted(found) == [("app", "helper"), ("app", "other"), ("helper", "quick")]


@pytest.mark.parametrize(
    "root", ["dir/app-1.0-py3-none-any.whl[fast, More]", "app[more] @ file:///app.zip", "./project[more]"]
)
def test_extras_of_local_roots_lead_on(installed, root):
    found = [(edge.asker.distribution, edge.needed) for edge in edges(lock(root), installed)]
    assert sorted(found) == [("app", "helper"), ("app", "other"), ("helper", "quick")]


def test_what_goes_as_well_asks_for_nothing(installed):
    doomed = {("quick", "1.0"), ("helper", "1.0")}
    found = needers(doomed, [lock("app")], installed)
    assert {member: [edge.asker.distribution for edge in found[member]] for member in found} == {
        ("helper", "1.0"): ["app"]
    }
    assert needers({*doomed, ("app", "1.0")}, [lock("app")], installed) == {}


def test_the_same_distribution_in_another_version_is_another(installed):
    assert needers({("helper", "2.0")}, [lock("app")], installed) == {}


def test_what_is_left_for_the_other_root(installed):
    group = lock("app", "other", requested=("app", "other"))
    assert what_is_left(group, installed, {("app", "1.0")}) == (["other"], {"other"}, {"other"})
    assert what_is_left(lock("app"), installed, {("app", "1.0")}) == ([], set(), set())


def test_what_cannot_be_read_may_need_any(installed):
    group = lock("app", "other", requested=("app", "other"), names=("app", "helper", "other", "unread"))
    assert what_is_left(group, installed, {("app", "1.0")})[2] == {"helper", "other", "unread"}


@pytest.mark.parametrize(
    ("root", "name"),
    [
        ("Some_App[x]>=1", "some-app"),
        ("app @ https://index.example/app.zip", "app"),
        ("https://index.example/some_app-1.0-py3-none-any.whl#sha256=0", "some-app"),
        ("./project", None),
        ("./some_app-1.0-py3-none-any.whl[x, y]", "some-app"),
        ("./project[x]", None),
    ],
)
def test_the_name_in_a_root(root, name):
    assert name_of_root(root) == name
