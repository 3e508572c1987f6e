"""Every way to a VersionConflictError, each with its whole message: what was asked, what is there, why not, what helps."""

import sys
import types

import pytest
from made import make_flat, make_group, make_versioned, write

import versioned_import
from versioned_import.errors import VersionConflictError
from versioned_import.resolver.story import python_command
from versioned_import.runtime.told import Inherited

APART = (
    "no installed versions fit all of them, in any order: ask for others,"
    " or run the two parts in processes of their own"
)
INSTALL = f"{python_command()} -m versioned_import pip install --allow-multiple"


@pytest.fixture
def story(execute, tmp_path):
    """Return a function from a statement on line 10 of app.py to its story, the test's directory left out of paths."""

    def tell(statement):
        with pytest.raises(VersionConflictError) as caught:
            execute("\n" * 9 + statement)
        head, *lines = str(caught.value).replace(str(tmp_path), "").replace(__file__, "here.py").split("\n")
        assert len(lines) < 8
        return [head.removeprefix(f"{statement} (/app.py:10): "), *(line.removeprefix("  ") for line in lines)]

    return tell


@pytest.fixture(autouse=True)
def _on_the_path(site, monkeypatch):
    monkeypatch.syspath_prepend(str(site))


@pytest.fixture
def two_demos(site):
    for version in ("1.5", "2.0"):
        make_versioned(site, "demo", version)


class TestLoadedAlready:
    def test_by_another_library(self, story, execute, site):
        make_flat(site, "demo", "1.5")
        write(site / "user.py", "import os\nimport demo\n")
        execute("import user")
        assert story("import demo version 2") == [
            "demo 1.5 is loaded already",
            "loaded from /site (flat install)",
            "imported first by /site/user.py:2",
            "another order does not help: no installed version fits",
            f'to install it: {INSTALL} "demo==2.*"',
        ]
        make_versioned(site, "demo", "2.0")
        assert story("import demo version 2")[3:] == [
            "the installed demo 2.0 fits: put this import where it runs before /site/user.py:2"
        ]

    def test_by_a_plain_import_of_the_program(self, story, execute, site):
        make_flat(site, "demo", "1.5")
        make_versioned(site, "demo", "2.0")
        execute("import os\n\nimport demo", __name__="__main__")
        assert story("import demo version 2")[2:] == [
            "the installed demo 2.0 fits: put this import before what loaded it first"
        ]

    def test_by_a_statement(self, story, execute, two_demos):
        execute("\nimport demo version '<2'")
        assert story("import demo version 2") == [
            "demo 1.5 is loaded already",
            "loaded from /site/demo-1.5/",
            'imported first by /app.py:2: import demo version "<2"',
            APART,
        ]

    def test_for_the_sake_of_another_distribution(self, story, execute, site, two_demos):
        make_versioned(site, "middle", "1.0", {"middle.py": "import demo\n"}, requires=["demo<2"])
        make_versioned(site, "client", "2.0", {"client.py": "import middle\n"}, requires=["middle"])
        execute("import client version 2")
        assert story("import demo version 2") == [
            "demo 1.5 is loaded already",
            "loaded from /site/demo-1.5/",
            "imported first by /site/middle-1.0/middle.py:1",
            "chosen because middle 1.0 requires demo<2, for import client version 2 (/app.py:1)",
            APART,
        ]

    def test_after_require(self, story, execute, two_demos):
        versioned_import.require("demo<2")
        execute("import demo")
        told = story("import demo version 2")
        assert told[2].startswith('chosen by require("demo<2") (here.py:')
        assert [*told[:2], *told[3:]] == ["demo 1.5 is loaded already", "loaded from /site/demo-1.5/", APART]

    def test_by_a_statement_of_the_parent_process(self, story, execute, process, two_demos):
        execute("\nimport demo version 1")
        one = process.answered[0]
        process.replace(process.selection, [Inherited(one.name, one.clause, one.where, one.distribution)])
        assert story("import demo version 2") == [
            "demo 1.5 is loaded already",
            "loaded from /site/demo-1.5/",
            "chosen by import demo version 1 (/app.py:2, in the parent process)",
            "the installed demo 2.0 fits: put this import before what loaded it first",
        ]

    def test_by_hand(self, story, two_demos, monkeypatch):
        monkeypatch.setitem(sys.modules, "demo", types.ModuleType("demo"))
        assert story("import demo version 1") == [
            "demo is loaded already",
            "it is built in or was made at run time, so its version can't be known",
            "the installed demo 1.5 fits: put this import before what loaded it first",
        ]

    def test_a_file_of_the_program_that_hides_what_is_installed(self, story, execute, two_demos, tmp_path, monkeypatch):
        write(tmp_path / "program" / "demo.py", "")
        monkeypatch.syspath_prepend(str(tmp_path / "program"))
        execute("import demo")
        assert story("import demo version 1") == [
            "demo is loaded already",
            "loaded from /program/demo.py",
            "its version can't be known: no metadata belongs to it",
            "if it is a file of your own that hides an installed demo, rename it",
            "the installed demo 1.5 fits: put this import before what loaded it first",
        ]

    def test_an_editable_install(self, story, execute, site, tmp_path, monkeypatch):
        source = write(tmp_path / "checkout" / "src" / "demo.py", "").parent
        info = make_flat(site, "demo", "1.5", {"demo.pth": f"{source}\n"})
        write(info / "direct_url.json", f'{{"url": "file://{tmp_path}/checkout", "dir_info": {{"editable": true}}}}')
        monkeypatch.syspath_prepend(str(source))
        execute("import demo")
        assert story("import demo version 2") == [
            "demo 1.5 is loaded already",
            "loaded from /site (editable install of /checkout)",
            "another order does not help: no installed version fits",
            f'to install a distribution from the package index: {INSTALL} "demo==2.*"',
        ]

    @pytest.mark.parametrize("name", ["sys", "json"])
    def test_the_standard_library_where_something_installed_fits(self, story, site, name):
        __import__(name)
        make_versioned(site, name, "3.0", {f"{name}.py": ""})
        assert story(f"import {name} version 3") == [
            f"{name} is loaded already",
            f"{name} is part of the standard library, which has the one version of Python itself: leave the clause out",
        ]

    def test_another_distribution_of_the_same_import_name(self, story, execute, site):
        for name in ("demo-lite", "demo-full"):
            make_versioned(site, name, "1.5", {"demo.py": ""})
        execute("import demo version 'demo-lite==1.*'")
        assert story('import demo version "demo-full==1.*"') == [
            "demo 1.5 is loaded already",
            "loaded from /site/demo-lite-1.5/",
            "it belongs to demo-lite, not to demo-full",
            'imported first by /app.py:1: import demo version "demo-lite==1.*"',
            APART,
        ]


class TestNothingFitsTogether:
    @pytest.fixture(autouse=True)
    def _two_deps(self, site):
        for version in ("1.0", "2.0"):
            make_versioned(site, "dep", version)

    def test_two_askers(self, story, execute, site):
        make_versioned(site, "one", "1.0", requires=["middle"])
        make_versioned(site, "middle", "1.0", requires=["dep<2"])
        make_versioned(site, "two", "1.0", requires=["dep>=2"])
        execute("\nimport one version 1")
        assert story("import two version 1") == [
            "no installed versions fit together",
            "middle 1.0 asks for dep<2; it was chosen for import one version 1 (/app.py:2)",
            "two 1.0 asks for dep>=2",
            "dep 2.0 is there: /site/dep-2.0/",
            "dep 1.0 is there: /site/dep-1.0/",
            APART,
        ]

    def test_two_askers_of_one_statement(self, story, site):
        make_versioned(site, "top", "1.0", requires=["one", "two"])
        make_versioned(site, "one", "1.0", requires=["dep<2"])
        make_versioned(site, "two", "1.0", requires=["dep>=2"])
        assert story("import top version 1") == [
            "no installed versions fit together",
            "one 1.0 asks for dep<2; it would be chosen for import top version 1 (/app.py:10)",
            "two 1.0 asks for dep>=2; it would be chosen for import top version 1 (/app.py:10)",
            "dep 2.0 is there: /site/dep-2.0/",
            "dep 1.0 is there: /site/dep-1.0/",
            f'to install what fits together: {INSTALL} "top==1.*"',
        ]

    def test_five_askers(self, story, execute, site):
        for number in range(5):
            make_versioned(site, f"a{number}", "1.0", requires=[f"many!={number}.0"])
            make_versioned(site, "many", f"{number}.0")
        for number in range(4):
            execute("\n" * number + f"import a{number} version 1")
        assert story("import a4 version 1") == [
            "no installed versions fit together",
            *(
                f"a{number} 1.0 asks for many!={number}.0; it was chosen for import a{number} version 1 (/app.py:{number + 1})"
                for number in range(4)
            ),
            "a4 1.0 asks for many!=4.0",
            "many is there as 4.0, 3.0, 2.0, 1.0, 0.0: /site",
            APART,
        ]

    def test_many_versions_of_which_none_will_do(self, story, execute, site):
        make_versioned(site, "one", "1.0", requires=["many<2"])
        make_versioned(site, "two", "1.0", requires=["many>=20"])
        for number in range(10):
            make_versioned(site, "many", f"1.{number}")
        execute("import one version 1")
        assert story("import two version 1") == [
            "no installed versions fit together",
            "one 1.0 asks for many<2; it was chosen for import one version 1 (/app.py:1)",
            "two 1.0 asks for many>=20",
            "many is there as 1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.3, 1.2 and 2 more: /site",
            f'to install what is missing: {INSTALL} "many>=20"',
            APART,
        ]

    def test_requirements_that_no_installation_can_meet(self, story, execute, site):
        make_versioned(site, "top", "1.0", requires=["middle===1.0"])
        make_versioned(site, "middle", "1.0", requires=["dep<2"])
        told = story('import versioned_import; versioned_import.require("top==1", "dep>=2")')
        assert told == [
            'require("dep>=2") (/app.py:10): no installed versions fit together',
            'require("dep>=2") (/app.py:10) asks for dep>=2',
            'middle 1.0 asks for dep<2; it would be chosen for require("top==1") (/app.py:10)',
            "dep 2.0 is there: /site/dep-2.0/",
            "dep 1.0 is there: /site/dep-1.0/",
            "they exclude each other, so no installation helps: no version of dep is both >=2 and <2; ask for others",
        ]

    def test_requirements_that_another_version_might_meet(self, story, site):
        make_versioned(site, "top", "1.0", requires=["dep<2"])
        told = story('import versioned_import; versioned_import.require("top>=1", "dep>=2")')
        assert told[-1] == f'to install what fits together: {INSTALL} "top>=1" "dep>=2"'

    def test_a_dependency_that_is_not_installed(self, story, site):
        make_versioned(site, "top", "1.0", requires=["absent>=2"])
        assert story("import top version 1") == [
            "no installed versions fit together",
            "top 1.0 asks for absent>=2",
            "absent is not installed",
            f'to install what is missing: {INSTALL} "absent>=2"',
        ]

    def test_a_dependency_that_is_loaded(self, story, execute, site):
        make_versioned(site, "top", "1.0", requires=["dep>=2"])
        execute("import dep version 1")
        assert story("import top version 1") == [
            "no installed versions fit together",
            "import dep version 1 (/app.py:1) asks for dep 1",
            "top 1.0 asks for dep>=2",
            "dep 1.0 is loaded already: /site/dep-1.0/",
            "dep was imported first by /app.py:1: import dep version 1",
            APART,
        ]

    def test_a_dependency_made_by_hand(self, story, site, monkeypatch):
        make_versioned(site, "top", "1.0", requires=["dep>=2"])
        monkeypatch.setitem(sys.modules, "dep", types.ModuleType("dep"))
        assert story("import top version 1") == [
            "no installed versions fit together with what is loaded",
            "top 1.0 asks for dep>=2",
            "dep is loaded already: it is built in or was made at run time, so its version can't be known",
            "the installed versions dep 2.0, top 1.0 fit all: put this import before what loaded it first",
        ]

    def test_extras(self, story, execute, site):
        make_versioned(site, "demo", "1.0", requires=["dep>=2; extra == 'speed'"])
        execute("import dep version 1")
        assert story('import demo version "demo[speed]>=1"')[1:3] == [
            "import dep version 1 (/app.py:1) asks for dep 1",
            "the extra speed of demo 1.0 asks for dep>=2",
        ]

    def test_an_extra_that_is_not_installed(self, story, site):
        make_versioned(site, "demo", "1.0", requires=["dep", "socks>=1.5; extra == 'socks'"])
        versioned_import.require("demo<2")
        with pytest.raises(VersionConflictError) as caught:
            versioned_import.require("demo[socks]<2")
        assert str(caught.value).split("\n")[1:] == [
            "  the extra socks of demo 1.0 asks for socks>=1.5",
            "  socks is not installed",
            f'  to install what is missing: {INSTALL} "socks>=1.5"',
        ]

    def test_one_that_asks_deep_in_the_closure(self, story, execute, site):
        make_versioned(site, "storage", "3.0", requires=["core>=1"])
        make_versioned(site, "core", "2.0", requires=["api>=1"])
        make_versioned(site, "api", "1.0", requires=["dep>=2"])
        execute("import dep version 1")
        assert story("import storage version 3") == [
            "no installed versions fit together",
            "import dep version 1 (/app.py:1) asks for dep 1",
            "api 1.0 asks for dep>=2; it would be chosen for import storage version 3 (/app.py:10)",
            "dep 1.0 is loaded already: /site/dep-1.0/",
            "dep was imported first by /app.py:1: import dep version 1",
            APART,
        ]

    def test_a_plain_import_that_the_fallback_served(self, story, execute, site):
        make_versioned(site, "one", "1.0", requires=["dep<2"])
        execute("import dep\n")
        told = story("import one version 1")
        assert told == [
            "no installed versions fit together with what is loaded",
            "import dep (/app.py:1) asks for any version of dep",
            "one 1.0 asks for dep<2",
            "dep 2.0 is loaded already: /site/dep-2.0/",
            "dep was imported first by /app.py:1: import dep",
            "the installed versions dep 1.0, one 1.0 fit all: put this import before /app.py:1",
        ]

    def test_two_statements_in_the_wrong_order(self, story, execute, site):
        make_versioned(site, "one", "1.0", {"one.py": "import dep\n"}, requires=["dep>=1"])
        execute("\nimport one version 1")
        assert story("import dep version 1") == [
            "dep 2.0 is loaded already",
            "loaded from /site/dep-2.0/",
            "imported first by /site/one-1.0/one.py:1",
            "chosen because one 1.0 requires dep>=1, for import one version 1 (/app.py:2)",
            "the installed versions dep 1.0, one 1.0 fit all: put this import before /app.py:2",
        ]

    def test_what_fits_in_no_order_unless_it_is_named(self, story, execute, site):
        make_versioned(site, "one", "1.0", {"one.py": "import left, dep\n"}, requires=["right>=2", "left"])
        make_versioned(site, "left", "2.0", requires=["dep>=2"])
        make_versioned(site, "left", "1.0", requires=["dep"])
        make_versioned(site, "two", "1.0", requires=["dep<2", "up"])
        make_versioned(site, "up", "2.0", requires=["right<2"])
        make_versioned(site, "up", "1.0", requires=["right"])
        for version in ("1.0", "2.0"):
            make_versioned(site, "right", version)
        execute("import one version 1")
        told = story("import two version 1")
        assert told[0] == "no installed versions fit together with what is loaded"
        assert told[-1] == (
            "the installed versions dep 1.0, two 1.0, one 1.0 fit all, but are not what each takes by itself:"
            " name them in the clauses"
        )

    def test_what_a_group_chose_is_loaded(self, story, execute, site):
        make_versioned(site, "one", "1.0", {"one.py": "import dep\n"}, requires=["dep"])
        make_versioned(site, "two", "1.0", requires=["dep>=2"])
        make_group(site, "one", one="1.0", dep="1.0")
        execute("import one version 1")
        assert story("import two version 1") == [
            "no installed versions fit together with what is loaded",
            "one 1.0 asks for dep; it was chosen for import one version 1 (/app.py:1)",
            "two 1.0 asks for dep>=2",
            "dep 1.0 is loaded already: /site/dep-1.0/",
            "dep was imported first by /site/one-1.0/one.py:1",
            "the installed versions dep 2.0, two 1.0, one 1.0 fit all: put this import before /app.py:1",
        ]
