"""`pip install --allow-multiple` in real pips of four years, each in a virtual environment of its own with the built wheel."""

import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
import venv
import zipfile
from functools import partial
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
sys.path.append(str(REPOSITORY / "tests" / "install"))

from wheels import build, record_problems, versioned_directories  # noqa: E402

pytestmark = pytest.mark.real

# pip 22.3 needs a module that Python 3.12 no longer has.
PIPS = [
    version
    for version in ("22.3.1", "23.2.1", "24.3.1", "25.3", "26.3")
    if sys.version_info < (3, 12) or version > "23"
]
ENDS = (PIPS[0], PIPS[-1])
QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_PROGRESS_BAR": "off"}


class Interpreter:
    """A virtual environment with one pip."""

    def __init__(self, directory, pip):
        self.directory = directory
        venv.create(directory, with_pip=False)
        self.python = str(directory / "bin" / "python")
        self.site = next((directory / "lib").glob("python*/site-packages"))
        self.environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PIP_TARGET")}
        self.environ |= QUIET
        self.fill(f"pip=={pip}")

    def fill(self, *what):
        """Install flat, by the pip of the tests' own interpreter."""
        command = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            self.python,
            "install",
            "-q",
            "--no-compile",
            *map(str, what),
        ]
        subprocess.run(command, env=self.environ, check=True)

    def pip(self, *arguments, **environ):
        return subprocess.run(
            [self.python, "-m", "pip", *map(str, arguments)],
            env=self.environ | environ,
            capture_output=True,
            text=True,
            check=False,
        )

    def tree(self):
        """Return every file's content, but for bytecode, which bears times."""
        files = (path for path in self.directory.rglob("*") if path.is_file() and path.suffix != ".pyc")
        return {str(path.relative_to(self.directory)): path.read_bytes() for path in files}

    def plain_install(self, wheels):
        """Install flat, and uninstall again; return exit status, output, errors, and the files that it made or changed."""
        before = self.tree()
        done = self.pip("install", "--no-index", "--find-links", wheels, "plain")
        after = self.tree()
        assert self.pip("uninstall", "-y", "plain", "base").returncode == 0
        changed = {name: content for name, content in after.items() if before.get(name) != content}
        return done.returncode, done.stdout, done.stderr, changed


@pytest.fixture(scope="module")
def plain_wheels(tmp_path_factory):
    directory = tmp_path_factory.mktemp("plain")
    build(directory, "base", "1.0")
    build(directory, "plain", "1.0", requires=["base"], scripts={"run-plain": "plain:main"})
    return directory


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    directory = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(directory), str(REPOSITORY)]
    subprocess.run(command, env=os.environ | QUIET, check=True)
    return next(directory.glob("*.whl"))


@pytest.fixture(scope="module", params=PIPS)
def version(request):
    return request.param


@pytest.fixture(scope="module")
def ours(version, wheel, plain_wheels, tmp_path_factory):
    interpreter = Interpreter(tmp_path_factory.mktemp(f"ours-{version}"), version)
    interpreter.before_us = interpreter.plain_install(plain_wheels)
    interpreter.fill(wheel)
    return interpreter


@pytest.fixture
def wheels(tmp_path):
    directory = tmp_path / "wheels"
    directory.mkdir()
    return directory


def test_help_shows_the_flag(ours, version):
    assert ours.pip("--version").stdout.startswith(f"pip {version} ")
    assert "--allow-multiple" in ours.pip("install", "--help").stdout


def test_a_conflicting_pair(ours):
    done = ours.pip("install", "--allow-multiple", "requests==2.32.2", "requests==2.22.0", "click==8.1.7")
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("group")] == [
        "group 1: click==8.1.7, requests==2.22.0",
        "group 2: requests==2.32.2",
    ]
    assert {"requests-2.22.0", "requests-2.32.2", "idna-2.8", "click-8.1.7"} <= set(versioned_directories(ours.site))
    assert record_problems(ours.site) == []
    # An index of the machine may have its own complaints.
    assert [line for line in done.stderr.splitlines() if "ignored: it is neither" not in line] == []
    (ours.directory / "app.py").write_text(
        "# coding: versioned\nimport requests version 2.32\nimport idna\nprint(requests.__version__, idna.__version__[0])\n"
    )
    shown = subprocess.run(
        [ours.python, "-W", "ignore", ours.directory / "app.py"],
        capture_output=True,
        text=True,
        env=ours.environ,
        check=True,
    )
    assert shown.stdout.split() == ["2.32.2", "3"]


def test_a_plain_install_is_what_it_was(ours, plain_wheels):
    done = ours.plain_install(plain_wheels)
    assert done == ours.before_us
    assert "Successfully installed base-1.0 plain-1.0" in done[1]
    assert {"bin/run-plain"} < set(done[3])


def test_report_and_hashes_and_files(ours, wheels, tmp_path):
    for number in ("1.0", "2.0"):
        build(wheels, "base", number)
    digests = {path.name.split("-")[1]: hashlib.sha256(path.read_bytes()).hexdigest() for path in wheels.iterdir()}
    pins = [f"base=={number} --hash=sha256:{digest}\n" for number, digest in digests.items()]
    (tmp_path / "r.txt").write_text("".join(pins))
    report = tmp_path / "report.json"
    done = ours.pip(
        "install",
        "--allow-multiple",
        "--no-index",
        "--find-links",
        wheels,
        "-r",
        tmp_path / "r.txt",
        "--report",
        report,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text())
    assert [one["roots"] for one in found["versioned_import"]["groups"]] == [["base==1.0"], ["base==2.0"]]
    assert [one["metadata"]["version"] for one in found["install"]] == ["1.0", "2.0"]
    assert record_problems(ours.site) == []


class Recording(http.server.SimpleHTTPRequestHandler):
    """Serves files, and remembers which."""

    asked: list[str] = []  # noqa: RUF012 one server at a time

    def log_message(self, *_):
        self.asked.append(os.path.basename(self.path))


@pytest.fixture
def index(tmp_path):
    """Return a package index that offers metadata apart from wheels (PEP 658), and what it was asked for."""
    files = tmp_path / "index"
    for name, number, requires in (("low", "1.0", ()), ("low", "2.0", ()), ("high", "1.0", ["low<2"])):
        page = files / name
        page.mkdir(parents=True, exist_ok=True)
        wheel = build(page, name, number, requires=requires)
        with zipfile.ZipFile(wheel) as archive:
            wheel.with_name(f"{wheel.name}.metadata").write_bytes(archive.read(f"{name}-{number}.dist-info/METADATA"))
        with (page / "index.html").open("a") as html:
            marks = 'data-dist-info-metadata="true" data-core-metadata="true"'
            html.write(f'<a href="{wheel.name}" {marks}>{wheel.name}</a>\n')
    Recording.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Recording, directory=files)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_only_what_is_new_is_downloaded(ours, index):
    how = ("install", "--allow-multiple", "--no-cache-dir", "--index-url", index)
    clean = {"PIP_CONFIG_FILE": os.devnull, "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}

    def downloaded(*words):
        Recording.asked.clear()
        done = ours.pip(*how, *words, **clean)
        assert done.returncode == 0, done.stdout + done.stderr
        return sorted({name for name in Recording.asked if name.endswith(".whl")})  # pip 22.3 itself does it twice

    assert downloaded("--dry-run", "low==2.0", "high") == []
    assert downloaded("low==2.0") == ["low-2.0-py3-none-any.whl"]
    both = ["high-1.0-py3-none-any.whl", "low-1.0-py3-none-any.whl"]
    assert downloaded("low==2.0", "high") == both
    assert downloaded("low==2.0", "high") == []
    assert record_problems(ours.site) == []


def test_a_source_distribution_is_built_though_its_build_inherits_the_flag(ours, version):
    if version not in ENDS:
        pytest.skip("the oldest and the newest will do")
    done = ours.pip("install", "docopt==0.6.2", PIP_ALLOW_MULTIPLE="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (ours.site / "docopt-0.6.2" / "docopt.py").exists()
    assert record_problems(ours.site) == []


def test_sixteen_at_once(ours, version, wheels):
    if version != PIPS[-1]:
        pytest.skip("the newest will do")
    for number in ("1.0", "2.0", "3.0"):
        build(wheels, "many", number, {f"many/m{index}.py": number for index in range(50)})
    build(wheels, "user", "1.0", requires=["many<2"])
    command = [
        ours.python,
        "-m",
        "pip",
        "install",
        "--allow-multiple",
        "--no-compile",
        "--no-index",
        "--find-links",
        wheels,
    ]
    wanted = (["many==1.0", "many==3.0"], ["user", "many==2.0"], ["many==3.0", "many==2.0"], ["user"])
    children = [
        subprocess.Popen(
            [*command, *wanted[number % 4]],
            env=ours.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(16)
    ]
    ends = [(child.communicate(timeout=300)[1], child.returncode) for child in children]
    assert ends == [("", 0)] * 16
    found = [name for name in versioned_directories(ours.site) if name.startswith(("many", "user"))]
    assert found == ["many-1.0", "many-2.0", "many-3.0", "user-1.0"]
    assert record_problems(ours.site) == []
    assert list(ours.site.glob(".versioned_import/stage-*")) == []
