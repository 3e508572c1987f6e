"""The program that the runner runs, in a worker process: its file is run once more there, with the syntax known."""

from __future__ import annotations

import sys
from importlib.util import spec_from_file_location

from versioned_import.runtime.program import hook_tree, serve_selected, told
from versioned_import.syntax.loader import VersionedLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

MAIN = "versioned_import_main"
"""The name under which a worker process finds the program's file, so that it is compiled as the runner does."""


def go_on(directory: str, file: str) -> None:
    """Know in a worker process the syntax of the program that the parent runs."""
    if directory and told != [(directory, file)]:
        serve_selected()
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
