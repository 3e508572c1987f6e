"""What a look without an import does, and an import whose module fails (spec 3.8)."""

import copy
import pkgutil
import sys
from importlib.machinery import EXTENSION_SUFFIXES, SourceFileLoader
from importlib.util import LazyLoader, find_spec, module_from_spec

import pytest
from fresh_state import forget_modules
from made import make_flat, make_versioned, one_package, remove

from versioned_import.errors import VersionNotFoundError


class TestProbe:
    """`importlib.util.find_spec` and `pkgutil` only look: nothing is selected by them, and they raise nothing."""

    @pytest.fixture(autouse=True)
    def _environment(self, site, monkeypatch):
        monkeypatch.setenv("VERSIONED_IMPORT_PATH", str(site))
        make_versioned(site, "demo", "1.0", {"demo.py": "import dep\nSEEN = dep.VERSION\n"}, requires=["dep==2.0"])
        for version in ("1.0", "2.0", "3.0"):
            make_versioned(site, "dep", version)

    def test_selects_nothing(self, execute, process, site):
        assert find_spec("demo").origin == str(site / "demo-1.0" / "demo.py")
        assert (process.selection, process.answered) == ({}, [])
        assert execute("import dep version 1")["dep"].VERSION == "1.0"

    def test_later_import_is_as_without_it(self, execute):
        find_spec("demo")
        assert execute("import dep")["dep"].VERSION == "3.0"

    @pytest.mark.parametrize("lazy", [False, True])
    def test_spec_that_is_loaded(self, process, lazy):
        spec = find_spec("demo")
        if lazy:
            spec.loader = LazyLoader(spec.loader)
        module = module_from_spec(spec)
        sys.modules["demo"] = module
        spec.loader.exec_module(module)
        assert module.SEEN == "2.0"
        assert process.selection["demo"].version == "1.0"
        assert type(module.__spec__.loader) is type(module.__loader__) is SourceFileLoader

    def test_spec_that_does_not_agree_with_what_is_selected_since(self, execute, process):
        spec = find_spec("demo")
        execute("import dep version 1")
        with pytest.raises(
            VersionNotFoundError, match=r"(?s)^import demo .*no installed.*  demo 1.0 asks for dep==2.0\n"
        ):
            module_from_spec(spec)
        assert list(process.selection) == ["dep"]

    def test_code_of_a_probed_module(self, process):
        assert "dep" in find_spec("demo").loader.get_code("demo").co_names
        assert process.selection["dep"].version == "2.0"

    def test_copy(self):
        assert copy.copy(find_spec("demo").loader).get_filename("demo").endswith("demo.py")

    def test_what_can_not_be_imported_is_not_there(self, site):
        make_versioned(site, "misfit", "1.0", tags=["py2-none-any"])
        make_versioned(site, "lonely", "1.0", requires=["absent"])
        make_versioned(site, "one", "1.0", {"both.py": ""})
        make_versioned(site, "two", "1.0", {"both.py": ""})
        assert [find_spec(name) for name in ("misfit", "lonely", "both", "absent")] == [None] * 4

    def test_what_is_gone_is_not_there(self, execute, site):
        execute("import demo version 1")
        forget_modules(site)
        remove(site / "demo-1.0")
        assert find_spec("demo") is None
        names = [module.name for module in pkgutil.iter_modules()]
        assert "demo" not in names
        assert "dep" in names
        assert list(pkgutil.walk_packages([str(site)])) == []
        with pytest.raises(ImportError, match=r"demo"):
            execute("import demo")

    def test_submodule_of_what_is_gone(self, execute, site):
        make_versioned(site, "pack", "1.0", one_package("pack", "1.0", sub=""))
        execute("import pack version 1")
        remove(site / "pack-1.0")
        assert find_spec("pack.sub") is None
        with pytest.raises(ImportError, match=r"pack"):
            execute("import pack.sub")

    def test_what_is_gone_is_never_another_version(self, execute, site, monkeypatch):
        monkeypatch.syspath_prepend(str(site))
        make_flat(site, "dep", "9.0")
        execute("import dep version 1")
        forget_modules(site)
        remove(site / "dep-1.0")
        with pytest.raises(ImportError, match=r"dep"):
            find_spec("dep")
        assert "dep" in [module.name for module in pkgutil.iter_modules()]


class TestFailingModule:
    """A plain import whose module fails leaves nothing selected."""

    @pytest.fixture(autouse=True)
    def _environment(self, site, monkeypatch):
        monkeypatch.setenv("VERSIONED_IMPORT_PATH", str(site))
        for version in ("1.0", "2.0"):
            make_versioned(site, "dep", version)

    @pytest.mark.parametrize("name", ["demo", "space.demo"])
    def test_module_that_raises(self, execute, site, process, name):
        path = name.replace(".", "/")
        make_versioned(site, "demo", "1.0", {f"{path}.py": "raise ImportError('no libfoo')\n"}, requires=["dep==2.0"])
        for _ in range(2):
            with pytest.raises(ImportError, match=r"^no libfoo$"):
                execute(f"import {name}")
            assert (process.selection, process.answered) == ({}, [])
        assert name not in sys.modules
        assert execute("import dep version 1")["dep"].VERSION == "1.0"

    def test_extension_module_that_can_not_be_loaded(self, execute, site, process):
        make_versioned(site, "demo", "1.0", {f"demo{EXTENSION_SUFFIXES[0]}": "no library"}, requires=["dep==2.0"])
        with pytest.raises(ImportError):
            execute("import demo")
        assert process.selection == {}

    def test_what_it_has_loaded_stays_selected(self, execute, site, process):
        make_versioned(site, "demo", "1.0", {"demo.py": "import dep\n1 / 0\n"}, requires=["dep==2.0"])
        with pytest.raises(ZeroDivisionError):
            execute("import demo")
        assert list(process.selection) == ["dep"]

    def test_module_is_as_python_makes_it(self, execute, site):
        make_versioned(site, "demo", "1.0", {"demo.py": "TYPES = type(__loader__), type(__spec__.loader)\n"})
        demo = execute("import demo")["demo"]
        assert {*demo.TYPES, type(demo.__loader__), type(demo.__spec__.loader)} == {SourceFileLoader}


def test_later_finder_that_needs_its_target(execute, site, monkeypatch):
    class Finder:
        @staticmethod
        def find_spec(fullname, path, target):
            asked.append((fullname, path, target))

    asked = []
    monkeypatch.setenv("VERSIONED_IMPORT_PATH", str(site))
    make_versioned(site, "demo", "1.0")
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'absent'$"):
        execute("import absent")
    assert set(asked) == {("absent", None, None)}
