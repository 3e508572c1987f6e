"""The lock of a group decides where metadata allows more than was resolved together."""

import os
import shutil

import pytest
from made import make_flat, make_versioned

from versioned_import.cli.check import NothingLoaded
from versioned_import.install.engine import Planned
from versioned_import.install.group_locks import write_group_lock
from versioned_import.metadata.group_locks import directory_of_locks, groups_with, read_group_locks
from versioned_import.resolver.choose import choose
from versioned_import.resolver.request import Request

pytestmark = pytest.mark.usefixtures("process")


@pytest.fixture
def closure(site, second_site):
    """Return a function from a statement to the versions of its closure."""

    def choose_here(name, clause, earlier=(), selection=None):
        places = str(site), str(second_site)
        choice = choose(Request(name, clause, "app.py:1"), places, earlier, NothingLoaded(), selection or {})
        return {one.distribution: one.version for one in choice.closure.values()}

    return choose_here


@pytest.fixture
def frames(site):
    """Make two versions of a distribution that both allow any version of another one."""
    for version in ("1.0", "2.0"):
        make_versioned(site, "frames", version, requires=["arrays"])
        make_versioned(site, "arrays", version)
    return site


def lock(site, *versions, roots):
    distributions = [Planned(name=name, version=version, requested=name in roots) for name, version in versions]
    return write_group_lock(str(site), roots, distributions)


def test_the_highest_without_a_lock(frames, closure):
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "2.0"}


def test_what_was_resolved_together_with_a_lock(frames, closure):
    lock(frames, ("frames", "1.0"), ("arrays", "1.0"), roots=("frames",))
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "1.0"}
    assert closure("frames", "2") == {"frames": "2.0", "arrays": "2.0"}


def test_a_lock_never_goes_against_metadata(site, closure):
    make_versioned(site, "frames", "1.0", requires=["arrays>=2"])
    make_versioned(site, "arrays", "1.0")
    make_versioned(site, "arrays", "2.0")
    lock(site, ("frames", "1.0"), ("arrays", "1.0"), roots=("frames",))
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "2.0"}


def test_a_lock_says_nothing_on_what_is_gone(site, closure):
    make_versioned(site, "frames", "1.0", requires=["arrays"])
    make_versioned(site, "arrays", "2.0")
    lock(site, ("frames", "1.0"), ("arrays", "1.0"), roots=("frames",))
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "2.0"}


def test_the_group_that_names_it_counts_before_a_newer_one_that_needs_it(frames, closure):
    first = lock(frames, ("frames", "1.0"), ("arrays", "1.0"), roots=("frames",))
    second = lock(frames, ("frames", "1.0"), ("arrays", "2.0"), ("other", "1.0"), roots=("other",))
    os.utime(first, (1, 1))
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "1.0"}
    assert [group.path for group in read_group_locks(str(frames))] == [second, first]


def test_of_two_groups_the_newer_one(frames, closure):
    older = lock(frames, ("frames", "1.0"), ("arrays", "1.0"), roots=("frames",))
    lock(frames, ("frames", "1.0"), ("arrays", "2.0"), roots=("frames", "arrays"))
    os.utime(older, (1, 1))
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "2.0"}


def test_a_flat_install_has_no_group(site, closure):
    make_flat(site, "frames", "1.0", requires=["arrays"])
    make_versioned(site, "arrays", "1.0")
    make_versioned(site, "arrays", "2.0")
    lock(site, ("frames", "1.0"), ("arrays", "1.0"), roots=("frames",))
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "2.0"}


def test_what_a_statement_has_chosen_stays(frames, closure):
    lock(frames, ("frames", "1.0"), ("arrays", "1.0"), roots=("frames",))
    places = (str(frames),)
    first = choose(Request("arrays", "2", "app.py:1"), places, (), NothingLoaded(), {})
    assert closure("frames", "1", [first.need], first.closure) == {"frames": "1.0", "arrays": "2.0"}


def test_an_installation_without_requirements_has_nothing_to_say_on_them(frames, closure):
    first = lock(frames, ("frames", "1.0"), ("arrays", "1.0"), roots=("frames",))
    os.utime(first, (1, 1))
    lock(frames, ("frames", "1.0"), roots=("frames",))
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "1.0"}


def test_a_version_that_is_gone_leaves_the_word_to_the_next_group(frames, closure):
    first = lock(frames, ("frames", "1.0"), ("arrays", "1.0"), roots=("frames",))
    os.utime(first, (1, 1))
    lock(frames, ("frames", "1.0"), ("arrays", "9.0"), roots=("frames",))
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "1.0"}


def test_the_same_roots_resolved_anew_leave_the_older_version_its_lock(frames, closure):
    lock(frames, ("frames", "1.0"), ("arrays", "1.0"), roots=("frames",))
    lock(frames, ("frames", "2.0"), ("arrays", "2.0"), roots=("frames",))
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "1.0"}


def test_a_pre_release_that_was_resolved(site, closure):
    make_versioned(site, "frames", "1.0", requires=["arrays"])
    for version in ("1.0", "2.0rc1"):
        make_versioned(site, "arrays", version)
    lock(site, ("frames", "1.0"), ("arrays", "2.0rc1"), roots=("frames",))
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "2.0rc1"}


def test_after_backtracking_the_group_of_the_version_that_was_taken(site, closure):
    for number in ("1", "2"):
        make_versioned(site, "app", number, requires=[f"dep=={number}", "other"])
        make_versioned(site, "dep", number)
        make_versioned(site, "other", number)
        lock(site, ("app", number), ("dep", number), ("other", number), roots=("app",))
    first = choose(Request("dep", "1", "app.py:1"), (str(site),), (), NothingLoaded(), {})
    assert closure("app", ">=1", [first.need], first.closure) == {"app": "1", "dep": "1", "other": "1"}


class TestExtras:
    """What an extra of a root brought in comes with it, where it can."""

    @pytest.fixture
    def app(self, site):
        make_versioned(site, "app", "1.0", requires=['dep; extra == "x"'])
        for version in ("1.0", "2.0"):
            make_versioned(site, "dep", version)
        lock(site, ("app", "1.0"), ("dep", "1.0"), roots=("app[x]==1.0", "./a file.whl"))
        return site

    def test_they_come_in_the_version_that_was_resolved(self, app, closure):
        assert closure("app", "1") == {"app": "1.0", "dep": "1.0"}

    def test_a_statement_does_not_fail_by_them(self, app, closure):
        first = choose(Request("dep", "2", "app.py:1"), (str(app),), (), NothingLoaded(), {})
        assert closure("app", "1", [first.need], first.closure) == {"app": "1.0", "dep": "2.0"}
        for version in ("1.0", "2.0"):
            shutil.rmtree(app / f"dep-{version}")
        assert closure("app", "1") == {"app": "1.0"}


def test_an_optional_import_gets_what_was_resolved_with_its_importer(site, children):
    text = "try:\n    import dep\nexcept ImportError:\n    dep = None\n"
    make_versioned(site, "app", "1.0", {"app.py": text})
    for version in ("1.0", "2.0"):
        make_versioned(site, "dep", version)
    lock(site, ("app", "1.0"), ("dep", "1.0"), roots=("app", "dep"))
    assert children.output("import app version 1.0\nprint(app.dep.VERSION)") == "1.0"
    assert children.output("import dep\nprint(dep.VERSION)") == "2.0"


def test_an_optional_import_follows_the_group_that_holds_the_most_of_what_is_chosen(site, children):
    text = "import shared\ndef test_client():\n    import dep\n    return dep.VERSION\n"
    make_versioned(site, "shared", "1.0")
    for version in ("1.0", "2.0"):
        make_versioned(site, "app", version, {"app.py": text}, requires=["shared"])
        make_versioned(site, "dep", version)
        pairs = ("app", version), ("dep", version), ("shared", "1.0")
        lock(site, *pairs, roots=(f"app=={version}", f"dep=={version}"))
    for version in ("1.0", "2.0"):
        assert children.output(f"import app version {version}\nprint(app.test_client())") == version


@pytest.mark.parametrize(
    "text", ["", "[[packages]", "packages = 3", 'packages = [{name = "a"}]', "\x00", "packages = []\n[tool]\n"]
)
def test_a_lock_that_cannot_be_read_is_none(frames, closure, text):
    os.makedirs(directory_of_locks(str(frames)))
    with open(os.path.join(directory_of_locks(str(frames)), "pylock.bad.toml"), "w", encoding="utf-8") as file:
        file.write(text)
    assert read_group_locks(str(frames)) == []
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "2.0"}


def test_a_pipe_in_the_place_of_a_lock_is_none(frames, closure):
    os.makedirs(directory_of_locks(str(frames)))
    os.mkfifo(os.path.join(directory_of_locks(str(frames)), "pylock.pipe.toml"))
    assert closure("frames", "1") == {"frames": "1.0", "arrays": "2.0"}


def test_no_group_of_nothing():
    assert groups_with([], "frames", "1.0") == []


def test_a_program_gets_what_was_resolved_together(children, frames):
    lock(frames, ("frames", "1.0"), ("arrays", "1.0"), roots=("frames",))
    program = "import frames version 1\nimport arrays\nprint(arrays.VERSION)"
    assert children.output(program) == "1.0"
    assert children.output(program) == "1.0"
