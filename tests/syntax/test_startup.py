"""What each start of Python runs: nothing that imports, nothing twice, and the files that ask for it."""

import codecs
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from versioned_import_startup import FallbackFinder, register, search_codec

REPOSITORY = Path(__file__).resolve().parents[2]
PTH = "import versioned_import_startup; versioned_import_startup.register()\n"
START = "versioned_import_startup:register\n"


class TestCost:
    """Spec 8: "Never an import that gets slower because versioned_import is merely installed"."""

    def test_imports_nothing(self, child):
        program = (
            "import sys\n"
            f"sys.path.insert(0, {str(REPOSITORY)!r})\n"
            "before = set(sys.modules)\n"
            "import versioned_import_startup\n"
            "versioned_import_startup.register()\n"
            "print(sorted(set(sys.modules) - before))\n"
        )
        assert child.output("-S", "-I", "-c", program) == "['versioned_import_startup']\n"

    def test_an_interpreter_has_nothing_of_the_project_but_this(self, child):
        program = "import sys; print([name for name in sys.modules if 'versioned' in name])"
        assert child.output("-c", program) == "['versioned_import_startup']\n"


class TestRegister:
    """versioned_import_startup.register: "calling it again changes nothing"."""

    def test_twice(self):
        register()
        before = list(sys.meta_path)
        register()
        assert sys.meta_path == before
        assert sys.meta_path.count(FallbackFinder) == 1

    def test_finder_is_asked_last(self, child):
        assert child.output("-c", "import sys; print(sys.meta_path[-1].__name__)") == "FallbackFinder\n"

    @pytest.mark.parametrize("name", ["versioned-latin-1", "versioned_latin_1", "versioned", "versioned_utf_8"])
    def test_both_spellings(self, name):
        assert isinstance(search_codec(name), codecs.CodecInfo)

    @pytest.mark.parametrize("name", ["utf_8", "version", "versioned_nothing", "versionedness", ""])
    def test_other_names(self, name):
        assert search_codec(name) is None


class TestFiles:
    """docs/architecture.md, D4: a .pth line and a PEP 829 entry call the same function."""

    def test_content(self):
        assert (REPOSITORY / "versioned_import.pth").read_text() == PTH
        assert (REPOSITORY / "versioned_import.start").read_text() == START

    def test_entry_point_exists(self):
        module, _, function = START.strip().partition(":")
        assert callable(getattr(sys.modules[module], function))

    @pytest.mark.real
    def test_wheel_carries_them_in_its_root(self, tmp_path):
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), "."]
        subprocess.run(command, cwd=REPOSITORY, check=True)
        (wheel,) = tmp_path.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            names = set(archive.namelist())
            assert archive.read("versioned_import.pth").decode() == PTH
            assert archive.read("versioned_import.start").decode() == START
        assert {"versioned_import_startup.py", "versioned_import/syntax/clauses.py"} <= names
        assert not [name for name in names if name.startswith("tests")]

    @pytest.mark.real
    def test_installed_wheel_registers_the_codec(self, tmp_path, child):
        wheels = tmp_path / "wheels"
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(wheels), "."], cwd=REPOSITORY, check=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "new")], check=True)
        python = next((tmp_path / "new").glob("[bS]*/python*"))
        (wheel,) = wheels.glob("*.whl")
        subprocess.run([*pip, "--python", str(python), "install", "--no-deps", str(wheel)], check=True)
        file = child.write("app.py", "# coding: versioned\nprint('decoded')\n")
        done = subprocess.run([str(python), str(file)], capture_output=True, text=True, env=child.environ, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "decoded\n", "")
