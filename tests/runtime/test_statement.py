"""The statement in all its forms, run in this process: what it binds is what a plain import binds."""

import importlib
import sys

import pytest
from made import make_flat, make_versioned, one_package

from versioned_import.errors import VersionConflictError, VersionNotFoundError


@pytest.fixture
def demo(site):
    """Install a package in two versions, with submodules that it does not import by itself."""
    for version in ("1.0", "2.0"):
        files = one_package("demo", version, sub=f"NAME = __name__\nVERSION = {version!r}\n")
        files["demo/__init__.py"] += "__all__ = ['VERSION', 'one']\none = 1\nhidden = 2\n"
        files["demo/deep/__init__.py"] = ""
        files["demo/deep/leaf.py"] = "from .. import VERSION as TOP\n"
        make_versioned(site, "demo", version, files)


@pytest.mark.usefixtures("demo")
class TestForms:
    """Every form of the statement (spec 1)."""

    def test_import(self, execute):
        assert execute("import demo version 1")["demo"] is sys.modules["demo"]
        assert sys.modules["demo"].VERSION == "1.0"

    def test_import_as(self, execute):
        names = execute("import demo version 1.0 as d")
        assert names["d"].VERSION == "1.0"
        assert "demo" not in names

    def test_dotted_name_binds_the_top(self, execute):
        names = execute("import demo.deep.leaf version 2")
        assert names["demo"].deep.leaf.TOP == "2.0"
        assert "leaf" not in names

    def test_dotted_name_as_binds_the_module(self, execute):
        assert execute("import demo.deep.leaf version 2 as q")["q"].__name__ == "demo.deep.leaf"

    def test_several_in_one_statement(self, execute, site):
        make_versioned(site, "other", "3.1")
        names = execute("import demo version 1, sys, other version '>=3,<4' as o, demo.sub version 1")
        assert (names["demo"].sub.VERSION, names["o"].VERSION, names["sys"]) == ("1.0", "3.1", sys)

    def test_from(self, execute):
        names = execute("from demo version 2 import VERSION as v, one")
        assert (names["v"], names["one"]) == ("2.0", 1)

    def test_parenthesised_list(self, execute):
        names = execute("from demo version 1 import (  # why\n    VERSION,\n    one as uno,\n)\nafter = 1")
        assert (names["VERSION"], names["uno"], names["after"]) == ("1.0", 1, 1)

    def test_star(self, execute):
        names = execute("from demo version 1 import *")
        assert (names["VERSION"], names["one"]) == ("1.0", 1)
        assert "hidden" not in names

    def test_submodule_that_the_package_does_not_import(self, execute):
        names = execute("from demo version 1 import sub\nfrom demo.deep version 1 import leaf")
        assert (names["sub"].NAME, names["leaf"].TOP) == ("demo.sub", "1.0")

    def test_name_that_is_not_there(self, execute):
        with pytest.raises(ImportError, match="cannot import name 'absent' from 'demo'"):
            execute("from demo version 1 import absent")

    def test_submodule_that_is_not_there(self, execute):
        with pytest.raises(ModuleNotFoundError, match=r"^No module named 'demo.absent'$"):
            execute("import demo.absent version 1")

    def test_twice_is_one_module(self, execute):
        first = execute("import demo version 1")["demo"]
        assert execute("import demo version 1")["demo"] is first
        assert execute("import demo version 1.0")["demo"] is first
        assert execute("import demo version '==1.0'")["demo"] is first
        assert execute("import demo")["demo"] is first

    def test_own_spec_is_kept(self, execute):
        demo = execute("import demo version 1\nimport demo version '<2'")["demo"]
        assert (demo.__spec__.name, demo.__name__, demo.__package__) == ("demo", "demo", "demo")
        assert demo.__spec__.origin == demo.__file__
        assert not demo.__spec__._initializing

    def test_scopes(self, execute):
        names = execute("""
            class Holder:
                import demo version 1 as inner
                from demo version 1 import one

            def local():
                import demo version 1
                from demo.deep version 1 import leaf
                return demo, leaf

            def declared():
                global everywhere
                import demo version 1 as everywhere

            def closed():
                import demo version 1
                return lambda: demo

            declared()
        """)
        demo = sys.modules["demo"]
        assert names["Holder"].inner is demo
        assert names["Holder"].one == 1
        assert names["local"]() == (demo, sys.modules["demo.deep.leaf"])
        assert names["everywhere"] is demo
        assert names["closed"]()() is demo
        assert "demo" not in names

    def test_reload(self, execute):
        demo = execute("import demo version 1")["demo"]
        demo.VERSION = "changed"
        assert importlib.reload(demo) is demo
        assert demo.VERSION == "1.0"
        assert demo.__spec__.name == "demo"

    def test_reload_of_a_submodule(self, execute):
        sub = execute("import demo.sub version 2 as s")["s"]
        assert importlib.reload(sub).VERSION == "2.0"

    def test_second_version_is_refused_and_the_first_stays(self, execute):
        execute("import demo version 1")
        with pytest.raises(VersionConflictError):
            execute("import demo version 2")
        assert execute("import demo version 1")["demo"].VERSION == "1.0"


class TestClosureAtRunTime:
    """Imports made by the chosen distribution, and later plain imports by the program, get the chosen versions (spec 3.7)."""

    @pytest.fixture(autouse=True)
    def _installed(self, site, monkeypatch):
        monkeypatch.syspath_prepend(str(site))
        make_versioned(site, "demo", "1.0", {"demo.py": "import dep\nSEEN = dep.VERSION\n"}, requires=["dep<2"])
        make_versioned(site, "dep", "1.0")
        make_flat(site, "dep", "2.0")

    def test_own_imports(self, execute):
        assert execute("import demo version 1")["demo"].SEEN == "1.0"

    def test_later_plain_imports(self, execute):
        assert execute("import demo version 1\nimport dep")["dep"].VERSION == "1.0"

    def test_earlier_plain_import_is_a_conflict(self, execute, site):
        execute("import dep")
        with pytest.raises(VersionConflictError) as caught:
            execute("import demo version 1")
        assert f"  dep 2.0 is loaded already: {site} (flat install)" in str(caught.value).split("\n")

    def test_earlier_plain_import_that_fits_stays(self, execute, site):
        make_versioned(site, "demo", "1.1", {"demo.py": "import dep\nSEEN = dep.VERSION\n"}, requires=["dep>=1"])
        assert execute("import dep\nimport demo version 1.1")["demo"].SEEN == "2.0"

    def test_without_a_versioned_import_nothing_changes(self, execute):
        assert execute("import dep")["dep"].VERSION == "2.0"

    def test_missing_dependency(self, execute, site):
        make_versioned(site, "lonely", "1.0", requires=["absent>=2"])
        with pytest.raises(VersionConflictError, match="absent is not installed"):
            execute("import lonely version 1")
        assert "lonely" not in sys.modules


class TestFailures:
    """An import that fails half-way leaves nothing behind, as a plain one."""

    def test_another_version_after_a_failure(self, execute, site, process):
        make_versioned(
            site, "demo", "1.0", {"demo.py": "import dep\nraise RuntimeError('half-way')\n"}, requires=["dep"]
        )
        make_versioned(site, "demo", "2.0", requires=["late"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "late", "1.0")
        for _ in range(2):
            with pytest.raises(RuntimeError, match="half-way"):
                execute("import demo version 1")
        assert "demo" not in sys.modules
        assert list(process.selection) == ["dep"]  # it is loaded, so it stays chosen
        assert execute("import demo version 2")["demo"].VERSION == "2.0"
        assert {one.distribution: one.version for one in process.selection.values()} == {
            "dep": "1.0",
            "demo": "2.0",
            "late": "1.0",
        }

    def test_other_statements_keep_what_they_got(self, execute, site, process):
        make_versioned(site, "shared", "1.0")
        make_versioned(site, "mine", "1.0")
        make_versioned(site, "holder", "1.0", requires=["shared"])
        # A statement that another thread executes meanwhile: its module is chosen, and not loaded yet.
        asking = "from versioned_import.runtime.resolve import select\nselect('holder', '1')\n"
        text = f"exec(compile({asking!r}, 'elsewhere.py', 'exec'))\nraise RuntimeError\n"
        make_versioned(site, "demo", "1.0", {"demo.py": text}, requires=["shared", "mine"])
        with pytest.raises(RuntimeError):
            execute("import demo version 1")
        assert process.selection.keys() == {"holder", "shared"}
        assert [one.name for one in process.answered] == ["holder"]

    def test_syntax_error_of_the_module(self, execute, site):
        make_versioned(site, "demo", "1.0", {"demo.py": "def broken(:\n"})
        with pytest.raises(SyntaxError):
            execute("import demo version 1")

    def test_not_found_is_a_module_not_found_error(self, execute, tmp_path):
        names = execute("try:\n    import absent version 1\nexcept ModuleNotFoundError as error:\n    e = error")
        assert isinstance(names["e"], VersionNotFoundError)
        assert names["e"].name == "absent"
        assert names["e"].where == f"{tmp_path}/app.py:2"

    def test_not_found_can_become_found(self, execute, site):
        with pytest.raises(VersionNotFoundError):
            execute("import demo version 1")
        make_versioned(site, "demo", "1.0")
        assert execute("import demo version 1")["demo"].VERSION == "1.0"


class TestCircles:
    """Circular imports through versioned statements see one module, half-made as with plain imports."""

    def test_two_modules(self, execute, site):
        left = "# coding: versioned\nNAME = 'left'\nimport right version 1\n"
        right = "# coding: versioned\nimport left version 1\nSEEN = left.NAME\nleft_module = left\n"
        make_versioned(site, "left", "1.0", {"left.py": left})
        make_versioned(site, "right", "1.0", {"right.py": right})
        left = execute("import left version 1")["left"]
        assert left.right.SEEN == "left"
        assert left.right.left_module is left is sys.modules["left"]
        assert (left.__spec__.name, left.right.__spec__.name) == ("left", "right")

    def test_package_and_its_submodule(self, execute, site):
        files = {
            "demo/__init__.py": "# coding: versioned\nfrom demo.sub version 1 import NAME\n",
            "demo/sub.py": "# coding: versioned\nimport demo version 1\nNAME = demo.__name__\n",
        }
        make_versioned(site, "demo", "1.0", files)
        assert execute("import demo version 1")["demo"].NAME == "demo"

    def test_module_that_imports_itself(self, execute, site):
        make_versioned(site, "demo", "1.0", {"demo.py": "# coding: versioned\nimport demo version 1 as me\n"})
        demo = execute("import demo version 1")["demo"]
        assert demo.me is demo
