"""What is loaded already (spec 3.5)."""

import importlib.util
import os
import sys
import types

import pytest
from made import make_flat, make_versioned, one_package, write

from versioned_import.errors import VersionConflictError, VersionNotFoundError

APART = (
    "no installed versions fit all of them, in any order: ask for others,"
    " or run the two parts in processes of their own"
)


@pytest.fixture
def refusal(execute):
    """Return a function from a statement to the lines of its VersionConflictError."""

    def refuse(text):
        with pytest.raises(VersionConflictError) as caught:
            execute(text)
        assert not isinstance(caught.value, ModuleNotFoundError)
        return str(caught.value).split("\n")

    return refuse


@pytest.fixture(autouse=True)
def _on_the_path(site, monkeypatch):
    monkeypatch.syspath_prepend(str(site))


class TestSatisfying:
    """If the import name is loaded and its version satisfies the clause, that module is the result."""

    @pytest.mark.parametrize("clause", ["1", "1.5", "'>=1,<2'", "'Demo==1.5'", "'~=1.4'"])
    def test_flat(self, execute, site, clause):
        make_flat(site, "demo", "1.5", one_package("demo", "1.5"))
        make_versioned(site, "demo", "1.9", one_package("demo", "1.9"))
        plain = execute("import demo")["demo"]
        assert execute(f"import demo version {clause}")["demo"] is plain

    def test_versioned(self, execute, site):
        make_versioned(site, "demo", "1.5")
        make_versioned(site, "demo", "1.9")
        first = execute("import demo version 1.5")["demo"]
        assert execute("import demo version 1")["demo"] is first

    def test_submodule_of_a_loaded_package(self, execute, site):
        make_flat(site, "demo", "1.5", one_package("demo", "1.5", sub="VERSION = '1.5'"))
        assert execute("import demo\nfrom demo.sub version 1 import VERSION as v")["v"] == "1.5"

    def test_editable_install(self, execute, site, tmp_path, monkeypatch):
        source = write(tmp_path / "checkout" / "src" / "demo.py", "").parent
        info = make_flat(site, "demo", "1.5", {"demo.pth": f"{source}\n"})
        write(info / "direct_url.json", f'{{"url": "file://{tmp_path}/checkout", "dir_info": {{"editable": true}}}}')
        monkeypatch.syspath_prepend(str(source))
        assert execute("import demo\nimport demo version 1.5 as d")["d"].__file__ == str(source / "demo.py")


class TestConflicting:
    """If not: `VersionConflictError` with the version loaded, where from, who imported it first, and what was asked here."""

    def test_flat(self, refusal, execute, site, tmp_path):
        make_flat(site, "demo", "1.5")
        make_versioned(site, "demo", "2.0")
        write(site / "user.py", "'''A user.'''\nimport os\n\nif os:\n    import demo\n")
        execute("import user")
        assert refusal("\nimport demo version 2") == [
            f"import demo version 2 ({tmp_path}/app.py:2): demo 1.5 is loaded already",
            f"  loaded from {site} (flat install)",
            f"  imported first by {site}/user.py:5",
            f"  the installed demo 2.0 fits: put this import where it runs before {site}/user.py:5",
        ]

    def test_versioned(self, refusal, execute, site, tmp_path):
        make_versioned(site, "demo", "1.5")
        make_versioned(site, "demo", "2.0")
        execute("\n\nimport demo version 1")
        assert refusal("import demo version 2") == [
            f"import demo version 2 ({tmp_path}/app.py:1): demo 1.5 is loaded already",
            f"  loaded from {site}/demo-1.5/",
            f"  imported first by {tmp_path}/app.py:3: import demo version 1",
            f"  {APART}",
        ]

    def test_submodule(self, refusal, execute, site):
        make_versioned(site, "demo", "1.5", one_package("demo", "1.5", sub=""))
        execute("import demo version 1")
        assert refusal("from demo.sub version 2 import x")[0].endswith("demo.sub 1.5 is loaded already")

    def test_another_distribution(self, refusal, execute, site):
        make_versioned(site, "demo-lite", "1.5", {"demo.py": ""})
        make_versioned(site, "demo-full", "1.5", {"demo.py": ""})
        execute("import demo version 'demo-lite==1.*'")
        assert refusal("import demo version 'demo-full==1.*'")[2] == "  it belongs to demo-lite, not to demo-full"

    def test_who_was_first_is_found_behind_versioned_clauses(self, refusal, execute, site):
        make_flat(site, "demo", "1.5")
        make_versioned(site, "other", "1.0")
        write(site / "user.py", "# coding: versioned\nimport other version 1\nfrom demo import VERSION\n")
        execute("import user")
        assert f"  imported first by {site}/user.py:3" in refusal("import demo version 2")


class TestUnknownVersion:
    """A loaded module whose version can't be known conflicts with any clause, and the message says so."""

    def test_no_metadata(self, refusal, execute, site, tmp_path):
        write(site / "demo.py", "")
        make_versioned(site, "demo", "1.0")
        execute("import demo")
        assert refusal("import demo version 1")[:3] == [
            f"import demo version 1 ({tmp_path}/app.py:1): demo is loaded already",
            f"  loaded from {site}/demo.py",
            "  its version can't be known: no metadata belongs to it",
        ]

    def test_made_at_run_time(self, refusal, monkeypatch):
        monkeypatch.setitem(sys.modules, "demo", types.ModuleType("demo"))
        assert refusal("import demo version 1")[1] == (
            "  it is built in or was made at run time, so its version can't be known"
        )

    def test_standard_library_is_refused_alike_before_and_after_it_is_loaded(self, execute, site, monkeypatch):
        monkeypatch.delitem(sys.modules, "wave", raising=False)
        told = []
        for _ in range(2):
            with pytest.raises(VersionNotFoundError) as caught:
                execute("import wave version 3")
            told.append(str(caught.value).split("\n"))
            execute("import wave")
        assert told[0] == told[1]
        assert told[0][0].startswith("import wave version 3 (")
        assert told[0][0].endswith("app.py:1): not installed in any version")
        assert told[0][1] == (
            "  wave is part of the standard library, which has the one version of Python itself: leave the clause out"
        )
        assert told[0][2].startswith(f"  searched: {site}")
        assert len(told[0]) == 3

    def test_built_in(self, execute):
        with pytest.raises(VersionNotFoundError, match=r"sys is part of the standard library.*: leave the clause out"):
            execute("import sys version 3")

    def test_standard_library_where_something_installed_fits(self, refusal, site):
        make_versioned(site, "json", "3.0")
        assert refusal("import json version 3")[0].endswith(": json is loaded already")

    def test_two_owners(self, refusal, execute, site):
        make_flat(site, "demo-full", "1.0", {"demo.py": ""})
        make_flat(site, "demo-lite", "1.0", {"demo.py": ""})
        execute("import demo")
        lines = refusal("import demo version 1")
        assert any("demo-full 1.0" in line and "demo-lite 1.0" in line and "both claim it" in line for line in lines)

    def test_none_in_the_module_table_is_not_loaded(self, execute, site, monkeypatch):
        make_versioned(site, "demo", "1.0")
        monkeypatch.setitem(sys.modules, "demo", None)
        with pytest.raises(ModuleNotFoundError, match=r"import of demo halted; None in sys.modules"):
            execute("import demo version 1")


class TestSideNames:
    """A second top-level name of a distribution (`tests`, `examples`) takes nobody's place, and nobody's takes its."""

    def test_programs_own_module_is_no_conflict(self, execute, site, tmp_path, monkeypatch):
        make_versioned(site, "demo", "1.0", {"demo.py": "VERSION = '1.0'", "helpers/__init__.py": "OWN = False"})
        write(tmp_path / "program" / "helpers.py", "OWN = True")
        monkeypatch.syspath_prepend(str(tmp_path / "program"))
        names = execute("import helpers\nimport demo version 1")
        assert (names["helpers"].OWN, names["demo"].VERSION) == (True, "1.0")

    def test_programs_own_module_goes_before_afterwards(self, execute, site, tmp_path, monkeypatch, process):
        process.search_path = (str(site),)
        make_versioned(site, "demo", "1.0", {"demo.py": "", "helpers.py": "OWN = False"})
        write(tmp_path / "program" / "helpers.py", "OWN = True")
        monkeypatch.syspath_prepend(str(tmp_path / "program"))
        assert execute("import demo version 1\nimport helpers")["helpers"].OWN

    def test_side_name_is_served_where_nobody_else_has_it(self, execute, site):
        make_versioned(site, "demo", "1.0", {"demo.py": "", "helpers.py": "OWN = False"})
        assert not execute("import demo version 1\nimport helpers")["helpers"].OWN

    def test_backport_of_a_standard_module_is_no_conflict(self, execute, site):
        make_versioned(site, "demo", "1.0", requires=["dataclasses"])
        make_versioned(site, "dataclasses", "0.8")
        names = execute("import dataclasses\nimport demo version 1")
        assert names["demo"].VERSION == "1.0"
        assert "dataclass" in vars(names["dataclasses"])


class TestWrongOrigin:
    """Never silently another version than was asked (spec 8)."""

    def test_a_finder_in_front_that_serves_another_place(self, refusal, site, tmp_path, monkeypatch):
        make_versioned(site, "demo", "1.0")
        make_versioned(site, "demo", "1.0.1", entry="demo-1.0.1")
        write(site / "demo-1.0.1" / "demo.py", "")

        class Intruder:
            @staticmethod
            def find_spec(name, path=None, target=None):
                from importlib.util import spec_from_file_location

                return spec_from_file_location(name, site / "demo-1.0.1" / "demo.py") if name == "demo" else None

        monkeypatch.setattr(sys, "meta_path", [Intruder, *sys.meta_path])
        lines = refusal("import demo version '==1.0'")
        assert "demo from elsewhere is loaded already" in lines[0]
        assert "demo 1.0 was chosen in" in lines[2]

    def test_a_folder_of_the_program_that_is_loaded_as_a_namespace_package(
        self, refusal, execute, site, tmp_path, monkeypatch
    ):
        (tmp_path / "program" / "demo").mkdir(parents=True)
        monkeypatch.syspath_prepend(str(tmp_path / "program"))
        execute("import demo")
        make_versioned(site, "demo", "1.0", one_package("demo", "1.0"))
        lines = refusal("import demo version 1")
        assert lines[1] == f"  loaded from {tmp_path}/program/demo"
        assert lines[2].startswith(f"  demo 1.0 was chosen in {site}/demo-1.0/")

    def test_a_folder_of_the_program_that_is_not_loaded(self, execute, site, tmp_path, monkeypatch):
        (tmp_path / "program" / "demo").mkdir(parents=True)
        monkeypatch.syspath_prepend(str(tmp_path / "program"))
        make_versioned(site, "demo", "1.0", one_package("demo", "1.0"))
        assert execute("import demo version 1")["demo"].VERSION == "1.0"


class Thing:
    """What is no module, and yet may stand in `sys.modules`."""


def by_hand(name="demo", **attributes):
    module = types.ModuleType(name)
    vars(module).update(attributes)
    return module


@pytest.fixture
def demos(site):
    """Install demo 1.5 flat, and 1.0 and 2.0 in versioned directories."""
    make_flat(site, "demo", "1.5", one_package("demo", "1.5", sub="VERSION = '1.5'"))
    for version in ("1.0", "2.0"):
        make_versioned(site, "demo", version, one_package("demo", version, sub=f"VERSION = {version!r}"))


@pytest.mark.usefixtures("demos")
class TestByHand:
    """Whatever was put into `sys.modules` by hand: known by its file, or in conflict with any clause."""

    @pytest.mark.parametrize(
        "thing", [by_hand(), by_hand(__file__=None), by_hand(__file__=5), Thing(), Thing, "text", 5], ids=range(7)
    )
    @pytest.mark.parametrize("statement", ["import demo version 1.5", "import demo.sub version 1.5"])
    def test_without_a_file(self, refusal, monkeypatch, thing, statement):
        monkeypatch.setitem(sys.modules, "demo", thing)
        assert refusal(statement)[1] == "  it is built in or was made at run time, so its version can't be known"

    @pytest.mark.parametrize("kind", [str, lambda path: path])
    def test_with_a_file(self, refusal, execute, site, monkeypatch, kind):
        module = by_hand(__file__=kind(site / "demo" / "__init__.py"), __path__=[str(site / "demo")], __spec__=None)
        monkeypatch.setitem(sys.modules, "demo", module)
        assert refusal("import demo version 2")[0].endswith(": demo 1.5 is loaded already")
        assert execute("import demo version 1.5")["demo"] is module

    @pytest.mark.parametrize("statement", ["import demo version 2", "import demo.sub version 2"])
    @pytest.mark.parametrize("folders", [[], ["folder"], ("folder", "other")])
    def test_as_a_namespace_package(self, refusal, site, process, monkeypatch, statement, folders):
        monkeypatch.setitem(sys.modules, "demo", by_hand(__path__=folders))
        lines = refusal(statement)
        assert lines[0].endswith("from elsewhere is loaded already")
        assert ("  loaded from " + ", ".join(folders) in lines) == bool(folders)
        assert any(line.startswith(f"  demo 2.0 was chosen in {site}/demo-2.0/") for line in lines)
        assert process.answered == []

    @pytest.mark.parametrize("name", ["demo", "demo.sub"])
    def test_none(self, execute, monkeypatch, name):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(ModuleNotFoundError, match=rf"import of {name} halted; None in sys.modules"):
            execute("import demo.sub version 2")

    def test_submodule_without_a_file_is_no_version_of_its_package(self, execute, refusal, monkeypatch):
        stub = by_hand("demo.sub")
        monkeypatch.setitem(sys.modules, "demo.sub", stub)
        assert refusal("import demo.sub version 2")[0].endswith(": demo.sub is loaded already")
        assert execute("import demo version 2\nimport demo.sub")["demo"].VERSION == "2.0"
        assert sys.modules["demo.sub"] is stub  # as with a plain import


@pytest.mark.usefixtures("demos")
class TestSubmoduleOnly:
    """`demo.sub` is loaded, `demo` isn't (any more): its version counts all the same."""

    @pytest.fixture(params=["1.5", "2.0"])
    def version(self, request, execute, process, site):
        clause = "" if request.param == "1.5" else "version 2"
        execute(f"import demo.sub {clause}")
        del sys.modules["demo"]
        process.reset()
        process.search_path = (str(site),)
        for name in [name for name in sys.modules if name.startswith("_versioned_")]:
            del sys.modules[name]
        return request.param

    @pytest.mark.parametrize("name", ["demo", "demo.sub"])
    def test_same_version(self, execute, version, name):
        before = sys.modules["demo.sub"]
        names = execute(f"import {name} version {version}")
        assert (names["demo"].VERSION, sys.modules["demo.sub"]) == (version, before)

    @pytest.mark.parametrize("name", ["demo", "demo.sub"])
    def test_another_version(self, refusal, version, name):
        assert f" {version} is loaded already" in "\n".join(refusal(f"import {name} version 1.0"))
        assert "demo" not in sys.modules


class TestOtherNames:
    """Aliases and vendored copies belong to the distribution that has them."""

    HOST = "import sys, demo.sub\npackages = sys.modules['host.packages'] = sys.modules[__name__]\n" + "".join(
        f"sys.modules['host.packages.{name}'] = sys.modules['{name}']\n" for name in ("demo", "demo.sub")
    )

    @pytest.fixture(params=[make_flat, make_versioned])
    def host(self, request, site):
        request.param(site, "demo", "1.0", one_package("demo", "1.0", sub=""))
        request.param(site, "host", "3.0", {"host/__init__.py": self.HOST}, requires=["demo"])

    @pytest.mark.usefixtures("host")
    @pytest.mark.parametrize("name", ["host.packages.demo", "host.packages.demo.sub", "host.packages"])
    @pytest.mark.parametrize("before", ["", "import host\n"])
    def test_alias(self, execute, refusal, name, before):
        names = execute(f"{before}import {name} version 3 as got\nimport demo")
        assert names["got"] is sys.modules[name]
        assert names["demo"].VERSION == "1.0"
        assert execute(f"import {name} version '>=3' as got")["got"] is names["got"]
        assert refusal(f"import {name} version 1")[0].endswith(f": {name} 3.0 is loaded already")

    @pytest.mark.parametrize("make", [make_flat, make_versioned])
    def test_vendored_copy(self, execute, refusal, site, make):
        files = {"host/__init__.py": "", "host/_vendor/__init__.py": "", "host/_vendor/demo.py": "VERSION = '0.9'"}
        make(site, "host", "3.0", files)
        make_versioned(site, "demo", "1.0")
        names = execute("import host._vendor.demo version 3 as copy\nimport demo version 1")
        assert (names["copy"].VERSION, names["demo"].VERSION) == ("0.9", "1.0")
        assert refusal("import host._vendor.demo version 0.9")[0].endswith(": host._vendor.demo 3.0 is loaded already")

    def test_vendored_copy_in_the_place_of_the_module(self, refusal, execute, site):
        files = {
            "host/__init__.py": "import sys\nfrom host import demo\nsys.modules['demo'] = demo",
            "host/demo.py": "",
        }
        make_flat(site, "host", "3.0", files)
        make_versioned(site, "demo", "1.0")
        execute("import host")
        assert refusal("import demo version 1")[1:3] == [
            f"  loaded from {site}/host/demo.py",
            "  its version can't be known: no metadata belongs to it",
        ]

    @pytest.mark.usefixtures("demos")
    def test_renamed(self, execute, refusal, site):
        make_versioned(site, "other", "1.5")
        execute("import demo")
        sys.modules["other"] = sys.modules.pop("demo")
        assert "  its version can't be known: no metadata belongs to it" in refusal("import other version 1.5")
        assert execute("import demo version 2")["demo"].VERSION == "2.0"

    def test_distribution_that_puts_another_module_in_its_place(self, execute, site):
        make_versioned(site, "demo", "1.0")
        make_versioned(
            site,
            "old-demo",
            "4.0",
            {"old_demo.py": "import sys, demo\nsys.modules[__name__] = demo"},
            requires=["demo"],
        )
        first = execute("import old_demo version 4")["old_demo"]
        assert first is sys.modules["demo"]
        assert execute("import old_demo version '>=4'")["old_demo"] is first

    def test_object_that_a_module_puts_in_its_place(self, execute, site):
        text = "import sys\nclass Odd: VERSION = '1.0'\nsys.modules[__name__] = Odd()"
        make_versioned(site, "odd", "1.0", {"odd.py": text})
        assert execute("import odd version 1")["odd"].VERSION == "1.0"
        del sys.modules["odd"]


@pytest.mark.usefixtures("demos")
class TestLoadedLazily:
    """A module of `importlib.util.LazyLoader` is known without being made to load."""

    @pytest.fixture
    def lazy(self, site):
        spec = importlib.util.find_spec("demo")
        spec.loader = importlib.util.LazyLoader(spec.loader)
        module = sys.modules["demo"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def test_same_version(self, execute, lazy):
        assert execute("import demo version 1.5")["demo"] is lazy
        assert lazy.VERSION == "1.5"

    def test_another_version(self, refusal, lazy):
        assert refusal("import demo version 2")[0].endswith(": demo 1.5 is loaded already")
        assert type(lazy).__name__ == "_LazyModule"

    def test_submodule(self, execute, lazy):
        assert execute("from demo.sub version 1.5 import VERSION as v")["v"] == lazy.VERSION == "1.5"


@pytest.mark.parametrize(
    ("program", "first"),
    [
        ("import early\nimport demo version 2\n", "early.py:1"),
        ("import demo\nimport early\nimport demo version 2\n", "app.py:2"),
        ("import lazy\nlazy.work()\nimport demo version 2\n", "lazy.py:2"),
        ("import outer\nimport demo version 2\n", "early.py:1"),
    ],
)
def test_first_importer_in_a_real_process(children, site, program, first):
    make_flat(site, "demo", "1.5")
    make_versioned(site, "demo", "2.0")
    children.write("early.py", "import demo\n")
    children.write("outer.py", "import early\n")
    children.write("lazy.py", "def work():\n    import demo\n")
    script = children.write("app.py", f"# coding: versioned\n{program}")
    done = children.start(script, environ={"PYTHONPATH": str(site)})
    tail = done.stderr.split("versioned_import.VersionConflictError: ")[1].rstrip("\n").split("\n")
    where = "before" if first.startswith("app.py") else "where it runs before"
    assert tail == [
        f"import demo version 2 ({script}:{program.count(chr(10)) + 1}): demo 1.5 is loaded already",
        f"  loaded from {site} (flat install)",
        f"  imported first by {children.program}/{first}",
        f"  the installed demo 2.0 fits: put this import {where} {children.program}/{first}",
    ]
    # The story is in the message, not in our frames.
    assert done.stderr.count(f"{os.sep}versioned_import{os.sep}") == 0
