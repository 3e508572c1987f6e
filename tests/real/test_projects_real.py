"""Projects of real distributions: one locked anew by six tools, and ten that run at the same time from one site directory."""

import json
import os
import subprocess
import sys
import time
import venv
from concurrent.futures import ThreadPoolExecutor

import pytest
from real_sites import OWN_VARIABLES, REPOSITORY, checked, run, site_of

pytestmark = pytest.mark.real

PYPROJECT = """\
[project]
name = "demo"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["requests>=2.31,<3", "click==8.1.7; sys_platform != 'win32'", "tomli; python_version < '3.11'"]

[project.optional-dependencies]
socks = ["requests[socks]"]

[dependency-groups]
dev = ["iniconfig"]
"""
PIPFILE = """\
[[source]]
url = "INDEX"
verify_ssl = true
name = "index"

[packages]
requests = {version = ">=2.31,<3", extras = ["socks"]}
click = {version = "==8.1.7", markers = "sys_platform != 'win32'"}
tomli = {version = "*", markers = "python_version < '3.11'"}

[dev-packages]
iniconfig = "*"
"""
OF_POETRY = """
[tool.poetry]
package-mode = false

[[tool.poetry.source]]
name = "index"
url = "INDEX/"
priority = "primary"
"""
OF_PDM = "\n[tool.pdm]\ndistribution = false\n"

TOLD = """
import json, os, sys, versioned_import
from importlib.metadata import distributions, version
import certifi, charset_normalizer, click, idna, requests, urllib3
selected = {name: one.version for name, one in versioned_import.selection().items()}
listed = {one.metadata["Name"].lower().replace("_", "-"): one.version for one in distributions()}
loaded = {name: getattr(sys.modules[name.replace("-", "_")], "__version__") for name in selected
          if hasattr(sys.modules.get(name.replace("-", "_")), "__version__")}
listed.pop("versioned-import", None)
assert listed == selected and loaded.items() <= selected.items(), (selected, listed, loaded)
print(json.dumps(selected))
"""


class Machine:
    """A Python with us and a directory of its own for everything that tools and tests leave."""

    def __init__(self, directory):
        self.directory = directory
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
        self.environ |= {
            "VERSIONED_IMPORT_CACHE_DIR": str(directory / "cache"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "POETRY_VIRTUALENVS_CREATE": "false",
            "PIPENV_VENV_IN_PROJECT": "1",
            "PIPENV_IGNORE_VIRTUALENVS": "1",
            "PDM_CHECK_UPDATE": "0",
            "HOME": str(directory),
            "UV_CACHE_DIR": str(directory / "uv"),
        }
        cache = run([sys.executable, "-m", "pip", "cache", "dir"]).stdout.strip()
        self.environ |= {"PIP_CACHE_DIR": cache} if cache else {}
        self.python = self.environment("machine", str(REPOSITORY), "--no-compile") / "python"
        self.site = site_of(directory / "machine")

    def environment(self, name, *requirements):
        """Return the scripts of a new virtual environment."""
        place = self.directory / name
        venv.create(place, with_pip=True)
        self.checked(place / "bin" / "python", "-m", "pip", "install", "-q", *requirements)
        return place / "bin"

    def run(self, *words, cwd=None, **environ):
        command = [str(word) for word in words]
        return run(command, env=self.environ | environ, cwd=cwd or self.directory)

    def checked(self, *words, **options):
        return checked(self.run(*words, **options))

    def sync(self, project, *words):
        return self.checked(self.python, "-m", "versioned_import", "sync", *words, project)


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    return Machine(tmp_path_factory.mktemp("projects"))


class Tools:
    """The tools that lock, each in an environment of its own, made when it is asked for."""

    def __init__(self, machine):
        self.machine = machine
        self.uv = machine.environment("tools", "uv", "pip>=25.1") / "uv"
        python = machine.directory / "tools" / "bin" / "python"
        self.pip = python, "-m", "pip"
        code = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
        self.index = machine.checked(python, "-c", code).strip()

    def tool(self, name, requirement=""):
        """Return a tool's script; skip the test where the tool can't be installed."""
        place = self.machine.directory / f"tool {name}"
        install = "pip", "install", "--python", place / "bin" / "python", requirement or name
        for words in (("venv", "--clear", place), install):
            done = self.machine.run(self.uv, words[0], "-q", *words[1:])
            if done.returncode:
                pytest.skip(f"{name} can't be installed: {done.stderr.strip().splitlines()[-1]}")
        return place / "bin" / ("pip-compile" if name == "pip-tools" else name)

    def lock(self, name, place):
        """Lock the project with a tool and return the lock."""
        (place / "pyproject.toml").write_text(PYPROJECT)
        return getattr(self, f"lock_by_{name.replace('-', '_')}")(place)

    def lock_by_uv(self, place):
        self.machine.checked(self.uv, "lock", "-q", cwd=place)
        return place / "uv.lock"

    def lock_by_poetry(self, place):
        poetry = self.tool("poetry")
        (place / "pyproject.toml").write_text(PYPROJECT + OF_POETRY.replace("INDEX", self.index))
        self.machine.checked(poetry, "lock", "-n", "-q", cwd=place)
        return place / "poetry.lock"

    def lock_by_pdm(self, place, kind="pdm"):
        pdm = self.tool("pdm", "pdm[locked]")  # it doesn't run with the newest of what it requires
        (place / "pyproject.toml").write_text(PYPROJECT + OF_PDM)
        self.machine.checked(pdm, "config", "--local", "python.use_venv", "false", cwd=place)
        self.machine.checked(pdm, "config", "--local", "lock.format", kind, cwd=place)
        self.machine.checked(pdm, "lock", "-q", "-G", "socks", "-G", "dev", cwd=place)
        return place / ("pdm.lock" if kind == "pdm" else "pylock.toml")

    def lock_by_pdm_as_pylock(self, place):
        return self.lock_by_pdm(place, "pylock")

    def lock_by_pipenv(self, place):
        pipenv = self.tool("pipenv")
        (place / "pyproject.toml").unlink()
        (place / "Pipfile").write_text(PIPFILE.replace("INDEX", self.index))
        self.machine.checked(pipenv, "lock", cwd=place)
        return place / "Pipfile.lock"

    def lock_by_pip(self, place):
        words = "requests>=2.31,<3", "click==8.1.7"
        self.machine.checked(*self.pip, "lock", "-q", "-o", place / "pylock.toml", *words, cwd=place)
        return place / "pylock.toml"

    def lock_by_pip_tools(self, place):
        words = "-q", "--generate-hashes", "--strip-extras", "-o", "requirements.txt", "pyproject.toml"
        self.machine.checked(self.tool("pip-tools"), *words, cwd=place)
        return place / "requirements.txt"


WITH_GROUPS = ("poetry", "pdm", "pdm-as-pylock")


@pytest.fixture(scope="module")
def tools(machine):
    return Tools(machine)


@pytest.fixture(scope="module")
def program(machine):
    path = machine.directory / "program" / "app.py"
    path.parent.mkdir()
    path.write_text(TOLD)
    return path


@pytest.fixture(scope="module")
def of_uv(machine, tools):
    """Return the lock of uv; what it locks is installed from it, with its group and its extra."""
    place = machine.directory / "of uv"
    place.mkdir()
    lock = tools.lock("uv", place)
    machine.sync(lock, "--groups", "dev", "--extras", "socks")
    return lock


@pytest.fixture(scope="module")
def selected(machine, program):
    def selection(lock, *words):
        command = "-m", "versioned_import", "--project", lock, "--no-default-groups", *words
        return json.loads(machine.checked(machine.python, *command, program))

    return selection


@pytest.mark.long
class TestOneProjectOfSixTools:
    @pytest.mark.parametrize("name", [*WITH_GROUPS, "pipenv", "pip", "pip-tools"])
    def test_each_lock_gives_what_was_installed_from_that_of_uv(self, tools, of_uv, selected, name, tmp_path):
        lock = tools.lock(name, tmp_path)
        asked = [(), ("--extras=socks",), ("--groups=dev",), ("--groups=dev", "--extras=socks")]
        main, socks, dev, both = (selected(of_uv, *words) for words in asked)
        assert main["click"] == "8.1.7"
        assert socks == main | {"pysocks": socks["pysocks"]}
        assert both == socks | dev == socks | {"iniconfig": dev["iniconfig"]}
        if name in WITH_GROUPS:
            assert [selected(lock, *words) for words in asked] == [main, socks, dev, both]
        elif name == "pipenv":  # has no extras: what one brings is part of the project
            assert [selected(lock), selected(lock, "--groups=dev")] == [socks, both]
        else:
            assert selected(lock) == main


# Each has another version of everything, as far as the versions of the others let it.
TEN = [
    ("requests==2.28.2", "urllib3==1.26.18", "click==8.0.4", "jinja2==3.0.3", "markupsafe==2.0.1", "idna==3.4"),
    ("requests==2.29.0", "urllib3==1.26.20", "click==8.1.3", "jinja2==3.1.2", "markupsafe==2.1.1", "idna==3.6"),
    ("requests==2.31.0", "urllib3==2.0.7", "click==8.1.7", "jinja2==3.1.3", "markupsafe==2.1.5", "idna==3.7"),
    ("requests==2.32.3", "urllib3==2.2.3", "click==8.1.8", "jinja2==3.1.4", "markupsafe==3.0.2", "idna==3.10"),
    ("pydantic==2.6.4", "click==8.1.7", "urllib3==2.2.3"),
    ("pydantic==2.11.7", "click==8.2.1", "urllib3==2.5.0"),
    ("pydantic==1.10.17", "click==8.0.4"),
    ("flask==2.2.5", "werkzeug==2.2.3", "click==8.1.3", "markupsafe==2.1.5"),
    ("flask==3.1.0", "werkzeug==3.1.3", "click==8.1.8", "markupsafe==3.0.2"),
    ("attrs==23.2.0", "jinja2==3.1.4", "idna==3.10"),
]
WORK = """\
import importlib, importlib.metadata, os, sys

NAMES = {"pydantic-core": "pydantic_core", "charset-normalizer": "charset_normalizer", "typing-extensions": "typing_extensions",
         "annotated-types": "annotated_types", "typing-inspection": "typing_inspection", "attrs": "attr"}


def look(_=None):
    "Return name -> (version by its metadata, directory that its module is of) of all that is locked."
    found = {}
    for one in importlib.metadata.distributions():
        name = one.metadata["Name"].lower().replace("_", "-")
        if name != "versioned-import":
            module = importlib.import_module(NAMES.get(name, name))
            file = os.path.relpath(module.__file__, os.environ["SITE"])
            assert not file.startswith(".."), module.__file__
            found[name] = (one.version, file.partition(os.sep)[0])
    return found
"""
PROGRAM = """\
import json, multiprocessing, os, subprocess, sys, time
import work

if __name__ == "__main__":
    first = work.look()
    os.chdir(os.environ["ELSEWHERE"])
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        children = pool.map(work.look, range(4), chunksize=1)
    code = "import json, work; print(json.dumps(work.look()))"
    environ = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.abspath(__file__))}
    plain = json.loads(subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, check=True).stdout)
    assert all(one == first for one in children), (first, children)
    assert {name: tuple(pair) for name, pair in plain.items()} == first, (first, plain)
    assert work.look() == first
    print(json.dumps(first, sort_keys=True))
"""


@pytest.fixture(scope="module")
def ten(machine, tools):
    """Return the directories of ten projects, locked and installed side by side, with one flat install in their way."""
    words = "--no-deps", "click==7.1.2", "idna==2.10", "urllib3==1.25.11", "requests==2.25.1"
    machine.checked(machine.directory / "machine" / "bin" / "python", "-m", "pip", "install", "-q", *words)
    places = []
    for at, pins in enumerate(TEN):
        place = machine.directory / "ten" / f"project {at}"
        place.mkdir(parents=True)
        (place / "requirements.in").write_text("\n".join(pins))
        version = f"--python={machine.python}"
        words = "--generate-hashes", "-q", version, "requirements.in", "-o", "requirements.txt"
        machine.checked(tools.uv, "pip", "compile", *words, cwd=place)
        (place / "work.py").write_text(WORK)
        (place / "app.py").write_text(PROGRAM)
        machine.sync(place)
        places.append(place)
    return places


class TestTenProjects:
    def begin(self, machine, place, way="variable"):
        """Start a project's program and return the running process."""
        environ = machine.environ | {
            "VERSIONED_IMPORT_CACHE_DIR": str(machine.directory / "of ten"),
            "SITE": str(machine.site),
            "ELSEWHERE": str(place.parent / "project 0"),
        }
        words = ["-m", "versioned_import", "--project", place] if way == "runner" else []
        if way == "variable":
            environ["VERSIONED_IMPORT_PROJECT"] = str(place)
        command = [str(word) for word in (machine.python, *words, place / "app.py")]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=environ, cwd=machine.directory, **pipes)

    def all_at_once(self, machine, places, way="variable"):
        """Return what the programs of the projects found, all run at the same time."""
        running = [self.begin(machine, place, way) for place in places]
        with ThreadPoolExecutor(len(running)) as pool:
            ended = list(pool.map(lambda one: one.communicate(timeout=500), running))
        assert [told for one, told in zip(running, ended, strict=True) if one.returncode or told[1]] == []
        return [json.loads(told[0]) for told in ended]

    def wanted(self, place):
        """Return what a project has to find: each version of its lock, from the versioned directory of that version."""
        pins = [line.split()[0] for line in (place / "requirements.txt").read_text().splitlines() if "==" in line]
        pins = [pin for pin in pins if not pin.startswith(("#", "-"))]
        return {name: [version, f"{name}-{version}"] for name, version in (pin.split("==") for pin in pins)}

    def plans(self, machine):
        return {
            path.name: path.read_bytes()
            for path in (machine.directory / "of ten" / "projects").glob("*")
            if path.is_file()
        }

    def test_each_has_its_versions_at_once_from_the_first_start_on_and_one_lock_changes_one_project(self, machine, ten):
        wanted = [self.wanted(place) for place in ten]
        assert [
            set(pins) <= {f"{name}=={one[0]}" for name, one in found.items()}
            for pins, found in zip(TEN, wanted, strict=True)
        ] == [True] * 10
        assert len({found["click"][0] for found in wanted if "click" in found}) == 5

        # The first starts: no plan is kept yet, and each project is started twice.
        assert self.plans(machine) == {}
        assert self.all_at_once(machine, [*ten, *ten]) == [*wanted, *wanted]
        time.sleep(2.1)  # plans are kept once nothing has changed for a while
        assert self.all_at_once(machine, ten) == wanted
        time.sleep(2.1)
        assert self.all_at_once(machine, ten, "runner") == wanted
        kept = self.plans(machine)
        assert len(kept) >= len(ten)

        # One lock changes: that of another project is as good as any.
        before = (ten[3] / "requirements.txt").read_text()
        (ten[3] / "requirements.txt").write_text((ten[1] / "requirements.txt").read_text())
        try:
            changed = [*wanted[:3], wanted[1], *wanted[4:]]
            assert self.all_at_once(machine, ten) == changed
            time.sleep(2.1)
            assert self.all_at_once(machine, ten) == changed
            after = self.plans(machine)
            # The plans of the others are what they were; the one's is kept for children of what still runs from it.
            others = {name: data for name, data in kept.items() if b"/project 3" not in data}
            assert {name: after.get(name) for name in others} == others
            assert any(name.startswith(f"{one}-") for name in after for one in kept.keys() - others.keys())
        finally:
            (ten[3] / "requirements.txt").write_text(before)
        assert self.all_at_once(machine, ten) == wanted


WINDOWS = "idna-3.8-cp38-cp38-win_amd64.whl"
PYLOCK = 'lock-version = "1.0"\ncreated-by = "made"\n[[packages]]\nname = "idna"\nversion = "3.8"\n'
WHEEL = f'{{ name = "{WINDOWS}", url = "https://files.index.example/{WINDOWS}", hashes = {{ sha256 = "{"0" * 64}" }} }}'


class TestSyncOfBadLocks:
    """What the fast tests show with made wheels, of files from the index: nothing is installed, and all is as it was."""

    def refused(self, machine, lock):
        before = sorted(path.name for path in machine.site.iterdir())
        done = machine.run(machine.python, "-m", "versioned_import", "sync", lock)
        assert (done.returncode, done.stdout) == (1, "")
        assert sorted(path.name for path in machine.site.iterdir()) == before
        assert "idna-3.8" not in before
        for words in (("--project", lock, "-c", "import idna"), ("run", "--project", lock, "idna")):
            asked = machine.run(machine.python, "-m", "versioned_import", *words)
            assert (asked.returncode, asked.stdout) == (1, "")
            assert asked.stderr.endswith(f"to install it: versioned-import sync {lock}\n")
        return done.stderr

    def test_a_hash_that_differs(self, machine, tmp_path):
        lock = tmp_path / "requirements.txt"
        lock.write_text(f"idna==3.8 --hash=sha256:{'0' * 64}\n")
        told = self.refused(machine, lock).splitlines()
        assert told[0] == "error: idna 3.8: the file's sha256 is not what the lock says (line 1)"
        assert told[1] == f"  expected {'0' * 64}"
        assert told[2].startswith("  got      ")
        assert told[3].endswith("nothing was installed. If the file was replaced on purpose, lock again.")

    def test_a_wheel_for_another_platform_only(self, machine, tmp_path):
        lock = tmp_path / "pylock.toml"
        lock.write_text(f"{PYLOCK}wheels = [{WHEEL}]\n")
        told = self.refused(machine, lock).splitlines()
        assert told[0].startswith(f"error: {lock}: no wheel of it is for this Python, and no sdist is locked (cp3")
        assert told[1:] == [
            f"  idna 3.8 has {WINDOWS}",
            "  Lock for this platform too, or use a Python that the lock is for.",
        ]
