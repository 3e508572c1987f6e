"""Workers of multiprocessing that the environment doesn't tell of the project: they are handed it.

It does not if it is switched off (`-I`, `-E`), nor those of a fork server that was started before.
"""

from __future__ import annotations

import os
import sys

from versioned_import.projects.in_force import running
from versioned_import.projects.kept import TOLD
from versioned_import.runtime import workers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TAKE = """
try:
    from versioned_import.projects.workers import take_over
except ImportError:
    pass
else:
    take_over(*handed)
"""


class HandedProject:
    """What a worker process gets from its parent: unpickling it puts the parent's project in force."""

    def __init__(self, text: str, in_pool: bool) -> None:
        self.handed = text, in_pool

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, (_TAKE, {"handed": self.handed})


def serve_workers() -> None:
    """Let worker processes that are started from now on get the project of this one."""
    if sys.flags.ignore_environment:
        from versioned_import.projects.in_full import go_in_full

        go_in_full()  # the selection's own finder sees multiprocessing come
    if _handed not in workers.more:
        workers.more.append(_handed)
    workers.watch()


def _handed(name: str) -> HandedProject | None:
    text = os.environ.get(TOLD, "")
    return HandedProject(text, workers.is_in_pool(name)) if running.plan is not None and text else None


def take_over(text: str, in_pool: bool) -> None:
    """Run, in a worker process, from the project that its parent hands it. Ends it with a message if that can't be."""
    from versioned_import.errors import VersionedImportError

    if in_pool:
        workers.guard_pool()
    try:
        _run_from(text)
    except VersionedImportError as error:
        workers.end(error, in_pool)


def _run_from(text: str) -> None:
    """Raise LockError if that can't be, VersionConflictError if a module of another version is loaded already."""
    from versioned_import.projects import begin, kept, loaded_already
    from versioned_import.projects.activate import leave
    from versioned_import.projects.start import put_in_force

    os.environ[TOLD] = text
    told = kept.told_here()
    if told is None:
        return  # multiprocessing was told to start another Python
    stamp, lock, _, *wishes = told
    plan = running.plan
    if plan is not None and (plan.stamp, plan.lock, *plan.key[-3:]) == (stamp, lock, *wishes):
        return  # taken over at the start of this process
    plan = kept.inherited_plan(told) or begin.inherited(told)
    loaded_already.refuse_loaded(plan)
    if running.plan is not None:
        leave()
    put_in_force(plan)
