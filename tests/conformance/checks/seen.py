"""Metadata, resources, entry points: what the libraries that read files see, and what mvdemo sees of itself."""

import importlib.metadata
import importlib.resources
import pkgutil
from pathlib import Path

import mvdemo
import mvdemo.own_metadata
from expected import VERSION

GREETINGS = [f"hello from mvdemo {VERSION}", f"hello from mvdep {VERSION}"]


def check_version():
    assert (importlib.metadata.version("mvdemo"), importlib.metadata.version("mvdep")) == (VERSION, VERSION)


def check_version_by_another_spelling():
    assert importlib.metadata.version("MVdemo") == VERSION


def check_own_version_at_import():
    assert mvdemo.own_metadata.AT_IMPORT == (VERSION, VERSION)


def check_own_version_later():
    assert mvdemo.own_metadata.versions() == (VERSION, VERSION, VERSION)


def check_own_requirements():
    assert mvdemo.own_metadata.requirements() == {"1.0": ["mvdep<2"], "2.0": ["mvdep>=2"]}[VERSION]


def check_own_files():
    names = mvdemo.own_metadata.file_names()
    assert {"mvdemo/__init__.py", "mvdemo/data/greeting.txt", f"mvdemo-{VERSION}.dist-info/RECORD"} <= set(names)
    assert all(importlib.metadata.distribution("mvdemo").locate_file(name).is_file() for name in names)


def check_files_are_those_that_are_loaded():
    (file,) = [one for one in importlib.metadata.files("mvdemo") if str(one) == "mvdemo/__init__.py"]
    assert Path(file.locate()).samefile(mvdemo.__file__)
    assert Path(importlib.metadata.distribution("mvdemo").locate_file("mvdemo/__init__.py")).samefile(mvdemo.__file__)


def check_metadata():
    message = importlib.metadata.metadata("mvdemo")
    assert (message["Name"], message["Version"]) == ("mvdemo", VERSION)


def check_each_distribution_is_there_once():
    found = [(one.metadata["Name"], one.version) for one in importlib.metadata.distributions()]
    assert [pair for pair in found if pair[0] in ("mvdemo", "mvdep")].count(("mvdemo", VERSION)) == 1
    assert sorted(pair for pair in found if pair[0] in ("mvdemo", "mvdep")) == [("mvdemo", VERSION), ("mvdep", VERSION)]


def check_distributions_of_a_name():
    assert [one.version for one in importlib.metadata.distributions(name="mvdep")] == [VERSION]


def check_packages_distributions():
    found = importlib.metadata.packages_distributions()
    assert [found[name] for name in ("mvdemo", "mvdemo_extra", "mvdep")] == [["mvdemo"], ["mvdemo"], ["mvdep"]]


def check_console_script():
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="mvdemo")
    assert script.load()() == f"command of {VERSION} with mvdep {VERSION}"
    assert script.dist.version == VERSION


def check_plugins():
    found = importlib.metadata.entry_points(group="mvdemo.plugins")
    said = sorted(one.load()() for one in found)
    assert said == [f"plugin of mvdemo {VERSION}", f"plugin of mvdep {VERSION}"]


def check_own_plugins():
    assert mvdemo.own_metadata.plugins() == ["of-dep", "own"]


def check_entry_points_of_the_distribution():
    found = importlib.metadata.distribution("mvdep").entry_points
    assert [(one.name, one.value) for one in found] == [("of-dep", "mvdep.things:plugin")]


def check_own_resources():
    assert f"hello from mvdemo {VERSION}\n" == mvdemo.own_metadata.TEXT_AT_IMPORT
    assert mvdemo.own_metadata.texts() == GREETINGS


def check_resources():
    texts = [importlib.resources.files(name) / "data" / "greeting.txt" for name in ("mvdemo", "mvdep")]
    assert [one.read_text(encoding="utf-8").strip() for one in texts] == GREETINGS


def check_resource_of_a_folder_that_is_no_package():
    assert importlib.resources.files("mvdemo.data").joinpath("greeting.txt").read_text().strip() == GREETINGS[0]


def check_resource_as_file():
    with importlib.resources.as_file(importlib.resources.files("mvdep") / "data/greeting.txt") as path:
        assert path.read_text(encoding="utf-8").strip() == GREETINGS[1]


def check_resources_are_listed():
    names = {one.name for one in importlib.resources.files("mvdemo").iterdir()}
    assert {"__init__.py", "core.py", "data"} <= names


def check_get_data():
    found = [pkgutil.get_data(name, "data/greeting.txt").decode().strip() for name in ("mvdemo", "mvdep")]
    assert found == GREETINGS


def check_data_beside_the_file():
    path = Path(mvdemo.__file__).parent / "data" / "greeting.txt"
    assert path.read_text(encoding="utf-8").strip() == GREETINGS[0]


def check_iter_modules():
    import mvdep

    names = {one.name for one in pkgutil.iter_modules(mvdep.__path__)}
    assert {name for name in names if name.startswith("only_in")} == {f"only_in_{VERSION.replace('.', '_')}"}


def check_walk_packages():
    import mvdep

    names = {one.name for one in pkgutil.walk_packages(mvdep.__path__, "mvdep.")}
    assert {"mvdep.sub", "mvdep.deep", "mvdep.deep.deeper"} <= names


def check_resolve_name():
    assert pkgutil.resolve_name("mvdep.sub:NAME") == f"mvdep.sub {VERSION}"
