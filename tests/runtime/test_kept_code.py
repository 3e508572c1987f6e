"""Modules served from what was kept of them: nothing tells them from Python's own, and nothing that has changed is served.

Each test runs real processes. What they keep counts at once here, where it would otherwise have to be two seconds old.
"""

import json
import marshal
import os
import py_compile
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest
from made import write

PROJECT = Path(__file__).parents[2]
PRELUDE = """
import os, sys
sys.path[:0] = [{place!r}]
from versioned_import import kept_code
from versioned_import.metadata import store
store.SETTLING_NS = {settling}
kept_code.begin("test", {tops})
table = next(iter(kept_code.tables.values()), None)
class Finder:
    served = []
    @staticmethod
    def find_spec(name, path=None, target=None):
        spec = kept_code.spec_of(name, path or [{place!r}])
        if spec is not None:
            Finder.served.append(name)
        return spec
sys.meta_path.insert([getattr(one, "__name__", "") for one in sys.meta_path].index("PathFinder"), Finder)
"""
TREE = {
    "pack/__init__.py": "from . import first\nfrom .sub import VALUE\nNAMES = list(globals())\n",
    "pack/first.py": "from . import second\nfrom .second import near\nCACHED = globals().get('__cached__')\n",
    "pack/second.py": "import pack\ndef near():\n    return 'near'\n",
    "pack/sub/__init__.py": "'A subpackage.'\nfrom ..second import near\nVALUE = near()\n",
    "pack/sub/deep.py": "from . import VALUE\nclass Thing:\n    def method(self):\n        return 'thing'\n",
    "pack/sub/data.txt": "data\n",
    "pack/itself.py": "import sys\nclass Other:\n    name = 'other'\nsys.modules[__name__] = Other()\n",
    "pack/wrong.py": "def fail():\n    raise LookupError('told')\n\n\nif __name__ == '__main__':\n    print('run', __file__)\n",
    "pack/checked.py": "def checked():\n    'A text.'\n    assert not __debug__, 'asserted'\n",
    "pack/na\u00efve.py": "VALUE = 1\n",
    "single.py": "VALUE = 'single'\n",
}
ALL = "import pack, single, pack.sub.deep, pack.itself, pack.wrong, pack.checked, pack.na\u00efve\n"


class Place:
    """A directory of modules, and processes that are served from what was kept of them."""

    def __init__(self, path):
        self.path = path / "lib"
        self.path.mkdir(parents=True)
        self.cache = path / "cache"
        self.environ = {
            key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VERSIONED_IMPORT"))
        } | {"VERSIONED_IMPORT_CACHE_DIR": str(self.cache), "PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8"}

    def write(self, files):
        for name, text in files.items():
            write(self.path / name, text)

    def start(self, text, *options, kept=True, tops=("pack", "single"), settling=-1, place=None, cwd=None, **environ):
        prelude = PRELUDE if kept else "import os, sys\nsys.path[:0] = [{place!r}]\n"
        prelude = prelude.format(place=str(place or self.path), tops=list(tops), settling=settling)
        return subprocess.Popen(
            [sys.executable, "-S", *options, "-c", prelude + textwrap.dedent(text)],
            env=self.environ | environ,
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="surrogateescape",
        )

    def run(self, text, *options, **arguments):
        """Run a text with what is kept at hand; return what it printed. It must succeed quietly."""
        process = self.start(text, *options, **arguments)
        output, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, ""), output + errors
        return output.strip()

    def served(self, text=ALL, *options, **arguments):
        """Run a text and return the names of the modules that were served."""
        return set(
            json.loads(
                self.run(
                    f"{textwrap.dedent(text)}\nimport json; print(json.dumps(Finder.served))", *options, **arguments
                )
            )
        )

    def files(self):
        return {one.name: one.stat().st_mtime_ns for one in sorted((self.cache / "code").glob("*"))}

    def table(self):
        (path,) = (one for one in (self.cache / "code").glob("*") if "-" not in one.name)
        return path


EVERY = {
    "pack", "pack.first", "pack.second", "pack.sub", "pack.sub.deep", "pack.itself", "pack.wrong", "pack.checked",
    "pack.na\u00efve", "single",
}  # fmt: skip


def make_kept(path):
    place = Place(path)
    place.write(TREE)
    place.run(ALL)  # Python compiles here, and everything is kept at the end
    return place


@pytest.fixture
def place(tmp_path):
    """Return a place whose modules are kept."""
    return make_kept(tmp_path)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """Return a place whose modules are kept and whose files no test changes."""
    return make_kept(tmp_path_factory.mktemp("kept"))


def test_each_module_of_a_second_process_is_served_and_nothing_is_written_again(untouched):
    before = untouched.files()
    assert len(before) == 2
    assert untouched.served() == EVERY
    assert untouched.files() == before


DESCRIBE = """
    import importlib.machinery, importlib.util, json, re
    names = {names}
    def spec_as_data(spec):
        spec.cached  # which is worked out when it is asked for
        data = {{name: repr(getattr(spec, name)) for name in dir(spec) if name[:2] != "__" or name == "__dict__"}}
        del data["__dict__"], data["loader"]
        loader = {{key: value for key, value in vars(spec.loader).items() if key not in ("create_module", "get_code")}}
        return [data, list(vars(spec)), repr(type(spec.loader)), loader, re.sub(" at 0x[0-9a-fA-F]+", "", repr(spec))]
    described = []
    for name in names:
        described.append(spec_as_data(importlib.util.find_spec(name)))
        module = importlib.import_module(name)
        if isinstance(module, type(sys)):
            spec = module.__spec__
            described.append(spec_as_data(spec) + [sorted(vars(spec.loader)), module.__loader__ is spec.loader])
            described.append([re.sub(" at 0x[0-9a-fA-F]+", "", repr(module)), list(vars(module)), module.__doc__])
            named = "name", "package", "path", "file", "cached"
            described.append([repr(getattr(module, f"__{{one}}__", 0)) for one in named])
            found = importlib.machinery.PathFinder.find_spec(name, [os.path.dirname(os.path.dirname(spec.origin))
                if spec.submodule_search_locations else os.path.dirname(spec.origin)])
            assert found == spec, name
    import importlib.resources
    described.append(importlib.resources.files("pack.sub").joinpath("data.txt").read_text())
    print(json.dumps(described))
"""


def test_specs_and_modules_are_to_the_letter_what_python_makes(untouched):
    text = DESCRIBE.format(names=sorted(EVERY))
    plain = json.loads(untouched.run(text, kept=False))
    assert json.loads(untouched.run(text)) == plain
    assert len(plain) > 3 * len(EVERY)


def test_an_edited_source_is_seen_even_if_its_size_is_the_same(place):
    write(place.path / "single.py", "VALUE = 'edited'\n")
    write(place.path / "pack/second.py", TREE["pack/second.py"].replace("'near'", "'late'"))
    for name in "single.py", "pack/second.py":
        os.utime(place.path / name, (0, 1234567890))  # Python itself doesn't see what was edited within a second
    assert place.run("import single, pack; print(single.VALUE, pack.VALUE)") == "edited late"
    place.run(ALL)
    assert place.served() == EVERY


def test_a_source_that_changes_between_probe_and_import_is_seen(place):
    text = f"""
        import importlib.util, pathlib
        spec = importlib.util.find_spec("single")
        assert Finder.served == ["single"]
        pathlib.Path({str(place.path / "single.py")!r}).write_text("VALUE = 'later'\\n")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        print(module.VALUE)
    """
    assert place.run(text) == "later"


def test_what_comes_to_stand_before_a_module_is_found_instead_of_it(place):
    write(place.path / f"pack/second{EXTENSION_SUFFIXES[0]}", "")
    write(place.path / "single/__init__.py", "VALUE = 'package'\n")
    find = "import single, importlib.util; print(single.VALUE); print(importlib.util.find_spec('pack.second').origin)"
    # `pack` would import the empty extension module.
    write(place.path / "pack/__init__.py", "")
    assert place.run(find).split("\n") == ["package", str(place.path / f"pack/second{EXTENSION_SUFFIXES[0]}")]


def test_a_directory_beside_a_module_that_becomes_a_package_goes_first(place):
    place.write({"beside.py": "VALUE = 'module'\n", "beside/data.txt": ""})
    show = "import beside; print(beside.VALUE)"
    for _ in range(2):
        assert place.run(show, tops=["beside"]) == "module"
    write(place.path / "beside/__init__.py", "VALUE = 'package'\n")
    assert place.run(show, tops=["beside"]) == "package"


def test_a_deleted_module_is_gone(place):
    (place.path / "single.py").unlink()
    shutil.rmtree(place.path / "pack/sub")
    text = """
        for name in "single", "pack":
            try:
                __import__(name)
            except ModuleNotFoundError as error:
                print(error)
    """
    assert place.run(text).split("\n") == ["No module named 'single'", "No module named 'pack.sub'"]


def test_a_module_that_is_another_kind_now_is_served_as_what_it_is(place):
    (place.path / "single.py").unlink()
    write(place.path / "single/__init__.py", "from .inner import VALUE\n")
    write(place.path / "single/inner.py", "VALUE = 'inner'\n")
    place.run("import single")
    assert place.served("import single; assert single.VALUE == 'inner'") == {"single", "single.inner"}
    shutil.rmtree(place.path / "single")
    place.write({"single.py": "VALUE = 'again'\n"})
    place.run("import single; print(single.VALUE)")
    assert place.served("import single; assert single.VALUE == 'again'") == {"single"}


def cut(path):
    path.write_bytes(path.read_bytes()[:-40])


def garbled(path):
    path.write_bytes(b"\0" * path.stat().st_size)


def emptied(path):
    path.write_bytes(b"")


def open_to_others(path):
    path.chmod(0o666)


def somebody_elses(path):
    os.chown(path, 12345, -1)


def another_tables(path):
    path.write_bytes(path.read_bytes().replace(b"\ntest\n", b"\nTEST\n"))


def another_content(path):
    content = marshal.loads(path.read_bytes()) if "-" not in path.name else 5
    path.write_bytes(marshal.dumps((*content[:2], 5) if content != 5 else 5))


HARMS = [cut, garbled, emptied, open_to_others, somebody_elses, Path.unlink, another_tables, another_content]


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("which", ["table", "data"])
def test_a_file_that_is_not_whole_or_not_ones_own_is_passed_over_and_made_anew(place, harm, which):
    if os.name == "nt" and harm in (open_to_others, somebody_elses):
        pytest.skip("Windows has no such owners and permissions")
    if harm is somebody_elses and os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    if harm is another_tables and which == "data":
        pytest.skip("it has no name in it")
    table = place.table()
    (data,) = place.files().keys() - {table.name}
    harm(table if which == "table" else table.with_name(data))
    # A block that is whole is served where the end of the file is missing.
    assert place.served() < EVERY
    assert place.served() == EVERY


def test_processes_that_end_at_once_leave_a_whole_table(tmp_path):
    place = Place(tmp_path)
    place.write(TREE)
    place.run(ALL, kept=False)
    processes = [place.start(ALL) for _ in range(4)]
    assert [process.communicate(timeout=60) for process in processes] == [("", "")] * 4
    place.run(ALL)
    assert place.served() == EVERY


def test_what_two_programs_import_is_kept_together(tmp_path):
    place = Place(tmp_path)
    place.write(TREE)
    place.run("import single")
    place.run("import pack.sub.deep")
    place.run("import pack.sub.deep, pack.wrong")
    assert place.served("import single, pack.sub.deep, pack.wrong") == EVERY - {
        "pack.itself",
        "pack.checked",
        "pack.na\u00efve",
    }
    assert len(place.files()) == 2


@pytest.mark.skipif(os.name == "nt", reason="nothing kills like this there")
@pytest.mark.parametrize(("done", "count"), [(0, 3), (1, 4)])
def test_a_process_that_is_killed_while_it_writes_leaves_what_was_kept(place, done, count):
    place.write({"pack/new.py": ""})
    kill = f"import pack.new\ndone, replace = [0] * {done}, os.replace\n"
    kill += "os.replace = lambda *names: (replace(*names), done.pop()) if done else os.kill(os.getpid(), 9)"
    process = place.start(kill)
    assert (process.communicate(timeout=60), process.returncode) == (("", ""), -signal.SIGKILL)
    left = set(place.files())
    assert len(left) == count
    assert place.served("import single") == {"single"}
    for name in place.files():
        os.utime(place.cache / "code" / name, (0, time.time() - 7200))
    place.run("import pack.new")
    assert len(place.files()) == 2
    assert "pack.new" in place.served("import pack.new")


@pytest.mark.parametrize("options", [["-B"], ["-X", "pycache_prefix=elsewhere"]])
def test_nothing_is_kept_where_python_keeps_nothing_beside_the_sources(tmp_path, options):
    place = Place(tmp_path)
    place.write(TREE)
    place.run(ALL, kept=False)
    options = [one.replace("elsewhere", str(tmp_path / "elsewhere")) for one in options]
    assert place.served(ALL, *options) == set()
    assert place.files() == {}


def test_what_is_kept_serves_a_process_that_writes_no_compiled_files(untouched):
    assert untouched.served(ALL, "-B") == EVERY


def test_another_place_for_compiled_files_is_never_served_from_here(untouched, tmp_path):
    assert untouched.served(ALL, "-X", f"pycache_prefix={tmp_path}") == set()
    assert untouched.served(f"sys.pycache_prefix = {str(tmp_path)!r}\n{ALL}") == set()


def test_a_cache_directory_that_cannot_be_written_changes_nothing(tmp_path):
    place = Place(tmp_path)
    place.write(TREE)
    write(tmp_path / "cache", "a file")
    for _ in range(2):
        assert place.served() == set()


def test_each_optimization_level_has_its_own_code(place):
    check = """
        from pack.checked import checked
        try:
            checked()
        except AssertionError as error:
            print(error, end=" ")
        print(checked.__doc__)
    """
    for _ in range(2):
        assert place.run(check) == "asserted A text."
        assert place.run(check, "-O") == "A text."
        assert place.run(check, "-OO") == "None"
    assert place.served("import pack.checked", "-OO") >= {"pack", "pack.checked"}
    assert len(place.files()) == 6


def test_a_verbose_python_finds_everything_itself(untouched):
    process = untouched.start(ALL + "print(Finder.served)", "-v")
    output, errors = process.communicate(timeout=60)
    assert output == "[]\n"
    assert "single" in errors


def test_a_hook_for_directories_goes_before_what_is_kept(untouched):
    text = """
        from importlib.machinery import FileFinder, SourceFileLoader
        class Loader(SourceFileLoader):
            def source_to_code(self, data, path, *, _optimize=-1):
                return compile("VALUE = 'hooked'", path, "exec")
            def path_stats(self, path):
                raise OSError
        sys.path_hooks.insert(0, FileFinder.path_hook((Loader, [".py"])))
        sys.path_importer_cache.clear()
        import single
        print(single.VALUE)
    """
    assert untouched.run(text) == "hooked"


def test_another_finder_for_the_directory_goes_before_what_is_kept(untouched):
    text = f"""
        class Nothing:
            def find_spec(self, name, target=None):
                return None
        sys.path_importer_cache[{str(untouched.path)!r}] = Nothing()
        try:
            import single
        except ModuleNotFoundError as error:
            print(error)
    """
    assert untouched.run(text) == "No module named 'single'"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
def test_a_forked_child_adds_nothing(place):
    before = place.files()
    place.write({"pack/fresh.py": ""})
    place.run("import pack.fresh", kept=False)
    fork = """
        import pack.fresh
        assert table.missed
        if not os.fork():
            import pack.wrong
            raise SystemExit
        assert os.wait()[1] == 0
        os._exit(0)
    """
    place.run(fork)
    assert place.files() == before


def test_threads_get_one_module_each_time(tmp_path):
    place = Place(tmp_path)
    # Circles would be deadlocks, as with Python's own finders.
    place.write({f"pack/m{at}.py": f"from . import m{at + 1}\n" for at in range(12)})
    place.write({"pack/__init__.py": "", "pack/m12.py": ""})
    place.run("import pack.m0")
    text = """
        import importlib, threading
        names = [f"pack.m{at}" for at in range(13)]
        got = []
        start = threading.Barrier(8)
        def work(at):
            start.wait()
            for name in names[at:] + names[:at]:
                got.append((name, id(importlib.import_module(name))))
        threads = [threading.Thread(target=work, args=(at,)) for at in range(8)]
        [one.start() for one in threads]
        [one.join() for one in threads]
        assert len(got) == 104 and len(set(got)) == len(names), got
    """
    for _ in range(3):
        assert place.served(text) == {"pack", *(f"pack.m{at}" for at in range(13))}


def test_reload_runs_the_source_as_it_is_now(place):
    text = f"""
        import single, importlib, pathlib
        importlib.reload(single)
        assert single.VALUE == "single" and type(single.__loader__.get_code).__name__ == "method"
        pathlib.Path({str(place.path / "single.py")!r}).write_text("VALUE = 'reloaded'\\n")
        print(importlib.reload(single).VALUE)
    """
    assert place.run(text) == "reloaded"


def test_a_served_module_can_be_run_as_a_program(untouched):
    text = """
        import runpy
        found = runpy.run_module("pack.wrong", run_name="__main__", alter_sys=True)
        print(found["__spec__"].name, "pack" in Finder.served, "pack.wrong" in Finder.served)
    """
    assert untouched.run(text).split("\n") == [f"run {untouched.path / 'pack/wrong.py'}", "pack.wrong True True"]


def test_source_lines_tracebacks_and_tracing_name_the_file(untouched):
    text = """
        import inspect, traceback, pack.sub.deep, pack.wrong
        assert inspect.getsource(pack.sub.deep.Thing.method) == "    def method(self):\\n        return 'thing'\\n"
        files = []
        sys.settrace(lambda frame, event, argument: files.append(frame.f_code.co_filename))
        try:
            pack.wrong.fail()
        except LookupError:
            sys.settrace(None)
            print(traceback.format_exc())
        assert files == [pack.wrong.__file__]
    """
    lines = untouched.run(text).split("\n")
    assert f'  File "{untouched.path / "pack/wrong.py"}", line 2, in fail' in lines
    assert "    raise LookupError('told')" in lines


def test_the_traceback_of_a_module_that_fails_is_pythons(place):
    place.write({"pack/fails.py": "import json\n1 / 0\n"})
    text = """
        import traceback
        try:
            import pack.fails
        except ZeroDivisionError:
            print(traceback.format_exc())
        assert "pack.fails" not in sys.modules
    """
    shown = [line.split(", line")[0] for line in place.run(text, kept=False).split("\n")]
    for _ in range(3):
        assert [line.split(", line")[0] for line in place.run(text).split("\n")] == shown


def test_code_of_sources_that_were_moved_after_they_were_compiled_names_where_they_are(tmp_path):
    place = Place(tmp_path)
    write(tmp_path / "before/single.py", TREE["pack/wrong.py"])
    py_compile.compile(str(tmp_path / "before/single.py"))
    place.path.rmdir()
    (tmp_path / "before").rename(place.path)
    text = "import single; print(single.fail.__code__.co_filename)"
    place.run(text)
    assert place.run(f"{text}; assert Finder.served") == str(place.path / "single.py")


def test_a_spec_that_was_probed_can_be_copied_and_pickled_and_runs_plainly_then(untouched):
    text = """
        import copy, importlib.util, pickle
        spec = importlib.util.find_spec("single")
        assert Finder.served == ["single"]
        for other in pickle.loads(pickle.dumps(spec)), copy.deepcopy(spec), copy.copy(spec), spec:
            for _ in range(2):
                module = importlib.util.module_from_spec(other)
                other.loader.exec_module(module)
                assert module.VALUE == "single" and module.__spec__ is other and module.__loader__ is other.loader
            assert type(other.loader.get_code).__name__ == type(other.loader.create_module).__name__ == "method"
    """
    untouched.run(text)


def test_a_lazy_loader_takes_a_served_spec(untouched):
    text = """
        import importlib.util
        spec = importlib.util.find_spec("single")
        spec.loader = importlib.util.LazyLoader(spec.loader)
        module = sys.modules["single"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert module.VALUE == "single" and type(module.__loader__).__name__ == "SourceFileLoader"
    """
    untouched.run(text)


def test_a_changed_spec_makes_the_module_that_it_says(untouched):
    text = """
        import importlib.util
        spec = importlib.util.find_spec("single")
        spec.submodule_search_locations, spec.origin = ["/other"], "/origin"
        module = importlib.util.module_from_spec(spec)
        assert (module.__path__, module.__file__) == (["/other"], "/origin")
        try:
            spec.loader.get_code("another")
        except ImportError as error:
            print(error)
    """
    assert untouched.run(text) == "loader for single cannot handle another"


def test_modules_with_odd_names_and_places_do_not_keep_others_from_being_kept(tmp_path):
    place = Place(tmp_path)
    place.write({"pack/__init__.py": "", "pack/inner.py": ""})
    text = """
        import pack.inner, pathlib
        for name, where in ("pack.\\0", pack.__path__[0]), ("pack.other", b"bytes"), ("pack.path", pathlib.Path("/")):
            sys.modules[name] = pack
            assert kept_code.spec_of(name, [where]) is None
    """
    for _ in range(2):
        place.run(text)
    assert place.served("import pack.inner") == {"pack", "pack.inner"}


def test_what_is_pythons_own_affair_is_noted_once_and_left_to_it(tmp_path):
    place = Place(tmp_path)
    place.write({"pack/__init__.py": "", "pack/names/inner.py": "", "pack/compiled.py": "VALUE = 'compiled'\n"})
    py_compile.compile(str(place.path / "pack/compiled.py"), cfile=str(place.path / "pack/compiled.pyc"))
    (place.path / "pack/compiled.py").unlink()
    text = "import pack.names.inner, pack.compiled; assert pack.compiled.VALUE == 'compiled'\n"
    for _ in range(2):
        place.run(text)
    before = place.files()
    missed = json.loads(place.run(f"{text}import json; print(json.dumps(sorted(table.missed)))"))
    assert missed == []
    assert place.files() == before


def test_a_package_in_a_zip_file_is_left_to_python(tmp_path):
    place = Place(tmp_path)
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as file:
        file.writestr("pack/__init__.py", "from .inner import VALUE\n")
        file.writestr("pack/inner.py", "VALUE = 'zipped'\n")
    for _ in range(3):
        assert place.run("import pack; print(pack.VALUE)", place=tmp_path / "some.zip") == "zipped"


def test_relative_places_are_never_kept(tmp_path):
    for version in ("one", "two"):
        write(tmp_path / version / "lib/single.py", f"VALUE = {version!r}\n")
    place = Place(tmp_path)
    for version in ("one", "two", "one", "two"):
        assert place.run("import single; print(single.VALUE)", place="lib", cwd=tmp_path / version) == version
    assert place.files() == {}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_linked_directory_is_another_place(place, tmp_path):
    (tmp_path / "link").symlink_to(place.path, target_is_directory=True)
    show = "import single; print(single.__file__)"
    for _ in range(2):
        assert place.run(show, place=tmp_path / "link") == str(tmp_path / "link/single.py")
        assert place.run(show) == str(place.path / "single.py")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_path_that_is_no_text_is_served(tmp_path):
    place = Place(tmp_path / os.fsdecode(b"not\xfftext"))
    place.write({"single.py": TREE["single.py"]})
    for _ in range(2):
        file = place.run("import single; print(ascii(single.__file__))")
    assert "\\udcff" in file
    assert place.served("import single") == {"single"}


def test_a_directory_that_has_just_changed_is_not_kept(tmp_path):
    place = Place(tmp_path)
    place.write({"single.py": TREE["single.py"]})
    place.run("import single", settling=2_000_000_000)
    assert place.files() == {}


def test_too_much_is_not_kept(tmp_path):
    place = Place(tmp_path)
    place.write({"single.py": "VALUE = " + repr("x" * 3000) + "\n"})
    for _ in range(2):
        assert place.served("kept_code.MOST = 2000\nimport single") == set()
    assert place.files() == {}


def test_large_modules_are_served_one_by_one(tmp_path):
    place = Place(tmp_path)
    place.write(
        {"pack/__init__.py": ""} | {f"pack/m{at}.py": f"VALUE = {'x' * 140000!r} + '{at}'\n" for at in range(3)}
    )
    text = (
        "import pack.m0, pack.m1, pack.m2; assert [pack.m0.VALUE[-1], pack.m1.VALUE[-1], pack.m2.VALUE[-1]] == [*'012']"
    )
    place.run(text)
    assert place.served(text) == {"pack", "pack.m0", "pack.m1", "pack.m2"}


def test_pytest_still_rewrites_assertions_of_a_kept_module(tmp_path):
    place = Place(tmp_path)
    place.write({"pack/__init__.py": "", "pack/helper.py": "def check(left, right):\n    assert left == right\n"})
    place.run("import pack.helper")
    assert place.served("import pack.helper") == {"pack", "pack.helper"}
    write(tmp_path / "tests/conftest.py", "import pytest\npytest.register_assert_rewrite('pack.helper')\n")
    write(tmp_path / "tests/test_it.py", "import pack.helper\ndef test_it():\n    pack.helper.check([1], [2])\n")
    text = f"""
        sys.path.append({str(Path(pytest.__file__).parents[1])!r})
        import pytest
        status = pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", {str(tmp_path)!r}, {str(tmp_path / "tests")!r}])
        print("status", int(status), Finder.served)
    """
    lines = place.run(text, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1").split("\n")
    assert "E       assert [1] == [2]" in lines
    assert lines[-1] == "status 1 ['pack']"
