"""When this process began, where nothing of ours ran at its start."""

from __future__ import annotations

import os
import time

_START_TIME = 19
"""Which word it is behind the command's name in /proc/self/stat; it counts ticks since the system was booted."""


def process_began() -> int:
    """Return when this process began, in nanoseconds since the epoch, or 0 where no file of the system says it (Linux does).

    It is too early by a tick of the clock at most, never too late: whatever was imported was imported after it.
    """
    try:
        with open("/proc/self/stat", "rb") as file:
            ticks = int(file.read().rpartition(b")")[2].split()[_START_TIME])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return 0
    return time.time_ns() - int(age * 1_000_000_000)
