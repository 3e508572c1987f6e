"""Real work with real distributions, old and new: the same program prints the same flat and with versions in its statements."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from real_sites import AGES, WORK, pins_of, run, shared_sites

pytestmark = pytest.mark.real

# Program: the import names that its statements give a version, and their distributions.
PROGRAMS = {
    "numpy": {"numpy": "numpy"},
    "pandas": {"pandas": "pandas"},
    "sklearn": {"sklearn": "scikit-learn", "numpy": "numpy"},
    "matplotlib": {"matplotlib": "matplotlib"},
    "pil": {"PIL": "Pillow"},
    "requests": {"requests": "requests"},
    "httpx": {"httpx": "httpx"},
    "aiohttp": {"aiohttp": "aiohttp"},
    "pydantic": {"pydantic": "pydantic"},
    "sqlalchemy": {"sqlalchemy": "SQLAlchemy"},
    "django": {"django": "Django"},
    "flask": {"flask": "Flask"},
    "fastapi": {"fastapi": "fastapi"},
    "cryptography": {"cryptography": "cryptography"},
    "lxml": {"lxml": "lxml"},
    "yaml": {"yaml": "PyYAML"},
    "grpc": {"grpc": "grpcio", "google.protobuf": "protobuf"},
    "google": {"google.api_core": "google-api-core"},
    "zope": {"zope.interface": "zope.interface"},
    "attrs": {"attr": "attrs"},
    "setuptools": {"setuptools": "setuptools", "wheel": "wheel"},
    "pytest": {"pytest": "pytest", "hypothesis": "hypothesis"},
    "ipython": {"IPython": "ipython"},
    "black": {"black": "black"},
}
CASES = [(program, age) for program in PROGRAMS for age in AGES]


class Runs:
    """Every program, run flat and versioned in each age; the test of one waits for it, while the next ones run."""

    def __init__(self, sites, directory):
        self.sites = sites
        self.directory = directory
        self.pool = ThreadPoolExecutor(os.process_cpu_count() if hasattr(os, "process_cpu_count") else 2)
        self.done = {}

    def begin(self, cases):
        for program, age in cases:
            for kind in ("versioned", "flat"):
                self.done[program, age, kind] = self.pool.submit(self.run, program, age, kind)

    def run(self, program, age, kind):
        """Run a copy of a program, whose first line says the versions or says nothing."""
        work = self.directory / f"{program}-{age}-{kind}"
        work.mkdir()
        (work / "shown.py").write_text((WORK / "shown.py").read_text())
        pins = pins_of(age)
        versions = {name: pins[distribution.lower()] for name, distribution in PROGRAMS[program].items()}
        head = f"# coding: versioned\n__import_versions__ = {versions!r}\n" if kind == "versioned" else "#\n#\n"
        (work / "program.py").write_text(head + (WORK / f"{program}_work.py").read_text())
        python = self.sites.python("versioned" if kind == "versioned" else age)
        environ = self.sites.environ | {"MPLCONFIGDIR": str(self.directory), "PYTHONHASHSEED": "0", "HOME": str(work)}
        return run([python, "-W", "ignore", "program.py"], cwd=work, env=environ, timeout=300)


@pytest.fixture(scope="module")
def runs(tmp_path_factory, request):
    runs = Runs(shared_sites(tmp_path_factory), tmp_path_factory.mktemp("programs"))
    asked = {item.callspec.params["case"] for item in request.session.items if item.path == request.path}
    runs.begin([case for case in CASES if case in asked])
    yield runs
    runs.pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_work_prints_the_same_flat_and_versioned(runs, case):
    program, age = case
    flat = runs.done[program, age, "flat"].result()
    versioned = runs.done[program, age, "versioned"].result()
    assert flat.returncode == 0, flat.stderr
    assert (versioned.returncode, versioned.stdout) == (0, flat.stdout), versioned.stderr
    pins = pins_of(age)
    used = [line.split()[1:3] for line in versioned.stdout.splitlines() if line.startswith("uses ")]
    assert {name: version for name, version in used if name.lower() in pins} == {
        name: pins[name.lower()] for name, _ in used if name.lower() in pins
    }
    assert set(PROGRAMS[program].values()) <= {name for name, _ in used}
