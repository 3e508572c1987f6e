"""Well-known projects from their source archives, locked by real tools, run in a virtual environment and from the lock."""

import os
import sys
import tarfile
import tomllib
import venv
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cached_property

from real_sites import OWN_VARIABLES, REPOSITORY, checked, run

# What stands flat where the projects run from their locks, and must not be seen.
FLAT = ("pytest==7.4.4", "pluggy==1.4.0", "attrs==22.2.0", "httpx==0.23.3", "flask==2.2.5", "msgpack==1.0.8")


@dataclass(frozen=True)
class Suite:
    """A project whose own tests are run; `lock` names the way in which it is locked (see `Workshop`)."""

    name: str
    version: str
    lock: str
    requirements: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Options of the runner and of `sync`."""
    part: tuple[str, ...] = ()
    """Words for pytest that name the part which is always run; the whole takes longer."""

    @property
    def files(self):
        """The files of the source archive that the tests need."""
        return (
            "tests",
            "test",
            "pyproject.toml",
            *(("src", "uv.lock", "README.md", "LICENSE.txt") if self.lock == "own" else ()),
        )


SUITES = (
    # Locked by its authors: an editable member with a group for its tests.
    Suite("flask", "3.1.3", "own", settings=("--groups", "tests", "--no-default-groups")),
    Suite(
        "attrs",
        "26.1.0",
        "pip",
        (
            "attrs==26.1.0",
            "pytest==8.4.1",
            "hypothesis==6.140.0",
            "cloudpickle==3.1.1",
            "pympler==1.1",
            "pytest-xdist[psutil]==3.8.0",
        ),
        part=(
            "tests/test_functional.py",
            "tests/test_packaging.py",
            "tests/test_slots.py",
            "tests/test_3rd_party.py",
            "-n2",
        ),
    ),
    Suite(
        "httpx",
        "0.28.1",
        "poetry",
        (
            "httpx[brotli,cli,http2,socks,zstd]==0.28.1",
            "chardet==5.2.0",
            "trio==0.31.0",
            "trustme==1.2.1",
            "uvicorn==0.35.0",
            "pytest==8.4.1",
        ),
        part=("tests/models", "tests/test_main.py", "tests/test_auth.py", "tests/client/test_client.py"),
    ),
    # Has an extension module.
    Suite("msgpack", "1.2.4", "uv pip compile", ("msgpack==1.2.4", "pytest==9.0.3")),
)


class Workshop:
    """A machine with the tools that lock, a Python that has us, and a directory for each project."""

    def __init__(self, directory):
        self.directory = directory
        self.machine = directory / "machine"
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
        self.environ |= {
            "VERSIONED_IMPORT_CACHE_DIR": str(directory / "cache"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "POETRY_VIRTUALENVS_CREATE": "false",
            "HOME": str(directory),
            "UV_CACHE_DIR": str(directory / "uv"),
        }
        # The tools keep caches below HOME; pip's own one is taken where it is.
        cache = run([sys.executable, "-m", "pip", "cache", "dir"]).stdout.strip()
        self.environ |= {"PIP_CACHE_DIR": cache} if cache else {}

    @cached_property
    def python(self):
        """A Python with us, where other versions are installed flat."""
        self.pip_of(self.machine, "--no-deps", "--no-compile", *FLAT)
        self.pip_of(self.machine, str(REPOSITORY))
        return str(self.machine / "bin" / "python")

    @cached_property
    def tools(self):
        self.pip_of(self.directory / "tools", "uv", "pip>=25.1")
        return self.directory / "tools" / "bin"

    def flat(self, suite):
        """Return the virtual environment of a project, which need not be made yet."""
        return self.directory / f"{suite.name}-flat"

    def pip_of(self, environment, *words, **options):
        """Install into a virtual environment, which is made if it isn't there."""
        if not environment.exists():
            venv.create(environment, with_pip=True)
        self.run(environment / "bin" / "python", "-m", "pip", "install", "-q", *words, **options)

    def run(self, *command, **options):
        return checked(run([str(word) for word in command], env=self.environ, **options))

    def sources(self, suite):
        """Return the directory with the tests of a project, from its source archive."""
        words = "--no-deps", "--no-binary", suite.name, "-d", self.directory, f"{suite.name}=={suite.version}"
        self.run(self.tools / "python", "-m", "pip", "download", "-q", *words)
        (archive,) = self.directory.glob(f"{suite.name}-*.tar.gz")
        with tarfile.open(archive) as file:
            file.extractall(self.directory / "sources", filter="data")
        (unpacked,) = (self.directory / "sources").glob(f"{suite.name}-*")
        place = self.directory / suite.name
        place.mkdir()
        for name in suite.files:
            if (unpacked / name).exists():
                (unpacked / name).rename(place / name)
        return place

    def lock(self, suite, place):
        """Write the lock of a project with its tool; return the words for pip that install the same."""
        if suite.lock == "own":
            words = "--frozen", "--no-hashes", "--no-default-groups", "--group", "tests", "--no-header", "-q"
            pins = self.run(self.tools / "uv", "export", *words, cwd=place)
        elif suite.lock == "pip":
            lock = place / "pylock.toml"
            self.run(self.tools / "python", "-m", "pip", "lock", "-q", "-o", lock, *suite.requirements, cwd=place)
            pins = pins_of(lock, "packages")
        elif suite.lock == "poetry":
            pins = self.poetry(suite, place)
        else:
            (place / "requirements.in").write_text("\n".join(suite.requirements))
            words = "--generate-hashes", "--no-annotate", "-q", "requirements.in", "-o", "requirements.txt"
            self.run(self.tools / "uv", "pip", "compile", *words, cwd=place)
            pins = (place / "requirements.txt").read_text()
        (place / "pins.txt").write_text(pins)
        return "--no-deps", "-r", place / "pins.txt"

    def poetry(self, suite, place):
        """Lock with poetry, from the index that pip uses by default: poetry's own way asks for more than that has."""
        self.run(self.tools / "uv", "venv", "-q", self.directory / "poetry")
        self.run(
            self.tools / "uv",
            "pip",
            "install",
            "-q",
            "--python",
            self.directory / "poetry" / "bin" / "python",
            "poetry",
        )
        code = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
        index = self.run(self.tools / "python", "-c", code).strip()
        own = self.directory / "poetry project"
        own.mkdir()
        (own / "pyproject.toml").write_text(
            '[project]\nname = "suite"\nversion = "0"\nrequires-python = ">=3.11"\n'
            f"dependencies = {list(suite.requirements)!r}\n"
            "[tool.poetry]\npackage-mode = false\n"
            f'[[tool.poetry.source]]\nname = "index"\nurl = "{index}/"\npriority = "primary"\n'
        )
        self.run(self.directory / "poetry" / "bin" / "poetry", "lock", "-n", "-q", cwd=own)
        (own / "poetry.lock").rename(place / "poetry.lock")
        return pins_of(place / "poetry.lock", "package")

    def sync(self, suite, place):
        self.run(self.python, "-m", "versioned_import", "sync", *suite.settings, place)

    def outcomes(self, python, suite, place, words, kind):
        """Run tests of a project; return what became of each, the exit status and what was printed."""
        report = place / f"{kind}.xml"
        runner = ["-m", "versioned_import", "--project", place, *suite.settings] if kind == "locked" else []
        # Each run gets the same files in the same place, so that not even paths in messages differ.
        command = [python, *runner, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *words]
        environ = self.environ | {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        done = run([str(word) for word in command], cwd=place, env=environ, timeout=400)
        assert report.exists(), done.stdout + done.stderr
        cases = ET.parse(report).iter("testcase")
        return {f"{case.get('classname')}::{case.get('name')}": outcome(case) for case in cases}, done


def pins_of(lock, key):
    """Return the pinned requirements of a lock, read without us."""
    every = tomllib.loads(lock.read_text())[key]
    markers = (one.get("marker") or one.get("markers") for one in every)
    lines = (
        f"{one['name']}=={one['version']}" + (f" ; {marker}" if isinstance(marker, str) else "")
        for one, marker in zip(every, markers, strict=True)
    )
    return "\n".join(lines)


def outcome(case):
    return next((part.tag for part in case if part.tag in ("failure", "error", "skipped")), "passed")
