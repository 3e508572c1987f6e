"""The conformance suite: what plain Python does with one flat version, the versioned directory of it does as well."""

import json
import os

import pytest
from columns import COLUMNS, GROUPS, IN_PROCESS, names_of_checks, run_column
from filelock import FileLock

TABLE = [(*key, check) for key in COLUMNS[:4] for check in names_of_checks(*GROUPS)]


@pytest.fixture(scope="session")
def column(tmp_path_factory):
    """Return a function from a way and a version to its column of the table, which is made once for all workers."""
    own = tmp_path_factory.getbasetemp()
    root = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    columns = {}

    def make(way, version):
        path = root / f"{way}-{version}.json"
        with FileLock(f"{path}.lock"):
            if not path.exists():
                directory = root / f"{way}-{version}"
                directory.mkdir()
                groups = GROUPS if (way, version) in COLUMNS[:4] else IN_PROCESS
                path.write_text(json.dumps(run_column(way, version, directory, groups)), encoding="utf-8")
            return json.loads(path.read_text(encoding="utf-8"))

    return lambda *key: columns[key] if key in columns else columns.setdefault(key, make(*key))


@pytest.mark.parametrize(("way", "version", "check"), TABLE)
def test_check(column, way, version, check):
    problem = column(way, version)[check]
    assert not problem, problem


@pytest.mark.parametrize(("way", "version"), COLUMNS[4:])
def test_other_ways_of_executing_the_statement(column, way, version):
    problems = {check: problem for check, problem in column(way, version).items() if problem}
    assert not problems, "\n".join(f"{check}: {problem}" for check, problem in problems.items())


def test_the_table_has_a_column_for_each_version_flat_and_versioned():
    assert COLUMNS[:4] == [("flat", "1.0"), ("flat", "2.0"), ("codec", "1.0"), ("codec", "2.0")]


def test_a_flat_install_of_the_other_version_stands_in_front(tmp_path):
    assert run_column("trap", "1.0", tmp_path, ("early",))["early.version_of_the_package"].count("AssertionError") == 1
