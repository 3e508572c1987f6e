"""One virtual environment for all tests of this folder, emptied of versioned directories between them."""

import importlib.util
import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

LIBRARIES = ("filelock", "markdown_it", "mdurl", "packaging", "pygments", "resolvelib", "rich", "tomli_w")


class Environment:
    """A virtual environment with its own pip, which can import versioned_import, and a directory of wheels for it."""

    def __init__(self, directory, libraries):
        self.python = str(directory / "bin" / "python")
        self.site = next((directory / "lib").glob("python*/site-packages"))
        self.wheels = None
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        self.environ |= {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{libraries}", "PIP_CONFIG_FILE": os.devnull}
        self.own = set(self.site.iterdir())

    def command(self, *arguments):
        program = "import sys; from versioned_import.cli.pip import main; sys.exit(main(sys.argv[1:]))"
        return [self.python, "-c", program, *map(str, arguments)]

    def pip(self, *arguments, **environ):
        """Run `versioned_import pip ...`; return the finished process."""
        return subprocess.run(
            self.command(*arguments), env=self.environ | environ, capture_output=True, text=True, check=False
        )

    def start(self, *requirements):
        """Start an installation and return the running process."""
        return subprocess.Popen(
            self.command(*self.arguments(*requirements)),
            env=self.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def arguments(self, *requirements):
        how = "--allow-multiple", "--engine=pip", "--no-index", "--find-links", self.wheels, "--no-compile"
        return "install", *how, *requirements

    def install(self, *requirements, **environ):
        """Install from the test's own wheels, side by side, by the engine that drives pip's command line."""
        return self.pip(*self.arguments(*requirements), **environ)

    def flag(self, *requirements, compiled=False, planted=True, **environ):
        """Run the environment's own `pip install --allow-multiple`, planted by its start-up file, on the test's wheels."""
        how = ("--no-index", "--find-links", self.wheels, *(() if compiled else ("--no-compile",)))
        return self.own_pip("install", "--allow-multiple", *how, *requirements, planted=planted, **environ)

    def own_pip(self, *arguments, planted=True, **environ):
        """Run the environment's own pip, started by site alone: nothing of ours is on PYTHONPATH."""
        base = self.without_us() | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        command = [self.python, "-m", "pip", *map(str, arguments)]
        if planted:
            self.plant()
        else:
            self.unplant()
        try:
            return subprocess.run(command, env=base | environ, capture_output=True, text=True, check=False)
        finally:
            self.unplant()

    def without_us(self):
        """Return the environment variables of a process that finds us by the start-up file only."""
        return {name: value for name, value in self.environ.items() if name != "PYTHONPATH"}

    def plant(self):
        """Write our start-up file, as the wheel carries it, and the way to the libraries."""
        (self.site / "a_way_to_us.pth").write_text("\n".join(self.environ["PYTHONPATH"].split(os.pathsep)) + "\n")
        shutil.copy(REPOSITORY / "versioned_import.pth", self.site)

    def unplant(self):
        for name in ("a_way_to_us.pth", "versioned_import.pth"):
            (self.site / name).unlink(missing_ok=True)

    def staging(self):
        """Return what is left of staging directories."""
        return list(self.site.glob(".versioned_import/stage-*"))

    def clear(self):
        for path in set(self.site.iterdir()) - self.own:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture(scope="session")
def _environment(tmp_path_factory):
    directory = tmp_path_factory.mktemp("environment")
    venv.create(directory / "venv", with_pip=True)
    libraries = directory / "libraries"
    libraries.mkdir()
    for name in LIBRARIES:
        spec = importlib.util.find_spec(name)
        shutil.copytree(spec.submodule_search_locations[0], libraries / name)
    return Environment(directory / "venv", libraries)


@pytest.fixture
def environment(_environment, tmp_path):
    _environment.wheels = tmp_path / "wheels"
    _environment.wheels.mkdir()
    yield _environment
    _environment.clear()
