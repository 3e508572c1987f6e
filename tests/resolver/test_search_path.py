"""Which directories are searched, and in which order (spec 3.2), in real interpreters and virtual environments."""

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from made import make_flat, make_versioned, write

ROOT = Path(__file__).parents[2]
SAY = "import demo version 1\nprint(demo.__file__.split('/')[-2], demo.WHERE)"


class Interpreter:
    """A base installation of its own (a virtual environment that plays it), so that nothing is written into a real one."""

    def __init__(self, directory, *, system=False):
        venv.create(directory, with_pip=False, system_site_packages=system)
        self.python = str(directory / "bin" / "python")
        (self.site,) = (path / "site-packages" for path in (directory / "lib").iterdir())
        # What an installation of versioned_import and its dependencies would put there, by way of their own places.
        write(self.site / "own.pth", f"{ROOT}\n{libraries()}\nimport versioned_import_startup as s; s.register()\n")


def libraries():
    import resolvelib

    return Path(resolvelib.__file__).parents[1]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return Interpreter(tmp_path_factory.mktemp("plain") / "venv")


@pytest.fixture(scope="module")
def systemic(tmp_path_factory):
    return Interpreter(tmp_path_factory.mktemp("systemic") / "venv", system=True)


@pytest.fixture
def places(plain, systemic, tmp_path):
    """Return a directory for each place that is searched, and empty the interpreters' own after the test."""
    own = {each: set(each.site.iterdir()) for each in (plain, systemic)}
    yield {name: tmp_path / name for name in ("extra", "pythonpath1", "pythonpath2", "home", "elsewhere")}
    for each, before in own.items():
        for path in set(each.site.iterdir()) - before:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def user_site(home):
    return home / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"


def put(site, version):
    make_versioned(site, "demo", version, {"demo.py": f"VERSION = {version!r}\nWHERE = {Path(site).name!r}\n"})


def start(interpreter, places, program, *switches, **environ):
    """Run a program with the cookie; return what it printed, or the first line of the error that ended it."""
    script = write(places["elsewhere"] / "app.py", f"# coding: versioned\n{program}\n")
    base = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VERSIONED", "COVERAGE"))}
    base |= {"PYTHONUSERBASE": str(places["home"]), "XDG_CACHE_HOME": str(places["elsewhere"])}
    done = subprocess.run(
        [interpreter.python, *switches, script],
        env=base | environ,
        cwd=places["elsewhere"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout.strip() or next(
        line for line in done.stderr.splitlines() if line.startswith("versioned_import.")
    )


def search_path(interpreter, places, *switches, **environ):
    program = (
        "import json\nfrom versioned_import.resolver.search_path import search_path\nprint(json.dumps(search_path()))"
    )
    return json.loads(start(interpreter, places, program, *switches, **environ))


class TestOrder:
    """Each directory of PYTHONPATH; the interpreter's site-packages; the user's; the system's."""

    def test_all_places(self, systemic, places):
        user_site(places["home"]).mkdir(parents=True)
        environ = {
            "VERSIONED_IMPORT_PATH": str(places["extra"]),
            "PYTHONPATH": f"{places['pythonpath1']}{os.pathsep}{places['pythonpath2']}",
        }
        found = search_path(systemic, places, **environ)
        first = [
            places["extra"],
            places["pythonpath1"],
            places["pythonpath2"],
            systemic.site,
            user_site(places["home"]),
        ]
        assert found[:5] == list(map(str, first))
        assert len(found) > 5
        assert all(entry.startswith(sys.base_prefix) for entry in found[5:])

    def test_first_directory_with_a_match_wins(self, plain, places):
        """The first site directory with a match wins, although a later one has a higher version."""
        put(places["pythonpath1"], "1.0")
        put(places["pythonpath2"], "1.5")
        put(plain.site, "1.9")
        environ = {"PYTHONPATH": f"{places['pythonpath1']}{os.pathsep}{places['pythonpath2']}"}
        assert start(plain, places, SAY, **environ) == "demo-1.0 pythonpath1"
        assert start(plain, places, SAY.replace("version 1", "version 1.5"), **environ) == "demo-1.5 pythonpath2"
        assert start(plain, places, SAY.replace("version 1", 'version ">1.5"'), **environ) == "demo-1.9 site-packages"

    def test_user_before_system_and_after_the_interpreter(self, systemic, places):
        put(user_site(places["home"]), "1.9")
        assert start(systemic, places, SAY) == "demo-1.9 site-packages"
        put(systemic.site, "1.0")
        assert start(systemic, places, SAY) == "demo-1.0 site-packages"

    def test_current_directory_never_decides(self, plain, places):
        put(places["elsewhere"], "1.9")
        make_flat(places["elsewhere"], "demo", "1.8", {"demo.py": "WHERE = 'flat in the current directory'"})
        put(plain.site, "1.0")
        assert start(plain, places, SAY) == "demo-1.0 site-packages"
        assert start(plain, places, SAY, PYTHONPATH=os.pathsep) == "demo-1.0 site-packages"
        shutil.rmtree(plain.site / "demo-1.0")
        assert start(plain, places, SAY).startswith("versioned_import.VersionNotFoundError: import demo version 1")

    def test_relative_entry_of_pythonpath(self, plain, places):
        put(places["elsewhere"] / "relative", "1.0")
        assert start(plain, places, SAY, PYTHONPATH="relative") == "demo-1.0 relative"

    @pytest.mark.parametrize("variable", ["PYTHONPATH", "VERSIONED_IMPORT_PATH"])
    def test_current_directory_counts_where_an_entry_names_it(self, plain, places, variable):
        """Spec 3.2: "an empty entry counts as none; a relative one is a directory like any other"."""
        put(places["elsewhere"], "1.0")
        put(plain.site, "1.9")
        assert start(plain, places, SAY, **{variable: f"{places['extra']}{os.pathsep}"}) == "demo-1.9 site-packages"
        assert start(plain, places, SAY, **{variable: "."}) == "demo-1.0 elsewhere"

    def test_relative_entry_after_a_change_of_directory_is_no_guess(self, plain, places):
        put(places["elsewhere"] / "relative", "1.0")
        put(places["elsewhere"] / "other" / "relative", "1.9")
        put(plain.site, "1.1")
        program = f"import os\nos.chdir('other')\n{SAY}"
        assert start(plain, places, program, PYTHONPATH="relative") == "demo-1.1 site-packages"


class TestSwitches:
    """`-I`, `-E`, `-s`, `PYTHONNOUSERSITE` and a virtual environment without system site-packages hide what they hide."""

    @pytest.mark.parametrize("switches", [("-I",), ("-E",)])
    def test_environment_is_ignored(self, systemic, places, switches):
        put(places["pythonpath1"], "1.9")
        put(places["extra"], "1.8")
        put(systemic.site, "1.0")
        environ = {"PYTHONPATH": str(places["pythonpath1"]), "VERSIONED_IMPORT_PATH": str(places["extra"])}
        assert start(systemic, places, SAY, **environ) == "demo-1.8 extra"
        assert start(systemic, places, SAY, *switches, **environ) == "demo-1.0 site-packages"

    @pytest.mark.parametrize(
        ("switches", "environ"), [(("-s",), {}), (("-I",), {}), ((), {"PYTHONNOUSERSITE": "1"}), (("-E", "-s"), {})]
    )
    def test_user_site_is_hidden(self, systemic, places, switches, environ):
        put(user_site(places["home"]), "1.9")
        assert str(user_site(places["home"])) not in search_path(systemic, places, *switches, **environ)
        assert start(systemic, places, SAY, *switches, **environ).startswith("versioned_import.VersionNotFoundError")

    def test_virtual_environment_hides_user_and_system(self, plain, places):
        put(user_site(places["home"]), "1.9")
        assert search_path(plain, places) == [str(plain.site)]
        assert start(plain, places, SAY).startswith("versioned_import.VersionNotFoundError: import demo version 1")

    def test_base_installation_has_its_own_site_packages_first(self, places):
        base = Interpreter.__new__(Interpreter)
        base.python = os.path.realpath(sys.executable)
        program = "import json, site, sys; sys.path.insert(0, sys.argv[1])\n"
        program += "from versioned_import.resolver.search_path import search_path\n"
        program += "print(json.dumps([search_path(), site.getsitepackages()]))"
        script = write(places["elsewhere"] / "app.py", program)
        done = subprocess.run([base.python, "-I", script, ROOT], capture_output=True, text=True, check=True)
        found, own = json.loads(done.stdout)
        assert found == own

    def test_no_site(self, plain, places):
        program = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        program += "from versioned_import.resolver.search_path import search_path\nprint(len(search_path()))"
        script = write(places["elsewhere"] / "app.py", program)
        done = subprocess.run([plain.python, "-I", "-S", script], capture_output=True, text=True, check=True)
        assert done.stdout == "0\n"
