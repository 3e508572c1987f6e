"""An import that nothing has costs little where versioned directories are, and never misses one that is there."""

import os

import pytest
from made import make_versioned, one_package, settle

from versioned_import.metadata.store import catalogue_files

LOADED = "print(sorted(name for name in __import__('sys').modules if name.startswith('versioned_import.')))"
ABSENT = "try: import absent\nexcept ModuleNotFoundError as error: print(error)\n"
LITTLE = [
    "versioned_import.metadata",
    "versioned_import.metadata.places",
    "versioned_import.metadata.store",
    "versioned_import.resolver",
    "versioned_import.resolver.absent",
    "versioned_import.resolver.search_path",
]


@pytest.fixture
def kept(children, site, second_site):
    """Let a demo be installed, and its catalogue be kept; return what runs plain Python."""
    make_versioned(site, "demo", "1.0", one_package("demo", "1.0"))
    settle(site, second_site)

    def run(text):
        return children.start("-c", text)

    run(ABSENT)
    return run


class TestWhatIsLoaded:
    @pytest.mark.parametrize("name", ["absent", "absent.sub"])
    def test_little(self, kept, name):
        done = kept(f"try: import {name}\nexcept ImportError: pass\n{LOADED}")
        assert (done.stdout, done.stderr) == (f"{LITTLE}\n", "")

    def test_little_for_a_probe(self, kept):
        done = kept(f"from importlib.util import find_spec\nprint(find_spec('absent'))\n{LOADED}")
        assert done.stdout == f"None\n{LITTLE}\n"

    def test_nothing_beside_a_versioned_import(self, kept, children):
        """What a process has found nowhere is noted for the next one."""
        text = """
            import sys
            import demo version 1
            before = {*sys.modules}
            try: import absent
            except ModuleNotFoundError as error: print(error)
            print(sorted(name for name in {*sys.modules} - before if name.startswith("versioned_import.")))
        """
        for _ in range(2):
            children.output(text)
        assert children.output(text) == "No module named 'absent'\n[]"


class TestNothingIsMissed:
    def test_what_is_there(self, kept):
        assert kept(f"{ABSENT}import demo\nprint(demo.VERSION)").stdout == "No module named 'absent'\n1.0\n"

    def test_what_is_installed_since(self, kept, site):
        make_versioned(site, "late", "1.0")
        assert kept("import late\nprint(late.VERSION)").stdout == "1.0\n"

    def test_what_is_installed_while_the_program_runs(self, kept, site):
        steps = [
            ABSENT,
            "import os",
            f"os.mkdir({str(site / 'absent-1.0')!r})",
            f"os.rename({str(site.parent / 'files')!r}, {str(site / 'absent-1.0')!r})",
            "import absent",
            "print(absent.VERSION)",
        ]
        make_versioned(site.parent, "absent", "1.0", entry="files")
        assert kept("\n".join(steps)).stdout == "No module named 'absent'\n1.0\n"

    def test_portion_of_a_namespace_package(self, kept, site, second_site):
        make_versioned(site, "part", "1.0", {"space/inner/part.py": "VERSION = '1.0'\n"})
        settle(site)
        for _ in range(2):
            assert kept(f"{ABSENT}import space.inner.part as part\nprint(part.VERSION)").stdout.endswith("\n1.0\n")
        done = kept("import space\ntry: import space.absent\nexcept ImportError as error: print(error)")
        assert done.stdout == "No module named 'space.absent'\n"

    @pytest.mark.parametrize("damage", ["cut", "byte", "other", "none"])
    def test_broken_catalogue(self, kept, site, children, monkeypatch, damage):
        monkeypatch.setenv("VERSIONED_IMPORT_CACHE_DIR", children.environ["VERSIONED_IMPORT_CACHE_DIR"])
        (path,) = catalogue_files(str(site))
        with open(path, "rb") as file:
            data = file.read()
        at = data.index(b"n:demo\t")
        texts = {"cut": data[:at], "byte": data[:at] + b"n:dome\t" + data[at + 7 :], "other": b"x", "none": b""}
        with open(path, "wb") as file:
            file.write(texts[damage])
        assert kept("import demo\nprint(demo.VERSION)").stdout == "1.0\n"

    def test_catalogue_that_is_exchanged_while_the_program_runs(self, kept, site, children, monkeypatch):
        monkeypatch.setenv("VERSIONED_IMPORT_CACHE_DIR", children.environ["VERSIONED_IMPORT_CACHE_DIR"])
        (path,) = catalogue_files(str(site))
        text = f"{ABSENT}open({path!r}, 'wb').write(b'x')\nimport demo\nprint(demo.VERSION)"
        assert kept(text).stdout == "No module named 'absent'\n1.0\n"

    def test_no_place_for_a_catalogue(self, kept, children, tmp_path):
        (tmp_path / "file").write_text("")
        done = children.start(
            "-c", "import demo\nprint(demo.VERSION)", environ={"VERSIONED_IMPORT_CACHE_DIR": str(tmp_path / "file")}
        )
        assert (done.stdout, done.stderr) == ("1.0\n", "")


def test_finder_that_comes_later_is_asked(kept, tmp_path):
    text = """
import sys
from importlib.util import spec_from_loader
class Later:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return spec_from_loader(name, Later) if name == "virtual" else None
    create_module = exec_module = staticmethod(lambda *_: None)
sys.meta_path.append(Later)
import virtual
print(virtual.__name__)
"""
    done = kept(text)
    assert (done.stdout, done.stderr) == ("virtual\n", "")


def test_site_directory_that_is_gone(kept, site):
    os.rename(site, f"{site} before")
    done = kept(f"import os\n{ABSENT}")
    assert (done.stdout, done.stderr) == ("No module named 'absent'\n", "")
