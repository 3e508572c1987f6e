"""The code of locked modules is kept, and served to later processes that run from the lock."""

import os
import shutil
import time

import pytest
from environment import Environment
from made import one_package, write

SHOW = """
import sys, {names}
print([one for one in {modules} if type(sys.modules[one].__loader__).__name__ == "SourceFileLoader"])
print([one for one in sys.path_importer_cache if "1.0" in one])
"""


def show(*modules):
    return SHOW.format(names=", ".join(modules), modules=modules)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return an environment whose plan and code were kept, which takes until nothing has changed for two seconds."""
    home = Environment(tmp_path_factory.mktemp("kept") / "home")
    home.versioned("demo", "1.0", one_package("demo", "1.0", inner="from . import VERSION\n", edited="VALUE = 'old'\n"))
    home.versioned("demo", "2.0", one_package("demo", "2.0", inner="from . import VERSION\n"))
    home.versioned("hooked", "1.0", one_package("hooked", "1.0", late="import demo version 1.0\nGOT = demo.VERSION\n"))
    home.flat("flat", "1.0", one_package("flat", "1.0", inner=""))
    home.lock("demo==1.0", "hooked==1.0", "flat==1.0")
    home.environ["VERSIONED_IMPORT_PROJECT"] = str(home.program)
    home.settle()
    text = "import demo.inner, demo.edited, hooked, flat.inner"
    home.output("-c", text)  # Python compiles
    time.sleep(2.1)
    home.output("-c", text)
    assert list((home.place / "cache/code").iterdir())
    return home


def test_locked_modules_are_served_without_a_search(home):
    modules = ["demo", "demo.inner", "flat", "flat.inner"]
    assert home.output("-c", show(*modules)).split("\n") == [str(modules), "[]"]


def test_a_search_by_the_program_itself_finds_the_same(home):
    text = """
import importlib.machinery, os, demo.inner, flat.inner
for module in demo, demo.inner, flat, flat.inner:
    place = os.path.dirname(module.__file__)
    places = [os.path.dirname(place) if module.__spec__.submodule_search_locations else place]
    assert importlib.machinery.PathFinder.find_spec(module.__name__, places) == module.__spec__, module
"""
    home.output("-c", text)


def test_an_edited_module_of_a_locked_distribution_is_seen(home):
    path = home.site / "demo-1.0/demo/edited.py"
    write(path, "VALUE = 'new'\n")
    os.utime(path, (0, 1234567890))
    assert home.output("-c", "import demo.edited; print(demo.edited.VALUE)") == "new"


def test_another_version_in_the_lock_is_another_module(home):
    there = home.place / "other"
    home.lock("demo==2.0", directory=there)
    tell = "import demo.inner; print(demo.inner.VERSION, demo.__file__)"
    for _ in range(2):
        told = home.output("-c", tell, environ={"VERSIONED_IMPORT_PROJECT": there})
        assert told == f"2.0 {home.site / 'demo-2.0/demo/__init__.py'}"
    assert home.output("-c", tell) == f"1.0 {home.site / 'demo-1.0/demo/__init__.py'}"


def test_an_edited_lock_is_seen_and_what_it_changes_is_kept_anew(home):
    there = home.place / "edited"
    for version in "1.0", "2.0", "1.0":
        home.lock(f"demo=={version}", directory=there)
        told = home.output(
            "-c", "import demo.inner; print(demo.inner.VERSION)", environ={"VERSIONED_IMPORT_PROJECT": there}
        )
        assert told == version


def test_packages_that_are_named_to_enable_still_get_their_clauses(home):
    text = "import versioned_import; versioned_import.enable('hooked')\nimport hooked.late; print(hooked.late.GOT)"
    for _ in range(2):
        assert home.output("-c", text) == "1.0"
    done = home.start("-c", "import hooked.late")
    assert "SyntaxError: " in done.stderr


def test_what_was_removed_is_refused_although_its_code_is_kept(home):
    home.versioned("brief", "1.0", one_package("brief", "1.0"))
    there = home.place / "brief"
    home.lock("brief==1.0", directory=there)
    environ = {"VERSIONED_IMPORT_PROJECT": there}
    home.output("-c", "import brief", environ=environ)
    shutil.rmtree(home.site / "brief-1.0")
    assert "brief" in home.start("-c", "import brief", environ=environ).stderr
