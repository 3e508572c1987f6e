"""Threads and asyncio: lazy imports at once."""

import asyncio
import contextvars
import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import mvdemo.jobs
import mvdemo.lazy
from expected import VERSION

THREADS, IMPORTS = 6, 200
LAZY = [
    mvdemo.lazy.plain,
    mvdemo.lazy.submodule,
    mvdemo.lazy.submodule_under_another_name,
    mvdemo.lazy.name_of_submodule,
    mvdemo.lazy.submodule_by_from,
    mvdemo.lazy.by_import_module,
    mvdemo.lazy.by_builtin,
    mvdemo.lazy.by_exec,
    mvdemo.lazy.of_itself,
    mvdemo.lazy.of_itself_relative,
    mvdemo.lazy.own_submodule,
    mvdemo.lazy.own_submodule_by_import_module,
]
REPORT = f"mvdemo {VERSION}", f"mvdep {VERSION}", f"mvdep.sub {VERSION}", f"mvdemo.unhurried {VERSION}"


def at_once(work):
    """Run a function in six threads that begin together, switched often; return what they return, and what they raise."""
    barrier, found = threading.Barrier(THREADS), []

    def begin(number):
        barrier.wait()
        try:
            found.append(work(number))
        except BaseException as error:  # noqa: BLE001 it is what is looked for
            found.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=begin, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    finally:
        sys.setswitchinterval(before)
    assert len(found) == THREADS
    return found


def check_lazy_imports_in_threads():
    def work(number):
        chooser = random.Random(number)
        return {chooser.choice(LAZY)().rpartition(" ")[2] for _ in range(IMPORTS)}

    assert at_once(work) == [{VERSION}] * THREADS


def check_lazy_imports_in_threads_of_what_is_dropped():
    def work(number):
        chooser, found = random.Random(number), set()
        for _ in range(IMPORTS):
            sys.modules.pop("mvdep.late", None)
            found.add(chooser.choice(LAZY)().rpartition(" ")[2])
        return found

    assert at_once(work) == [{VERSION}] * THREADS


def check_metadata_in_threads():
    assert sorted(at_once(mvdemo.jobs.metadata_report)) == [(one, VERSION, VERSION) for one in range(THREADS)]


def check_thread_pool():
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(mvdemo.jobs.report, range(5))) == [(one, *REPORT) for one in range(5)]


def check_tasks():
    async def all_of_them():
        return await asyncio.gather(*map(mvdemo.jobs.report_later, range(20)))

    wanted = [(one, *REPORT, f"mvdep.deep.deeper {VERSION}") for one in range(20)]
    assert asyncio.run(all_of_them()) == wanted


def check_to_thread():
    async def all_of_them():
        return await asyncio.gather(*(asyncio.to_thread(mvdemo.jobs.report, one) for one in range(10)))

    assert asyncio.run(all_of_them()) == [(one, *REPORT) for one in range(10)]


def check_loop_in_another_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(mvdemo.jobs.report_later(0))))
    thread.start()
    thread.join(30)
    assert found == [(0, *REPORT, f"mvdep.deep.deeper {VERSION}")]


def check_context():
    assert contextvars.copy_context().run(mvdemo.jobs.report, 1) == (1, *REPORT)
