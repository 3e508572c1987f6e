"""Namespace packages of the old kind: each portion ships the same `__init__.py` (spec 3.9)."""

import importlib
import inspect
import pkgutil
import sys

import pytest
from made import make_flat, make_versioned, write

from versioned_import.errors import VersionNotFoundError
from versioned_import.metadata.layout import read_versioned
from versioned_import.metadata.shared import joins_portions

EXTEND = '"""Shared."""\n__path__ = __import__("pkgutil").extend_path(__path__, __name__)\n'
DECLARE = """try:
    __import__("pkg_resources").declare_namespace(__name__)
except ImportError:
    from pkgutil import extend_path
    __path__ = extend_path(__path__, __name__)
"""
PKG_RESOURCES = """
# What pkg_resources does with a namespace package: the portions in the order of sys.path, all others behind.
import os, pkgutil, sys
_namespace_packages = {}
def declare_namespace(name):
    _namespace_packages[name] = []
    module = sys.modules[name]
    for entry in sys.path:
        portion = os.path.join(entry, name)
        if os.path.isfile(os.path.join(portion, "__init__.py")) and portion not in module.__path__:
            module.__path__.append(portion)
    order = {os.path.join(entry, name): number for number, entry in enumerate(sys.path)}
    module.__path__[:] = sorted(module.__path__, key=lambda portion: order.get(portion, len(order)))
"""


def portion(name, version, init=EXTEND, **more):
    """Return the files of a distribution in the namespace package `shared`, or below it where the name has a dot."""
    *between, last = name.split(".")
    folders = ["/".join(["shared", *between[:size]]) for size in range(len(between) + 1)]
    files = {f"{folder}/__init__.py": init for folder in folders} if init else {}
    files[f"{folders[-1]}/{last}/__init__.py"] = f"VERSION = {version!r}\n"
    return files | {f"{folders[-1]}/{last}/{module}.py": text for module, text in more.items()}


@pytest.fixture(autouse=True)
def _on_the_path(site, monkeypatch):
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("VERSIONED_IMPORT_PATH", str(site))


class TestNames:
    """What an `__init__.py` joins is a namespace package, whatever RECORD looks like."""

    @pytest.mark.parametrize("init", [EXTEND, DECLARE, f"# A licence.\nfrom __future__ import annotations\n{DECLARE}"])
    def test_at_any_depth(self, site, init):
        make_versioned(site, "shared.deep.one", "1.0", portion("deep.one", "1.0", init))
        assert read_versioned(str(site), "shared-deep-one-1.0", 0).names == ("shared.deep.one",)

    @pytest.mark.parametrize(
        "init",
        [
            "",
            f"{DECLARE}__version__ = '3.3.0'\n",
            f"{EXTEND}from shared.one import *\n",
            f"{EXTEND}from . import one\n",
            f"{EXTEND}import os\n",
            f"{EXTEND}def work(): pass\n",
            f"{EXTEND}#{'x' * 3000}\n",
            "__path__ = extend_path(\n",
            "extend_path = None\n",
        ],
    )
    def test_one_that_has_something_of_its_own_is_a_package_like_any_other(self, site, init):
        make_versioned(site, "shared.one", "1.0", portion("one", "1.0") | {"shared/__init__.py": init})
        assert read_versioned(str(site), "shared-one-1.0", 0).names == ("shared",)

    def test_record_without_sizes(self, site):
        record = "shared/__init__.py,,\nshared/one/__init__.py,,\n"
        make_versioned(site, "shared.one", "1.0", portion("one", "1.0"), record=record)
        assert read_versioned(str(site), "shared-one-1.0", 0).names == ("shared.one",)

    def test_distribution_of_the_init_alone(self, site):
        make_versioned(site, "shared", "1.0", {"shared/__init__.py": EXTEND})
        assert read_versioned(str(site), "shared-1.0", 0).names == ("shared",)

    def test_file_that_is_none(self, tmp_path):
        assert not joins_portions(str(tmp_path / "absent.py"))


@pytest.mark.parametrize("init", [EXTEND, DECLARE])
class TestImports:
    def test_two_chosen_and_a_flat_one(self, execute, site, init):
        for name in ("one", "two"):
            make_versioned(site, f"shared.{name}", "1.0", portion(name, "1.0", init))
            make_versioned(site, f"shared.{name}", "2.0", portion(name, "2.0", init))
        make_flat(site, "shared.flat", "3.0", portion("flat", "3.0", init))
        names = execute("import shared.one version 1\nimport shared.two version 2\nimport shared.flat")
        shared = names["shared"]
        assert (shared.one.VERSION, shared.two.VERSION, shared.flat.VERSION) == ("1.0", "2.0", "3.0")
        # It is the package of the first portion, as with plain Python.
        assert shared.__file__ == str(site / "shared-one-1.0" / "shared" / "__init__.py")
        assert inspect.getsource(shared) == init
        assert sorted(one.name for one in pkgutil.iter_modules(shared.__path__)) == ["flat", "one", "two"]

    def test_plain_import_of_a_flat_portion_came_first(self, execute, site, init):
        make_versioned(site, "shared.one", "1.0", portion("one", "1.0", init))
        make_flat(site, "shared.one", "9.0", portion("one", "9.0", init))
        make_flat(site, "shared.flat", "3.0", portion("flat", "3.0", init))
        names = execute("import shared.flat\nimport shared.one version 1")
        assert (names["shared"].flat.VERSION, names["shared"].one.VERSION) == ("3.0", "1.0")

    def test_three_kinds_mixed(self, execute, site, init):
        make_versioned(site, "shared.one", "1.0", portion("one", "1.0", init))
        make_versioned(site, "shared.native", "2.0", portion("native", "2.0", ""))
        make_flat(site, "shared.flat", "3.0", portion("flat", "3.0", init))
        text = "import shared.{} version {}\nimport shared.{} version {}\nimport shared.flat version 3"
        shared = execute(text.format("native", 2, "one", 1))["shared"]
        assert (shared.native.VERSION, shared.one.VERSION, shared.flat.VERSION) == ("2.0", "1.0", "3.0")

    def test_native_chosen_beside_a_flat_one(self, execute, site, init):
        make_versioned(site, "shared.native", "2.0", portion("native", "2.0", ""))
        make_flat(site, "shared.flat", "3.0", portion("flat", "3.0", init))
        shared = execute("import shared.native version 2\nimport shared.flat")["shared"]
        assert (shared.native.VERSION, shared.flat.VERSION) == ("2.0", "3.0")

    def test_levels_below_the_top(self, execute, site, init):
        for name, kind in (("deep.one", init), ("deep.two", ""), ("deep.three", init)):
            make_versioned(site, f"shared.{name}", "1.0", portion(name, "1.0", kind))
        make_flat(site, "shared.deep.flat", "3.0", portion("deep.flat", "3.0", init))
        text = "import shared.deep.flat\n" + "".join(
            f"import shared.deep.{n} version 1\n" for n in ("one", "two", "three")
        )
        deep = execute(text)["shared"].deep
        assert [deep.one.VERSION, deep.two.VERSION, deep.three.VERSION, deep.flat.VERSION] == [
            "1.0",
            "1.0",
            "1.0",
            "3.0",
        ]
        found = sorted(one.name for one in pkgutil.iter_modules(deep.__path__))
        assert found == ["flat", "one", "three", "two"]

    def test_dependency_in_the_namespace_by_a_plain_import(self, execute, site, init):
        files = portion("deep.one", "1.0", init, lazy="import shared.deep.core\nVERSION = shared.deep.core.VERSION\n")
        make_versioned(site, "shared.deep.one", "1.0", files, requires=["shared.deep.core<2"])
        for version in ("1.0", "2.0"):
            make_versioned(site, "shared.deep.core", version, portion("deep.core", version, init))
        assert execute("from shared.deep.one version 1 import lazy")["lazy"].VERSION == "1.0"

    def test_plain_import_of_what_only_a_versioned_directory_has(self, execute, site, init):
        make_flat(site, "shared.flat", "3.0", portion("flat", "3.0", init))
        make_versioned(site, "shared.one", "1.0", portion("one", "1.0", init))
        make_versioned(site, "shared.one", "2.0", portion("one", "2.0", init))
        assert execute("import shared.flat\nimport shared.one as one")["one"].VERSION == "2.0"

    def test_no_version_of_its_own(self, execute, site, init):
        make_flat(site, "shared.flat", "3.0", portion("flat", "3.0", init))
        for text in ("import shared version 3", "import shared.flat\nimport shared version 3"):
            with pytest.raises(
                VersionNotFoundError, match="shared is a namespace package, which has no version of its own"
            ):
                execute(text)

    def test_same_in_a_child_warm_and_cold(self, children, site, init):
        make_versioned(site, "shared.deep.one", "1.0", portion("deep.one", "1.0", init))
        make_versioned(site, "shared.deep.two", "1.0", portion("deep.two", "1.0", init))
        text = "import shared.deep.one version 1, shared.deep.two version 1\nprint(shared.deep.__path__)"
        assert children.output(text) == children.output(text)


def test_pkg_resources_that_puts_the_flat_portion_in_front(execute, site, second_site, monkeypatch):
    monkeypatch.syspath_prepend(str(second_site))
    write(second_site / "pkg_resources.py", PKG_RESOURCES)
    monkeypatch.delitem(sys.modules, "pkg_resources", raising=False)
    make_versioned(site, "shared.one", "1.0", portion("one", "1.0", DECLARE, extra="X = 1"))
    make_flat(site, "shared.one", "9.0", portion("one", "9.0", DECLARE))
    make_flat(site, "shared.flat", "3.0", portion("flat", "3.0", DECLARE))
    names = execute("import shared.one version 1\nimport shared.flat")
    assert names["shared"].__path__[0] == str(site / "shared")
    assert names["shared"].one.VERSION == "1.0"
    assert importlib.import_module("shared.one.extra").X == 1


def test_package_that_has_nothing_to_do_with_the_namespace_keeps_its_path(execute, site, tmp_path, monkeypatch):
    write(tmp_path / "program" / "helpers" / "__init__.py", "OWN = True\n")
    monkeypatch.syspath_prepend(str(tmp_path / "program"))
    make_versioned(site, "one", "1.0", {"one.py": "", "helpers/thing.py": ""})
    helpers = execute("import helpers\nimport one version 1")["helpers"]
    assert helpers.__path__ == [str(tmp_path / "program" / "helpers")]
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("helpers.thing")
