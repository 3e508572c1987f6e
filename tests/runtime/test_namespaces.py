"""Namespace packages shared by several distributions, flat and versioned (spec 3.7, 3.9)."""

import importlib
import importlib.metadata
import pkgutil
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from made import make_flat, make_versioned, write

from versioned_import.errors import VersionConflictError, VersionNotFoundError


def portion(name, version, **modules):
    """Return the files of a distribution in the namespace `google.cloud`."""
    files = {f"google/cloud/{name}/__init__.py": f"VERSION = {version!r}\n"}
    return files | {f"google/cloud/{name}/{module}.py": text for module, text in modules.items()}


@pytest.fixture(autouse=True)
def _installed(site, second_site, monkeypatch):
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("VERSIONED_IMPORT_PATH", str(site))
    make_versioned(site, "google-cloud-storage", "1.0", portion("storage", "1.0"), requires=["google-core"])
    make_versioned(site, "google-cloud-storage", "2.0", portion("storage", "2.0", extra="X = 1"))
    make_versioned(site, "google-core", "1.5", {"google/core.py": "VERSION = '1.5'\n"})
    make_flat(site, "google-auth", "3.0", {"google/auth/__init__.py": "VERSION = '3.0'\n"})
    make_flat(site, "google-cloud-vision", "4.0", portion("vision", "4.0"))


class TestVersioned:
    def test_dotted_import_binds_the_namespace(self, execute):
        google = execute("import google.cloud.storage version 1")["google"]
        assert google.cloud.storage.VERSION == "1.0"
        assert getattr(google, "__file__", None) is None

    def test_namespace_has_no_version(self, execute, site, tmp_path):
        with pytest.raises(VersionNotFoundError) as caught:
            execute("from google.cloud version 1 import storage")
        lines = str(caught.value).split("\n")
        headline = "google.cloud is a namespace package, which has no version of its own"
        assert lines[0] == f"import google.cloud version 1 ({tmp_path}/app.py:1): {headline}"
        assert sorted(lines[1:-1]) == [
            f"  google-cloud-storage 1.0 has a part of it: {site}/google-cloud-storage-1.0/",
            f"  google-cloud-storage 2.0 has a part of it: {site}/google-cloud-storage-2.0/",
            f"  google-cloud-vision 4.0 has a part of it: {site} (flat install)",
        ]
        assert lines[-1].startswith("  name the module that is meant, such as import google.cloud.")

    def test_from_the_module(self, execute):
        assert execute("from google.cloud.storage version 2 import VERSION as v")["v"] == "2.0"

    def test_dependency_in_the_same_namespace(self, execute):
        names = execute("import google.cloud.storage version 1\nimport google.core")
        assert names["google"].core.VERSION == "1.5"

    def test_flat_portions_stay(self, execute):
        names = execute("import google.cloud.storage version 1\nimport google.auth, google.cloud.vision")
        assert names["google"].auth.VERSION == "3.0"
        assert names["google"].cloud.vision.VERSION == "4.0"

    def test_after_a_flat_portion_was_loaded(self, execute):
        names = execute("import google.auth, google.cloud.vision\nimport google.cloud.storage version 1")
        assert names["google"].cloud.storage.VERSION == "1.0"
        assert names["google"].cloud.vision.VERSION == "4.0"

    def test_two_chosen_one_after_the_other(self, execute):
        names = execute("import google.core version 1\nimport google.cloud.storage version 2")
        assert (names["google"].core.VERSION, names["google"].cloud.storage.VERSION) == ("1.5", "2.0")

    def test_chosen_portion_goes_before_a_flat_install(self, execute, site):
        make_flat(site, "google-cloud-storage", "9.0", portion("storage", "9.0"))
        text = "import google.cloud.vision\nimport google.cloud.storage version 1 as storage"
        assert execute(text)["storage"].VERSION == "1.0"

    def test_conflict_is_about_the_portion(self, execute):
        execute("import google.cloud.storage version 1")
        with pytest.raises(VersionConflictError, match=r"google.cloud.storage 1.0 is loaded already"):
            execute("import google.cloud.storage version 2")
        execute("import google.auth version 3")

    def test_loaded_flat_portion_satisfies(self, execute):
        names = execute("import google.cloud.vision as plain\nimport google.cloud.vision version 4 as versioned")
        assert names["plain"] is names["versioned"]

    def test_nothing_of_the_other_version(self, execute):
        execute("import google.cloud.storage version 1")
        with pytest.raises(ModuleNotFoundError):
            execute("import google.cloud.storage.extra")
        found = [module.name for module in pkgutil.iter_modules(sys.modules["google.cloud"].__path__)]
        assert sorted(found) == ["storage", "vision"]


class TestPlain:
    """A plain import of a portion that only a versioned directory has."""

    def test_highest_version(self, execute):
        assert execute("import google.cloud.storage as storage")["storage"].VERSION == "2.0"

    def test_after_the_namespace_is_loaded(self, execute):
        names = execute("import google.auth\nimport google.cloud.storage as s\nimport google.core as c")
        assert (names["s"].VERSION, names["c"].VERSION) == ("2.0", "1.5")

    def test_namespace_that_only_versioned_directories_have(self, execute, site):
        make_versioned(site, "only-one", "1.0", {"only/inner/one.py": "NAME = __name__\n"})
        make_versioned(site, "only-two", "1.0", {"only/inner/two.py": "NAME = __name__\n"})
        names = execute("import only\nfrom only.inner import one\nimport only.inner.two as two")
        assert (names["one"].NAME, names["two"].NAME) == ("only.inner.one", "only.inner.two")

    def test_missing_portion_is_pythons_own_error(self, execute):
        with pytest.raises(ModuleNotFoundError, match=r"^No module named 'google.cloud.absent'$"):
            execute("import google.cloud.absent")


def test_shared_package_with_an_init(execute, site):
    """`backports` as old distributions ship it: each with the same `__init__`, which joins the portions by pkgutil."""
    init = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    for name in ("one", "two"):
        files = {"backportz/__init__.py": init, f"backportz/{name}.py": f"NAME = {name!r}\n"}
        make_versioned(site, f"backportz.{name}", "1.0", files)
    assert execute("import backportz.one version 1 as one")["one"].NAME == "one"


class TestTakenBack:
    """A portion whose import failed leaves nothing behind in namespace packages that are loaded."""

    @pytest.fixture(autouse=True)
    def _failing(self, site):
        make_versioned(site, "google-cloud-storage", "3.0", {"google/cloud/storage/__init__.py": "1 / 0\n"})

    @pytest.mark.parametrize("first", ["import google.auth, google.cloud.vision", "import google.core version 1", ""])
    def test_folders(self, execute, site, first):
        execute(first)
        before = [list(sys.modules[name].__path__) for name in ("google", "google.cloud") if name in sys.modules]
        with pytest.raises(ZeroDivisionError):
            execute("import google.cloud.storage version 3")
        places = [*sys.modules["google"].__path__, *sys.modules["google.cloud"].__path__]
        assert not [place for place in places if "google-cloud-storage-3.0" in place]
        assert [list(sys.modules[name].__path__) for name in ("google", "google.cloud")][: len(before)] == before
        names = execute("import google.auth, google.cloud.vision\nimport google.cloud.storage version 1")
        assert names["google"].cloud.storage.VERSION == "1.0"
        assert (names["google"].auth.VERSION, names["google"].cloud.vision.VERSION) == ("3.0", "4.0")

    def test_other_portions_stay_chosen(self, execute, site, process):
        execute("import google.core version 1")
        with pytest.raises(ZeroDivisionError):
            execute("import google.cloud.storage version 3")
        assert list(process.selection) == ["google-core"]
        assert str(site / "google-core-1.5" / "google") in sys.modules["google"].__path__


class TestLevelsBelowTheTop:
    def test_loaded_namespace_in_between_is_extended(self, execute, site):
        make_versioned(site, "google-cloud-tasks", "1.0", portion("tasks", "1.0"))
        text = (
            "import google.cloud.storage version 2\nimport google.cloud as cloud\nimport google.cloud.tasks version 1"
        )
        names = execute(text)
        assert names["cloud"].tasks.VERSION == "1.0"
        found = [module.name for module in pkgutil.iter_modules(names["cloud"].__path__)]
        assert sorted(found) == ["storage", "tasks", "vision"]

    def test_chosen_portion_whatever_the_order_of_the_path(self, execute, site):
        make_flat(site, "google-cloud-storage", "9.0", portion("storage", "9.0"))
        make_versioned(site, "google-user", "1.0", {"google_user.py": ""}, requires=["google-cloud-storage<2"])
        execute("import google.auth\nimport google_user version 1")
        for name in ("google", "google.cloud"):
            module = sys.modules.get(name)
            if module is not None:
                module.__path__ = [str(site / name.replace(".", "/")), *module.__path__]
        assert execute("import google.cloud.storage as storage")["storage"].VERSION == "1.0"


class TestTwoFlatSites:
    """A flat install that is chosen brings nothing of its folder in front of what Python finds first."""

    @pytest.mark.parametrize("first", ["", "import shared.one\n"])
    def test_plain_import_of_a_neighbour(self, execute, site, second_site, monkeypatch, first):
        monkeypatch.setattr(sys, "path", [str(second_site), *sys.path])
        monkeypatch.setenv("VERSIONED_IMPORT_PATH", f"{second_site}:{site}")
        make_flat(second_site, "shared-one", "1.0", {"shared/one.py": "VERSION = '1.0'\n"})
        make_flat(site, "shared-one", "2.0", {"shared/one.py": "VERSION = '2.0'\n"})
        make_flat(site, "shared-two", "1.0", {"shared/two.py": "VERSION = '1.0'\n"})
        make_flat(site, "shared-three", "1.0", {"shared/deep/three.py": "VERSION = '1.0'\n"})
        names = execute(f"{first}import shared.two version 1, shared.deep.three version 1\nimport shared.one")
        assert names["shared"].one.VERSION == importlib.metadata.version("shared-one") == "1.0"
        assert names["shared"].deep.three.VERSION == "1.0"


class TestFlatOutsideOfThePath:
    """A flat install of VERSIONED_IMPORT_PATH brings its folder along, in which others stand that nobody chose."""

    @pytest.fixture(autouse=True)
    def aside(self, second_site, site, monkeypatch):
        monkeypatch.setenv("VERSIONED_IMPORT_PATH", f"{second_site}:{site}")
        make_flat(second_site, "shared-one", "1.0", {"shared/one.py": "VERSION = '1.0'\n"})
        make_flat(second_site, "shared-two", "1.0", {"shared/two.py": "VERSION = '1.0'\n"})
        make_flat(second_site, "shared-deep", "1.0", {"shared/deep/three.py": "VERSION = '1.0'\n"})

    @pytest.mark.parametrize("name", ["shared.two", "shared.deep", "shared.none"])
    def test_neighbour_stays_as_unimportable_as_it_was(self, execute, name):
        for before in ("", "import shared.one version 1\n"):
            with pytest.raises(ModuleNotFoundError):
                execute(f"{before}import {name}")
        assert execute("import shared.one as one")["one"].VERSION == "1.0"

    def test_neighbour_that_is_chosen(self, execute):
        names = execute("import shared.one version 1\nimport shared.two version 1, shared.deep.three version 1")
        assert names["shared"].two.VERSION == names["shared"].deep.three.VERSION == "1.0"

    def test_versioned_directory_of_the_neighbour(self, execute, site):
        make_versioned(site, "shared-two", "2.0", {"shared/two.py": "VERSION = '2.0'\n"})
        assert execute("import shared.one version 1\nimport shared.two as two")["two"].VERSION == "2.0"

    def test_folder_of_the_program(self, execute, tmp_path, monkeypatch):
        write(tmp_path / "own" / "shared" / "two.py", "VERSION = 'own'\n")
        monkeypatch.setattr(sys, "path", [str(tmp_path / "own"), *sys.path])
        assert execute("import shared.one version 1\nimport shared.two as two")["two"].VERSION == "own"


class TestGrowing:
    """A namespace package sees what a later change of `sys.path` brings, as one of Python's own does."""

    @pytest.fixture
    def more(self, tmp_path):
        write(tmp_path / "more" / "google" / "later.py", "NAME = __name__\n")
        write(tmp_path / "more" / "google" / "cloud" / "later.py", "NAME = __name__\n")
        write(tmp_path / "more" / "google" / "cloud" / "storage" / "__init__.py", "VERSION = 'another'\n")
        return str(tmp_path / "more")

    @pytest.mark.parametrize(
        "first",
        [
            "import google.cloud.storage version 1",
            "import google.auth, google.cloud.vision\nimport google.cloud.storage version 1",
            "import google.cloud.storage",
        ],
    )
    def test_folder_that_is_added_later(self, execute, more, monkeypatch, first):
        names = execute(first)
        monkeypatch.syspath_prepend(more)
        execute("import google.later, google.cloud.later", google=names["google"])
        assert names["google"].cloud.later.NAME == "google.cloud.later"
        assert "google-cloud-storage-" in names["google"].cloud.__path__[0]

    def test_folder_that_is_taken_away(self, execute, more, monkeypatch):
        with monkeypatch.context() as shorter:
            shorter.syspath_prepend(more)
            path = execute("import google.cloud.storage version 1")["google"].__path__
            assert f"{more}/google" in path
        assert f"{more}/google" not in path

    def test_chosen_portion_stays_in_front(self, execute, more, monkeypatch):
        execute("import google.core version 1")
        monkeypatch.syspath_prepend(more)
        assert execute("import google.cloud.storage version 1 as storage")["storage"].VERSION == "1.0"

    def test_only_in_versioned_directories(self, execute, site, tmp_path, monkeypatch):
        make_versioned(site, "only-one", "1.0", {"only/inner/one.py": ""})
        execute("import only.inner")
        write(tmp_path / "more" / "only" / "inner" / "two.py", "NAME = __name__\n")
        monkeypatch.syspath_prepend(str(tmp_path / "more"))
        assert execute("import only.inner.two as two")["two"].NAME == "only.inner.two"

    def test_folder_that_is_made_later(self, execute, tmp_path, monkeypatch):
        write(tmp_path / "more" / "other.py", "")
        monkeypatch.syspath_prepend(str(tmp_path / "more"))
        execute("import google.cloud.storage version 1")
        write(tmp_path / "more" / "google" / "later.py", "NAME = __name__\n")
        importlib.invalidate_caches()
        assert execute("import google.later as later")["later"].NAME == "google.later"

    def test_resources(self, execute, more, site, monkeypatch):
        make_versioned(site, "google-data", "1.0", {"google/data/one.txt": "1", "google/data/module.py": ""})
        execute("import google.data.module version 1")
        assert files("google.data").joinpath("one.txt").read_text() == "1"
        write(Path(more) / "google" / "data" / "two.txt", "2")
        monkeypatch.syspath_prepend(more)
        assert files("google.data").joinpath("two.txt").read_text() == "2"
        assert files("google.data").joinpath("one.txt").read_text() == "1"

    def test_folder_that_the_program_adds_stays(self, execute, more, monkeypatch, tmp_path):
        google = execute("import google.cloud.storage version 1")["google"]
        google.__path__.append(str(tmp_path / "appended"))
        monkeypatch.syspath_prepend(more)
        execute("import google.later\nimport google.core version 1")
        assert str(tmp_path / "appended") in google.__path__
        assert len(set(google.__path__)) == len(google.__path__)
