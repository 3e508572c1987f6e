"""`python FILE` and its like on the interpreter that run.py provides, each in a Node process of its own."""

import json
import os
import subprocess
import textwrap
from typing import NamedTuple

import pytest
from made import make_versioned, one_package, write
from run import ENVIRONMENT_VARIABLE, Interpreter

PYTHON = Interpreter(**json.loads(os.environ[ENVIRONMENT_VARIABLE]))


class Done(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def python(tmp_path):
    """Return a function that runs `python ARGUMENTS` beside some files, with two versions of a package installed."""
    for version in ("1.2.5", "2.0"):
        make_versioned(tmp_path / "site", "demo", version, one_package("demo", version))
    write(tmp_path / "program" / "uses.py", "# coding: versioned\nimport demo version 1.2\n")

    def run(*arguments, **files):
        for name, text in files.items():
            write(tmp_path / "program" / f"{name}.py", textwrap.dedent(text))
        env = {"VERSIONED_IMPORT_PATH": "/case/site", "PYTHON_COLORS": "0"}
        command = PYTHON.command(*arguments, mounts={"/case": str(tmp_path)}, cwd="/case/program", env=env)
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    return run


def test_file_with_the_cookie(python):
    app = """\
        #!/usr/bin/env python
        # -*- coding: versioned -*-
        import sys, demo version 1.2 as d
        from demo version 1 import VERSION
        print(d.VERSION, VERSION, sys.argv[1:])
        sys.exit(3)
    """
    assert python("app.py", "x", app=app) == (3, "1.2.5 1.2.5 ['x']\n", "")


def test_module_with_the_cookie(python):
    done = python("-c", "import uses; print(uses.demo.VERSION)")
    assert done == (0, "1.2.5\n", "")


def test_run_as_a_module(python):
    app = "# coding: versioned\nimport demo version 2\nprint(demo.VERSION, __name__)\n"
    assert python("-m", "app", app=app) == (0, "2.0 __main__\n", "")


def test_runner(python):
    app = "import demo version 1.2, helper\nprint(demo.VERSION, helper.VERSION)\n"
    done = python("-m", "versioned_import", "app.py", app=app, helper="from demo version 1 import VERSION\n")
    assert done == (0, "1.2.5 1.2.5\n", "")


def test_no_version_at_all(python):
    assert python("-c", "import demo; print(demo.VERSION)") == (0, "2.0\n", "")


def test_base_encoding(python):
    app = "# coding: versioned-latin-1\nfrom demo version 2 import VERSION as v\nprint(v, ascii('\u00c3\u00a9'))\n"
    assert python("app.py", app=app) == (0, "2.0 '\\xc3\\x83\\xc2\\xa9'\n", "")


def test_malformed_clause(python):
    done = python("app.py", app="# coding: versioned\nx = 1\nimport demo version latest\n")
    assert (done.status, done.out) == (1, "")
    assert 'app.py", line 3\n    import demo version latest\n                ^^^^^^^\nSyntaxError: ' in done.err


def test_nothing_that_fits(python):
    done = python("app.py", app="# coding: versioned\nimport demo version 3\n")
    assert (done.status, done.out) == (1, "")
    assert "VersionNotFoundError: import demo version 3 (/case/program/app.py:2): no installed version fits" in done.err


@pytest.mark.skipif(PYTHON.version == "3.14", reason="the lazy statement (PEP 810) came with 3.15")
def test_lazy_statement(python):
    app = """\
        # coding: versioned
        import sys
        lazy from demo version 1.2 import VERSION
        print("demo" in sys.modules)
        print(VERSION)
    """
    assert python("app.py", app=app) == (0, "False\n1.2.5\n", "")


@pytest.mark.skipif(PYTHON.version == "3.14", reason="3.14 reads .pth files only")
def test_start_file_takes_the_place_of_the_pth(python):
    done = python("-v", "-c", "import sys; print('versioned_import_startup' in sys.modules)")
    assert done.status == 0
    assert done.out == "True\n"
    assert "versioned_import.start" in done.err
