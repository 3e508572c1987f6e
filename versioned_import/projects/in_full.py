"""The selection's own finder in the place of the project's fast one: for clauses, namespace packages, the API."""

from __future__ import annotations

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
