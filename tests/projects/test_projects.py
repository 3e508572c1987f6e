"""A process that runs from a lock gets exactly what is locked (spec 6.1, docs/projects.md)."""

import shutil
import textwrap

import pytest
from environment import Environment
from made import one_package

SHOW = "import demo, dep; print(demo.VERSION, dep.VERSION)"
WAYS = ("runner", "variable", "activate", "inherited")

# Programs that only look at a project: each runs in a fork of one process, which has imported nothing that is installed.
LOOKS = {
    "locked": SHOW,
    "not locked": """
        import sys
        for name in ("stray", "ladle", "nothing"):
            try:
                __import__(name)
            except ModuleNotFoundError as error:
                print(error.name, type(error).__name__, error, sep="; ")
        """,
    "metadata": """
        from importlib.metadata import PackageNotFoundError, distributions, version
        print(version("demo"), version("Dep"))
        print(sorted((one.metadata["Name"], one.version) for one in distributions()))
        try:
            version("stray")
        except PackageNotFoundError:
            print("no stray")
        import demo
        print(version("demo"))
        """,
    "selection": """
        import versioned_import
        selection = versioned_import.selection()
        print({name: one.version for name, one in selection.items()}, selection["demo"].reasons[0])
        """,
    "require": """
        import versioned_import
        print(list(versioned_import.require("demo>=1")))
        for requirement in ("demo>=2", "stray"):
            try:
                versioned_import.require(requirement)
            except ImportError as error:
                print(str(error).splitlines()[0].partition("): ")[2])
        """,
}
IN_FORKS = f"""
import os, sys
status = 0
for name, text in {[(name, textwrap.dedent(text)) for name, text in LOOKS.items()]!r}:
    print("==", name, flush=True)
    if os.fork() == 0:
        assert not {{"demo", "dep"}} & set(sys.modules)
        exec(text)
        break
    status |= os.wait()[1]
sys.exit(status != 0)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a Python with a newer flat install of what is locked, versions around it, and what no lock names."""
    home = Environment(tmp_path_factory.mktemp("projects") / "home")
    home.flat("demo", "3.0", one_package("demo", "3.0"))
    home.flat("stray", "1.0")
    for version in ("1.0", "2.0", "4.0"):
        home.versioned("demo", version, one_package("demo", version, sub="from demo import VERSION\n"))
        home.versioned("dep", version)
    home.versioned("ladle", "1.0")
    return home


@pytest.fixture(autouse=True)
def emptied(home):
    """Let each test have a program and a cache of its own; none changes what is installed."""
    for place in (home.program, home.place / "cache"):
        shutil.rmtree(place, ignore_errors=True)
    home.program.mkdir()


@pytest.fixture(scope="module")
def look(home):
    """Return a function that returns what one of LOOKS printed; they all ran in one process for each way."""
    printed = {}

    def looked(way, name):
        if way not in printed:
            home.lock("demo==1.0", "dep==2.0")
            _, *parts = f"\n{output(home, way, IN_FORKS)}\n".split("\n== ")
            printed[way] = dict(part.rstrip("\n").split("\n", 1) for part in parts)
        return printed[way][name]

    return looked


def run(home, way, text, lock="", **options):
    """Run a program from a lock, in one of the ways to say so, and return the finished process."""
    lock = lock or home.program
    program = home.write("app.py", textwrap.dedent(text))
    if way == "runner":
        return home.start("-m", "versioned_import", "--project", lock, program, **options)
    if way == "variable":
        return home.start(program, environ={"VERSIONED_IMPORT_PROJECT": lock}, **options)
    if way == "activate":
        first = f"# coding: versioned\nimport versioned_import; versioned_import.activate({str(lock)!r})\n"
        return home.start(home.write("activating.py", first + textwrap.dedent(text)), **options)
    parent = f"import subprocess, sys\nsys.exit(subprocess.run([sys.executable, {str(program)!r}]).returncode)\n"
    return home.start("-m", "versioned_import", "--project", lock, home.write("parent.py", parent), **options)


def output(home, way, text, lock="", **options):
    done = run(home, way, text, lock, **options)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("way", WAYS)
class TestInEachWay:
    def test_locked_versions_are_imported(self, look, way):
        assert look(way, "locked") == "1.0 2.0"

    def test_a_flat_install_of_the_locked_version_counts(self, home, way):
        home.lock("demo==3.0", "dep==2.0")
        assert output(home, way, SHOW) == "3.0 2.0"

    def test_what_is_not_locked_is_not_installed(self, home, look, way):
        lock = home.program / "pylock.toml"
        told = look(way, "not locked")
        assert f"stray; NotLockedError; import stray: it is not in the lock {lock}" in told
        assert f"stray 1.0 in {home.site} (flat install) was therefore not used" in told
        assert f"ladle 1.0 in {home.site}/ladle-1.0/ was therefore not used" in told
        assert f"nothing; NotLockedError; import nothing: it is not in the lock {lock}" in told

    def test_the_programs_own_modules_stay(self, home, way):
        home.lock("demo==1.0", "dep==2.0")
        home.write("helper.py", "import demo\nVERSION = demo.VERSION\n")
        home.write("dep.py", "VERSION = 'own'\n")
        (home.program / "demo").mkdir()  # no regular package, so it hides nothing
        assert output(home, way, f"{SHOW}\nimport helper; print(helper.VERSION)") == "1.0 own\n1.0"

    def test_metadata_is_of_what_is_locked(self, look, way):
        assert look(way, "metadata") == "1.0 2.0\n[('demo', '1.0'), ('dep', '2.0')]\nno stray\n1.0"

    def test_a_clause_is_met_by_what_is_locked(self, home, way):
        home.lock("demo==1.0", "dep==2.0")
        text = """\
        # coding: versioned
        import demo version 1
        from demo version 1 import sub
        import dep
        print(demo.VERSION, dep.VERSION, sub.VERSION)
        """
        assert output(home, way, text) == "1.0 2.0 1.0"

    def test_a_clause_for_another_version_is_refused(self, home, way):
        lock = home.lock("demo==1.0", "dep==2.0")
        text = """\
        # coding: versioned

        try:
            import demo version 2
        except ImportError as error:
            print(error)
        import demo
        print(demo.VERSION)
        """
        told = output(home, way, text)
        file, line = ("activating.py", 6) if way == "activate" else ("app.py", 4)
        assert f"import demo version 2 ({home.program}/{file}:{line}): the lock has another version" in told
        assert f"demo 1.0 is locked in {lock}: packages[0]" in told
        assert told.endswith("\n1.0")

    def test_a_missing_version_is_an_error_that_names_it(self, home, way):
        lock = home.lock("demo==1.5", "dep==2.0")
        done = run(home, way, SHOW)
        assert done.returncode == 1
        assert "1 of 2 locked distributions are missing" in done.stderr
        assert f"demo 1.5: not installed; there is 1.0 in {home.site}/demo-1.0/" in done.stderr
        assert f"versioned-import sync {lock}" in done.stderr

    def test_selection_says_what_is_locked(self, home, look, way):
        lock = home.program / "pylock.toml"
        assert look(way, "selection") == f"{{'demo': '1.0', 'dep': '2.0'}} demo==1.0 ({lock}: packages[0])"

    def test_require_is_met_by_what_is_locked(self, look, way):
        lines = look(way, "require").splitlines()
        assert lines[:2] == ["['demo']", "the lock has another version"]
        assert lines[2].startswith("it is not in the lock ")
