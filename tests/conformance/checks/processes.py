"""Child processes whose work is a function of mvdemo."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import mvdemo.jobs
import mvdemo.kinds
from expected import VERSION

SECONDS = 20
REPORTS = [
    (one, f"mvdemo {VERSION}", f"mvdep {VERSION}", f"mvdep.sub {VERSION}", f"mvdemo.unhurried {VERSION}")
    for one in range(2)
]


def in_pool(method, function=mvdemo.jobs.report):
    with multiprocessing.get_context(method).Pool(1) as pool:
        # A pool starts workers that die anew for ever, so the wait ends.
        return pool.map_async(function, range(2)).get(SECONDS)


def in_executor(method):
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        return list(executor.map(mvdemo.jobs.report, range(2), timeout=SECONDS))


def output(*arguments):
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=SECONDS, check=False, env=dict(os.environ)
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def check_spawn_pool():
    assert in_pool("spawn") == REPORTS


def check_forkserver_pool():
    assert in_pool("forkserver") == REPORTS


def check_fork_pool():
    assert in_pool("fork") == REPORTS


def check_metadata_in_a_spawn_pool():
    assert in_pool("spawn", mvdemo.jobs.metadata_report) == [(one, VERSION, VERSION) for one in range(2)]


def check_spawn_executor():
    assert in_executor("spawn") == REPORTS


def check_forkserver_executor():
    assert in_executor("forkserver") == REPORTS


def check_fork_executor():
    assert in_executor("fork") == REPORTS


def check_objects_come_back():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        back = pool.apply_async(mvdemo.kinds.Record, (4,)).get(SECONDS)
    assert back == mvdemo.kinds.Record(4)
    assert type(back) is mvdemo.kinds.Record


def check_subprocess_module():
    assert output("-m", "mvdemo") == f"mvdemo {VERSION}, mvdep {VERSION}, {VERSION}\n"


def check_subprocess_text():
    text = "import mvdemo.lazy; print(mvdemo.lazy.plain())"
    assert output("-c", text) == f"mvdep {VERSION}\n"


def check_subprocess_metadata():
    text = "from importlib.metadata import version; print(version('mvdemo'), version('mvdep'))"
    assert output("-c", text) == f"{VERSION} {VERSION}\n"


def check_grandchild():
    inner = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'mvdemo'], check=True)"
    assert output("-c", inner) == f"mvdemo {VERSION}, mvdep {VERSION}, {VERSION}\n"
