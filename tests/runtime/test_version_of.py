"""`version_of(module)`: the version of the distribution that a loaded module came with, never a guess."""

import importlib.util
import json
import sys
import types

import pytest
from made import make_flat, make_versioned, one_package, write

from versioned_import import version_of


@pytest.fixture(autouse=True)
def _on_the_path(process, site, monkeypatch):
    monkeypatch.syspath_prepend(str(site))


class TestKnown:
    def test_selected(self, execute, site):
        make_versioned(site, "demo", "1.0", one_package("demo", "1.0", sub=""), requires=["dep"])
        make_versioned(site, "dep", "2.0")
        names = execute("import demo version 1\nimport demo.sub, dep")
        assert version_of(names["demo"]) == version_of("demo") == "1.0"
        assert version_of(names["demo"].sub) == version_of("demo.sub") == "1.0"
        assert version_of("dep") == "2.0"

    def test_flat(self, execute, site):
        make_flat(site, "demo", "1.5", one_package("demo", "1.5", sub=""))
        execute("import demo.sub")
        assert (version_of("demo"), version_of("demo.sub")) == ("1.5", "1.5")

    def test_flat_module_of_another_name_than_its_distribution(self, execute, site):
        make_flat(site, "demo-full", "1.5", {"demo.py": ""})
        assert version_of(execute("import demo")["demo"]) == "1.5"

    def test_editable(self, execute, site, tmp_path, monkeypatch):
        source = write(tmp_path / "checkout" / "src" / "demo.py", "").parent
        info = make_flat(site, "demo", "1.5", {"demo.pth": f"{source}\n"})
        write(info / "direct_url.json", f'{{"url": "file://{tmp_path}/checkout", "dir_info": {{"editable": true}}}}')
        monkeypatch.syspath_prepend(str(source))
        assert version_of(execute("import demo")["demo"]) == "1.5"

    def test_below_a_namespace_package(self, execute, site):
        make_versioned(site, "space-one", "1.0", {"space/one/__init__.py": "", "space/one/sub.py": ""})
        make_versioned(site, "space-two", "2.0", {"space/two.py": ""})
        execute("import space.one.sub version 1\nimport space.two version 2")
        assert (version_of("space.one"), version_of("space.one.sub"), version_of("space.two")) == ("1.0", "1.0", "2.0")

    def test_alias_has_the_version_of_what_it_stands_for(self, execute, site, monkeypatch):
        make_versioned(site, "client", "2.31", {"client/__init__.py": ""}, requires=["pool"])
        make_versioned(site, "pool", "1.26", one_package("pool", "1.26"))
        names = execute("import client version 2\nimport pool")
        monkeypatch.setitem(sys.modules, "client.packages.pool", names["pool"])
        assert version_of("client.packages.pool") == "1.26"

    def test_vendored_copy_came_with_the_distribution_that_ships_it(self, execute, site):
        files = {"host/__init__.py": "", "host/_vendor/__init__.py": "", "host/_vendor/client.py": "__version__ = '9'"}
        make_flat(site, "host", "23.0", files)
        make_flat(site, "client", "2.0")
        execute("import host._vendor.client")
        assert version_of("host._vendor.client") == "23.0"

    def test_submodule_whose_package_is_not_loaded(self, execute, site):
        make_flat(site, "demo", "1.5", one_package("demo", "1.5", sub=""))
        sub = execute("import demo.sub")["demo"].sub
        del sys.modules["demo"]
        assert version_of(sub) == version_of("demo.sub") == "1.5"

    def test_module_that_is_not_in_the_table_any_more(self, execute, site):
        make_versioned(site, "demo", "1.0")
        demo = execute("import demo version 1")["demo"]
        del sys.modules["demo"]
        assert version_of(demo) == "1.0"
        assert version_of("demo") is None

    def test_run_as_the_program(self, children, site):
        make_flat(
            site,
            "demo",
            "1.5",
            {
                "demo/__init__.py": "",
                "demo/__main__.py": "import versioned_import\nprint(versioned_import.version_of('__main__'))\n",
            },
        )
        assert children.start("-m", "demo", environ={"PYTHONPATH": str(site)}).stdout == "1.5\n"


class TestUnknown:
    def test_not_loaded(self, site):
        make_flat(site, "demo", "1.5")
        assert version_of("demo") is None
        assert "demo" not in sys.modules

    @pytest.mark.parametrize("module", [sys, json, importlib.util, types])
    def test_standard_library(self, module):
        assert version_of(module) is None

    def test_made_at_run_time(self, monkeypatch):
        made = types.ModuleType("demo")
        monkeypatch.setitem(sys.modules, "demo", made)
        assert version_of(made) is version_of("demo") is None

    def test_no_metadata(self, execute, site):
        write(site / "demo.py", "__version__ = '1.0'\n")
        assert version_of(execute("import demo")["demo"]) is None

    def test_two_claim_it(self, execute, site):
        make_flat(site, "demo-full", "1.0", one_package("demo", "1.0", sub=""))
        make_flat(site, "demo-lite", "2.0", {"demo/__init__.py": ""})
        execute("import demo.sub")
        assert (version_of("demo"), version_of("demo.sub")) == (None, None)

    def test_namespace_package(self, execute, site):
        make_versioned(site, "space-one", "1.0", {"space/one.py": ""})
        execute("import space.one version 1")
        assert version_of("space") is None

    def test_a_module_elsewhere_that_has_the_name_of_a_package_here(self, execute, site, tmp_path):
        make_flat(site, "demo", "1.5", one_package("demo", "1.5"))
        execute("import demo")
        file = write(tmp_path / "elsewhere" / "sub.py", "")
        spec = importlib.util.spec_from_file_location("demo.sub", file)
        assert version_of(importlib.util.module_from_spec(spec)) is None

    @pytest.mark.parametrize("value", [None, 1, b"json", ["json"]])
    def test_neither_module_nor_name(self, value):
        with pytest.raises(TypeError, match="takes a module or an import name"):
            version_of(value)
