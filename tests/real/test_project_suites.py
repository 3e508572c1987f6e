"""Well-known projects' own tests, run from their locks: each has the outcome that it has in a virtual environment."""

from collections import Counter

import pytest
from project_suites import SUITES, Workshop

pytestmark = pytest.mark.real

# Where each distribution comes from that is tested, below the site directory or the project.
TESTED = {
    "flask": "src/flask",
    "attrs": "attrs-26.1.0/attr",
    "httpx": "httpx-0.28.1/httpx",
    "msgpack": "msgpack-1.2.4/msgpack",
}
IMPORTED = {"attrs": "attr", "msgpack": "msgpack._cmsgpack"}
LONG = ("flask", "httpx", "attrs")  # each takes more than a minute
CASES = [
    pytest.param(suite, suite.part, id=suite.name, marks=[pytest.mark.long] if suite.name in LONG else [])
    for suite in SUITES
]
CASES += [pytest.param(suite, (), id=f"{suite.name}-whole", marks=pytest.mark.long) for suite in SUITES if suite.part]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    return Workshop(tmp_path_factory.mktemp("suites"))


@pytest.fixture(scope="module")
def prepared(workshop):
    """Return the directory of a project, locked, installed from the lock, and in a virtual environment of its own."""
    places = {}

    def prepare(suite):
        if suite.name not in places:
            place = places[suite.name] = workshop.sources(suite)
            words = workshop.lock(suite, place)
            workshop.pip_of(workshop.flat(suite), *words, cwd=place)
            assert workshop.python
            workshop.sync(suite, place)
        return places[suite.name]

    return prepare


@pytest.mark.parametrize(("suite", "part"), CASES)
def test_outcome_of_each_test_is_the_same_from_the_lock_and_in_a_virtual_environment(workshop, prepared, suite, part):
    place = prepared(suite)
    code = f"import {IMPORTED.get(suite.name, suite.name)} as tested; print(tested.__file__)"
    where = workshop.run(
        workshop.python,
        "-m",
        "versioned_import",
        "--project",
        place,
        *suite.settings,
        "-c",
        code,
        cwd=workshop.directory,
    )
    assert f"/{TESTED[suite.name]}/" in where
    flat, in_flat = workshop.outcomes(workshop.flat(suite) / "bin" / "python", suite, place, part, "flat")
    locked, in_locked = workshop.outcomes(workshop.python, suite, place, part, "locked")
    differing = {test: (flat.get(test), locked.get(test)) for test in flat.keys() | locked.keys()}
    assert {test: pair for test, pair in differing.items() if pair[0] != pair[1]} == {}, in_locked.stdout[-5000:]
    assert in_locked.returncode == in_flat.returncode, in_locked.stdout[-5000:]
    counts = Counter(flat.values())
    # What fails in a virtual environment too says nothing of us, as long as most of it passes.
    assert counts["passed"] > max(100, 20 * (counts["failure"] + counts["error"])), counts
