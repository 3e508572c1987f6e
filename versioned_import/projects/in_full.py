"""The selection's own finder in the place of the project's fast one: for clauses, namespace packages, the API."""

from __future__ import annotations

import os
import sys

from versioned_import.projects.in_force import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from versioned_import.metadata.candidate import Candidate


def find_in_full(name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
    """Return the spec that the selection's own finder has for a name, and let that answer from now on."""
    from versioned_import.runtime.finder import SelectionFinder

    go_in_full()
    return SelectionFinder.find_spec(name, path, target)


def go_in_full() -> None:
    """Make the plan of this process its selection, which version clauses, namespace packages and the API look at."""
    from versioned_import.metadata.candidate import from_line
    from versioned_import.projects.locked import LockedProject
    from versioned_import.runtime import finder
    from versioned_import.runtime.state import state

    plan = running.plan
    with state.lock:
        if plan is None or state.project is not None:
            return
        lines, _, places = plan.unpacked()
        candidates = [from_line(site, line) for site, line in lines]
        chosen: dict[str, Candidate] = {str(one.distribution): one for one in candidates}
        state.project = LockedProject(plan.lock, places, running.problem)
        state.replace(chosen, [])  # type: ignore[arg-type]
        # In this order: another thread must at each moment find what is locked through one of the two.
        finder.install()
        running.full = True


def serve_workers() -> None:
    """Let multiprocessing's workers be handed the project where the environment doesn't tell them of it.

    It does not if it is switched off, nor those of a fork server that was started before.
    """
    from versioned_import.runtime import workers

    if sys.flags.ignore_environment:
        go_in_full()  # the selection's own finder sees multiprocessing come
    workers.watch()


def take_over(text: str) -> None:
    """Run from the project that the parent process runs from, in a worker that it has handed this text.

    Raises LockError if that can't be, VersionConflictError if a module of another version is loaded already.
    """
    from versioned_import.projects import begin, kept, loaded_already
    from versioned_import.projects.activate import leave
    from versioned_import.projects.start import put_in_force

    os.environ[kept.TOLD] = text
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
