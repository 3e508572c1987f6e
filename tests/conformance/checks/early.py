"""What is seen of mvdep before anything of it is imported, only because mvdemo is."""

import importlib.metadata
import importlib.util
import pkgutil
import sys
from pathlib import Path

import mvdemo
from expected import VERSION


def check_dependency_is_not_loaded():
    assert "mvdep" not in sys.modules
    assert "mvdemo.lazy" not in sys.modules


def check_version_of_the_package():
    assert importlib.metadata.version("mvdemo") == mvdemo.__version__ == VERSION


def check_version_of_the_dependency():
    assert importlib.metadata.version("mvdep") == VERSION


def check_requirements():
    wanted = {"1.0": ["mvdep<2"], "2.0": ["mvdep>=2"]}
    assert importlib.metadata.requires("mvdemo") == wanted[VERSION]
    assert not importlib.metadata.requires("mvdep")


def check_files_of_the_dependency():
    files = importlib.metadata.files("mvdep")
    (sub,) = [file for file in files if str(file) == "mvdep/sub.py"]
    assert f"mvdep.sub {VERSION}" in sub.read_text()
    assert sub.locate().is_file()


def check_each_distribution_is_there_once():
    names = [one.metadata["Name"] for one in importlib.metadata.distributions()]
    assert (names.count("mvdemo"), names.count("mvdep")) == (1, 1)


def check_versions_of_all_distributions():
    found = {one.metadata["Name"]: one.version for one in importlib.metadata.distributions()}
    assert (found["mvdemo"], found["mvdep"]) == (VERSION, VERSION)


def check_packages_distributions():
    found = importlib.metadata.packages_distributions()
    assert (found["mvdep"], found["mvdemo"], found["mvdemo_extra"]) == (["mvdep"], ["mvdemo"], ["mvdemo"])


def check_entry_points_are_listed_once():
    found = importlib.metadata.entry_points(group="mvdemo.plugins")
    assert sorted((one.name, one.value) for one in found) == [
        ("of-dep", "mvdep.things:plugin"),
        ("own", "mvdemo.commands:plugin"),
    ]


def check_find_spec_of_the_dependency():
    origin = importlib.util.find_spec("mvdep").origin
    assert f"mvdep {VERSION}" in Path(origin).read_text(encoding="utf-8")


def check_find_spec_of_a_submodule():
    origin = importlib.util.find_spec("mvdemo.unhurried").origin
    assert f"mvdemo.unhurried {VERSION}" in Path(origin).read_text(encoding="utf-8")


def check_find_spec_of_a_single_file_module():
    origin = importlib.util.find_spec("mvdemo_extra").origin
    assert f"mvdemo_extra {VERSION}" in Path(origin).read_text(encoding="utf-8")


def check_find_spec_of_what_is_not_there():
    assert importlib.util.find_spec("mvdemo.nothing") is None
    assert importlib.util.find_spec("mvdemo_nothing") is None


def check_modules_of_the_package_are_listed():
    names = {one.name for one in pkgutil.iter_modules(mvdemo.__path__, "mvdemo.")}
    assert {"mvdemo.core", "mvdemo.lazy", "mvdemo.kinds"} <= names


def check_still_nothing_of_the_dependency_is_loaded():
    assert "mvdep" not in sys.modules
