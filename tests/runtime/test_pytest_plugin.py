"""`versioned_import_project = DIR` in pytest's configuration: the tests run from the lock there."""

import json
import os
import re
from importlib.metadata import version

import pytest
from child_processes import Children
from made import make_flat, make_versioned, write

PYTEST = ("iniconfig", "packaging", "pluggy", "pygments", "pytest")
XDIST = ("execnet", "pytest-xdist")
SETTINGS = "[pytest]\nversioned_import_project = .\n"
CHECKED = "def check(left, right):\n    assert left == right\n"


def packages(**versions):
    """Return the packages of a pylock.toml; a marker may follow a version."""
    text = ""
    for name, one in versions.items():
        number, _, marker = one.partition(";")
        file = f"{name.replace('-', '_')}-{number}-py3-none-any.whl"
        text += f'[[packages]]\nname = "{name}"\nversion = "{number}"\n'
        text += f'marker = "{marker}"\n' if marker else ""
        text += f'[[packages.wheels]]\nname = "{file}"\nurl = "https://index.example/{file}"\n'
        text += f'hashes = {{ sha256 = "{"0" * 64}" }}\n'
    return text


def lock(directory, *more, head="", **versions):
    pins = {name: version(name) for name in (*PYTEST, *more)} | {"demo": "1.0"} | versions
    return write(directory / "pylock.toml", f'lock-version = "1.0"\ncreated-by = "a test"\n{head}{packages(**pins)}')


class Machine:
    """A Python with demo 1.0 and 2.0 and our plug-in, and a project with a lock of the running pytest and demo 1.0."""

    def __init__(self, place):
        self.place = place
        self.site = place / "site"
        make_versioned(self.site, "demo", "1.0")
        make_versioned(self.site, "demo", "2.0")
        # An installation that was made before the entry point was there has none.
        points = "[pytest11]\nversioned_import=versioned_import.pytest_plugin"
        make_flat(
            place / "door", "versioned-import-door", "1", {"versioned_import_door-1.dist-info/entry_points.txt": points}
        )
        self.children = Children(place, (self.site,))
        self.children.environ["PYTHONPATH"] = str(place / "door")
        self.project = place / "project"
        lock(self.project)
        write(self.project / "pytest.ini", SETTINGS)

    def run(self, *words, cwd=None, **options):
        words = "-m", "pytest", "-p", "no:cacheprovider", *words
        return self.children.start(*words, cwd=cwd or self.project, **options)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_without_the_setting_nothing_is_imported(children):
    found = "[one for one in sys.modules if one.startswith('versioned_import.')]"
    assert (
        children.start("-c", f"import sys, versioned_import.pytest_plugin; print({found})").stdout
        == "['versioned_import.pytest_plugin']\n"
    )


HEAD = 'dependency-groups = ["test", "usual"]\nextras = ["more"]\ndefault-groups = ["usual"]\n'
CHOSEN = {
    "grouped": "1.0;'test' in dependency_groups",
    "extra": "1.0;'more' in extras",
    "usual": "1.0;'usual' in dependency_groups",
}
WORDS = "versioned_import_groups = test\nversioned_import_extras = more\nversioned_import_no_default_groups = true\n"
GROUPS = """\
import importlib, pytest
@pytest.mark.parametrize('name', ['grouped', 'extra', 'usual'])
def test(name): importlib.import_module(name)
"""
INNER = "import demo\ndef test(): assert demo.VERSION == '1.0'\n"
FILES = {
    "conftest.py": "import demo\nEARLY = demo.VERSION\npytest_plugins = 'pytester'\n",
    "test_it.py": "import conftest, demo\ndef test(): assert (conftest.EARLY, demo.VERSION) == ('1.0', '1.0')\n",
    "test_groups.py": GROUPS,
    "test_pytester.py": f"""\
import pytest
@pytest.mark.parametrize('how', ['runpytest_inprocess', 'runpytest_subprocess'])
def test(pytester, how):
    pytester.makepyfile(test_in={INNER!r})
    getattr(pytester, how)('-p', 'no:cacheprovider').assert_outcomes(passed=1)
""",
    "test_plug_ins.py": """\
import pytest
def test(pytestconfig):
    assert not pytestconfig.pluginmanager.has_plugin('xdist')
    with pytest.raises(ModuleNotFoundError, match='not in the lock'):
        import xdist
""",
    "test_told.py": """\
import checks.plugin
def test_own():
    x = [1, 2]
    assert x == [1, 3]
def test_its():
    checks.plugin.check([1, 2], [1, 3])
""",
    "off.py": "import demo\ndef test(): assert demo.VERSION == '2.0'\n",
}
CHECKS = {
    "checks/__init__.py": "",
    "checks/plugin.py": CHECKED,
    "checks-1.0.dist-info/entry_points.txt": "[pytest11]\nchecks = checks.plugin\n",
}


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """Return a machine whose project has many tests: a start of pytest takes long, so they run in as few as can be."""
    one = Machine(tmp_path_factory.mktemp("one"))
    for name in CHOSEN:
        make_versioned(one.site, name, "1.0")
    make_versioned(one.site, "checks", "1.0", CHECKS)
    make_flat(one.place / "flat", "checks", "1.0", CHECKS)
    lock(one.project, head=HEAD, checks="1.0", **CHOSEN)
    for name, text in FILES.items():
        write(one.project / name, text)
    write(one.project / "pytest.ini", SETTINGS + WORDS)
    return one


@pytest.fixture(scope="module")
def locked(one):
    """Return the run from the lock."""
    return one.run("-q", "-rA", "--tb=line", "-W", "error", "--strict-config")


@pytest.fixture(scope="module")
def flat(one):
    """Return the run with the plug-in switched off."""
    environ = {"PYTHONPATH": os.pathsep.join((str(one.place / "door"), str(one.place / "flat")))}
    return one.run("-q", "-rA", "--tb=line", "-p", "no:versioned_import", "test_told.py", "off.py", environ=environ)


def outcomes(done, name):
    """Return the outcomes of a file's tests, as pytest told them at its end."""
    found = re.findall(rf"^(PASSED|FAILED|ERROR) (?:.*/)?{re.escape(name)}::(\S+)", done.stdout, re.MULTILINE)
    return {test: outcome for outcome, test in found} or done.stdout + done.stderr


class TestInForce:
    def test_conftest_and_tests_get_what_is_locked(self, locked):
        assert outcomes(locked, "test_it.py") == {"test": "PASSED"}
        assert locked.stderr == ""

    def test_a_pyproject_may_have_the_setting_and_is_where_it_counts_from(self, one):
        sub = one.place / "by pyproject" / "sub"
        lock(sub.parent, head=HEAD, **CHOSEN)
        write(sub / "pyproject.toml", "[tool.pytest.ini_options]\nversioned_import_project = '..'\n")
        write(sub / "test_it.py", INNER)
        write(sub / "test_groups.py", GROUPS)
        done = one.run("-q", "-rA", sub, cwd=one.children.elsewhere)
        assert outcomes(done, "test_it.py") == {"test": "PASSED"}
        # Nothing is said of groups and extras here.
        names = {"test[grouped]": "FAILED", "test[extra]": "FAILED", "test[usual]": "PASSED"}
        assert outcomes(done, "test_groups.py") == names

    def test_groups_and_extras_are_settings_too(self, locked):
        names = {"test[grouped]": "PASSED", "test[extra]": "PASSED", "test[usual]": "FAILED"}
        assert outcomes(locked, "test_groups.py") == names

    def test_the_plug_in_can_be_switched_off(self, flat):
        assert outcomes(flat, "off.py") == {"test": "PASSED"}

    def test_a_command_line_that_names_a_project_goes_before(self, machine):
        lock(machine.place / "other", demo="2.0")
        write(machine.project / "test_it.py", FILES["off.py"])
        words = "-m", "pytest", "-q", "-W", "error", "--strict-config", "-p", "no:cacheprovider"
        own = "-m", "versioned_import", "--project", machine.place / "other"
        done = machine.children.start(*own, *words, cwd=machine.project)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_pytester_runs_from_the_lock_inside_and_in_children(self, locked):
        names = {"test[runpytest_inprocess]": "PASSED", "test[runpytest_subprocess]": "PASSED"}
        assert outcomes(locked, "test_pytester.py") == names


class TestPlugIns:
    def test_those_that_are_not_locked_are_not_there(self, locked):
        assert outcomes(locked, "test_plug_ins.py") == {"test": "PASSED"}

    def test_the_workers_of_xdist_have_what_is_locked(self, machine):
        lock(machine.project, *XDIST)
        write(
            machine.project / "test_it.py",
            "import demo, os, pytest\n@pytest.mark.parametrize('number', range(4))\n"
            "def test(number): assert (demo.VERSION, os.environ['PYTEST_XDIST_WORKER'][:2]) == ('1.0', 'gw')\n",
        )
        done = machine.run("-q", "-n", "2", "-W", "error", "--strict-config")
        assert done.returncode == 0, done.stdout + done.stderr

    def test_a_failing_assertion_is_told_as_in_a_flat_install(self, one, locked, flat):
        told, expected = (
            [line for line in done.stdout.splitlines() if "AssertionError: assert" in line or "assert [1" in line]
            for done in (locked, flat)
        )
        assert [line.replace(f"{one.site}/checks-1.0", f"{one.place}/flat") for line in told] == expected
        assert len([line for line in told if "[1, 2] == [1, 3]" in line]) >= 2, locked.stdout


# Each in a fork of a process that has imported pytest, which takes longer than the refusal.
IN_FORKS = """
import contextlib, io, json, os, pytest, sys
for name, place, words in json.loads(sys.argv[1]):
    sys.stdout.flush()
    if os.fork() == 0:
        os.chdir(place)
        sys.path[0] = place
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = pytest.main(["-p", "no:cacheprovider", "-q", *words])
        print(json.dumps([name, status, out.getvalue(), err.getvalue()]))
        break
    os.wait()
"""


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """Return a function that takes what is refused to its place, status, output and errors."""
    machine = Machine(tmp_path_factory.mktemp("refused"))
    make_versioned(machine.site, "pytest", "1.0", {"pytest/__init__.py": "", "_pytest/__init__.py": ""})
    places = {name: machine.place / name for name in ("another", "without", "missing", "none", "plug-in")}
    lock(places["another"], pytest="1.0")
    alone = f'lock-version = "1.0"\ncreated-by = "a test"\n{packages(demo="1.0")}'
    write(places["without"] / "pylock.toml", alone)
    lock(places["missing"], demo="3.0")
    lock(places["plug-in"])
    for place in places.values():
        write(place / "pytest.ini", SETTINGS)
    words = {"plug-in": ["-p", "xdist"]}
    asked = json.dumps([(name, str(place), words.get(name, [])) for name, place in places.items()])
    done = machine.children.start("-c", IN_FORKS, asked)
    assert (done.returncode, done.stderr) == (0, "")
    told = {name: rest for name, *rest in map(json.loads, done.stdout.splitlines())}
    return lambda name: (places[name], *told[name])


class TestRefused:
    def test_another_pytest_than_the_locked_one(self, refused):
        place, status, out, err = refused("another")
        assert (status, out) == (4, "")
        assert err.startswith(f"ERROR: activate {place}/pylock.toml: ")
        assert "pytest is loaded already, from elsewhere" in err
        assert err.rstrip().endswith("or start the tests with: python -m versioned_import --project . -m pytest")

    def test_a_lock_without_pytest(self, refused):
        place, status, _, err = refused("without")
        assert status == 4
        assert err.strip() == (
            f"ERROR: versioned_import_project: pytest itself is not in the lock {place}/pylock.toml\n"
            "  add it to the project, or name the group that has it: versioned_import_groups"
        )

    def test_a_lock_that_can_not_be_used(self, refused):
        place, status, _, err = refused("missing")
        assert status == 4
        assert err.startswith(f"ERROR: {place}/pylock.toml: 1 of 6 locked distributions ")
        assert "demo 3.0: not installed" in err

    def test_a_place_without_a_lock(self, refused):
        place, status, _, err = refused("none")
        assert status == 4
        assert err.startswith(f"ERROR: {place}: the directory holds no lock\n")

    def test_to_ask_for_a_plug_in_that_is_not_locked(self, refused):
        place, status, _, err = refused("plug-in")
        assert status == 4
        assert err.strip() == f"ERROR: -p xdist: pytest-xdist is not in the lock {place}/pylock.toml"
