"""Running a program the way `python FILE` does, with the syntax known (spec 2.2); other ways are in `run_otherwise.py`."""

from __future__ import annotations

import builtins
import os
import sys
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader, SourcelessFileLoader
from zipimport import ZipImportError, zipimporter  # Python has loaded it at its start

from versioned_import.cli.program_code import code_of
from versioned_import.metadata.places import full_path, real_path
from versioned_import.runtime.program import hook_tree, serve_selected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, ModuleType

COMPILED: dict[str, None] = {"__cached__": None} if sys.version_info < (3, 15) else {}
"""What Python sets beside the `__file__` of a script."""


def run_with_project(words: list[str]) -> int:
    """Run what a command line names from its lock, where there is one, and return the exit status."""
    from versioned_import.cli.own_lock import OptionError, errors_of_locks, take_options

    try:
        wishes, program = take_options(words)
        wishes.activate(program)
    except OptionError as error:
        print(f"versioned_import: {error}", file=sys.stderr)
        return 2
    except errors_of_locks() as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return run(program)


def run(words: list[str]) -> int:
    """Run what a command line names and return the exit status of a command line that can't be run."""
    serve_selected()
    if sys.flags.inspect and words and sys.stdin.isatty():
        from versioned_import.syntax.console import interact_instead

        interact_instead(after_program=True)
    if words and not words[0].startswith("-"):
        return run_file(words)
    from versioned_import.cli.run_otherwise import run_otherwise

    return run_otherwise(words)


def run_file(words: list[str]) -> int:
    """Run a source file, a compiled one, or the `__main__` of a directory or a zip file, as `python FILE` does."""
    path = words[0]
    sys.argv[:] = words
    place = path if os.path.isabs(path) else os.path.join(full_path(""), path)  # Python doesn't normalise it either
    archive = _archive_at(place)
    if archive is not None or os.path.isdir(place):
        from versioned_import.cli.run_otherwise import run_directory

        return run_directory(place, archive)
    try:
        with open(place, "rb") as file:
            data = file.read()
    except OSError as error:
        print(f"versioned_import: can't open file {place!r}: [Errno {error.errno}] {error.strerror}", file=sys.stderr)
        if path.isidentifier():
            print("no command has that name either: python -m versioned_import --help lists them", file=sys.stderr)
        return 2
    is_compiled = place.endswith(".pyc") or data.startswith(MAGIC_NUMBER[:2])  # as Python tells
    # Worker processes run a compiled file again without our help.
    hook_tree(set_first_path(os.path.dirname(real_path(place))), "" if is_compiled else place)
    main = new_main()
    vars(main).update(__file__=place, **COMPILED)
    main.__loader__ = (SourcelessFileLoader if is_compiled else SourceFileLoader)("__main__", place)

    def make() -> CodeType:
        if is_compiled:
            from versioned_import.cli.named_file import code_in

            return code_in(data)
        code, rewritten = code_of(data, place)
        if rewritten:
            from versioned_import.syntax.loader import VersionedLoader

            main.__loader__ = VersionedLoader("__main__", place)
        return code

    return run_code(make, main)


def _archive_at(place: str) -> zipimporter | None:
    """Return what finds modules in a zip file, or in a directory inside of one; None for everything else."""
    try:
        return zipimporter(place)
    except ZipImportError:
        return None


def run_code(make: Callable[[], CodeType], main: ModuleType) -> int:
    """Compile and run the program in its module; an exception leaves with the program's own part of the traceback."""
    try:
        code = make()
        exec(code, vars(main))  # noqa: S102 running the program is what was asked
    except BaseException as error:
        if not isinstance(error, SystemExit) or sys.flags.inspect:  # python -i shows that too
            from versioned_import.cli.show_error import show_as_python_would

            show_as_python_would(error)
        raise
    return 0


def new_main() -> ModuleType:
    """Return a new `__main__` in the place of ours, as empty as Python's own."""
    main = type(sys)("__main__")
    vars(main).update(__builtins__=builtins, __spec__=None, __package__=None, __annotations__={})
    sys.modules["__main__"] = main
    return main


def set_first_path(directory: str) -> str:
    """Put the program's directory where `python -m` put the current one, unless -P or -I forbids both."""
    if not sys.flags.safe_path:
        sys.path[0] = directory
    return directory
