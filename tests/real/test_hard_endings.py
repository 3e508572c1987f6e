"""Installers that are killed, that run at once, and that run out of disk: nothing half is ever there (spec 5.3)."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
sys.path.append(str(REPOSITORY / "tests" / "install"))

from wheels import build, record_problems, versioned_directories  # noqa: E402

pytestmark = pytest.mark.real

AT_ONCE = 4

# Starts pip's own main function for each line of words, in a process of its own that has imported pip already.
FORKS = """
import os, sys
import pip._internal.cli.main, pip._internal.commands.install, versioned_import.in_pip.flag
for line in sys.stdin:
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        words = line.split()
        sys.argv = ["pip", *words]
        sys.stderr = sys.stdout
        os._exit(pip._internal.cli.main.main(words))
    print(child, flush=True)
    sys.stdin.readline()  # until then the child is not waited for, and its number nobody else's
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Host:
    """A virtual environment that has us as users have us, and a directory of made wheels."""

    def __init__(self, directory):
        venv.create(directory / "venv", with_pip=True, system_site_packages=True)
        self.python = directory / "venv" / "bin" / "python"
        self.site = next((directory / "venv" / "lib").glob("python*/site-packages"))
        self.wheels = directory / "wheels"
        self.wheels.mkdir()
        self.environ = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
        self.run("-m", "pip", "install", "-q", REPOSITORY)

    def run(self, *arguments, check=True, **options):
        done = subprocess.run(
            [self.python, *map(str, arguments)],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            **options,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def arguments(self, *requirements):
        how = "--no-index", "--find-links", str(self.wheels), "--disable-pip-version-check"
        return "-m", "pip", "install", "--allow-multiple", *how, *requirements

    def start(self, *requirements):
        command = [self.python, *self.arguments(*requirements)]
        return subprocess.Popen(command, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def forking(self):
        """Start a process that makes installers out of lines."""
        command = [self.python, "-c", FORKS]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=self.environ, **pipes)

    def leftovers(self):
        return sorted(path.name for path in self.site.glob(".versioned_import/stage-*"))

    def clear(self):
        for name in versioned_directories(self.site):
            shutil.rmtree(self.site / name)

    def verify(self):
        return self.run("-m", "versioned_import", "verify", check=False)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    made = Host(tmp_path_factory.mktemp("host"))
    for version in ("1.0", "2.0"):
        files = {f"base/m{index}.py": f"VALUE = {version!r}, {index}\n" for index in range(40)}
        build(made.wheels, "base", version, {"base/__init__.py": "", **files}, scripts={"base": "base.m0:print"})
        build(made.wheels, f"uses{version[0]}", "1.0", requires=[f"base=={version}"])
    build(made.wheels, "huge", "1.0", {f"huge/m{index}.py": f"TEXT = {'x' * 40_000!r}\n" for index in range(200)})
    return made


def test_sixteen_at_once(host):
    host.clear()
    wanted = [["base==1.0", "base==2.0"], ["base==2.0", "base==1.0"], ["uses1", "uses2"], ["uses2", "base==1.0"]]
    children = [host.start(*some) for some in wanted * 4]
    for child in children:
        output, _ = child.communicate(timeout=300)
        assert child.returncode == 0, output
    assert versioned_directories(host.site) == ["base-1.0", "base-2.0", "uses1-1.0", "uses2-1.0"]
    assert record_problems(host.site) == []
    assert host.leftovers() == []
    verified = host.verify()
    assert verified.returncode == 0, verified.stdout


@pytest.mark.parametrize("killed", [60, pytest.param(200, marks=pytest.mark.long)])
def test_killed_at_random_moments(host, killed):
    host.clear()
    parents = [host.forking() for _ in range(AT_ONCE)]
    words = " ".join(host.arguments("uses1", "uses2", "base==1.0")[2:])
    install(parents[0], words)  # what is imported late is on the disk now
    host.clear()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        takes = max(seconds for _, seconds in pool.map(install, parents, [words] * AT_ONCE))
    chance = random.Random(20261121)  # the moments; what they hit differs with each run

    endings = []
    for _ in range(0, killed, AT_ONCE):
        host.clear()
        moments = [chance.uniform(0.05, 1.1) * takes for _ in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            endings += [status for status, _ in pool.map(install, parents, [words] * AT_ONCE, moments)]
        assert record_problems(host.site) == []
        unfinished_closures(host.site)
    for parent in parents:
        parent.communicate(timeout=60)
    assert len(endings) == killed
    assert endings.count(-signal.SIGKILL) > killed // 2
    host.run(*host.arguments("uses1", "uses2"))
    assert host.leftovers() == []
    verified = host.verify()
    assert verified.returncode == 0, verified.stdout


def install(parent, words, killed_after=None):
    """Let one installer run, or be killed after some seconds; return its exit status and how long it took."""
    began = time.monotonic()
    parent.stdin.write(f"{words}\n")
    parent.stdin.flush()
    child = int(parent.stdout.readline())
    if killed_after is not None:
        time.sleep(killed_after)
        os.kill(child, signal.SIGKILL)
    parent.stdin.write("\n")
    parent.stdin.flush()
    return int(parent.stdout.readline()), time.monotonic() - began


def unfinished_closures(site):
    """Fail if a versioned directory is visible whose requirement is not: requirements land first."""
    there = set(versioned_directories(site))
    for major in "12":
        assert f"uses{major}-1.0" not in there or f"base-{major}.0" in there


def test_a_full_disk(host, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    inside = (
        f'mount -t tmpfs -o size=4m none "{small}" && PYTHONUSERBASE="{small}" "$@"; '
        f'status=$?; find "{small}"; exit $status'
    )
    unshared = ["unshare", "--mount", "--user", "--map-root-user", "sh", "-c"]
    if (
        shutil.which("unshare") is None
        or subprocess.run(
            [*unshared, f'mount -t tmpfs -o size=1m none "{small}"'], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("this machine doesn't let us mount a small file system")
    done = subprocess.run(
        [*unshared, inside, "sh", str(host.python), *host.arguments("--user", "huge")],
        env=host.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "huge-1.0" not in done.stdout.split(str(small), 1)[-1]
    assert "stage-" not in done.stdout


def test_a_file_that_may_not_grow(host):
    host.clear()
    program = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); "
        "sys.argv[0] = 'pip'; runpy.run_module('pip', run_name='__main__', alter_sys=True)"
    )
    _, _, *arguments = host.arguments("huge")
    done = host.run("-c", program, *arguments, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "File too large" in done.stderr
    assert versioned_directories(host.site) == []
    assert host.leftovers() == []
