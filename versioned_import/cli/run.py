"""Running a program the way `python FILE`, `-m`, `-c`, `-` and the interactive session do, with the syntax known (spec 2.2)."""

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
    from types import CodeType, ModuleType, TracebackType

# What Python sets beside the __file__ of a script.
_COMPILED: dict[str, None] = {"__cached__": None} if sys.version_info < (3, 15) else {}


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
    if not words:
        return run_session()
    if sys.flags.inspect and sys.stdin.isatty():
        from versioned_import.syntax.console import interact_instead

        interact_instead(after_program=True)
    first, *others = words
    if first == "-m" and others:
        return run_module(others)
    if first == "-c" and others:
        sys.argv[:] = ["-c", *others[1:]]
        hook_tree(_set_first_path(""))
        return run_text(others[0].encode, "<string>", new_main())
    if first == "-":
        sys.argv[:] = ["-", *others]
        hook_tree(_set_first_path(""))
        main = new_main()
        vars(main).update(__file__="<stdin>", **_COMPILED)
        return run_text(sys.stdin.buffer.read, "<stdin>", main)
    if first.startswith("-"):
        print(f"versioned_import: {_unknown_option(first)}", file=sys.stderr)
        return 2
    return run_file(words)


def run_file(words: list[str]) -> int:
    """Run a source file, a compiled one, or the `__main__` of a directory or a zip file, as `python FILE` does."""
    path = words[0]
    sys.argv[:] = words
    place = path if os.path.isabs(path) else os.path.join(full_path(""), path)  # Python doesn't normalise it either
    archive = _archive_at(place)
    if archive is not None or os.path.isdir(place):
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
    hook_tree(_set_first_path(os.path.dirname(real_path(place))), "" if is_compiled else place)
    main = new_main()
    vars(main).update(__file__=place, **_COMPILED)
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


def run_directory(place: str, archive: zipimporter | None) -> int:
    """Run the `__main__` of a directory or a zip file; modules inside a zip file are Python's own zipimport's."""
    from versioned_import.cli import named_file

    if sys.flags.safe_path:
        sys.path.insert(0, place)  # what is named on the command line is there all the same
    hook_tree(_set_first_path(place))
    found = named_file.main_of_directory(place) if archive is None else named_file.main_of_archive(place, archive)
    if found is None:
        print(f"{sys.executable}: can't find '__main__' module in {place!r}", file=sys.stderr)
        return 1
    spec, make = found
    main = new_main()
    vars(main).update(__file__=spec.origin, __package__="", __spec__=spec, __loader__=spec.loader)
    if _COMPILED:
        vars(main).update(__cached__=spec.cached)
    return run_code(make, main)


def run_module(words: list[str]) -> int:
    """Run a module as `python -m` does; the module and its program's tree are rewritten."""
    import runpy

    here = full_path("")
    hook_tree(_set_first_path(here))
    if not here and not sys.flags.safe_path:
        del sys.path[0]  # the current directory was deleted: Python has nothing to put there
    sys.argv[:] = words
    left = vars(new_main()) if sys.flags.inspect else {}  # what a session goes on with
    try:
        left.update(runpy.run_module(words[0], run_name="__main__", alter_sys=True))
    except ImportError as error:
        if error.__traceback__ is not None and _raised_by_runpy(error.__traceback__):
            print(f"{sys.executable}: {error}", file=sys.stderr)
            return 1
        raise
    return 0


def run_text(read: Callable[[], bytes], name: str, main: ModuleType) -> int:
    """Run a source text that stands in no file; tracebacks give it a name such as `<stdin>`."""

    def make() -> CodeType:
        from versioned_import.syntax.loader import compile_source

        return compile_source(read(), name)[0]

    return run_code(make, main)


def run_session() -> int:
    """Talk to a person; with standard input from elsewhere, run what it says."""
    if not sys.stdin.isatty():
        return run(["-"])
    from versioned_import.syntax.console import interact, interact_instead

    sys.argv[:] = [""]
    hook_tree(_set_first_path(""))
    main = new_main()
    if sys.flags.inspect:
        interact_instead(after_program=False)
        return 0
    return interact(vars(main))


def run_code(make: Callable[[], CodeType], main: ModuleType) -> int:
    """Compile and run the program in its module; an exception leaves with the program's own part of the traceback."""
    try:
        code = make()
        exec(code, vars(main))  # noqa: S102 running the program is what was asked
    except BaseException as error:
        if not isinstance(error, SystemExit) or sys.flags.inspect:  # python -i shows that too
            show_as_python_would(error)
        raise
    return 0


def show_as_python_would(error: BaseException) -> None:
    """Let the error be printed without our frames; Python still ends the process as that error does (status, signal)."""
    shown = sys.excepthook
    own = error.__traceback__
    own = own.tb_next if own is not None else None
    if own is not None and own.tb_frame.f_globals is globals():
        own = None  # the program didn't compile, or could not be read: there is no frame of its own

    def hook(kind: type[BaseException], value: BaseException, _: TracebackType | None) -> None:
        sys.excepthook = shown
        if value is error:
            from versioned_import.syntax.own_frames import drop_own_frames

            value.__traceback__ = own
            drop_own_frames(value)
            shown(kind, value, own)
        else:
            shown(kind, value, value.__traceback__)

    sys.excepthook = hook


def new_main() -> ModuleType:
    """Return a new `__main__` in the place of ours, as empty as Python's own."""
    main = type(sys)("__main__")
    vars(main).update(__builtins__=builtins, __spec__=None, __package__=None, __annotations__={})
    sys.modules["__main__"] = main
    return main


def _set_first_path(directory: str) -> str:
    """Put the program's directory where `python -m` put the current one, unless -P or -I forbids both."""
    if not sys.flags.safe_path:
        sys.path[0] = directory
    return directory


def _raised_by_runpy(traceback: TracebackType) -> bool:
    """Tell whether the module was never found, rather than run and failed."""
    last = traceback
    while last.tb_next is not None:
        last = last.tb_next
    return last.tb_frame.f_globals.get("__name__") == "runpy"


def _unknown_option(option: str) -> str:
    return f"unknown option {option}; options of Python stand in front: python {option} -m versioned_import ..."
