"""A start of Python that VERSIONED_IMPORT_PROJECT leads to a lock: which site directories it knows, whom it leaves alone."""

import json
import sys
from pathlib import Path

import pytest
from environment import Environment
from made import one_package, write

from versioned_import.projects.kept import is_exempt

TELL = """
import json, os, sys
from versioned_import.projects.in_force import running
print(json.dumps(running.plan.dropped))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Environment(tmp_path_factory.mktemp("starting") / "home")
    home.versioned("demo", "1.0", one_package("demo", "1.0"))
    home.flat("demo", "3.0", one_package("demo", "3.0"))
    home.lock("demo==1.0")
    home.environ["PYTHONUSERBASE"] = str(home.place / "user")
    return home


@pytest.fixture
def users(home):
    """Return the user's site directory of an environment that sees what is outside of it."""
    settings = home.place / "pyvenv.cfg"
    before = settings.read_text()
    settings.write_text(before.replace("include-system-site-packages = false", "include-system-site-packages = true"))
    yield Path(home.start("-m", "site", "--user-site").stdout.strip())
    settings.write_text(before)


def start(home, *arguments):
    return home.start(*arguments, environ={"VERSIONED_IMPORT_PROJECT": home.program})


def test_a_virtual_environment_does_not_see_what_is_outside_of_it(home):
    text = """
import site, sys
from versioned_import.projects.in_force import running
print([place in running.plan.depends for prefix in (sys.prefix, sys.base_prefix) for place in site.getsitepackages([prefix])])
"""
    assert start(home, "-c", text).stdout == "[True, False]\n"


def test_the_users_site_directory_is_left_as_well(home, users):
    write(users / "usermod.py", "")
    done = start(home, "-c", f"{TELL}\nimport usermod")
    assert str(users) in json.loads(done.stdout)
    assert "import usermod: it is not in the lock" in done.stderr


def test_a_child_that_asks_for_other_groups_and_no_project_has_its_parents(home):
    text = """
        import os, subprocess, sys
        environ = {**os.environ, "VERSIONED_IMPORT_GROUPS": "dev"}
        subprocess.run([sys.executable, "-c", "import demo; print(demo.VERSION)"], env=environ)
    """
    assert home.output("-m", "versioned_import", home.write("app.py", text)) == "1.0"


def test_start_up_files_of_a_locked_flat_install_count(home, tmp_path):
    write(tmp_path / "added" / "added_by_flat.py", "")
    write(tmp_path / "others" / "added_by_another.py", "")
    home.flat("pathy", "1.0", {"pathy.py": "", "pathy.pth": f"{tmp_path / 'added'}\n"})
    home.flat("other", "1.0", {"other.py": "", "other.pth": f"{tmp_path / 'others'}\n"})
    home.lock("pathy==1.0", directory=tmp_path)
    done = home.start(
        "-c", "import pathy, added_by_flat\nimport added_by_another", environ={"VERSIONED_IMPORT_PROJECT": tmp_path}
    )
    assert "import added_by_another: it is not in the lock" in done.stderr


def test_finders_that_were_added_later_are_asked_before_a_name_is_refused(home):
    text = """
        import sys, types
        from importlib.machinery import ModuleSpec
        class Finder:  # as six has one
            def find_spec(self, name, path=None, target=None):
                return ModuleSpec(name, self) if name.startswith("made") else None
            def create_module(self, spec):
                return types.ModuleType(spec.name)
            def exec_module(self, module):
                module.__path__ = []
        sys.meta_path.append(Finder())
        import made.inside
        print(made.inside.__name__)
        import other
    """
    done = home.start("-m", "versioned_import", home.write("app.py", text))
    assert done.stdout == "made.inside\n"
    assert "import other: it is not in the lock" in done.stderr


@pytest.mark.parametrize(
    ("words", "exempt"),
    [
        ("-W ignore -m pip list", True),
        ("-X dev -m versioned_import list", True),
        ("-Im ensurepip", True),
        ("-mpip", True),
        ("--check-hash-based-pycs never -m pip", True),
        ("bin/pip3.11 list", True),
        ("app.py -m pip", False),
        ("-W ignore app.py pip", False),
        ("-c pass -m pip", False),
        ("-Ic pass pip", False),
        ("- pip", False),
        ("-m pytest pip", False),
        ("", False),
    ],
)
def test_pip_and_our_own_commands_find_out_by_themselves(words, exempt):
    assert is_exempt([sys.executable, *words.split()]) is exempt
