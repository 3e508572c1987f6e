"""The program that the runner runs: its own modules are rewritten, in its worker processes too (spec 2.2)."""

from __future__ import annotations

import os
import sys
from importlib.util import spec_from_file_location

from versioned_import.metadata.places import full_path
from versioned_import.runtime import finder
from versioned_import.runtime.state import state
from versioned_import.syntax.loader import HookFinder, VersionedLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

MAIN = "versioned_import_main"
"""The name under which a worker process finds the program's file, so that it is compiled as the runner does."""


def hook_tree(directory: str, file: str = "") -> None:
    """Rewrite the modules of the program's own tree: those below `directory` that no installer put there.

    `file` is the program's file, which multiprocessing runs once more in worker processes; "" where there is none.
    """
    top = full_path(directory)  # "" where that is the current directory, and deleted
    state.program = top, file
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
        return

    def is_own(origin: str) -> bool:
        place = full_path(origin)
        below = place.removeprefix(top + os.sep)
        return below != place and not {"site-packages", "dist-packages"} & set(below.split(os.sep))

    sys.meta_path.insert(0, HookFinder(lambda name: name.partition(".")[0] in names, is_own, finder.find_selected))


def go_on(directory: str, file: str) -> None:
    """Know in a worker process the syntax of the program that the parent runs."""
    if directory and state.program != (directory, file):
        finder.install()
        hook_tree(directory, file)
        if file:
            sys.meta_path.insert(0, MainFinder(file))


class MainFinder:
    """Finds the program's file under the name `MAIN`."""

    def __init__(self, file: str) -> None:
        self.file = file

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of the program's file, or None for every other name."""
        if fullname != MAIN:
            return None
        # It is no package, not even if it is called __init__.py.
        loader = MainLoader(fullname, self.file)
        return spec_from_file_location(fullname, self.file, loader=loader, submodule_search_locations=None)

    def invalidate_caches(self) -> None:
        """Do nothing: there is no cache."""


class MainLoader(VersionedLoader):
    """Compiles a program's file as the runner does, but afresh each time, since Python keeps no .pyc of a script."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the program's file. Raises OSError, SyntaxError."""
        return self.source_to_code(self.get_data(self.path), self.path)
