"""The beginning of a process that runs from a project, where no kept plan does for it."""

from __future__ import annotations

import os
import sys

from versioned_import.metadata.places import number_of
from versioned_import.projects import kept
from versioned_import.projects.in_force import running
from versioned_import.projects.kept import Plan
from versioned_import.projects.options import from_environment, options_for, split_names
from versioned_import.projects.start import put_in_force

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def begin(told: Sequence[str] | None) -> None:
    """Begin a process that runs from a project, where no kept plan does for it; `told` is what its parent told."""
    from versioned_import.errors import LockError

    try:
        put_in_force(inherited(told) if told is not None else _asked_for())
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


def inherited(told: Sequence[str]) -> Plan:
    """Return the plan of the parent process, made anew where its lock is unchanged."""
    stamp, lock, _, groups, extras, no_default_groups = told
    if kept.stamp_text(lock) == stamp:
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
    put_in_force(empty, telling=False)
