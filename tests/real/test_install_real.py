"""Real distributions from the package index, by the real pip, in a real virtual environment."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
sys.path.append(str(REPOSITORY / "tests" / "install"))

from wheels import record_problems, record_rows, versioned_directories  # noqa: E402

pytestmark = pytest.mark.real


class Environment:
    def __init__(self, directory):
        venv.create(directory, with_pip=True)
        self.python = str(directory / "bin" / "python")
        self.site = next((directory / "lib").glob("python*/site-packages"))
        self.environ = os.environ | {"PYTHONPATH": str(REPOSITORY)}
        self.run("-m", "pip", "install", "-q", "filelock", "packaging", "resolvelib", "rich", "tomli_w")

    def run(self, *arguments, **environ):
        done = subprocess.run(
            [self.python, *arguments], env=self.environ | environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def install(self, *requirements):
        program = "import sys; from versioned_import.cli.pip import main; sys.exit(main(sys.argv[1:]))"
        return self.run("-c", program, "install", "--allow-multiple", *requirements)

    def closure(self, *names):
        """Return the environment variables that let plain imports see these versioned directories."""
        paths = [str(self.site / name) for name in names]
        return {"PYTHONPATH": os.pathsep.join([str(REPOSITORY), *paths])}

    def found(self, name):
        """Return the one versioned directory of a distribution."""
        (directory,) = self.site.glob(f"{name}-[0-9]*")
        return directory


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("real") / "venv")


def test_two_versions_of_requests_and_click(environment):
    before = environment.run("-m", "pip", "list").stdout
    done = environment.install("requests==2.22.0", "requests==2.32.2", "click", "--no-compile")
    there = versioned_directories(environment.site)
    assert {"requests-2.22.0", "requests-2.32.2", "idna-2.8", "chardet-3.0.4"} <= set(there)
    assert sum(name.startswith("urllib3-") for name in there) == 2
    assert sum(name.startswith("click-") for name in there) == 1
    assert "group 1: click, requests==2.22.0" in done.stdout
    assert "group 2: requests==2.32.2" in done.stdout
    assert record_problems(environment.site) == []
    assert environment.run("-m", "pip", "list").stdout == before
    for version in ("2.22.0", "2.32.2"):
        metadata = (environment.site / f"requests-{version}" / f"requests-{version}.dist-info" / "METADATA").read_text()
        assert f"\nVersion: {version}\n" in metadata


def test_a_conflict_that_only_resolving_shows(environment):
    done = environment.install("requests==2.22.0", "urllib3>=2", "six", "--dry-run")
    groups = [line for line in done.stdout.splitlines() if line.startswith("group")]
    assert groups == ["group 1: requests==2.22.0, six", "group 2: urllib3>=2"]


def test_modules_with_other_names_and_a_single_module(environment):
    environment.install("PyYAML==6.0.1", "PyYAML==6.0.2", "six==1.16.0")
    assert (environment.site / "pyyaml-6.0.1" / "yaml" / "__init__.py").exists()
    assert (environment.site / "six-1.16.0" / "six.py").exists()
    assert record_problems(environment.site) == []
    program = "import yaml, _yaml; print(yaml.__version__, yaml.CSafeLoader.__name__)"
    for version in ("6.0.1", "6.0.2"):
        shown = environment.run("-c", program, **environment.closure(f"pyyaml-{version}"))
        assert shown.stdout == f"{version} CSafeLoader\n"


def test_a_namespace_that_several_share(environment):
    done = environment.install("google-api-core==2.11.1", "protobuf==3.20.3", "protobuf>=5", "--no-compile")
    names = [environment.found(name).name for name in ("google-api-core", "googleapis-common-protos")]
    assert "nspkg.pth is kept, but never run from a versioned directory" in done.stderr
    assert record_problems(environment.site) == []
    for name in versioned_directories(environment.site):
        assert not (environment.site / name / "google" / "__init__.py").exists()
    program = "import google.api_core, google.protobuf as p, google.rpc; print(p.__version__)"
    shown = environment.run("-W", "ignore", "-c", program, **environment.closure("protobuf-3.20.3", *names))
    assert shown.stdout == "3.20.3\n"


def test_a_binary_script(environment):
    environment.install("ruff==0.4.0", "--no-compile")
    script = environment.site / "ruff-0.4.0" / "ruff-0.4.0.data" / "scripts" / "ruff"
    assert subprocess.run([script, "--version"], capture_output=True, text=True, check=True).stdout == "ruff 0.4.0\n"
    assert "ruff-0.4.0.data/scripts/ruff" in [row[0] for row in record_rows(environment.site / "ruff-0.4.0")]


def test_data_and_header_files(environment):
    done = environment.install("jupyterlab_widgets==3.0.13", "greenlet", "--no-compile")
    widgets, greenlet = environment.found("jupyterlab-widgets"), environment.found("greenlet")
    assert "kept in jupyterlab_widgets-3.0.13.data/data/, not in sys.prefix" in done.stderr
    assert list((widgets / "jupyterlab_widgets-3.0.13.data" / "data" / "share" / "jupyter").rglob("package.json"))
    assert list(greenlet.glob("*.data/headers/greenlet.h"))
    assert sorted(path.name for path in widgets.iterdir() if path.is_dir() and path.name.isidentifier()) == [
        "jupyterlab_widgets"
    ]
    assert record_problems(environment.site) == []


def test_a_source_distribution_is_built(environment):
    environment.install("docopt==0.6.2")
    assert (environment.site / "docopt-0.6.2" / "docopt.py").exists()
    assert record_problems(environment.site) == []


def test_extras_and_markers(environment):
    done = environment.install("requests[socks]==2.32.3", "tomli; python_version < '3'", "--no-compile")
    assert environment.found("pysocks").exists()
    assert "tomli" not in done.stdout.splitlines()[-1]
    assert not list(environment.site.glob("tomli-*"))
