"""Putting a project in force in this process."""

from __future__ import annotations

import os
import sys

from versioned_import.projects import kept
from versioned_import.projects.finder import ProjectFinder
from versioned_import.projects.in_force import run_nothing, running
from versioned_import.projects.search_path import forget_loaded, loaded_in
from versioned_import.projects.start import put_in_force

TYPE_CHECKING = False
if TYPE_CHECKING:
    from versioned_import.projects.options import Options


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
        hosted = forget_loaded(plan)
    else:
        from versioned_import.projects.loaded_already import refuse_loaded

        refuse_loaded(plan)
        hosted = any(map(_is_hosts, loaded_in(plan.dropped, with_spaces=False)))
    in_full = running.full or _answers_statements()
    leave()
    running.hosted = hosted
    put_in_force(plan)
    if in_full:
        from versioned_import.projects.in_full import go_in_full

        go_in_full()


def leave() -> None:
    """Run from no project any more; what is loaded stays."""
    if running.plan is None:
        return
    if running.path_before:
        added = [entry for entry in sys.path if entry not in running.path_before and entry not in running.plan.paths]
        sys.path[:] = [*added, *running.path_before]
        sys.meta_path += [
            one for one in running.finders_before if one not in sys.meta_path and one is not ProjectFinder
        ]
    sys.meta_path[:] = [one for one in sys.meta_path if one is not ProjectFinder]
    for place in running.plan.sites:
        sys.path_importer_cache.pop(place, None)
    os.environ.pop(kept.TOLD, None)
    run_nothing()
    if "versioned_import.runtime.state" in sys.modules:
        from versioned_import.runtime.state import state

        if state.project is not None:
            state.reset()


def _is_hosts(loaded: tuple[str, str]) -> bool:
    """Tell whether a loaded module, which an environment has, is none of ours: a host's, such as the kernel of a notebook."""
    name = loaded[0]
    spec = getattr(sys.modules.get(name), "__spec__", None) if name == "__main__" else None
    own = str(getattr(spec, "name", name))
    is_ours = own.startswith("versioned_import") or name == "_distutils_hack"
    return "." not in name and not is_ours and name not in sys.stdlib_module_names


def _answers_statements() -> bool:
    """Tell whether a finder stands in front of the project's that would answer a clause without the lock, or has."""
    own = {"versioned_import.runtime.finder", "versioned_import.runtime.shortcut"}
    if any(getattr(one, "__module__", "") in own for one in sys.meta_path):
        return True
    state = getattr(sys.modules.get("versioned_import.runtime.state"), "state", None)
    return state is not None and bool(state.selection)
