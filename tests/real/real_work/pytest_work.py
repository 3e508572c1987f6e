import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path

import hypothesis
import pytest
from shown import uses

uses(pytest="pytest", pluggy="pluggy", packaging="packaging", hypothesis="hypothesis")
SUITE = """
import pytest
from hypothesis import given, settings, strategies as st

@given(st.integers())
@settings(max_examples=20, database=None)
def test_generated(number):
    assert number + 0 == number

@pytest.mark.parametrize("size", [1, 2])
def test_fixture(made, size, tmp_path, monkeypatch, capsys):
    print(made * size)
    assert capsys.readouterr().out == "made" * size + chr(10)

def test_explained():
    values = {"a": [1, 2]}
    assert values == {"a": [1, 3]}

@pytest.mark.skip(reason="said so")
def test_skipped(): pass

@pytest.mark.xfail(raises=ZeroDivisionError)
def test_expected():
    1 / 0

def test_raises(recwarn):
    with pytest.raises(ValueError, match="in.*literal"):
        int("x")
"""
PLUGIN = """
import pytest

def pytest_addoption(parser):
    parser.addoption("--made", default="made")

@pytest.fixture
def made(request):
    return request.config.getoption("--made")

def pytest_report_header(config):
    names = {distribution.project_name: plugin for plugin, distribution in config.pluginmanager.list_plugin_distinfo()}
    return f"hypothesis is a plugin: {'hypothesis' in names}"
"""
with tempfile.TemporaryDirectory() as directory:
    Path(directory, "test_made.py").write_text(SUITE)
    Path(directory, "our_plugin.py").write_text(PLUGIN)
    sys.path.insert(0, directory)
    os.chdir(directory)
    arguments = ["-p", "our_plugin", "-p", "no:cacheprovider", "-p", "no:anyio", "-p", "no:warnings", "-rA", "-v"]
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = pytest.main(arguments)
    kept = [
        line
        for line in output.getvalue().splitlines()
        if not line.startswith(("platform", "plugins:", "rootdir", "hypothesis profile"))
    ]
    print(int(status), re.sub(r" in [\d.]+s", "", "\n".join(kept)).replace(directory, "DIR"))
