"""What the resolver itself needs stands in no program's way (versioned_import.libraries)."""

import subprocess
import sys

import pytest
from made import make_versioned, one_package


@pytest.mark.parametrize("name", ["packaging", "resolvelib"])
def test_a_program_may_have_another_version_of_our_own_libraries(site, children, name):
    make_versioned(site, name, "0.5", one_package(name, "0.5"))
    make_versioned(site, "demo", "1.0", requires=[f"{name}<1"])
    program = f'import demo version ">=1.0,<2"\nimport {name} version 0.5\nprint({name}.VERSION)'
    assert children.output(program) == "0.5"
    assert children.output(f"import {name} version 0.5\nimport demo version 1.0\nprint({name}.VERSION)") == "0.5"


def test_they_are_not_loaded_under_their_own_names(site, children):
    make_versioned(site, "demo", "1.0")
    program = 'import sys\nimport demo version "~=1.0"\nprint({"packaging", "resolvelib"} & set(sys.modules))'
    assert children.output(program) == "set()"


def test_a_folder_of_the_program_is_not_taken_for_them(site, children):
    make_versioned(site, "demo", "1.0")
    for name in ("packaging", "resolvelib"):
        children.write(f"{name}/__init__.py", "raise RuntimeError('the wrong one')")
    assert children.output('import demo version "~=1.0"\nprint(demo.VERSION)') == "1.0"


def test_the_error_where_one_is_missing(site, children, tmp_path):
    make_versioned(site, "demo", "1.0")
    children.write("app.py", '# coding: versioned\nimport demo version "~=1.0"')
    program = (
        "import sys, site; site.getsitepackages = lambda *_: []; import versioned_import; "
        "from importlib.machinery import PathFinder; find = PathFinder.find_spec; "
        "PathFinder.find_spec = lambda name, *rest: None if name == 'resolvelib' else find(name, *rest); "
        "import versioned_import.libraries"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ImportError: versioned_import needs resolvelib, which is not installed: "
        f"{sys.executable} -m pip install resolvelib"
    )
