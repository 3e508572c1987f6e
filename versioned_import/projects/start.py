"""The fast way into a project: a kept plan, read in one go, is put in force (docs/projects.md).

This runs at the start of Python, so it and what it imports import little.
"""

import os
import sys

from versioned_import.projects.finder import ProjectFinder, leave_no_frame, refuse
from versioned_import.projects.in_force import running
from versioned_import.projects.kept import (
    ASKED_BY,
    TOLD,
    inherited_plan,
    is_exempt,
    kept_plan,
    key_of,
    say,
    tell,
    told_here,
)
from versioned_import.projects.search_path import is_site_running, leave_site_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from versioned_import.projects.kept import Plan


def begin() -> None:
    """Run from the project that the environment names, or the parent process; a start of Python never fails by it."""
    try:
        plan = plan_at_start()
    except Exception as error:  # noqa: BLE001 whatever it is, this process must not go on with other versions
        from versioned_import.projects.begin import refuse_all

        refuse_all(f"{type(error).__name__}: {error}", os.environ.get(ASKED_BY[0], ""))
        return
    if plan is not None:
        put_in_force(plan)


def plan_at_start() -> "Plan | None":
    """Return the plan that this process has to run from; None if there is none, or if it is in force already."""
    if is_exempt(sys.orig_argv):
        if TOLD not in os.environ:
            return None
        from versioned_import.projects.subinterpreter import is_subinterpreter

        if not is_subinterpreter():  # the command line was meant for the first interpreter of the process
            return None
    told = told_here()
    if told is not None and (sys.flags.ignore_environment or sys.flags.no_site):
        from versioned_import.runtime.children import multiprocessing_helper

        if multiprocessing_helper(sys.orig_argv):
            return None  # multiprocessing hands the project over by itself
        switch = "-I" if sys.flags.isolated else "-E" if sys.flags.ignore_environment else "-S"
        say(f"this Python was started with {switch}, so it does not run from {told[1]}; it runs plain")
        return None
    asked = [os.environ.get(name, "") for name in ASKED_BY]
    if told is None and (sys.flags.ignore_environment or sys.flags.no_site or not asked[0]):
        return None
    plan = kept_plan(key_of(*asked)) if told is None else inherited_plan(told)
    if plan is None:
        from versioned_import.projects.begin import begin

        begin(told)
    return plan


def put_in_force(plan: "Plan", *, telling: bool = True) -> None:
    """Serve what a plan has, and nothing else that is installed."""
    running.plan = plan
    ProjectFinder.shared = plan.packed[1]
    if telling:
        tell(plan)
    place_finder()
    if sys.flags.no_site or not is_site_running():
        leave_site_directories()
    if telling and (sys.flags.ignore_environment or "multiprocessing.spawn" in sys.modules):
        from versioned_import.projects.workers import serve_workers

        serve_workers()


def place_finder() -> None:
    """Put the finder in front of the one that searches paths."""
    from _frozen_importlib_external import PathFinder

    finders = [one for one in sys.meta_path if one is not ProjectFinder]
    finders.insert(finders.index(PathFinder) if PathFinder in finders else 0, ProjectFinder)
    sys.meta_path[:] = finders
    startup = sys.modules["versioned_import_startup"]
    functions = startup.FallbackFinder.find_spec.__func__, startup.outside_import_lock, ProjectFinder.find_spec, refuse
    leave_no_frame(*functions)
