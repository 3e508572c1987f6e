"""Modules of the standard library that a selected distribution loads come from kept code, and are as Python loads them."""

import json
import os
from _frozen_importlib_external import FileFinder, _get_supported_file_loaders

import pytest
from made import make_versioned, settle

from versioned_import import kept_code

STARTED = "import demo version 1\nimport json, sys\nfrom versioned_import import kept_code\n"
NAMES = "colorsys", "email.mime.text", "html.entities", "http.cookies", "shelve", "xml.dom.minidom"
LOADING = "".join(f"import {name}\n" for name in NAMES)


@pytest.fixture
def run(children, site, second_site):
    """Return a function that runs a program whose imports were all made by an earlier process; it gets the JSON it prints."""
    make_versioned(
        site, "demo", "1.0", {"demo.py": f"VERSION = '1.0'\ndef load():\n{LOADING.replace('import', ' import')}"}
    )
    settle(site, second_site)
    # What is kept counts at once here; else it would have to be two seconds old.
    at_once = "from versioned_import.metadata import store\nstore.SETTLING_NS = -1\n"
    children.output(f"import demo version 1\n{at_once}demo.load()")

    def go(text, **options):
        return json.loads(children.output(f"{STARTED}{text}", **options))

    return go


SERVED = """
served = []
def noting(name, path, find=kept_code.standard_spec):
    spec = find(name, path)
    if spec is not None:
        served.append(name)
    return spec
kept_code.standard_spec = noting
"""


def test_they_are_served(run):
    assert set(NAMES) <= set(run(f"{SERVED}demo.load()\nprint(json.dumps(served))"))


def test_they_are_what_python_finds(run):
    text = """
from importlib.machinery import PathFinder, SourceFileLoader
wrong = []
for name in served:
    spec = sys.modules[name].__spec__
    above = sys.modules.get(name.rpartition(".")[0])
    own = PathFinder.find_spec(name, getattr(above, "__path__", None))
    same = [getattr(spec, one) == getattr(own, one) for one in ("name", "origin", "cached", "parent", "has_location")]
    same.append(spec.submodule_search_locations == own.submodule_search_locations)
    module = sys.modules[name]
    same.append(module.__file__ == own.origin and module.__package__ == own.parent and module.__loader__ is spec.loader)
    same.append(type(spec.loader) is SourceFileLoader and vars(spec.loader) == vars(own.loader))
    if not all(same):
        wrong.append(name)
print(json.dumps([len(served), wrong]))
"""
    count, wrong = run(f"{SERVED}demo.load()\n{text}")
    assert count >= len(NAMES)
    assert wrong == []


def test_a_programs_own_module_goes_first(run, children):
    children.write("colorsys.py", "VERSION = 'own'\n")
    try:
        assert run("import colorsys\nprint(json.dumps(colorsys.VERSION))") == "own"
    finally:
        (children.program / "colorsys.py").unlink()


def test_one_that_comes_into_a_directory_of_the_path_meanwhile_goes_first(run, tmp_path):
    text = f"""
import os
sys.path.insert(0, {str(tmp_path / "more")!r})
os.mkdir(sys.path[0])
import html.entities
with open(os.path.join(sys.path[0], "colorsys.py"), "w") as file:
    file.write("VERSION = 'new'")
os.utime(sys.path[0], ns=(1, 1))  # as if time had passed
import colorsys
print(json.dumps(colorsys.VERSION))
"""
    assert run(text) == "new"


def test_another_path_hook_ends_it(run):
    text = f"""{SERVED}
sys.path_hooks.insert(0, lambda path: (_ for _ in ()).throw(ImportError()))
demo.load()
print(json.dumps(served))
"""
    assert run(text) == []


def test_a_finder_that_is_put_in_between_is_asked(run):
    text = """
class Own:
    asked = []
    @staticmethod
    def find_spec(name, path=None, target=None):
        Own.asked.append(name)
from importlib.machinery import PathFinder
sys.meta_path.insert(sys.meta_path.index(PathFinder), Own)
demo.load()
print(json.dumps(Own.asked))
"""
    assert set(NAMES) <= set(run(text))


def test_what_is_no_module_of_the_library_on_this_system_is_as_ever(run):
    text = """
try:
    import msvcrt
except ModuleNotFoundError as error:
    print(json.dumps(str(error)))
"""
    assert run(text) == "No module named 'msvcrt'"


def test_one_look_tells_what_pythons_finder_would(tmp_path):
    files = (
        "own.py",
        "compiled.pyc",
        "Mixed.py",
        "built.cpython-311-x86_64-linux-gnu.so",
        "stable.abi3.so",
        "two.three.py",
    )
    for name in files:
        tmp_path.joinpath(name).touch()
    for name in ("package", "namespace"):
        tmp_path.joinpath(name).mkdir()
    tmp_path.joinpath("package", "__init__.py").touch()
    finder = FileFinder(str(tmp_path), *_get_supported_file_loaders())
    names = ("own", "compiled", "mixed", "Mixed", "built", "stable", "two", "package", "namespace", "missing", "")
    for name in (*names, *names):  # the second time, the finder has its list

        def plain(name=name):
            spec = finder.find_spec(name)
            return spec is not None and spec.loader is not None

        assert kept_code.has(finder, name) == plain(), name
    tmp_path.joinpath("missing.py").touch()
    os.utime(tmp_path, ns=(10**18, 10**18))
    assert kept_code.has(finder, "missing")
    tmp_path.joinpath("missing.py").unlink()
    os.utime(tmp_path, ns=(10**18, 2 * 10**18))
    assert not kept_code.has(finder, "missing")
