"""`importlib.metadata`, resources, `pkgutil`, `inspect`, `pickle` and entry points see the chosen version (spec 3.9)."""

import importlib.metadata
import importlib.resources
import inspect
import pickle
import pkgutil
import sys
import zipfile

import pytest
from made import make_flat, make_versioned, one_package, remove, write

from versioned_import.metadata.candidate import Candidate
from versioned_import.runtime.finder import SelectionFinder


@pytest.fixture(autouse=True)
def _installed(site, monkeypatch):
    monkeypatch.syspath_prepend(str(site))
    for version in ("1.0", "2.0"):
        files = one_package("demo", version, sub="class Thing:\n    pass\n") | {"demo/data.txt": f"data of {version}\n"}
        path = make_versioned(site, "Demo", version, files, requires=["dep<9"])
        write(
            path / f"Demo-{version}.dist-info" / "entry_points.txt",
            f"[demo.plugins]\nplug = demo.sub:Thing{version[0]}\n",
        )
    info = make_flat(site, "Demo", "3.0", one_package("demo", "3.0"))
    write(info / "entry_points.txt", "[demo.plugins]\nplug = demo.sub:Thing3\n")
    make_versioned(site, "dep", "1.0")


class TestMetadata:
    def test_version(self, execute):
        assert importlib.metadata.version("demo") == "3.0"
        execute("import demo version 1")
        for spelling in ("demo", "Demo", "DEMO"):
            assert importlib.metadata.version(spelling) == "1.0"
        assert importlib.metadata.version("dep") == "1.0"

    def test_before_the_first_import_of_a_dependency(self, execute):
        execute("import demo version 1")
        assert importlib.metadata.distribution("dep").requires is None

    def test_requires_and_files(self, execute):
        execute("import demo version 2")
        assert importlib.metadata.requires("demo") == ["dep<9"]
        (data,) = (path for path in importlib.metadata.files("demo") if path.name == "data.txt")
        assert data.read_text() == "data of 2.0\n"

    def test_entry_points(self, execute):
        execute("import demo version 2")
        assert [one.value for one in importlib.metadata.entry_points(group="demo.plugins")] == ["demo.sub:Thing2"]

    def test_unknown_distribution(self, execute):
        execute("import demo version 2")
        with pytest.raises(importlib.metadata.PackageNotFoundError):
            importlib.metadata.version("absent")

    def test_caller_who_names_the_directory(self, execute, site):
        execute("import demo version 2")
        (found,) = importlib.metadata.distributions(name="demo", path=[str(site)])
        assert found.version == "3.0"

    def test_packages_distributions(self, execute):
        execute("import demo version 1")
        assert set(importlib.metadata.packages_distributions()["demo"]) == {"Demo"}

    def test_another_one_after_a_failed_import(self, execute, site):
        make_versioned(site, "demo", "4.0", {"demo.py": "1 / 0\n"})
        with pytest.raises(ZeroDivisionError):
            execute("import demo version 4")
        assert importlib.metadata.version("demo") == "3.0"


class TestResourcesAndSource:
    def test_resources(self, execute):
        execute("import demo version 1")
        assert importlib.resources.files("demo").joinpath("data.txt").read_text() == "data of 1.0\n"
        assert pkgutil.get_data("demo", "data.txt") == b"data of 1.0\n"

    def test_submodules(self, execute, site):
        demo = execute("import demo version 1")["demo"]
        assert [module.name for module in pkgutil.iter_modules(demo.__path__)] == ["sub"]
        assert demo.__path__ == [str(site / "demo-1.0" / "demo")]

    def test_source(self, execute):
        thing = execute("from demo.sub version 2 import Thing")["Thing"]
        assert inspect.getsource(thing) == "class Thing:\n    pass\n"

    def test_pickle(self, execute):
        thing = execute("from demo.sub version 2 import Thing")["Thing"]
        assert type(pickle.loads(pickle.dumps(thing()))) is thing
        assert b"_versioned_" not in pickle.dumps(thing())

    def test_module_says_its_plain_name(self, execute):
        demo = execute("import demo.sub version 2")["demo"]
        assert (demo.__name__, demo.sub.__name__, demo.sub.__package__) == ("demo", "demo.sub", "demo")
        assert repr(demo).startswith("<module 'demo' from ")


def listed(**asked):
    """Return what is listed of the made distributions, each as often as it is."""
    names = "demo", "dep", "far"
    found = importlib.metadata.distributions(**asked)
    return sorted((one.name.lower(), one.version) for one in found if one.name.lower() in names)


class TestEachNameOnce:
    def test_nothing_selected(self):
        assert listed() == [("demo", "3.0")]

    def test_listed(self, execute, site):
        make_flat(site, "dep", "0.5")
        make_flat(site, "far", "7.0")
        execute("import demo version 1")
        assert listed() == [("demo", "1.0"), ("dep", "1.0"), ("far", "7.0")]
        assert listed(name=None) == listed(name="") == listed()

    def test_of_a_name(self, execute, site):
        make_flat(site, "far", "7.0")
        execute("import demo version 1")
        assert listed(name="Demo") == [("demo", "1.0")]
        assert listed(name="far") == [("far", "7.0")]
        assert listed(name="absent") == []

    def test_chosen_flat_install_hides_others_behind(self, execute, second_site, monkeypatch):
        monkeypatch.setattr("sys.path", [*sys.path, str(second_site)])
        make_flat(second_site, "demo", "4.0", one_package("demo", "4.0"))
        assert listed() == [("demo", "3.0"), ("demo", "4.0")]
        execute("import demo version 3")
        assert listed() == [("demo", "3.0")]

    def test_egg_info_whose_name_has_a_hyphen(self, execute, site):
        for name in ("demo-extra", "dep-a"):
            write(site / f"{name}-6.0.egg-info" / "PKG-INFO", f"Metadata-Version: 1.0\nName: {name}\nVersion: 6.0\n")
        make_versioned(site, "dep-a", "1.0")
        execute("import demo version 1\nimport dep_a version 1")
        found = {(one.name, one.version) for one in importlib.metadata.distributions()}
        assert {("Demo", "1.0"), ("demo-extra", "6.0"), ("dep-a", "1.0")} <= found
        assert ("dep-a", "6.0") not in found

    def test_flat_metadata_that_is_broken_is_listed_as_by_python(self, execute, site):
        (site / "hollow-1.0.dist-info").mkdir()
        (site / "hole.egg-info").mkdir()
        execute("import demo version 1")
        places = [one._path.name for one in importlib.metadata.distributions() if hasattr(one, "_path")]
        assert {"hollow-1.0.dist-info", "hole.egg-info"} <= set(places)

    def test_other_finders_are_asked_for_other_names_in_their_turn(self, execute, monkeypatch):
        asked = []

        class Finder:
            @classmethod
            def find_distributions(cls, context):
                asked.append((context.name, context.path is sys.path))
                return iter(
                    [] if context.name not in (None, "dep") else [importlib.metadata.Distribution.at(cls.place)]
                )

        execute("import demo version 1")
        Finder.place = importlib.metadata.distribution("dep")._path
        monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
        found = importlib.metadata.distributions()
        assert next(found).name == "Demo"
        assert asked == []
        assert [one.version for one in found if one.name == "dep"] == ["1.0"]
        assert asked[0] == (None, True)
        assert [one.version for one in importlib.metadata.distributions(name="dep")] == ["1.0"]


class TestContext:
    def test_used_again(self, execute):
        execute("import demo version 1")
        for asked in ({}, {"name": "demo"}):
            context = importlib.metadata.DistributionFinder.Context(**asked)
            first = [one.version for one in importlib.metadata.Distribution.discover(context=context)]
            assert [one.version for one in importlib.metadata.Distribution.discover(context=context)] == first
            assert "3.0" not in first or asked == {}

    def test_used_before_and_after_a_selection(self, execute, process):
        context = importlib.metadata.DistributionFinder.Context(name="demo")

        def versions():
            return [one.version for one in importlib.metadata.Distribution.discover(context=context)]

        assert versions() == ["3.0"]
        execute("import demo version 1")
        assert versions() == ["1.0"]
        process.replace({}, [])
        assert versions() == ["3.0"]

    @pytest.mark.parametrize("path", [[], None])
    def test_path_of_the_caller(self, execute, path, site):
        execute("import demo version 1")
        context = importlib.metadata.DistributionFinder.Context(name="demo", path=[str(site)] if path is None else path)
        found = [one.version for one in importlib.metadata.Distribution.discover(context=context)]
        assert found == (["3.0"] if path is None else [])

    def test_finder_called_by_hand(self, execute):
        execute("import demo version 1")
        assert [one.version for one in SelectionFinder.find_distributions()] == ["1.0", "1.0"]

    def test_name_that_is_none(self, execute):
        execute("import demo version 1")
        with pytest.raises((TypeError, AttributeError)):
            importlib.metadata.version(5)


class TestPlaces:
    def test_versioned_directory_that_was_uninstalled_meanwhile(self, execute, site):
        execute("import demo version 1")
        remove(site / "demo-1.0")
        with pytest.raises(importlib.metadata.PackageNotFoundError):
            importlib.metadata.version("demo")
        assert listed() == [("dep", "1.0")]

    def test_flat_install_by_egg_info(self, execute, process, site):
        write(site / "old.py", "")
        write(site / "old-1.0.egg-info" / "PKG-INFO", "Metadata-Version: 1.0\nName: old\nVersion: 1.0\n")
        write(site / "old-1.0.egg-info" / "top_level.txt", "old\n")
        write(site / "single-1.0.egg-info", "Metadata-Version: 1.0\nName: single\nVersion: 1.0\n")
        execute("import old version 1")
        single = Candidate(
            site=str(site), entry="", dist_info="single-1.0.egg-info", distribution="single", version="1.0", names=()
        )
        process.replace({**process.selection, "single": single}, process.answered)
        assert importlib.metadata.version("old") == importlib.metadata.version("single") == "1.0"
        assert importlib.metadata.distribution("old").read_text("top_level.txt") == "old\n"

    def test_inside_an_archive(self, process, tmp_path):
        archive = tmp_path / "things.zip"
        with zipfile.ZipFile(archive, "w") as writing:
            writing.writestr("far.py", "")
            writing.writestr("far-2.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: far\nVersion: 2.0\n")
            writing.writestr("far-2.0.dist-info/RECORD", "far.py,,\n")
        candidate = Candidate(
            site=str(archive),
            entry="",
            dist_info="far-2.0.dist-info",
            distribution="far",
            version="2.0",
            names=("far",),
        )
        process.replace({"far": candidate}, [])
        found = importlib.metadata.distribution("far")
        assert (found.version, found.files[0].read_text(), found.read_text("absent")) == ("2.0", "", None)
        candidate.dist_info = "gone-2.0.dist-info"
        with pytest.raises(importlib.metadata.PackageNotFoundError):
            importlib.metadata.version("far")


class TestPkgutilOfEverything:
    def test_selected_names_are_listed(self, execute):
        assert "dep" not in {one.name for one in pkgutil.iter_modules()}
        execute("import demo version 1")
        found = [one for one in pkgutil.iter_modules(prefix="x.") if one.name in ("x.demo", "x.dep")]
        assert sorted((one.name, one.ispkg) for one in found) == [("x.demo", True), ("x.dep", False)]


class TestPkgResources:
    """A module of that name that isn't setuptools' is left alone."""

    @pytest.mark.parametrize("order", ["before", "after"])
    def test_other_module_of_that_name(self, execute, site, order, monkeypatch):
        monkeypatch.delitem(sys.modules, "pkg_resources", raising=False)
        write(site / "pkg_resources.py", "working_set = 5\n")
        statements = ["import pkg_resources", "import demo version 1"]
        names = execute("\n".join(statements if order == "before" else reversed(statements)))
        assert names["pkg_resources"].working_set == 5
        assert "exec_module" not in vars(names["pkg_resources"].__loader__)
