"""An import that fails half-way and is tried again, with the same and with another version: right afterwards."""

import importlib.util
import sys
from importlib.metadata import version

import pytest
from made import make_flat, make_versioned, write

from versioned_import.errors import VersionConflictError
from versioned_import.runtime.importer import first_importer

FAILURES = {
    "an exception": "1 / 0",
    "an interrupt": "raise KeyboardInterrupt",
    "an exit": "raise SystemExit(3)",
}
# Where it fails: file to text, with `fail` for the failure; and whether dep is loaded by then.
PLACES = {
    "in the package, at once": ({"demo/__init__.py": "{fail}"}, False),
    "in the package, after a submodule": ({"demo/__init__.py": "import demo.sub\n{fail}"}, False),
    "in the package, after a submodule by from": ({"demo/__init__.py": "from demo.sub import SUB\n{fail}"}, False),
    "in a submodule": ({"demo/__init__.py": "import demo.sub, demo.bad", "demo/bad.py": "{fail}"}, False),
    "in a submodule of a submodule": (
        {
            "demo/__init__.py": "import demo.sub, demo.deep.bad",
            "demo/deep/__init__.py": "",
            "demo/deep/bad.py": "{fail}",
        },
        False,
    ),
    "in a dependency": ({"demo/__init__.py": "import demo.sub, dep"}, False),
    "after the dependency": ({"demo/__init__.py": "import demo.sub, dep\n{fail}"}, True),
}


@pytest.fixture
def demos(site):
    """Return a function that installs demo 1.0, which fails as long as `failing.NOW`, and demo 2.0."""

    def make(place, failure, requires=True):
        files, _ = PLACES[place]
        fail = f"import failing\nif failing.NOW:\n    {FAILURES[failure]}"
        texts = {path: text.format(fail=fail) + "\nVERSION = '1.0'\n" for path, text in files.items()}
        texts["demo/sub.py"] = "SUB = '1.0'\n"
        bad = {"dep/__init__.py": f"{fail}\nVERSION = '1.0'\n" if place == "in a dependency" else "VERSION = '1.0'\n"}
        make_versioned(site, "demo", "1.0", texts, requires=["dep<2"] if requires else [])
        make_versioned(site, "dep", "1.0", bad)
        good = {"demo/__init__.py": "VERSION = '2.0'\nfrom demo.sub import SUB\n", "demo/sub.py": "SUB = '2.0'\n"}
        make_versioned(site, "demo", "2.0", good, requires=["dep>=2"])
        make_versioned(site, "dep", "2.0", {"dep/__init__.py": "VERSION = '2.0'\n"})

    return make


@pytest.fixture(autouse=True)
def failing(monkeypatch):
    import types

    module = types.ModuleType("failing")
    module.NOW = True
    monkeypatch.setitem(sys.modules, "failing", module)
    return module


def fails(execute, text):
    with pytest.raises(BaseException) as caught:  # noqa: PT011 which one is the table's
        execute(text)
    assert not isinstance(caught.value, VersionConflictError)


def places():
    return [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("place", PLACES)
class TestTriedAgain:
    def test_same_version(self, demos, execute, site, failing, place, failure):
        demos(place, failure)
        for _ in range(2):
            fails(execute, "import demo version 1")
        failing.NOW = False
        names = execute("import demo version 1\nimport demo.sub, dep")
        assert (names["demo"].VERSION, names["demo"].sub.SUB, names["dep"].VERSION) == ("1.0", "1.0", "1.0")
        assert (version("demo"), version("dep")) == ("1.0", "1.0")

    def test_another_version(self, demos, execute, site, process, place, failure):
        demos(place, failure)
        fails(execute, "import demo version 1")
        if PLACES[place][1]:
            if failure != "an exception":
                return  # finding out who imported dep first takes long here, and is the same
            with pytest.raises(VersionConflictError, match=r"dep 1\.0 is loaded already"):
                execute("import demo version 2")
            return
        names = execute("import demo version 2\nimport demo.sub, dep")
        assert (names["demo"].VERSION, names["demo"].sub.SUB, names["dep"].VERSION) == ("2.0", "2.0", "2.0")
        assert (version("demo"), version("dep")) == ("2.0", "2.0")
        assert not [place for place in places() if place.startswith((f"{site}/demo-1.0/", f"{site}/dep-1.0/"))]
        assert {one.version for one in process.selection.values()} == {"2.0"}

    def test_nothing_remains_selected(self, demos, execute, process, place, failure):
        demos(place, failure)
        fails(execute, "import demo version 1")
        assert [*process.selection] == (["dep"] if PLACES[place][1] else [])
        assert process.answered == []
        assert not [name for name in sys.modules if name.partition(".")[0] == "demo" or "versioned_demo" in name]


class TestOtherModules:
    """What else stands in `sys.modules` has no part in a failure: it is not run, and hides nothing."""

    @pytest.fixture(autouse=True)
    def _failing_demo(self, site):
        make_versioned(site, "demo", "1.0", {"demo/__init__.py": "import demo.sub\n1 / 0", "demo/sub.py": ""})

    @pytest.mark.parametrize("text", ["RAN = True", "raise RuntimeError('run by somebody else')"])
    def test_lazy_module_is_not_run(self, execute, tmp_path, monkeypatch, text):
        spec = importlib.util.spec_from_file_location("dozing", write(tmp_path / "dozing.py", text))
        spec.loader = importlib.util.LazyLoader(spec.loader)
        lazy = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(lazy)
        with monkeypatch.context() as table:
            table.setitem(sys.modules, "dozing", lazy)
            with pytest.raises(ZeroDivisionError):
                execute("import demo version 1")
            assert first_importer("nowhere_at_all", "") == ""
        assert type(lazy).__name__ == "_LazyModule"
        assert "demo.sub" not in sys.modules

    def test_objects_that_raise(self, execute, monkeypatch):
        class Raising:
            def __getattribute__(self, name):
                raise RuntimeError(name)

        class BadPath:
            __file__ = None

            @property
            def __path__(self):
                return (1 / 0 for _ in "x")

        with monkeypatch.context() as table:
            table.setitem(sys.modules, "raising", Raising())
            table.setitem(sys.modules, "bad_path", BadPath())
            with pytest.raises(ZeroDivisionError):
                execute("import demo version 1")
            assert first_importer("nowhere_at_all", "") == ""
        assert "demo.sub" not in sys.modules


class TestWhatStays:
    def test_a_flat_install_is_seen_again(self, execute, site, demos, monkeypatch):
        monkeypatch.syspath_prepend(str(site))
        demos("in the package, after a submodule", "an exception", requires=False)
        make_flat(site, "demo", "1.5", {"demo/__init__.py": "from demo.sub import SUB\n", "demo/sub.py": "SUB = '1.5'"})
        fails(execute, "import demo version '==1.0'")
        assert version("demo") == "1.5"
        assert execute("import demo")["demo"].SUB == "1.5"

    def test_what_another_statement_relies_on(self, execute, site, process):
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "bad", "1.0", {"bad.py": "import dep\n1 / 0\n"}, requires=["dep"])
        execute("import dep version 1")
        fails(execute, "import bad version 1")
        assert [*process.selection] == ["dep"]

    def test_what_a_loaded_dependency_imports_later(self, execute, site, process):
        make_versioned(site, "late", "1.0")
        make_versioned(site, "late", "2.0")
        make_versioned(
            site, "dep", "1.0", {"dep.py": "def late():\n    import late\n    return late\n"}, requires=["late<2"]
        )
        make_versioned(site, "bad", "1.0", {"bad.py": "import dep\n1 / 0\n"}, requires=["dep"])
        fails(execute, "import bad version 1")
        assert sorted(process.selection) == ["dep", "late"]
        assert sys.modules["dep"].late().VERSION == "1.0"

    def test_a_loaded_dependency_that_requires_what_failed(self, execute, site, process):
        for number, text in (("1.0", "import bad.sub, dep\n1 / 0\n"), ("1.5", "import bad.sub\n")):
            files = {"bad/__init__.py": text, "bad/sub.py": f"V = {number!r}\n"}
            make_versioned(site, "bad", number, files, requires=["dep"])
        make_versioned(site, "dep", "1.0", requires=["bad<2"])
        fails(execute, "import bad version '==1.0'")
        assert version("bad") == "1.0"
        assert execute("import bad version '==1.5'")["bad"].sub.V == "1.5"

    def test_a_submodule_that_fails_leaves_its_package(self, execute, site, process):
        files = {"demo/__init__.py": "VERSION = '1.0'", "demo/bad.py": "1 / 0"}
        make_versioned(site, "demo", "1.0", files)
        make_versioned(site, "demo", "2.0", {**files, "demo/bad.py": ""})
        fails(execute, "import demo.bad version 1")
        assert sys.modules["demo"].VERSION == "1.0"
        with pytest.raises(VersionConflictError, match=r"demo 1\.0 is loaded already"):
            execute("import demo version 2")
        assert execute("import demo version 1")["demo"] is sys.modules["demo"]

    def test_portion_of_a_namespace_package(self, execute, site, process):
        for number, text in (("1.0", "1 / 0"), ("2.0", "VERSION = '2.0'")):
            files = {
                "space/part/__init__.py": f"from space.part import sub\n{text}",
                "space/part/sub.py": f"V = '{number}'",
            }
            make_versioned(site, "demo", number, files)
        make_versioned(site, "other", "1.0", {"space/other.py": "VERSION = '1.0'"})
        execute("import space.other version 1")
        fails(execute, "import space.part version 1")
        assert list(sys.modules["space"].__path__) == [f"{site}/other-1.0/space"]
        names = execute("import space.part version 2\nfrom space.part import sub\nimport space.other")
        assert (names["space"].part.VERSION, names["sub"].V, names["space"].other.VERSION) == ("2.0", "2.0", "1.0")

    def test_module_of_a_namespace_package_that_another_module_had_loaded(self, execute, site):
        # The statement fails after space.part was loaded, and bound to the namespace package, which stays.
        files = {"space/part.py": "VERSION = {!r}", "demo.py": "import space.part\n{}"}
        for number, text in (("1.0", "1 / 0"), ("2.0", "")):
            texts = {path: content.format(number if "space" in path else text) for path, content in files.items()}
            make_versioned(site, "demo", number, texts)
        make_versioned(site, "other", "1.0", {"space/other.py": ""})
        execute("import space.other version 1")
        fails(execute, "import demo version 1")
        with pytest.raises(VersionConflictError, match=r"demo 1\.0 is loaded already"):
            execute("import demo version 2")
        assert execute("from space import part")["part"].VERSION == "1.0"
