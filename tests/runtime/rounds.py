"""For programs in a child process that race threads: the same again and again, each time as if nothing had been imported.

If threads wait for each other for ever, the process ends with the stacks of all of them.
"""

import faulthandler
import sys
import threading

from versioned_import.runtime.state import state

faulthandler.dump_traceback_later(50, exit=True)
sys.setswitchinterval(1e-5)


def rounds(number, drop, *works, check):
    """Run each function in a thread of its own, all let go together; hand the list of what they got to `check`.

    Do so a number of times. `drop` are the top-level names that are forgotten before; what a function raises is what it got.
    """
    for _ in range(number):
        state.reset()
        for name in list(sys.modules):
            if name.partition(".")[0] in drop or name.startswith("_versioned_"):
                del sys.modules[name]
        check(at_once(*works))


def at_once(*works):
    barrier = threading.Barrier(len(works))
    results = [None] * len(works)

    def begin(number, work):
        barrier.wait()
        try:
            results[number] = work()
        except BaseException as error:  # noqa: BLE001 it is what the thread got
            results[number] = error

    threads = [threading.Thread(target=begin, args=pair, daemon=True) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
