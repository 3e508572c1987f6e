"""What most tests share: a made site directory, this process's state put back, and child processes of a known environment."""

import os
import sys
import textwrap

import pytest
from child_processes import Children
from fresh_state import forget_modules, start_afresh

import versioned_import_startup
from versioned_import.metadata import catalogue
from versioned_import.runtime.finder import SelectionFinder
from versioned_import.runtime.state import state
from versioned_import.syntax.loader import compile_source


@pytest.fixture
def site(tmp_path):
    """Return an empty site directory."""
    path = tmp_path / "site"
    path.mkdir()
    return path


@pytest.fixture
def second_site(tmp_path):
    """Return an empty site directory that is searched after the first."""
    path = tmp_path / "second site"
    path.mkdir()
    return path


@pytest.fixture
def process(site, second_site, tmp_path, monkeypatch):
    """Let this process search the made site directories only, and forget everything after the test."""
    monkeypatch.setenv("VERSIONED_IMPORT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "meta_path", [one for one in sys.meta_path if one is not SelectionFinder])
    # The directory that the tests are started in is no part of them.
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry not in ("", os.getcwd())])
    # What the tests install counts as older than this process.
    monkeypatch.setattr(versioned_import_startup.FallbackFinder, "started", sys.maxsize)
    start_afresh(site, second_site)
    yield state
    state.reset()
    catalogue.forget()
    forget_modules(tmp_path)


@pytest.fixture
def execute(process, tmp_path):
    """Return a function that runs a text with version clauses in this process and returns its namespace."""

    def run(text, **namespace):
        code, _ = compile_source(textwrap.dedent(text).encode(), str(tmp_path / "app.py"))
        namespace.setdefault("__name__", "app")
        exec(code, namespace)
        return namespace

    return run


@pytest.fixture
def children(tmp_path, site, second_site):
    """Return the starter of child processes."""
    return Children(tmp_path, (site, second_site))
