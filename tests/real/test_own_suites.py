"""NumPy's and pandas' own tests, those of their wheels: a fixed part has the same outcome flat and versioned, test by test."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from real_sites import AGES, WORK, pins_of, run, shared_sites, site_of

pytestmark = pytest.mark.real

# What asks the import system most (reloading, lazy loading, children, the public names), and a part of the real work.
NUMPY = """
    numpy.tests.test__all__ numpy.tests.test_ctypeslib numpy.tests.test_lazyloading numpy.tests.test_matlib
    numpy.tests.test_numpy_version numpy.tests.test_public_api numpy.tests.test_reloading numpy.tests.test_scripts
    numpy.linalg.tests.test_linalg numpy.lib.tests.test_function_base
"""
PANDAS = """
    pandas.tests.api pandas.tests.test_common pandas.tests.test_downstream pandas.tests.test_optional_dependency
    pandas.tests.test_register_accessor pandas.tests.test_errors pandas.tests.plotting.test_backend
    pandas.tests.util.test_show_versions pandas.tests.reshape.merge.test_merge
"""
SUITES = {"numpy": NUMPY.split(), "pandas": PANDAS.split()}
# The others take minutes, and are run on request: `nox -s long`.
CASES = [
    pytest.param((name, age), id=f"{name}-{age}", marks=[] if (name, age) == ("numpy", "new") else [pytest.mark.long])
    for name in SUITES
    for age in AGES
]


def outcomes(sites, directory, case, kind):
    """Run a suite; return its exit status and what became of each test, having seen that the right distribution was tested."""
    (name, age), pins = case, pins_of(case[1])
    work = directory / kind
    work.mkdir()
    versions = {one: pins[one] for one in ("pytest", "hypothesis", name)}
    head = f"# coding: versioned\n__import_versions__ = {versions!r}\n" if kind == "versioned" else "#\n#\n"
    (work / "program.py").write_text(head + (WORK / "own_suite_work.py").read_text())
    python = sites.python("versioned" if kind == "versioned" else age)
    command = [python, "-W", "ignore", "program.py", name, pins[name], *SUITES[name]]
    environ = sites.environ | {"PYTHONHASHSEED": "0", "HOME": str(work)}
    # setuptools' start-up file, which only a flat install runs, would put its distutils in the place of Python's own.
    environ["SETUPTOOLS_USE_DISTUTILS"] = "stdlib"
    done = run(command, cwd=work, env=environ, timeout=400)
    assert (work / "outcomes.json").exists(), done.stdout + done.stderr
    status, where, *tools, found = json.loads((work / "outcomes.json").read_text())
    site = (
        site_of(sites.directory / kind) / f"{name}-{pins[name]}"
        if kind == "versioned"
        else site_of(sites.directory / age)
    )
    assert (where, *tools) == (str(site), pins["pytest"], pins["hypothesis"])
    return status, found, done.stderr


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    return shared_sites(tmp_path_factory)


@pytest.mark.parametrize("case", CASES)
def test_outcome_of_each_test_is_the_same_flat_and_versioned(sites, tmp_path, case):
    with ThreadPoolExecutor(2) as pool:
        flat, versioned = pool.map(lambda kind: outcomes(sites, tmp_path, case, kind), ("flat", "versioned"))
    differing = {test: (flat[1].get(test), versioned[1].get(test)) for test in flat[1].keys() | versioned[1].keys()}
    assert {test: pair for test, pair in differing.items() if pair[0] != pair[1]} == {}, versioned[2]
    assert versioned[0] == flat[0]
    counts = Counter(flat[1].values())
    assert (counts["failed"], counts["passed"] > 500) == (0, True), counts
