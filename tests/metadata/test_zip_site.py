"""Zip files on the search path: what is installed inside counts as it does in a directory."""

import importlib.metadata
import os
import shutil
import zipfile

import pytest
from fresh_state import start_afresh
from made import make_flat, make_versioned, one_package, write

from versioned_import.errors import VersionConflictError, VersionNotFoundError
from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.metadata.files import is_directory, is_file, listing, read_text, status
from versioned_import.metadata.layout import is_still_there, requirements_of


def zipped(folder):
    """Pack a site directory into `lib.zip` beside it, without entries for directories, and return its path."""
    archive = folder.with_name("lib.zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(folder).as_posix())
    shutil.rmtree(folder)
    return archive


@pytest.fixture
def archive(tmp_path):
    """Return a zip file with a flat install and two versioned directories."""
    folder = tmp_path / "unpacked"
    make_flat(folder, "demo", "1.5", one_package("demo", "1.5", sub="VERSION = '1.5'"), requires=["dep>=1"])
    make_versioned(folder, "demo", "2.0", one_package("demo", "2.0"))
    make_versioned(folder, "dep", "1.0", one_package("dep", "1.0"))
    write(folder / "broken-1.0" / "broken.py", "")
    return zipped(folder)


@pytest.fixture
def _searched(process, archive, site):
    start_afresh(archive, site)


class TestReader:
    def test_members(self, archive):
        assert read_text(f"{archive}/dep-1.0/dep/__init__.py") == "VERSION = '1.0'\n"
        assert read_text(f"{archive}/dep-1.0/dep/__init__.py", 7) == "VERSION"
        assert read_text(f"{archive}/absent.py") is None
        assert read_text(f"{archive}.absent/x") is None
        assert is_file(f"{archive}/demo/sub.py")
        assert not is_file(f"{archive}/demo")
        assert is_directory(f"{archive}/demo")
        assert not is_directory(f"{archive}/demo/sub.py")
        assert sorted(listing(str(archive))) == ["broken-1.0", "demo", "demo-1.5.dist-info", "demo-2.0", "dep-1.0"]
        assert sorted(listing(f"{archive}/demo")) == ["__init__.py", "sub.py"]
        assert status(f"{archive}/demo/sub.py") == os.stat(archive)

    def test_file_that_is_no_zip_file(self, tmp_path):
        path = write(tmp_path / "plain.txt", "plain")
        assert read_text(f"{path}/x") is None
        assert not is_directory(f"{path}/x")
        with pytest.raises(NotADirectoryError):
            listing(f"{path}/x")
        with pytest.raises(FileNotFoundError):
            status(f"{tmp_path}/absent/x")


class TestCatalogue:
    def test_candidates(self, archive, process):
        found = {
            (one.distribution, one.version, one.entry, one.names) for one in open_catalogue(str(archive)).everything()
        }
        assert found == {
            ("demo", "1.5", "", ("demo",)),
            ("demo", "2.0", "demo-2.0", ("demo",)),
            ("dep", "1.0", "dep-1.0", ("dep",)),
        }
        assert open_catalogue(str(archive)).passed_over("broken") == [("broken-1.0", "holds no .dist-info")]
        (flat,) = (one for one in open_catalogue(str(archive)).by_name("demo") if not one.entry)
        assert is_still_there(flat)
        assert requirements_of(flat) == ["dep>=1"]

    def test_file_that_is_no_zip_file_offers_nothing(self, process, tmp_path):
        assert open_catalogue(str(write(tmp_path / "notes.txt", "text"))).everything() == []


@pytest.mark.usefixtures("_searched")
class TestImports:
    def test_flat(self, execute, archive):
        names = execute("import demo version 1\nimport demo.sub, dep")
        assert (names["demo"].VERSION, names["demo"].sub.VERSION, names["dep"].VERSION) == ("1.5", "1.5", "1.0")
        assert names["demo"].__file__ == f"{archive}/demo/__init__.py"
        assert importlib.metadata.version("demo") == "1.5"
        assert importlib.metadata.requires("demo") == ["dep>=1"]

    def test_versioned(self, execute, archive):
        demo = execute("import demo version 2")["demo"]
        assert demo.__file__ == f"{archive}/demo-2.0/demo/__init__.py"
        assert importlib.metadata.version("demo") == "2.0"

    def test_refused(self, execute, archive, site, tmp_path):
        with pytest.raises(VersionNotFoundError) as caught:
            execute("import demo version 3")
        assert str(caught.value).split("\n")[:4] == [
            f"import demo version 3 ({tmp_path}/app.py:1): no installed version fits",
            f"  demo 1.5 does not match: {archive} (flat install)",
            f"  demo 2.0 does not match: {archive}/demo-2.0/",
            f"  searched: {archive}, {site}",
        ]

    def test_loaded_by_a_plain_import(self, execute, archive, monkeypatch):
        monkeypatch.syspath_prepend(str(archive))
        names = execute("import demo\nimport demo version 1 as same")
        assert names["demo"] is names["same"]
        with pytest.raises(VersionConflictError, match=r"demo 1\.5 is loaded already"):
            execute("import demo version 2")

    def test_beside_a_directory(self, execute, site):
        make_versioned(site, "demo", "3.0", one_package("demo", "3.0"))
        assert execute("import demo version 3")["demo"].VERSION == "3.0"

    def test_namespace_package_with_portions_in_both(self, execute, site, tmp_path):
        folder = tmp_path / "more"
        init = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
        files = {"shared/__init__.py": init, "shared/one.py": "VERSION = '1.0'\n"}
        make_versioned(folder, "shared.one", "1.0", files)
        shutil.move(zipped(folder), tmp_path / "more.zip")
        make_versioned(site, "shared.two", "2.0", {"shared/two.py": "VERSION = '2.0'\n"})
        start_afresh(tmp_path / "more.zip", site)
        shared = execute("import shared.one version 1\nimport shared.two version 2")["shared"]
        assert (shared.one.VERSION, shared.two.VERSION) == ("1.0", "2.0")


@pytest.mark.parametrize("variable", ["PYTHONPATH", "VERSIONED_IMPORT_PATH"])
def test_in_a_child_twice(children, archive, variable):
    for _ in range(2):
        text = "import demo version '>=1'\nprint(demo.VERSION)"
        assert children.output(text, environ={variable: str(archive)}) == "2.0"


def test_commands_that_look(children, archive):
    for command in (("list",), ("show", "demo"), ("verify",), ("doctor",), ("tree",)):
        done = children.start("-m", "versioned_import", *command, environ={"PYTHONPATH": str(archive)})
        assert "Traceback" not in done.stderr
