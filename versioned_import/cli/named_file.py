"""What a file holds that a command line names: source or code, or a directory or zip file with a `__main__` in it."""

from __future__ import annotations

import os
from importlib.machinery import PathFinder, SourceFileLoader, SourcelessFileLoader
from importlib.util import MAGIC_NUMBER, spec_from_file_location

from versioned_import.syntax.loader import VersionedLoader, compile_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import CodeType
    from zipimport import zipimporter

    Main = tuple[ModuleSpec, Callable[[], CodeType]]


def code_in(data: bytes) -> CodeType:
    """Return the code that a compiled file holds. Raises RuntimeError, in Python's words, if it is not for this Python."""
    import marshal

    if not data.startswith(MAGIC_NUMBER):
        raise RuntimeError("Bad magic number in .pyc file")
    try:
        code: CodeType | None = marshal.loads(data[16:])  # noqa: S302 running it is what was asked
    except (EOFError, TypeError, ValueError):
        code = None
    if type(code) is not type(code_in.__code__):
        raise RuntimeError("Bad code object in .pyc file")
    return code


def main_of_directory(place: str) -> Main | None:
    """Return the spec of a directory's `__main__`, and what makes its code; None if it has none."""
    spec = PathFinder.find_spec("__main__", [place])
    if spec is None or spec.submodule_search_locations is not None:
        return None
    loader = spec.loader
    if isinstance(loader, SourceFileLoader):
        spec.loader = VersionedLoader("__main__", loader.path)
        return spec, lambda: compile_source(loader.get_data(loader.path), loader.path)[0]
    if isinstance(loader, SourcelessFileLoader):
        return spec, lambda: code_in(loader.get_data(loader.path))
    return None


def main_of_archive(place: str, archive: zipimporter) -> Main | None:
    """Do the same for a zip file. Python's own way to a spec would compile the source, which may have clauses."""
    for ending, make in ((".py", _code_of_source), (".pyc", _code_of_compiled)):
        path = os.path.join(place, f"__main__{ending}")
        try:
            data = archive.get_data(path)
        except OSError:
            continue
        spec = spec_from_file_location("__main__", path, loader=archive, submodule_search_locations=None)
        return (spec, lambda: make(data, path)) if spec is not None else None  # noqa: B023 the loop ends here
    return None


def _code_of_source(data: bytes, path: str) -> CodeType:
    return compile_source(data, path)[0]


def _code_of_compiled(data: bytes, _: str) -> CodeType:
    return code_in(data)
