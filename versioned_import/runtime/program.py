"""The program that the runner runs: its own modules are rewritten, in its worker processes too (spec 2.2).

Each start by the runner loads this, so it imports little.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import PathFinder  # its public name would cost the import of importlib

from versioned_import.metadata.places import full_path
from versioned_import.syntax.hook import HookFinder
from versioned_import_startup import outside_import_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

told: list[tuple[str, str]] = []
"""The directory of the program's tree, and its file or "", once it is known: its worker processes need the syntax too."""


def hook_tree(directory: str, file: str = "") -> None:
    """Rewrite the modules of the program's own tree: those below `directory` that no installer put there.

    `file` is the program's file, which multiprocessing runs once more in worker processes; "" where there is none.
    """
    top = full_path(directory)  # "" where that is the current directory, and deleted
    told[:] = [(top, file)]
    if "multiprocessing.spawn" in sys.modules:
        from versioned_import.runtime import workers

        workers.watch()
    try:
        # In a clone of this project, what compiles must not wait for itself.
        names = {entry.partition(".")[0] for entry in os.listdir(top)} - {
            "versioned_import",
            "versioned_import_startup",
        }
    except OSError:  # deleted, or a zip file
        names = set()

    def is_own(origin: str) -> bool:
        place = full_path(origin)
        below = place.removeprefix(top + os.sep)
        return below != place and not {"site-packages", "dist-packages"} & set(below.split(os.sep))

    def find(name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        if name.startswith("multiprocessing.popen_"):
            outside_import_lock(_watch_workers, name)
        return _found(name, path, target) if name.partition(".")[0] in names else None

    wanted = {*names, "multiprocessing"}
    sys.meta_path.insert(0, HookFinder(lambda name: name.partition(".")[0] in wanted, is_own, find))


def serve_selected() -> None:
    """Let the selection's own finder answer, unless the project's does, which brings that one when it is needed."""
    if _project() is None:
        running = sys.modules.get("versioned_import.running")
        if running is not None:
            running.load_clauses()
        from versioned_import.runtime import finder

        finder.install()


def _project() -> Any:
    """Return what `projects.in_force` says of the project that this process runs from; None if there is none."""
    running = getattr(sys.modules.get("versioned_import.projects.in_force"), "running", None)
    return running if getattr(running, "plan", None) is not None else None


def _watch_workers(name: str) -> None:
    from versioned_import.runtime import workers

    workers.watch(importing=name)


def _found(name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
    """Return the spec of a module as whoever serves what is installed has it, else as the path finder has it."""
    project = _project()
    if project is not None and not project.full:
        project_finder: Any = sys.modules["versioned_import.projects.finder"]
        spec: ModuleSpec | None = project_finder.ProjectFinder.find_spec(name, path, target)
        return spec if spec is not None else PathFinder.find_spec(name, path, target)
    # Another thread may be loading it.
    find = getattr(sys.modules.get("versioned_import.runtime.finder"), "find_selected", PathFinder.find_spec)
    found: ModuleSpec | None = find(name, path, target)
    return found
