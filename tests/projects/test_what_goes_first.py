"""What goes before the lock, and what doesn't: directories that a program adds, loaded modules, flat eggs, relative paths."""

import os
import shutil
import sys
import time
from pathlib import Path

import pytest
from environment import Environment
from made import make_flat, metadata_text, one_package, write

from versioned_import.projects import kept

TELL = """
import importlib.metadata, importlib.util, pkgutil, sys
def imported(name):
    try:
        return __import__(name).VERSION
    except ImportError as error:
        return type(error).__name__
def listed(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
def tell(*names):
    names_of_modules = {one.name for one in pkgutil.iter_modules()}
    for name in names:
        found = importlib.util.find_spec(name) is not None
        print(name, imported(name), listed(name), found, name in names_of_modules)
"""
IN_FULL = "import versioned_import; versioned_import.selection()"


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory):
    home = Environment(tmp_path_factory.mktemp("first") / "home")
    home.flat("demo", "3.0", one_package("demo", "3.0"))
    home.flat("stray", "1.0", one_package("stray", "1.0"))
    home.versioned("demo", "1.0", one_package("demo", "1.0"))
    home.output("-c", "")  # the first start compiles, which leaves a folder in the site directory
    return home


@pytest.fixture
def home(shared_home):
    """Return an environment whose directories are afterwards as they were."""
    directories = shared_home.place, shared_home.site, shared_home.program, shared_home.elsewhere
    before = {path for directory in directories for path in directory.iterdir()}
    yield shared_home
    for path in {path for directory in directories for path in directory.iterdir()} - before:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def run(home, text, **environ):
    """Run a program from its lock by the variable and return what it printed."""
    return home.output(
        home.write("app.py", f"{TELL}\n{text}"), environ={"VERSIONED_IMPORT_PROJECT": home.program, **environ}
    )


class TestDirectoriesThatAProgramAdds:
    """Behind the place of the site directories they go after the lock; the site directories themselves stay empty."""

    @pytest.mark.parametrize("first", ["", IN_FULL], ids=["fast", "full"])
    def test_one_behind_goes_after_what_is_locked(self, home, tmp_path, first):
        home.lock("demo==1.0")
        make_flat(tmp_path, "demo", "2.0", one_package("demo", "2.0"))
        make_flat(tmp_path, "plugin", "2.0", one_package("plugin", "2.0"))
        told = run(home, f"{first}\nsys.path.append({str(tmp_path)!r})\ntell('demo', 'plugin')")
        assert told == "demo 1.0 1.0 True True\nplugin 2.0 2.0 True True"

    def test_one_in_front_goes_before_it(self, home, tmp_path):
        home.lock("demo==1.0")
        write(tmp_path / "demo.py", "VERSION = 'own'\n")
        assert run(home, f"sys.path.insert(1, {str(tmp_path)!r})\nprint(imported('demo'))") == "own"

    def test_it_stays_behind_in_a_project_that_comes_later(self, home, tmp_path):
        home.lock("demo==1.0")
        (home.program / "src").mkdir()
        write(tmp_path / "demo.py", "VERSION = 'added'\n")
        text = f"""
        import pathlib, sys, versioned_import
        sys.path += [{str(tmp_path)!r}, pathlib.Path("no text")]
        versioned_import.activate({str(home.program)!r})
        import demo
        print(demo.VERSION)
        """
        assert home.output(home.write("app.py", text)) == "1.0"

    @pytest.mark.parametrize("first", ["", IN_FULL], ids=["fast", "full"])
    @pytest.mark.parametrize(
        "added",
        [
            "sys.path.append({!r})",
            "sys.path.insert(0, {!r})",
            "sys.path.append({!r} + '/')",
            "import site; site.addsitedir({!r})",
        ],
    )
    def test_in_a_site_directory_is_nothing(self, home, first, added):
        home.lock("demo==1.0")
        told = run(home, f"{first}\n{added.format(str(home.site))}\ntell('demo', 'stray')")
        assert told == "demo 1.0 1.0 True True\nstray NotLockedError None False False"

    def test_a_locked_flat_install_is_found_in_it_all_the_same(self, home):
        home.flat("space-one", "1.0", {"space/one.py": "VERSION = '1.0'\n"})
        home.flat("space-two", "1.0", {"space/two.py": ""})
        home.lock("stray==1.0", "space-one==1.0")
        text = f"""
sys.path.append({str(home.site)!r})
import importlib
importlib.invalidate_caches()
tell("stray")
import space.one
print(space.one.VERSION)
try:
    import space.two
except ImportError as error:
    print(type(error).__name__)
"""
        assert run(home, text) == "stray 1.0 1.0 True True\n1.0\nNotLockedError"

    def test_the_current_directory_may_be_a_site_directory(self, home):
        home.lock("demo==1.0")
        environ = {"VERSIONED_IMPORT_PROJECT": home.program}
        text = f"{TELL}\nprint(imported('demo'), imported('stray'))"
        assert home.output("-c", text, environ=environ, cwd=home.site) == "1.0 NotLockedError"

    def test_a_script_s_directory_stays_where_a_start_up_file_names_it_too(self, home):
        write(home.site / "program.pth", f"{home.program}\n")
        home.lock("demo==1.0", directory=home.elsewhere)
        home.write("beside.py", "VERSION = 'beside'\n")
        text = "print(imported('demo'), imported('beside'))"
        assert run(home, text, VERSIONED_IMPORT_PROJECT=home.elsewhere) == "1.0 beside"


class TestLoadedBefore:
    """`activate` takes a loaded module for what is locked only if it is of that version."""

    REFUSED = """
        except versioned_import.VersionConflictError as error:
            print(error)
    """

    def test_a_version_that_was_required_is_not_the_flat_one(self, home):
        lock = home.lock("demo==3.0")
        text = f"""
        import versioned_import
        versioned_import.require("demo==1.0")
        import demo
        try:
            versioned_import.activate({str(home.program)!r})
        {self.REFUSED.strip()}
        """
        assert home.output(home.write("app.py", text)) == (
            f"activate {lock}: demo is loaded already, from elsewhere\n"
            f"  loaded from {home.site}/demo-1.0/demo/__init__.py\n"
            f"  the lock has demo 3.0: {home.site}/demo/__init__.py\n"
            "  activate the project before anything of it is imported, or start the program with --project"
        )

    def test_neither_is_that_of_another_project(self, home):
        home.lock("demo==1.0")
        home.lock("demo==3.0", directory=home.elsewhere)
        text = f"""
        import versioned_import
        versioned_import.activate({str(home.program)!r})
        import demo
        try:
            versioned_import.activate({str(home.elsewhere)!r})
        {self.REFUSED.strip()}
        import importlib.metadata
        print(importlib.metadata.version("demo"))
        """
        told = home.output(home.write("app.py", text)).splitlines()
        assert "demo is loaded already, from elsewhere" in told[0]
        assert told[-1] == "1.0"

    def test_a_flat_install_of_the_locked_version_is_as_good_as_its_versioned_directory(self, home):
        home.versioned("demo", "3.0", one_package("demo", "3.0"))
        home.lock("demo==3.0")
        text = f"""
        import demo, versioned_import
        versioned_import.activate({str(home.program)!r})
        import importlib.metadata
        print(demo.__file__, importlib.metadata.version("demo"))
        """
        assert home.output(home.write("app.py", text)) == f"{home.site}/demo/__init__.py 3.0"


class TestEggsOnPythonpath:
    """A flat install may have an `.egg-info`; sources that were built have one too."""

    @pytest.fixture
    def eggs(self, tmp_path):
        write(tmp_path / "eggs" / "demo" / "__init__.py", "VERSION = '2.0'\n")
        return tmp_path / "eggs"

    @pytest.mark.parametrize(
        ("place", "others"),
        [
            ("demo-2.0.egg-info", ()),
            ("demo-2.0-py3.11.egg-info/PKG-INFO", ()),
            ("demo.egg-info/PKG-INFO", ("installed-files.txt",)),
        ],
    )
    def test_an_install_that_is_not_locked_is_not_there(self, home, eggs, place, others):
        home.lock("demo==1.0")
        info = write(eggs / place, metadata_text("demo", "2.0", (), ""))
        for other in (*others, *(("top_level.txt",) if info.name == "PKG-INFO" else ())):
            write(info.parent / other, "demo\n" if other == "top_level.txt" else "../demo/__init__.py\n")
        assert run(home, "print(imported('demo'), listed('demo'))", PYTHONPATH=eggs) == "1.0 1.0"

    def test_sources_that_were_built_stay(self, home, eggs):
        home.lock("demo==1.0")
        write(eggs / "demo.egg-info" / "PKG-INFO", metadata_text("demo", "2.0", (), ""))
        write(eggs / "demo.egg-info" / "top_level.txt", "demo\n")
        assert run(home, "print(imported('demo'))", PYTHONPATH=eggs) == "2.0"


@pytest.mark.parametrize("runner", [True, False])
def test_the_main_module_of_a_locked_package_gets_nothing_else(home, runner):
    text = f"{TELL}\nprint(__name__, imported('stray'))\n"
    home.versioned("widget", "1.0", {"widget/__init__.py": text, "widget/__main__.py": text})
    home.lock("widget==1.0")
    words = ("-m", "versioned_import", "--project", home.program) if runner else ()
    environ = {} if runner else {"VERSIONED_IMPORT_PROJECT": home.program}
    told = home.output(*words, "-m", "widget", environ=environ)
    assert told == "widget NotLockedError\n__main__ NotLockedError"


class TestRelativePaths:
    """PYTHONPATH and VERSIONED_IMPORT_PATH may be relative; then each current directory has a plan of its own."""

    def test_a_kept_plan_is_not_that_of_another_directory(self, home, tmp_path):
        home.lock("demo==1.0")
        write(tmp_path / "a" / "lib" / "harmless.py", "")
        make_flat(tmp_path / "b" / "lib", "unlocked", "2.0", one_package("unlocked", "2.0"))
        time.sleep(2.1)
        environ = {"VERSIONED_IMPORT_PROJECT": home.program, "PYTHONPATH": "lib"}
        text = f"{TELL}\nprint(imported('unlocked'), 'versioned_import.projects.plan' in sys.modules)"
        told = [home.output("-c", text, environ=environ, cwd=tmp_path / name) for name in "aabb"]
        assert told == [f"NotLockedError {made}" for made in (True, False, True, False)]

    @pytest.mark.parametrize("variable", ["PYTHONPATH", "VERSIONED_IMPORT_PATH"])
    def test_the_key_has_what_is_there(self, variable, tmp_path, monkeypatch):
        monkeypatch.delenv("PYTHONPATH", raising=False)
        for name in ("a", "b"):
            (tmp_path / name / "lib").mkdir(parents=True)
            monkeypatch.syspath_prepend(tmp_path / name / "lib")
        (tmp_path / "c").mkdir()
        keys = {}
        for name in ("a", "b", "c"):
            monkeypatch.chdir(tmp_path / name)
            monkeypatch.delenv(variable, raising=False)
            plain = kept.key_of(os.sep, "", "", "")
            monkeypatch.setenv(variable, "lib")
            keys[name] = kept.key_of(os.sep, "", "", "")
        assert len(set(keys.values())) == 3
        assert keys["c"] == plain

    def test_the_key_leaves_out_what_is_not_searched(self, tmp_path, monkeypatch):
        monkeypatch.delenv("PYTHONPATH", raising=False)
        plain = kept.key_of(os.sep, "", "", "")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        assert kept.key_of(os.sep, "", "", "") == plain
        monkeypatch.syspath_prepend(tmp_path)
        assert kept.key_of(os.sep, "", "", "") != plain


class TestCompiled:
    """Of one name in several files, the one counts that Python takes."""

    @pytest.fixture
    def extension(self):
        found = min(Path(os.__file__).parent.glob("lib-dynload/_*.so"), default=None)
        if found is None:
            pytest.skip("this Python has no extension module in a file of its own")
        return found

    @pytest.mark.parametrize("is_package", [True, False])
    def test_it_goes_before_its_source(self, home, extension, is_package):
        stem, suffix = "fast/__init__" if is_package else "fast", extension.name.partition(".")[2]
        directory = home.versioned("fast", "1.0", {f"{stem}.py": ""})
        shutil.copy(extension, directory / f"{stem}.{suffix}")
        home.lock("fast==1.0")
        told = run(home, "spec = importlib.util.find_spec('fast')\nprint(spec.origin, spec.submodule_search_locations)")
        assert told == f"{directory}/{stem}.{suffix} {[f'{directory}/fast'] if is_package else None}"

    def test_without_a_source(self, home):
        directory = home.versioned("only", "1.0", {"only/__init__.pyc": ""})
        source = write(home.elsewhere / "only.py", "VERSION = 'bytecode'\n")
        command = f"import py_compile; py_compile.compile({str(source)!r}, {str(directory / 'only/__init__.pyc')!r})"
        home.output("-c", command)
        home.lock("only==1.0")
        assert (
            run(home, "print(imported('only'), 'versioned_import.runtime.finder' in sys.modules)") == "bytecode False"
        )


@pytest.mark.parametrize("trace", ["", "1"])
def test_our_own_metadata_is_there_whichever_finder_serves(home, trace):
    make_flat(home.site, "versioned_import", "0.9", {})
    home.versioned("space-one", "1.0", {"space/one.py": ""})
    home.lock("space-one==1.0")
    text = """
import space.one
names = [one.metadata["Name"] for one in importlib.metadata.distributions()]
print(listed("versioned_import"), listed("Versioned.Import"), sorted(names), listed("stray"))
"""
    script = home.write("app.py", f"{TELL}\n{text}")
    environ = {"VERSIONED_IMPORT_PROJECT": home.program, "VERSIONED_IMPORT_TRACE": trace}
    assert home.start(script, environ=environ).stdout == "0.9 0.9 ['space-one', 'versioned_import'] None\n"


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text elsewhere")
class TestNamesOfLocks:
    @pytest.mark.parametrize("name", [b"byte\xff", "no\u00a0break".encode()])
    def test_any_name_but_one_with_control_characters(self, home, name):
        place = os.path.join(os.fsencode(home.place), name)
        os.mkdir(place)
        home.lock("demo==1.0", directory=os.fsdecode(place))
        text = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import demo; print(demo.VERSION)'])"
        environ = {"VERSIONED_IMPORT_PROJECT": os.fsdecode(place)}
        assert home.output("-c", text, environ=environ) == "1.0"
        assert home.output("-m", "versioned_import", "--project", os.fsdecode(place), "-c", text) == "1.0"
