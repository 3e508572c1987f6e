"""Putting a project in force in this process, and the selection's own finder in the place of the fast one."""

from __future__ import annotations

import os
import sys

from versioned_import.metadata.candidate import STARTERS, from_line
from versioned_import.metadata.places import number_of
from versioned_import.projects import kept, start
from versioned_import.projects.kept import Plan
from versioned_import.projects.options import Options, from_environment
from versioned_import.projects.start import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from versioned_import.metadata.candidate import Candidate


def begin(told: Sequence[str] | None) -> None:
    """Begin a process that runs from a project, where no kept plan does for it; `told` is what its parent told."""
    from versioned_import.errors import LockError

    try:
        start.put_in_force(_inherited(told) if told is not None else _asked_for())
    except LockError as error:
        refuse_all(str(error), told[1] if told is not None else os.environ.get(kept.ASKED_BY[0], ""))
    except Exception as error:  # noqa: BLE001 a start of Python never fails by us; neither does it go on with other versions
        refuse_all(f"{type(error).__name__}: {error}", told[1] if told is not None else "")


def _asked_for() -> Plan:
    from versioned_import.errors import LockError
    from versioned_import.projects.plan import plan_for

    options = from_environment()
    if options is None:
        raise LockError(kept.ASKED_BY[0], "it names no project", "")
    return plan_for(options, kept.key_of(*(os.environ.get(name, "") for name in kept.ASKED_BY)))


def _inherited(told: Sequence[str]) -> Plan:
    """Return the plan of the parent process, made anew where its lock is unchanged."""
    stamp, lock, _, groups, extras, no_default_groups = told
    if kept.stamp_text(lock) == stamp:
        from versioned_import.projects.options import options_for, split_names
        from versioned_import.projects.plan import plan_for

        return plan_for(
            options_for(lock, split_names(groups), split_names(extras), default_groups=not no_default_groups)
        )
    for plan in kept.told_plans(told):
        if all(map(os.path.exists, plan.unpacked()[1].values())):
            return plan
    from versioned_import.errors import LockError

    raise LockError(
        lock, "it has changed since the parent process of this one began to run from it", "Start that one again."
    )


def refuse_all(problem: str, lock: str) -> None:
    """Let this process import nothing that is installed, since nobody can tell what it should get; say why."""
    from versioned_import.projects.buckets import packed
    from versioned_import.projects.left_behind import left_behind

    kept.say(f"{problem}\n  so nothing but Python's own modules and the program's can be imported")
    try:
        dropped, sites, _ = left_behind()
        kept.name_in_full()
    except OSError:  # there is no current directory any more
        dropped = [entry for entry in sys.path if os.path.basename(entry) in ("site-packages", "dist-packages")]
        sites = dropped
    running.problem = problem
    empty = Plan((), lock, "", {}, packed({}), [], dropped, sites, {}, b"", number_of(b""))
    start.put_in_force(empty, telling=False)


def activate(options: Options, *, fresh: bool = False) -> None:
    """Run from a project from now on, in this process and its children.

    What is loaded already stays: raises VersionConflictError if it is of another version than the lock has. `fresh` says that
    no program has run yet, only start-up files: then it goes. Raises LockError if the lock can't be used, or something of it is
    not installed. After an error, everything is as before.
    """
    plan = kept.kept_plan(options.key())
    if plan is None:
        from versioned_import.projects.plan import plan_for

        plan = plan_for(options)
    if running.plan is not None and running.plan.parts() == plan.parts():
        return
    if fresh:
        start.forget_loaded(plan)
    else:
        from versioned_import.projects.loaded_already import refuse_loaded

        refuse_loaded(plan)
    in_full = running.full or _has_selection()
    leave()
    running.hosted = any(_loaded_in(plan.dropped))
    start.put_in_force(plan)
    if in_full:
        go_in_full()


def leave() -> None:
    """Run from no project any more; what is loaded stays."""
    if running.plan is None:
        return
    if running.path_before:
        added = [entry for entry in sys.path if entry not in running.path_before and entry not in running.plan.paths]
        sys.path[:] = [*added, *running.path_before]
        sys.meta_path += [
            one for one in running.finders_before if one not in sys.meta_path and one is not start.ProjectFinder
        ]
    sys.meta_path[:] = [one for one in sys.meta_path if one is not start.ProjectFinder]
    for place in running.plan.sites:
        sys.path_importer_cache.pop(place, None)
    os.environ.pop(kept.TOLD, None)
    start.run_nothing()
    if "versioned_import.runtime.state" in sys.modules:
        from versioned_import.runtime.state import state

        if state.project is not None:
            state.reset()


def _loaded_in(directories: Sequence[str]) -> Iterator[str]:
    """Yield the loaded top-level modules that stand in some directories, without those of ours."""
    places = tuple(os.path.join(directory, "") for directory in directories)
    for name, module in list(sys.modules.items()):
        file = str(start.file_of(module) or "")
        if not file.startswith(places):
            continue
        # `__main__` is our own runner, or a host such as that of a notebook.
        own = str(getattr(getattr(module, "__spec__", None), "name", name)) if name == "__main__" else name
        is_ours = own.startswith("versioned_import") or name in STARTERS
        if "." not in name and not is_ours and name not in sys.stdlib_module_names:
            yield name


def _has_selection() -> bool:
    if not {"versioned_import.runtime.state", "versioned_import.runtime.shortcut"} & sys.modules.keys():
        return False
    from versioned_import.runtime.state import state  # it takes over what was selected the short way

    return bool(state.selection)


def find_in_full(name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
    """Return the spec that the selection's own finder has for a name, and let that answer from now on."""
    from versioned_import.runtime.finder import SelectionFinder

    go_in_full()
    return SelectionFinder.find_spec(name, path, target)


def go_in_full() -> None:
    """Make the plan of this process its selection, which version clauses, namespace packages and the API look at."""
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
        running.full = True
        finder.install()
