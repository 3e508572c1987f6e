"""What a start from a lock loads comes out of one file, and of the plan what it needs (docs/architecture.md, 4)."""

import json
import shutil
import textwrap
import time

import pytest
from environment import PROJECT, Environment
from made import one_package

from versioned_import import running, starting
from versioned_import.errors import NotLockedError
from versioned_import.metadata.places import number_of
from versioned_import.projects.buckets import packed
from versioned_import.projects.kept import Plan, file_with, load

OURS = """
import json, sys
def described(module):
    spec = module.__spec__
    names = ("__name__", "__package__", "__file__", "__path__", "__doc__", "__cached__")
    return {
        **{name: getattr(module, name, None) for name in names},
        "spec": [spec.name, spec.origin, spec.cached, spec.has_location, spec.submodule_search_locations],
        "loader": type(module.__loader__).__name__,
    }
ours = {name: described(module) for name, module in sys.modules.items() if name.split(".")[0] == "versioned_import"}
print(json.dumps(ours))
"""
SEEN = """
import json, sys
from versioned_import import starting
loaded = [f"versioned_import.{name}" in sys.modules for name in ("bundle", "projects.plan")]
changed = hasattr(sys.modules["versioned_import.projects.kept"], "CHANGED")
print(json.dumps([type(starting.KEPT) is tuple, *loaded, changed]))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return an environment that has a copy of this project, and a kept plan."""
    home = Environment(tmp_path_factory.mktemp("starting") / "home")
    copy = home.site / "versioned_import"
    copy.unlink()
    shutil.copytree(PROJECT / "versioned_import", copy, ignore=shutil.ignore_patterns("__pycache__"))
    for version in ("1.0", "2.0"):
        home.versioned("demo", version, one_package("demo", version))
    home.lock("demo==1.0")
    home.output("-c", "")  # the first start compiles, which leaves a folder in the site directory
    time.sleep(2.1)
    for _ in range(2):
        start(home, "import demo")
    return home


def start(home, text, *switches):
    """Run a text from the lock, by the variable, and return what it prints."""
    app = home.write("app.py", textwrap.dedent(text))
    return home.output(*switches, app, environ={"VERSIONED_IMPORT_PROJECT": home.program})


def of_ours(names):
    return {f"versioned_import.{name}" if name else "versioned_import" for name in names if name != "loading"}


class TestOneFile:
    """The code of all modules is in the compiled file of `starting.py`, as long as it is that of the sources."""

    def test_from_the_second_start_on(self, home):
        assert json.loads(start(home, SEEN)) == [True, False, False, False]

    @pytest.mark.parametrize("by", ["option", "variable"])
    def test_by_the_runner_too(self, home, by):
        seen = "from versioned_import import running, starting\n"
        app = home.write("app.py", f"{seen}print([one.KEPT[1] for one in (starting, running)])\n")
        environ = {"VERSIONED_IMPORT_PROJECT": home.program} if by == "variable" else {}
        options = ["--project", home.program] if by == "option" else []
        for _ in range(2):
            said = home.output("-m", "versioned_import", *options, app, environ=environ)
        assert said == "[(), ()]"  # loaded, and let go

    def test_just_what_a_start_needs_is_loaded(self, home):
        assert set(json.loads(start(home, OURS))) == of_ours(["starting", *starting.MODULES])

    def test_the_first_locked_module_brings_what_is_kept_for_it(self, home):
        loaded = json.loads(start(home, f"import demo\n{OURS}"))
        assert set(loaded) == of_ours(["starting", "kept_code", *starting.MODULES])

    def test_modules_are_as_python_itself_loads_them(self, home):
        text = f"import demo\ntry: import absent\nexcept ImportError: pass\n{OURS}"
        names = ", ".join(sorted(of_ours([*starting.MODULES, *starting.LATER])))
        plain = json.loads(home.output("-c", f"import {names}\nimport versioned_import.starting\n{OURS}"))
        assert json.loads(start(home, text)).items() <= plain.items()
        assert "versioned_import.errors" in plain

    def test_what_programs_see_has_its_docstrings(self, home):
        text = "try: import absent\nexcept ImportError as error: print(type(error).__doc__)"
        assert start(home, text) == NotLockedError.__doc__.strip()

    def test_a_changed_source_counts_at_once(self, home):
        source = home.site / "versioned_import" / "projects" / "kept.py"
        before = source.read_text()
        try:
            source.write_text(f"{before}CHANGED = True\n")
            assert json.loads(start(home, SEEN))[3]
            assert json.loads(start(home, SEEN))[:2] == [True, False]
        finally:
            source.write_text(before)
        start(home, "")

    def test_where_nothing_is_to_be_compiled(self, home):
        assert start(home, "import demo; print(demo.VERSION)", "-B") == "1.0"

    def test_a_broken_file_is_passed_over(self, home):
        (kept,) = (home.site / "versioned_import" / "__pycache__").glob("starting.*.pyc")
        kept.write_bytes(kept.read_bytes()[:2000])
        assert start(home, "import demo; print(demo.VERSION)") == "1.0"
        kept.unlink()

    def test_a_project_of_which_parts_are_missing_starts_as_ever(self, home):
        source = home.site / "versioned_import" / "bundle.py"
        source.rename(f"{source}.away")
        try:
            (home.site / "versioned_import" / "projects" / "kept.py").touch()
            assert start(home, "import demo; print(demo.VERSION)") == "1.0"
        finally:
            (home.site / "versioned_import" / "bundle.py.away").rename(source)

    def test_the_runner_loads_just_what_it_needs(self, home):
        app = home.write("app.py", OURS)
        for _ in range(2):
            loaded = json.loads(home.output("-m", "versioned_import", "--project", home.program, app))
        names = ["starting", "running", *starting.MODULES, *running.MODULES]
        assert set(loaded) == of_ours(names)


class TestRest:
    """What a start does not need of a plan stands behind the rest, and is checked when it is needed."""

    FULL = "import demo; from importlib.metadata import version; print(demo.VERSION, version('demo'))"
    LOADED = "import sys; print('versioned_import.projects.plan' in sys.modules)"

    @pytest.fixture
    def plan(self, home):
        """Return the file of the plan, as it was kept."""
        shutil.rmtree(home.place / "cache" / "projects")
        start(home, "")
        (path,) = (home.place / "cache" / "projects").iterdir()
        data = path.read_bytes()
        yield path
        path.write_bytes(data)

    def test_a_start_goes_without(self, home, plan):
        break_last_byte(plan)
        assert start(home, f"import demo; print(demo.VERSION)\n{self.LOADED}") == "1.0\nFalse"

    def test_a_broken_one_is_made_anew_from_the_lock(self, home, plan):
        break_last_byte(plan)
        assert start(home, f"{self.FULL}\n{self.LOADED}") == "1.0 1.0\nTrue"
        assert load(str(plan)).unpacked()
        assert start(home, f"{self.FULL}\n{self.LOADED}") == "1.0 1.0\nFalse"

    def test_a_short_one_is_a_miss(self, home, plan):
        plan.write_bytes(plan.read_bytes()[:-1])
        assert start(home, self.LOADED) == "True"

    def test_a_broken_one_of_a_lock_that_has_changed_says_so(self, home, plan):
        break_last_byte(plan)
        lock = home.program / "pylock.toml"
        before = lock.read_text()
        text = f"""
        from pathlib import Path
        Path({str(lock)!r}).write_text("")
        from importlib.metadata import version
        from versioned_import import LockError
        try:
            version("demo")
        except LockError as error:
            print(error)
        """
        try:
            assert start(home, text) == (
                f"{lock}: what was kept of it can't be read any more, and the lock, or what is installed, is not as it was\n"
                "  Start the program again."
            )
        finally:
            home.lock("demo==1.0")
            lock.write_text(before)


def break_last_byte(path):
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


class TestFiles:
    """Each top-level name has its file, whichever way they are packed."""

    @pytest.mark.parametrize("count", [0, 1, 9, 500, 5000])
    def test_what_is_packed_is_found(self, count, tmp_path):
        files = {f"made{number}": f"/site/made{number}-1.0/made{number}.py" for number in range(count)}
        files.update(
            {"shared": "", "json": "/else/json.py", "caf\u00e9": "/site/caf\u00e9.py", "\udcff": "/site/\udcff.py"}
        )
        plan = Plan((), "", "", {}, packed(files, "/site"), [], [], [], {}, b"rest", number_of(b"rest"))
        path = tmp_path / "plan"
        path.write_bytes(file_with(plan))
        kept = load(str(path))
        assert kept.parts() == plan.parts()
        assert {name: kept.file_of(name) for name in files} == kept.files == files
        assert kept.file_of("absent") is None
        assert kept.packed[1:3] == ({"shared"}, {"json"})
