"""Editable installs count as flat installs of the site directory that holds their metadata (spec 3.5, 3.9)."""

import importlib.util
import sys
import types

import pytest
from made import make_flat, make_versioned, metadata_text, one_package, settle, write

from versioned_import.errors import VersionConflictError, VersionNotFoundError
from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.metadata.layout import read_flat
from versioned_import.resolver.story import python_command

FINDER = """
import sys
from importlib.machinery import PathFinder
from importlib.util import spec_from_file_location

MAPPING: dict[str, str] = {mapping!r}
NAMESPACES: dict[str, list[str]] = {namespaces!r}


class _EditableFinder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in MAPPING:
            return spec_from_file_location(name, f"{{MAPPING[name]}}/__init__.py")
        parent = name.rpartition(".")[0]
        return PathFinder.find_spec(name, path=[MAPPING[parent]]) if parent in MAPPING else None
"""


@pytest.fixture
def project(tmp_path):
    """Return the sources of demo 1.0, with the leavings of a build beside them."""
    path = tmp_path / "checkout"
    for place, text in one_package("demo", "1.0", only_here="").items():
        write(path / "src" / place, text)
    write(path / "pyproject.toml", "")
    write(path / "src" / "demo.egg-info" / "PKG-INFO", metadata_text("demo", "0.9", (), ""))
    write(path / "src" / "demo.egg-info" / "top_level.txt", "demo\n")
    return path


def make_editable(site, project, files):
    """Write the metadata of demo 1.0 as an installer does after an editable build."""
    info = make_flat(site, "demo", "1.0", files)
    write(info / "direct_url.json", f'{{"url": "file://{project}", "dir_info": {{"editable": true}}}}')
    return info


@pytest.fixture
def by_path(site, project, monkeypatch):
    """Install the project by a .pth file, as hatchling, flit and setuptools with a src folder do."""
    make_editable(site, project, {"_demo.pth": f"{project}/src\n"})
    monkeypatch.syspath_prepend(str(project / "src"))
    return project


@pytest.fixture(params=["last", "first"])
def by_finder(site, project, monkeypatch, request):
    """Install the project by a finder, at the end of sys.meta_path as setuptools does, or at its front as others do."""
    name = "__editable___demo_1_0_finder"
    text = FINDER.format(mapping={"demo": f"{project}/src/demo"}, namespaces={})
    make_editable(site, project, {"__editable__.demo-1.0.pth": f"import {name}; {name}.install()", f"{name}.py": text})
    module = types.ModuleType(name)
    exec(text, vars(module))
    finder = module._EditableFinder
    others = [one for one in sys.meta_path if getattr(one, "__name__", "") != "SelectionFinder"]
    monkeypatch.setattr(sys, "meta_path", [*others, finder] if request.param == "last" else [finder, *others])
    return project


def test_matching_clause_loads_it_in_pythons_own_way(execute, by_path):
    demo = execute("import demo version 1")["demo"]
    assert demo.__file__ == str(by_path / "src" / "demo" / "__init__.py")


class TestByFinder:
    def test_matching_clause(self, execute, by_finder):
        names = execute("import demo.only_here version 1")
        assert names["demo"].__file__ == f"{by_finder}/src/demo/__init__.py"

    def test_version_beside_it(self, execute, by_finder, site):
        make_versioned(site, "demo", "2.0", one_package("demo", "2.0", sub=""))
        demo = execute("import demo version 2\nimport demo.sub")["demo"]
        assert demo.__file__ == str(site / "demo-2.0" / "demo" / "__init__.py")

    def test_submodule_that_only_the_editable_has_is_not_mixed_in(self, execute, by_finder, site):
        make_versioned(site, "demo", "2.0", one_package("demo", "2.0"))
        with pytest.raises(ModuleNotFoundError, match=r"^No module named 'demo\.only_here'$"):
            execute("import demo version 2\nimport demo.only_here")
        with pytest.raises(ImportError, match="cannot import name 'only_here' from 'demo'"):
            execute("import demo version 2\nfrom demo import only_here")

    def test_plain_import_is_pythons_own(self, execute, by_finder, site, monkeypatch):
        make_versioned(site, "demo", "2.0", one_package("demo", "2.0"))
        monkeypatch.setenv("VERSIONED_IMPORT_PATH", str(site))
        demo = execute("import demo")["demo"]
        assert demo.__file__ == f"{by_finder}/src/demo/__init__.py"

    def test_loaded_by_a_plain_import(self, execute, by_finder, site):
        names = execute("import demo\nimport demo version 1 as same")
        assert names["demo"] is names["same"]
        with pytest.raises(VersionConflictError) as caught:
            execute("import demo version 2")
        assert str(caught.value).split("\n")[1] == f"  loaded from {site} (editable install of {by_finder})"


class TestByPath:
    def test_mismatch_names_the_project(self, execute, by_path, site, second_site, tmp_path):
        with pytest.raises(VersionNotFoundError) as caught:
            execute("import demo version 2")
        assert str(caught.value).split("\n") == [
            f"import demo version 2 ({tmp_path}/app.py:1): no installed version fits",
            f"  demo 1.0 does not match: {site} (editable install of {by_path})",
            f"  searched: {site}, {second_site}",
            f"  demo 1.0 is the project in {by_path}, which says its version",
            (
                "  to install a distribution from the package index: "
                f'{python_command()} -m versioned_import pip install --allow-multiple "demo==2.*"'
            ),
        ]

    def test_version_beside_it(self, execute, by_path, site):
        make_versioned(site, "demo", "2.0", one_package("demo", "2.0"))
        assert execute("import demo version 2")["demo"].VERSION == "2.0"
        with pytest.raises(ModuleNotFoundError):
            execute("import demo.only_here")

    def test_metadata_of_the_site_directory_counts_not_that_beside_the_sources(self, execute, by_path):
        names = execute("import demo\nimport demo version 1 as same")
        assert names["demo"] is names["same"]

    def test_as_a_dependency(self, execute, by_path, site):
        make_versioned(site, "user", "1.0", {"user.py": "import demo\n"}, requires=["demo<2"])
        make_versioned(site, "user", "2.0", {"user.py": "import demo\n"}, requires=["demo>=2"])
        make_versioned(site, "demo", "2.0", one_package("demo", "2.0"))
        assert execute("import user version 1")["user"].demo.VERSION == "1.0"


class TestModuleThatIsNew:
    """A new file in the project leaves no mark on the site directory, so a catalogue doesn't know it."""

    @pytest.fixture
    def new_module(self, execute, by_path, site, second_site):
        settle(site, second_site)
        execute("import demo version 1")
        assert open_catalogue(str(site)).is_settled
        return write(by_path / "src" / "two.py", "VERSION = 'two'\n")

    def test_statement(self, execute, new_module, process):
        assert execute("import two version 1")["two"].__file__ == str(new_module)
        assert [one.distribution for one in process.providers["two"]] == ["demo"]

    def test_after_a_plain_import(self, execute, new_module):
        names = execute("import two\nimport two version 1 as same")
        assert names["two"] is names["same"]

    def test_another_version_beside_it(self, execute, new_module, site):
        make_versioned(site, "two", "3.0")
        settle(site, seconds=30)
        execute("import demo version 1")
        assert execute("import two version 1")["two"].__file__ == str(new_module)

    def test_mismatch(self, execute, new_module, by_path, site, tmp_path):
        with pytest.raises(VersionNotFoundError) as caught:
            execute("import two version 2")
        assert str(caught.value).split("\n")[:2] == [
            f"import two version 2 ({tmp_path}/app.py:1): no installed version fits",
            f"  demo 1.0 does not match: {site} (editable install of {by_path})",
        ]

    def test_file_that_is_no_module_of_the_project(self, execute, by_path, monkeypatch):
        write(by_path / "pyproject.toml", "")
        helper = write(by_path / "scripts" / "helper.py", "")
        monkeypatch.syspath_prepend(str(helper.parent))
        with pytest.raises(VersionConflictError, match="no metadata belongs to it"):
            execute("import helper\nimport helper version 1")


def names_of(site):
    (candidate,) = open_catalogue(str(site)).everything()
    return candidate.names


class TestNames:
    """The names are those of the sources, not guessed from the distribution's name."""

    def install(self, site, project, files, top_level=None):
        info = make_editable(site, project, files)
        if top_level is not None:
            write(info / "top_level.txt", top_level)

    def sources(self, tmp_path, *places):
        for place in places:
            write(tmp_path / "sources" / place, "")
        return tmp_path / "sources"

    def test_folder_of_sources(self, site, process, tmp_path):
        path = self.sources(tmp_path, "yamlish/__init__.py", "_yamlish.py", "shared/deep/one/__init__.py", "data/x.txt")
        self.install(site, tmp_path, {"_demo.pth": f"{path}\n"})
        assert names_of(site) == ("_yamlish", "yamlish", "shared.deep.one")

    def test_folder_of_the_project(self, site, process, tmp_path):
        places = ("setup.py", "tests/__init__.py", "docs/conf.py", "other/__init__.py", "no-name/__init__.py")
        self.install(site, tmp_path, {"demo.pth": f"# by hand\n{self.sources(tmp_path, *places)}\n\nimport sys\n"})
        assert names_of(site) == ("other",)

    def test_only_what_the_build_lists(self, site, process, tmp_path):
        path = self.sources(tmp_path, "one/__init__.py", "two/__init__.py", "three.py")
        self.install(site, tmp_path, {"__editable__.demo-1.0.pth": f"{path}\n"}, top_level="one\nthree\n")
        assert names_of(site) == ("one", "three")

    def test_finder_with_namespaces(self, site, process, tmp_path):
        path = self.sources(tmp_path, "lib/one.py", "lib/two/__init__.py")
        mapping = {"other": "/x/other", "shared.deep": "/x/deep", "ns": f"{path}/lib"}
        text = FINDER.format(mapping=mapping, namespaces={"shared": [], "ns": []})
        finder = "__editable___demo_1_0_finder.py"
        self.install(site, tmp_path, {"__editable__.demo-1.0.pth": "import x\n", finder: text}, top_level="guessed\n")
        assert names_of(site) == ("other", "ns.one", "ns.two", "shared.deep")

    @pytest.mark.parametrize(
        "files", [{"demo.pth": "/absent\n"}, {"demo.pth": "import x\n", "_demo_editable_loader.py": ""}]
    )
    def test_what_cannot_be_read_is_called_like_the_distribution(self, site, process, tmp_path, files):
        self.install(site, tmp_path, files)
        assert names_of(site) == ("demo",)

    @pytest.mark.parametrize("text", ["MAPPING = {'a': }", "MAPPING = {f()}", "MAPPING = {1: 2}", "\x00"])
    def test_finder_that_is_garbage(self, site, process, tmp_path, text):
        self.install(site, tmp_path, {"demo.pth": "import x\n", "__editable___demo_finder.py": text})
        assert names_of(site) == ("demo",)


class TestLink:
    """`setup.py develop` leaves an .egg-link, a line in easy-install.pth, and the metadata in the project's directory."""

    @pytest.fixture
    def linked(self, site, tmp_path, monkeypatch):
        path = tmp_path / "checkout"
        write(path / "my_demo" / "__init__.py", "VERSION = '1.0'\n")
        write(path / "setup.py", "")
        info = path / "My_Demo.egg-info"
        write(info / "PKG-INFO", metadata_text("My-Demo", "1.0", (), ""))
        write(info / "top_level.txt", "my_demo\n")
        write(info / "requires.txt", "dep<2\n")
        write(site / "My-Demo.egg-link", f"{path}\n.")
        write(site / "easy-install.pth", f"{path}\n")
        monkeypatch.syspath_prepend(str(path))
        make_versioned(site, "dep", "1.0")
        return path

    def test_candidate(self, site, linked):
        candidate = read_flat(str(site), "My-Demo.egg-link", 0)
        assert (candidate.distribution, candidate.version, candidate.names) == ("my-demo", "1.0", ("my_demo",))
        assert candidate.site == str(site)
        assert candidate.place == f"{site} (editable install of {linked})"

    def test_import(self, execute, site, linked):
        names = execute("import my_demo version 1\nimport dep")
        assert (names["my_demo"].VERSION, names["dep"].VERSION) == ("1.0", "1.0")

    def test_after_a_plain_import(self, execute, site, linked):
        names = execute("import my_demo\nimport my_demo version 1 as same")
        assert names["my_demo"] is names["same"]

    def test_mismatch(self, execute, site, linked):
        make_versioned(site, "my-demo", "2.0", {"my_demo.py": "VERSION = '2.0'\n"})
        with pytest.raises(VersionNotFoundError) as caught:
            execute("import my_demo version 3")
        assert f"  my-demo 1.0 does not match: {site} (editable install of {linked})" in str(caught.value).split("\n")
        assert execute("import my_demo version 2")["my_demo"].VERSION == "2.0"

    def test_version_that_changed_meanwhile(self, site, process, linked):
        assert open_catalogue(str(site)).by_name("my_demo")[0].version == "1.0"
        info = linked / "My_Demo.egg-info" / "PKG-INFO"
        info.unlink()
        write(info, metadata_text("My-Demo", "1.1", (), ""))
        assert open_catalogue(str(site)).by_name("my_demo")[0].version == "1.1"
        info.unlink()
        assert open_catalogue(str(site)).by_name("my_demo") == []

    def test_link_that_leads_nowhere(self, site, process):
        write(site / "gone.egg-link", "/absent\n.")
        assert open_catalogue(str(site)).everything() == []

    def test_in_a_child_twice(self, children, site, linked):
        for _ in range(2):
            text = "import my_demo version 1\nprint(my_demo.VERSION)"
            assert children.output(text, environ={"PYTHONPATH": str(linked)}) == "1.0"


def test_finder_behind_ours_is_asked_before_a_version_is_chosen(execute, site, tmp_path, monkeypatch):
    make_versioned(site, "demo", "2.0")
    monkeypatch.setenv("VERSIONED_IMPORT_PATH", str(site))
    own = write(tmp_path / "own" / "demo.py", "VERSION = 'own'\n")

    class Late:
        @staticmethod
        def find_spec(name, path=None, target=None):
            return importlib.util.spec_from_file_location(name, own) if name == "demo" else None

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, object(), Late])
    assert execute("import demo")["demo"].VERSION == "own"
