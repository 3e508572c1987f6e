"""Real distributions in an old and a new version each: side by side in one environment, and flat in one for each.

The flat trees are made of hard links to the files of the versioned directories, which hold the unchanged tree of each wheel.
So a flat install differs in nothing but in where it stands, and costs neither a download nor space.
"""

import os
import subprocess
import tomllib
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from filelock import FileLock

REPOSITORY = Path(__file__).parents[2]
WORK = Path(__file__).parent / "real_work"
AGES = ("old", "new")


def pins_of(age):
    """Return what is asked of an age: the version of each distribution, by its name in small letters."""
    lines = (WORK / f"{age}.txt").read_text().split()
    return {name.lower(): version for name, version in (line.split("==") for line in lines)}


class Sites:
    """The environments, shared by all test files of a run: whoever comes first makes them."""

    def __init__(self, directory):
        self.directory = directory
        self.versioned = directory / "versioned"
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
        self.environ |= {"VERSIONED_IMPORT_CACHE_DIR": str(directory / "cache"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        directory.mkdir(exist_ok=True)
        with FileLock(directory / "lock"):
            if not (directory / "complete").exists():
                self.make()
                (directory / "complete").touch()

    def make(self):
        venv.create(self.versioned, with_pip=True)
        checked(self.pip("install", "-q", str(REPOSITORY)))
        with ThreadPoolExecutor() as pool:  # two installers at once are safe, and one waits for the network mostly
            for done in pool.map(self.install, AGES):
                checked(done)
        for age in AGES:
            self.make_flat(age)

    def install(self, age):
        return self.pip("install", "-q", "--allow-multiple", "--no-compile", "-r", str(WORK / f"{age}.txt"))

    def pip(self, *arguments):
        return run([self.python("versioned"), "-m", "pip", *arguments], env=self.environ)

    def python(self, kind):
        """Return the interpreter of an environment: "versioned", or an age for a flat one."""
        return str(self.directory / kind / "bin" / "python")

    def make_flat(self, age):
        """Make an environment without us that holds flat what was installed for an age."""
        venv.create(self.directory / age, with_pip=False)
        flat, versioned = site_of(self.directory / age), site_of(self.versioned)
        for name in self.locked(age):
            for folder, _, files in os.walk(versioned / name):
                target = flat / os.path.relpath(folder, versioned / name)
                target.mkdir(exist_ok=True)
                for file in files:
                    if not (target / file).exists():  # a shared `google/__init__.py`
                        os.link(os.path.join(folder, file), target / file)

    def locked(self, age):
        """Return the names of the versioned directories that were installed for an age."""
        asked = {"name": "numpy", "version": pins_of(age)["numpy"]}
        for file in site_of(self.versioned).glob(".versioned_import/groups/*.toml"):
            packages = tomllib.loads(file.read_text())["packages"]
            if any(asked.items() <= package.items() for package in packages):
                return [f"{package['name']}-{package['version']}" for package in packages]
        raise LookupError(age)


OWN_VARIABLES = ("PYTHON", "VERSIONED_IMPORT", "COV", "PYTEST", "XDG_", "MPL", "DJANGO")


def site_of(environment):
    return next((environment / "lib").glob("python*/site-packages"))


def run(command, timeout=600, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout, **options)


def checked(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shared_sites(tmp_path_factory):
    """Return the sites of this run, the same in each of its workers."""
    base = tmp_path_factory.getbasetemp()
    return Sites((base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "real-sites")
