"""`versioned_import_project = DIR` in pytest's configuration: the tests run from the lock there."""

import re
from importlib.metadata import version

import pytest
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


@pytest.fixture
def project(children, site, tmp_path):
    """Return a directory with a lock of the running pytest and of demo 1.0, of which 2.0 is installed too."""
    make_versioned(site, "demo", "1.0")
    make_versioned(site, "demo", "2.0")
    # An installation that was made before the entry point was there has none.
    door = {
        "versioned_import_door-1.dist-info/entry_points.txt": "[pytest11]\nversioned_import=versioned_import.pytest_plugin"
    }
    make_flat(tmp_path / "door", "versioned-import-door", "1", door)
    children.environ["PYTHONPATH"] = str(tmp_path / "door")
    lock(tmp_path / "project")
    write(tmp_path / "project" / "pytest.ini", SETTINGS)
    return tmp_path / "project"


def lock(directory, *more, head="", **versions):
    pins = {name: version(name) for name in (*PYTEST, *more)} | {"demo": "1.0"} | versions
    return write(directory / "pylock.toml", f'lock-version = "1.0"\ncreated-by = "a test"\n{head}{packages(**pins)}')


@pytest.fixture
def run(children, project):
    def start(*words, cwd=project, **options):
        return children.start("-m", "pytest", "-p", "no:cacheprovider", *words, cwd=cwd, **options)

    return start


def test_without_the_setting_nothing_is_imported(children):
    found = "[one for one in sys.modules if one.startswith('versioned_import.')]"
    assert (
        children.start("-c", f"import sys, versioned_import.pytest_plugin; print({found})").stdout
        == "['versioned_import.pytest_plugin']\n"
    )


class TestInForce:
    def test_conftest_and_tests_get_what_is_locked(self, project, run):
        write(project / "conftest.py", "import demo\nEARLY = demo.VERSION\n")
        write(
            project / "test_it.py",
            "import conftest, demo\ndef test(): assert (conftest.EARLY, demo.VERSION) == ('1.0', '1.0')\n",
        )
        done = run("-q", "-W", "error", "--strict-config")
        assert done.returncode == 0, done.stdout + done.stderr

    def test_a_pyproject_may_have_the_setting_and_is_where_it_counts_from(self, project, run, children):
        (project / "pytest.ini").unlink()
        write(project / "sub" / "pyproject.toml", "[tool.pytest.ini_options]\nversioned_import_project = '..'\n")
        write(project / "sub" / "test_it.py", "import demo\ndef test(): assert demo.VERSION == '1.0'\n")
        done = run("-q", project / "sub", cwd=children.elsewhere)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_groups_and_extras_are_settings_too(self, project, site, run):
        for name in ("grouped", "extra", "usual"):
            make_versioned(site, name, "1.0")
        head = 'dependency-groups = ["test", "usual"]\nextras = ["more"]\ndefault-groups = ["usual"]\n'
        chosen = {
            "grouped": "1.0;'test' in dependency_groups",
            "extra": "1.0;'more' in extras",
            "usual": "1.0;'usual' in dependency_groups",
        }
        lock(project, head=head, **chosen)
        write(
            project / "test_it.py",
            "import importlib, pytest\n"
            "@pytest.mark.parametrize('name', ['grouped', 'extra', 'usual'])\ndef test(name): importlib.import_module(name)\n",
        )
        assert "2 failed, 1 passed" in run("-q").stdout
        words = "versioned_import_groups = test\nversioned_import_extras = more\nversioned_import_no_default_groups = true\n"
        write(project / "pytest.ini", SETTINGS + words)
        done = run("-rA")
        assert re.findall(r"^(PASSED|FAILED) test_it.py::test\[(\w+)\]", done.stdout, re.MULTILINE) == [
            ("PASSED", "grouped"),
            ("PASSED", "extra"),
            ("FAILED", "usual"),
        ]

    def test_the_plug_in_can_be_switched_off(self, project, run):
        write(project / "test_it.py", "import demo\ndef test(): assert demo.VERSION == '2.0'\n")
        done = run("-q", "-p", "no:versioned_import")
        assert done.returncode == 0, done.stdout + done.stderr

    def test_a_command_line_that_names_a_project_goes_before(self, project, run, children, tmp_path):
        lock(tmp_path / "other", demo="2.0")
        write(project / "test_it.py", "import demo\ndef test(): assert demo.VERSION == '2.0'\n")
        words = (
            "--project",
            tmp_path / "other",
            "-m",
            "pytest",
            "-q",
            "-W",
            "error",
            "--strict-config",
            "-p",
            "no:cacheprovider",
        )
        done = children.start("-m", "versioned_import", *words, cwd=project)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_pytester_runs_from_the_lock_inside_and_in_children(self, project, run):
        write(project / "conftest.py", "pytest_plugins = 'pytester'\n")
        inner = "import demo\ndef test(): assert demo.VERSION == '1.0'\n"
        write(
            project / "test_it.py",
            "import pytest\n@pytest.mark.parametrize('how', ['runpytest_inprocess', 'runpytest_subprocess'])\n"
            f"def test(pytester, how):\n    pytester.makepyfile(test_in={inner!r})\n"
            "    getattr(pytester, how)('-p', 'no:cacheprovider').assert_outcomes(passed=1)\n",
        )
        done = run("-q")
        assert done.returncode == 0, done.stdout + done.stderr


class TestPlugIns:
    def test_those_that_are_not_locked_are_not_there(self, project, run):
        write(
            project / "test_it.py",
            "import pytest\ndef test(pytestconfig):\n    assert not pytestconfig.pluginmanager.has_plugin('xdist')\n"
            "    with pytest.raises(ModuleNotFoundError, match='not in the lock'):\n        import xdist\n",
        )
        done = run("-q")
        assert done.returncode == 0, done.stdout + done.stderr

    def test_to_ask_for_one_that_is_not_locked_is_an_error(self, project, run):
        done = run("-q", "-p", "xdist")
        assert done.returncode == 4
        assert done.stderr.strip() == f"ERROR: -p xdist: pytest-xdist is not in the lock {project}/pylock.toml"

    def test_the_workers_of_xdist_have_what_is_locked(self, project, run):
        lock(project, *XDIST)
        write(
            project / "test_it.py",
            "import demo, os, pytest\n@pytest.mark.parametrize('number', range(4))\n"
            "def test(number): assert (demo.VERSION, os.environ['PYTEST_XDIST_WORKER'][:2]) == ('1.0', 'gw')\n",
        )
        done = run("-q", "-n", "2", "-W", "error", "--strict-config")
        assert done.returncode == 0, done.stdout + done.stderr

    def test_a_failing_assertion_is_told_as_in_a_flat_install(self, project, site, run, tmp_path):
        entries = "[pytest11]\nchecks = checks.plugin\n"
        files = {
            "checks/__init__.py": "",
            "checks/plugin.py": CHECKED,
            "checks-1.0.dist-info/entry_points.txt": entries,
        }
        make_versioned(site, "checks", "1.0", files)
        make_flat(tmp_path / "flat", "checks", "1.0", files)
        lock(project, checks="1.0")
        text = "import checks.plugin\ndef test_own():\n    x = [1, 2]\n    assert x == [1, 3]\n"
        write(project / "test_it.py", f"{text}def test_its():\n    checks.plugin.check([1, 2], [1, 3])\n")
        locked = run("-q", "--tb=line")
        flat = run("-q", "--tb=line", "-p", "no:versioned_import", environ={"PYTHONPATH": f"{tmp_path}/flat"})
        told = [line for line in locked.stdout.splitlines() if "AssertionError: assert" in line or "assert [1" in line]
        expected = [
            line for line in flat.stdout.splitlines() if "AssertionError: assert" in line or "assert [1" in line
        ]
        assert [line.replace(f"{site}/checks-1.0", f"{tmp_path}/flat") for line in told] == expected
        assert len([line for line in told if "[1, 2] == [1, 3]" in line]) >= 2, locked.stdout


class TestRefused:
    def test_another_pytest_than_the_locked_one(self, project, site, run):
        make_versioned(site, "pytest", "1.0", {"pytest/__init__.py": "", "_pytest/__init__.py": ""})
        lock(project, pytest="1.0")
        done = run("-q")
        assert (done.returncode, done.stdout) == (4, "")
        assert done.stderr.startswith(f"ERROR: activate {project}/pylock.toml: ")
        assert "pytest is loaded already, from elsewhere" in done.stderr
        assert done.stderr.rstrip().endswith(
            "or start the tests with: python -m versioned_import --project . -m pytest"
        )

    def test_a_lock_without_pytest(self, project, run):
        write(project / "pylock.toml", f'lock-version = "1.0"\ncreated-by = "a test"\n{packages(demo="1.0")}')
        done = run("-q")
        assert done.returncode == 4
        assert done.stderr.strip() == (
            f"ERROR: versioned_import_project: pytest itself is not in the lock {project}/pylock.toml\n"
            "  add it to the project, or name the group that has it: versioned_import_groups"
        )

    def test_a_lock_that_can_not_be_used(self, project, run):
        lock(project, demo="3.0")
        done = run("-q")
        assert done.returncode == 4
        assert done.stderr.startswith(f"ERROR: {project}/pylock.toml: 1 of 6 locked distributions ")
        assert "demo 3.0: not installed" in done.stderr

    def test_a_place_without_a_lock(self, project, run):
        (project / "pylock.toml").unlink()
        done = run("-q")
        assert done.returncode == 4
        assert done.stderr.startswith(f"ERROR: {project}: the directory holds no lock\n")
