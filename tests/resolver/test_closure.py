"""The closure of a choice (spec 3.7)."""

import sys

import pytest
from made import make_flat, make_versioned

from versioned_import.cli.check import NothingLoaded
from versioned_import.errors import VersionConflictError
from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.resolver.choose import choose
from versioned_import.resolver.request import Request

pytestmark = pytest.mark.usefixtures("process")


@pytest.fixture
def closure(site, second_site):
    """Return a function from statements to the versions of everything chosen for them together."""

    def resolve(*statements, loaded=None, preferred=None):
        earlier, found = [], dict(preferred or {})
        for number, (name, clause) in enumerate(statements, 1):
            request = Request(name, clause, f"app.py:{number}")
            choice = choose(request, (str(site), str(second_site)), earlier, loaded or NothingLoaded(), found)
            earlier.append(choice.need)
            found.update(choice.closure)
        return {name: candidate.version for name, candidate in found.items()}

    return resolve


@pytest.fixture
def conflict(closure):
    def refuse(*statements, **options):
        with pytest.raises(VersionConflictError) as caught:
            closure(*statements, **options)
        return str(caught.value).split("\n")

    return refuse


class Fixed(NothingLoaded):
    """A process in which one candidate is loaded."""

    def __init__(self, site, distribution, version):
        (self.candidate,) = [
            one for one in open_catalogue(str(site)).by_distribution(distribution) if one.version == version
        ]

    def fixed(self, distribution, candidates):
        return self.candidate if distribution == self.candidate.distribution else None


class TestClosure:
    """Choosing a distribution chooses its whole closure from what is installed."""

    def test_highest_that_fits_all(self, site, closure):
        make_versioned(site, "demo", "1.0", requires=["dep<3", "other"])
        make_versioned(site, "other", "1.0", requires=["dep>=1.5"])
        for version in ("1.0", "2.0", "2.5", "3.0"):
            make_versioned(site, "dep", version)
        assert closure(("demo", "1")) == {"demo": "1.0", "dep": "2.5", "other": "1.0"}

    def test_first_site_directory_goes_before_a_higher_version(self, site, second_site, closure):
        make_versioned(site, "demo", "1.0", requires=["dep"])
        make_versioned(site, "dep", "1.0")
        make_versioned(second_site, "dep", "2.0")
        assert closure(("demo", "1"))["dep"] == "1.0"

    def test_later_site_directory_where_the_first_does_not_fit(self, site, second_site, closure):
        make_versioned(site, "demo", "1.0", requires=["dep>=2"])
        make_versioned(site, "dep", "1.0")
        make_versioned(second_site, "dep", "2.0")
        assert closure(("demo", "1"))["dep"] == "2.0"

    def test_backtracking(self, site, closure):
        make_versioned(site, "demo", "1.0", requires=["left", "right"])
        make_versioned(site, "left", "2.0", requires=["base>=2"])
        make_versioned(site, "left", "1.0", requires=["base>=1"])
        make_versioned(site, "right", "1.0", requires=["base<2"])
        make_versioned(site, "base", "2.0")
        make_versioned(site, "base", "1.0")
        assert closure(("demo", "1")) == {"demo": "1.0", "left": "1.0", "right": "1.0", "base": "1.0"}

    def test_root_steps_back_too(self, site, closure):
        make_versioned(site, "demo", "1.2", requires=["absent"])
        make_versioned(site, "demo", "1.1")
        assert closure(("demo", "1")) == {"demo": "1.1"}

    def test_highest_is_kept_where_another_dependency_will_do(self, site, closure):
        make_versioned(site, "demo", "2.0")
        make_versioned(site, "demo", "2.1", requires=["dep"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0", requires=["demo<2.1"])
        assert closure(("demo", ">=1")) == {"demo": "2.1", "dep": "1.0"}

    def test_extras(self, site, closure):
        make_versioned(site, "demo", "1.0", requires=["plain", 'fast; extra == "speed"', 'odd; extra == "other"'])
        for name in ("plain", "fast", "odd"):
            make_versioned(site, name, "1.0")
        make_versioned(site, "user", "1.0", requires=["demo[speed]"])
        assert closure(("demo", "1")) == {"demo": "1.0", "plain": "1.0"}
        assert closure(("demo", "demo[speed]==1.*")) == {"demo": "1.0", "plain": "1.0", "fast": "1.0"}
        assert closure(("user", "1")).keys() == {"user", "demo", "plain", "fast"}

    def test_markers(self, site, closure):
        requires = [
            'old; python_version < "3"',
            f'here; sys_platform == "{sys.platform}"',
            "lines that mean; nothing ==",
        ]
        make_versioned(site, "demo", "1.0", requires=requires)
        make_versioned(site, "here", "1.0")
        assert closure(("demo", "1")) == {"demo": "1.0", "here": "1.0"}

    def test_circle(self, site, closure):
        make_versioned(site, "a", "1.0", requires=["b"])
        make_versioned(site, "b", "1.0", requires=["a>=1"])
        assert closure(("a", "1")) == {"a": "1.0", "b": "1.0"}

    def test_circle_that_was_given_up(self, site, closure):
        make_versioned(site, "demo", "1.0", requires=["one>=1"])
        make_versioned(site, "one", "1.0")
        make_versioned(site, "one", "2.0", requires=["two"])
        make_versioned(site, "two", "1.0", requires=["three"])
        make_versioned(site, "three", "1.0", requires=["two", "one<2"])
        assert closure(("demo", "1")) == {"demo": "1.0", "one": "1.0"}

    def test_names_are_compared_in_one_form(self, site, closure):
        make_versioned(site, "demo", "1.0", requires=["Some_Thing.else>=1"])
        make_flat(site, "some-thing_Else", "1.0")
        assert closure(("demo", "1")) == {"demo": "1.0", "some-thing-else": "1.0"}

    def test_what_does_not_fit_the_interpreter_is_no_dependency(self, site, closure):
        make_versioned(site, "demo", "1.0", requires=["dep"])
        make_versioned(site, "dep", "2.0", requires_python=">=99")
        make_versioned(site, "dep", "1.0")
        assert closure(("demo", "1"))["dep"] == "1.0"

    def test_prerelease_only_where_a_need_names_one(self, site, closure):
        make_versioned(site, "demo", "1.0", requires=["dep"])
        make_versioned(site, "demo", "2.0", requires=["dep>=1.1rc1"])
        make_versioned(site, "dep", "1.1rc1")
        make_versioned(site, "dep", "1.0")
        assert closure(("demo", "1"))["dep"] == "1.0"
        assert closure(("demo", "2"))["dep"] == "1.1rc1"

    def test_prerelease_does_not_match_because_a_final_release_has_no_closure(self, site, second_site, closure):
        make_versioned(site, "demo", "1.0", requires=["dep"])
        make_versioned(site, "dep", "2.0", requires=["nowhere"])
        make_versioned(site, "dep", "3.0rc1")
        make_versioned(second_site, "demo", "1.0", requires=["other"])
        make_versioned(second_site, "other", "1.0")
        assert closure(("demo", "1")) == {"demo": "1.0", "other": "1.0"}

    def test_prerelease_that_one_need_names_is_named_for_the_one_with_extras_too(self, site, closure):
        make_versioned(site, "demo", "1.0")
        make_versioned(site, "demo", "2.0rc1", requires=['dep; extra == "more"'])
        make_versioned(site, "dep", "1.0")
        answer = closure(("demo", "demo[more]!=3"), ("demo", "2.0rc1"))
        assert answer == {"demo": "2.0rc1", "dep": "1.0"}

    def test_local_version_meets_its_public_one(self, site, closure):
        make_versioned(site, "demo", "1.0", requires=["torch==2.1.0"])
        make_versioned(site, "torch", "2.1.0+cu121")
        assert closure(("demo", "1"))["torch"] == "2.1.0+cu121"


class TestStatementsTogether:
    """What earlier statements chose holds for later ones; it is left only where it must be and nothing is loaded."""

    def test_earlier_choice_is_kept(self, site, closure):
        make_versioned(site, "a", "1.0", requires=["dep<2"])
        make_versioned(site, "b", "1.0", requires=["dep"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        assert closure(("a", "1"), ("b", "1"))["dep"] == "1.0"

    def test_earlier_choice_steps_back_while_nothing_is_loaded(self, site, closure):
        make_versioned(site, "a", "1.0", requires=["dep"])
        make_versioned(site, "b", "1.0", requires=["dep<2"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        assert closure(("a", "1"), ("b", "1"))["dep"] == "1.0"

    def test_chosen_distribution_answers_for_a_name_that_two_provide(self, site, closure):
        make_versioned(site, "user", "1.0", requires=["demo-lite"])
        make_versioned(site, "demo-lite", "1.0", {"demo.py": ""})
        make_versioned(site, "demo-full", "1.5", {"demo.py": ""})
        assert closure(("user", "1"), ("demo", "1")) == {"user": "1.0", "demo-lite": "1.0"}

    def test_what_is_loaded_is_fixed(self, site, closure):
        make_versioned(site, "demo", "1.1", requires=["dep>=2"])
        make_versioned(site, "demo", "1.0", requires=["dep"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        assert closure(("demo", "1"), loaded=Fixed(site, "dep", "1.0")) == {"demo": "1.0", "dep": "1.0"}


class TestNoClosure:
    """No closure: `VersionConflictError` that says in sentences who asked for what."""

    def test_two_statements(self, site, conflict):
        make_versioned(site, "a", "1.0", requires=["dep<2"])
        make_versioned(site, "b", "1.0", requires=["dep>=2"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        lines = conflict(("a", "1"), ("b", "1"))
        assert lines[0] == "import b version 1 (app.py:2): no installed versions fit together"
        assert sorted(lines[1:-1]) == [
            "  a 1.0 asks for dep<2; it was chosen for import a version 1 (app.py:1)",
            "  b 1.0 asks for dep>=2",
            f"  dep 1.0 is there: {site}/dep-1.0/",
            f"  dep 2.0 is there: {site}/dep-2.0/",
        ]
        assert lines[-1] == (
            "  no installed versions fit all of them, in any order: ask for others,"
            " or run the two parts in processes of their own"
        )

    def test_loaded_dependency(self, site, conflict):
        make_versioned(site, "demo", "1.0", requires=["dep>=2"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        lines = conflict(("demo", "1"), loaded=Fixed(site, "dep", "1.0"))
        assert lines[1:3] == [
            "  demo 1.0 asks for dep>=2",
            f"  dep 1.0 is loaded already: {site}/dep-1.0/",
        ]

    def test_dependency_that_does_not_fit_the_interpreter(self, site, conflict):
        make_versioned(site, "demo", "1.0", requires=["dep"])
        make_versioned(site, "dep", "1.0", tags=["py2-none-any"])
        expected = f"  dep 1.0 is there: {site}/dep-1.0/, but is built for py2-none-any, not for this interpreter"
        assert conflict(("demo", "1"))[2] == expected

    def test_same_distribution_at_two_versions(self, site, conflict):
        make_versioned(site, "demo", "1.0", {"demo.py": "", "side.py": ""})
        make_versioned(site, "demo", "2.0", {"demo.py": "", "side.py": ""})
        lines = conflict(("demo", "1"), ("side", "2"))
        assert lines[1:3] == [
            "  import demo version 1 (app.py:1) asks for demo 1",
            "  import side version 2 (app.py:2) asks for demo 2",
        ]
