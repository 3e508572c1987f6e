"""From a request to a candidate: site directories, pre-releases, what is passed over and the errors (spec 3.1-3.4, 3.6)."""

import pytest
from made import make_flat, make_versioned, one_package, write

from versioned_import.cli.check import NothingLoaded
from versioned_import.errors import VersionConflictError, VersionNotFoundError
from versioned_import.metadata.fits import python_version
from versioned_import.resolver.choose import choose
from versioned_import.resolver.request import Request
from versioned_import.resolver.story import python_command

pytestmark = pytest.mark.usefixtures("process")


@pytest.fixture
def chosen(site, second_site):
    """Return a function from a statement's name and clause to the candidate in the two made site directories."""

    def choose_here(name, clause, where="app.py:1"):
        return choose(Request(name, clause, where), (str(site), str(second_site)), (), NothingLoaded(), {}).candidate

    return choose_here


@pytest.fixture
def refusal(chosen):
    """Return a function from a statement's name and clause to the text of its VersionNotFoundError."""

    def refuse(name, clause, where="app.py:1"):
        with pytest.raises(VersionNotFoundError) as caught:
            chosen(name, clause, where)
        return str(caught.value)

    return refuse


class TestHighest:
    """The first site directory with a match wins, and in it the highest version."""

    def test_versions_are_no_text(self, site, chosen):
        for version in ("1.9", "1.10", "1.2", "2.0"):
            make_versioned(site, "demo", version)
        assert chosen("demo", "1").version == "1.10"
        assert chosen("demo", "1.2").version == "1.2"
        assert chosen("demo", "<2").version == "1.10"

    def test_first_directory_wins_although_a_later_one_is_higher(self, site, second_site, chosen):
        make_versioned(site, "demo", "1.0")
        make_versioned(second_site, "demo", "1.9")
        assert chosen("demo", "1").site == str(site)
        assert chosen("demo", "1.9").site == str(second_site)

    @pytest.mark.parametrize(("flat", "versioned"), [("1.9", "1.0"), ("1.0", "1.9")])
    def test_flat_and_versioned_count_alike(self, site, chosen, flat, versioned):
        make_flat(site, "demo", flat)
        make_versioned(site, "demo", versioned)
        assert chosen("demo", "1").version == "1.9"
        assert chosen("demo", "1.0").version == "1.0"

    def test_post_local_and_epoch(self, site, chosen):
        for version in ("1.0", "1.0.post1", "1.0+cu121.1", "1!0.1"):
            make_versioned(site, "demo", version)
        assert chosen("demo", "1").version == "1.0.post1"
        assert chosen("demo", "1.0+cu121.1").version == "1.0+cu121.1"
        assert chosen("demo", "1!0").version == "1!0.1"
        assert chosen("demo", ">0").version == "1!0.1"

    def test_version_that_is_none(self, site, chosen):
        make_flat(site, "demo", "1.0-odd")
        assert chosen("demo", "===1.0-odd").version == "1.0-odd"


class TestPreReleases:
    """Pre-releases only where the clause names one or nothing else matches (PEP 440's own rule)."""

    def test_final_goes_before(self, site, chosen):
        make_versioned(site, "demo", "1.2rc1")
        make_versioned(site, "demo", "1.1")
        assert chosen("demo", "1").version == "1.1"

    def test_nothing_else_matches(self, site, chosen):
        make_versioned(site, "demo", "1.2rc1")
        make_versioned(site, "demo", "1.2.dev1")
        make_versioned(site, "demo", "1.1")
        assert chosen("demo", "1.2").version == "1.2rc1"

    def test_clause_names_one(self, site, chosen):
        make_versioned(site, "demo", "1.2rc1")
        make_versioned(site, "demo", "1.1")
        assert chosen("demo", "1.2rc1").version == "1.2rc1"
        assert chosen("demo", ">=1.0rc1").version == "1.2rc1"

    def test_final_in_a_later_directory_goes_before(self, site, second_site, chosen):
        make_versioned(site, "demo", "1.2rc1")
        make_versioned(second_site, "demo", "1.1")
        assert chosen("demo", "1").version == "1.1"


class TestPassedOver:
    """One that does not fit is passed over, and named in the error if nothing else fits."""

    def test_passed_over_for_a_lower_one(self, site, chosen):
        make_versioned(site, "demo", "1.2", tags=["py2-none-any"])
        make_versioned(site, "demo", "1.1", requires_python=">=99")
        make_versioned(site, "demo", "1.0")
        assert chosen("demo", "1").version == "1.0"

    def test_named_in_the_error(self, site, second_site, refusal):
        make_versioned(site, "demo", "1.2", tags=["py2-none-any"])
        make_versioned(site, "demo", "1.1", requires_python=">=99")
        make_flat(site, "demo", "0.9")
        write(site / "demo-1.3" / "demo.py", "")
        lines = refusal("demo", "1").split("\n")
        assert lines[0] == "import demo version 1 (app.py:1): no installed version fits"
        assert sorted(lines[1:4]) == [
            f"  demo 0.9 does not match: {site} (flat install)",
            f"  demo 1.1 requires Python >=99, this is {python_version()}: {site}/demo-1.1/",
            f"  demo 1.2 is built for py2-none-any, not for this interpreter: {site}/demo-1.2/",
        ]
        assert lines[4:] == [
            f"  {site}/demo-1.3 is passed over: it holds no .dist-info",
            f"  searched: {site}, {second_site}",
            f'  to install it: {python_command()} -m versioned_import pip install --allow-multiple "demo==1.*"',
        ]

    def test_half_deleted(self, site, refusal, chosen):
        make_versioned(site, "demo", "1.0")
        assert chosen("demo", "1").version == "1.0"
        (site / "demo-1.0" / "demo-1.0.dist-info" / "METADATA").unlink()
        lines = refusal("demo", "1").split("\n")
        assert lines[1] in (
            f"  demo 1.0 is half deleted: its metadata is gone: {site}/demo-1.0/",
            f"  {site}/demo-1.0 is passed over: it has no readable METADATA",
        )

    def test_modules_deleted(self, site, refusal):
        make_versioned(site, "demo", "1.0")
        (site / "demo-1.0" / "demo.py").unlink()
        expected = f"  demo 1.0 lists demo in its RECORD, but holds no such module: {site}/demo-1.0/"
        assert refusal("demo", "1").split("\n")[1] == expected

    def test_modules_of_a_flat_install_deleted(self, site, refusal, chosen):
        make_flat(site, "demo", "1.9")
        (site / "demo.py").unlink()
        expected = f"  demo 1.9 lists demo in its RECORD, but holds no such module: {site} (flat install)"
        assert refusal("demo", "1").split("\n")[1] == expected
        make_versioned(site, "demo", "1.0")
        assert chosen("demo", "1").version == "1.0"


class TestNotFound:
    """The clause, the versions that are there, the directories searched, and the command that would install it."""

    def test_nothing_there(self, site, second_site, refusal):
        assert refusal("some_package", "1.2.3") == (
            "import some_package version 1.2.3 (app.py:1): not installed in any version\n"
            "  no distribution that provides the import name some_package was found\n"
            f"  searched: {site}, {second_site}\n"
            f'  to install it: {python_command()} -m versioned_import pip install --allow-multiple "some_package==1.2.3.*"\n'
            "  if its distribution has another name than some_package, say so: "
            'import some_package version "NAME==1.2.3.*"'
        )

    @pytest.mark.parametrize(
        ("name", "clause", "requirement"),
        [
            ("yaml", "6", "PyYAML==6.*"),
            ("cv2", "opencv-python-headless>=4.8", "opencv-python-headless>=4.8"),
            ("demo", "1.0+cu121", "demo==1.0+cu121"),
            ("demo.sub", "~=1.4", "demo~=1.4"),
        ],
    )
    def test_command(self, refusal, name, clause, requirement):
        command = (
            f'  to install it: {python_command()} -m versioned_import pip install --allow-multiple "{requirement}"'
        )
        assert command in refusal(name, clause).split("\n")[-2:]

    def test_module_of_the_programs_own(self, site, second_site, refusal, tmp_path, monkeypatch):
        own = write(tmp_path / "program" / "plug.py", "")
        monkeypatch.syspath_prepend(str(own.parent))
        assert refusal("plug", "5") == (
            "import plug version 5 (app.py:1): not installed in any version\n"
            f"  searched: {site}, {second_site}\n"
            f"  {own} is the program's own and has no version: to import it, leave the clause out\n"
            "  to install a distribution from the package index: "
            f'{python_command()} -m versioned_import pip install --allow-multiple "plug==5.*"\n'
            '  if its distribution has another name than plug, say so: import plug version "NAME==5.*"'
        )

    def test_module_without_metadata_beside_another_version(self, site, second_site, refusal, monkeypatch):
        monkeypatch.syspath_prepend(str(site))
        write(site / "demo" / "__init__.py", "")
        make_versioned(site, "demo", "1.0")
        assert refusal("demo", "5").split("\n")[1:] == [
            f"  demo 1.0 does not match: {site}/demo-1.0/",
            f"  searched: {site}, {second_site}",
            f"  {site}/demo/__init__.py belongs to no distribution and has no version: to import it, leave the clause out",
            (
                "  to install a distribution from the package index: "
                f'{python_command()} -m versioned_import pip install --allow-multiple "demo==5.*"'
            ),
        ]

    def test_flat_install_is_nobodys_own(self, site, refusal, monkeypatch):
        monkeypatch.syspath_prepend(str(site))
        make_flat(site, "demo", "1.0")
        command = f'{python_command()} -m versioned_import pip install --allow-multiple "demo==5.*"'
        assert refusal("demo", "5").split("\n")[3:] == [f"  to install it: {command}"]

    def test_standard_library(self, refusal):
        expected = (
            "  json is part of the standard library, which has the one version of Python itself: leave the clause out"
        )
        assert refusal("json.decoder", "1").split("\n")[1] == expected

    def test_named_distribution_without_the_name(self, site, refusal):
        make_versioned(site, "demo", "1.0")
        lines = refusal("demo", "other>=1").split("\n")
        assert lines[:2] == [
            'import demo version "other>=1" (app.py:1): no installed version fits',
            f"  demo 1.0 is another distribution than other: {site}/demo-1.0/",
        ]

    def test_long_story_is_cut(self, site, refusal):
        for number in range(20):
            make_versioned(site, "demo", f"2.{number}")
        assert refusal("demo", "1").split("\n")[13] == "  ... and 8 more"

    def test_no_search_path(self):
        with pytest.raises(VersionNotFoundError) as caught:
            choose(Request("demo", "1"), (), (), NothingLoaded(), {})
        assert str(caught.value).split("\n")[2] == "  searched: no site directory"


class TestSeveralDistributions:
    """A PEP 508 name also names the distribution; without it, an import name that two provide is no guess."""

    @pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 1), (0, 1), (1, 0)])
    def test_ambiguous(self, site, chosen, refusal, first, second):
        makers = make_flat, make_versioned
        makers[first](site, "demo-full", "1.1", one_package("demo", "1.1"))
        makers[second](site, "demo-lite", "1.0", one_package("demo", "1.0"))
        lines = refusal("demo", "1").split("\n")
        assert lines[0] == "import demo version 1 (app.py:1): several distributions provide demo"
        assert [line.split(":")[0] for line in lines[1:3]] == [
            "  demo-full 1.1 provides it",
            "  demo-lite 1.0 provides it",
        ]
        assert lines[3:] == ['  name the one that is meant: import demo version "demo-full==1.*"']
        assert chosen("demo", "demo-lite==1.*").distribution == "demo-lite"
        assert chosen("demo", "1.1").distribution == "demo-full"

    def test_first_directory_decides(self, site, second_site, chosen):
        make_versioned(second_site, "demo-full", "1.1", one_package("demo", "1.1"))
        make_versioned(site, "demo-lite", "1.0", one_package("demo", "1.0"))
        assert chosen("demo", "1").distribution == "demo-lite"

    def test_shared_package_counts_by_submodule(self, site, chosen):
        make_versioned(site, "backports.one", "1.0", {"backports/__init__.py": "", "backports/one.py": ""})
        make_versioned(site, "backports.two", "1.0", {"backports/__init__.py": "", "backports/two/__init__.py": ""})
        assert chosen("backports.two", "1").distribution == "backports-two"
        assert chosen("backports.one", "1").distribution == "backports-one"

    def test_version_that_lacks_the_name_is_not_taken(self, site, chosen):
        make_versioned(site, "demo", "1.0", {"demo.py": "", "old_demo.py": ""})
        make_versioned(site, "demo", "1.1", {"demo.py": ""})
        assert chosen("old_demo", "1").version == "1.0"
        assert chosen("demo", "1").version == "1.1"


def test_missing_dependency_is_no_not_found_error(site, chosen):
    make_versioned(site, "demo", "1.0", requires=["absent>=2"])
    with pytest.raises(VersionConflictError) as caught:
        chosen("demo", "1")
    assert str(caught.value) == (
        "import demo version 1 (app.py:1): no installed versions fit together\n"
        "  demo 1.0 asks for absent>=2\n"
        "  absent is not installed\n"
        f'  to install what is missing: {python_command()} -m versioned_import pip install --allow-multiple "absent>=2"'
    )
