"""`importlib.metadata`, resources, `pkgutil`, `inspect`, `pickle` and entry points see the chosen version (spec 3.9)."""

import importlib.metadata
import importlib.resources
import inspect
import pickle
import pkgutil

import pytest
from made import make_flat, make_versioned, one_package, write


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
