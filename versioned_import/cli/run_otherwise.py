"""Running a program that is no file: `-m`, `-c`, `-`, a session, a directory, a zip file; with the syntax known (spec 2.2)."""

from __future__ import annotations

import sys

from versioned_import.cli.run import COMPILED, new_main, run, run_code, set_first_path
from versioned_import.metadata.places import full_path
from versioned_import.runtime.program import hook_tree
from versioned_import.syntax.loader import compile_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType, TracebackType
    from zipimport import zipimporter


def run_otherwise(words: list[str]) -> int:
    """Run what a command line names that begins with no file, and return its exit status; 2 for what can't be run."""
    if not words:
        return run_session()
    first, *others = words
    if first == "-m" and others:
        return run_module(others)
    if first == "-c" and others:
        sys.argv[:] = ["-c", *others[1:]]
        hook_tree(set_first_path(""))
        return run_text(others[0].encode, "<string>", new_main())
    if first == "-":
        sys.argv[:] = ["-", *others]
        hook_tree(set_first_path(""))
        main = new_main()
        vars(main).update(__file__="<stdin>", **COMPILED)
        return run_text(sys.stdin.buffer.read, "<stdin>", main)
    print(f"versioned_import: {_unknown_option(first)}", file=sys.stderr)
    return 2


def run_text(read: Callable[[], bytes], name: str, main: ModuleType) -> int:
    """Run a source text that stands in no file; tracebacks give it a name such as `<stdin>`."""
    return run_code(lambda: compile_source(read(), name)[0], main)


def run_directory(place: str, archive: zipimporter | None) -> int:
    """Run the `__main__` of a directory or a zip file; modules inside a zip file are Python's own zipimport's."""
    from versioned_import.cli import named_file

    if sys.flags.safe_path:
        sys.path.insert(0, place)  # what is named on the command line is there all the same
    hook_tree(set_first_path(place))
    found = named_file.main_of_directory(place) if archive is None else named_file.main_of_archive(place, archive)
    if found is None:
        print(f"{sys.executable}: can't find '__main__' module in {place!r}", file=sys.stderr)
        return 1
    spec, make = found
    main = new_main()
    vars(main).update(__file__=spec.origin, __package__="", __spec__=spec, __loader__=spec.loader)
    if COMPILED:
        vars(main).update(__cached__=spec.cached)
    return run_code(make, main)


def run_module(words: list[str]) -> int:
    """Run a module as `python -m` does; the module and its program's tree are rewritten."""
    import runpy

    here = full_path("")
    hook_tree(set_first_path(here))
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


def run_session() -> int:
    """Talk to a person; with standard input from elsewhere, run what it says."""
    if not sys.stdin.isatty():
        return run(["-"])
    from versioned_import.syntax.console import interact, interact_instead

    sys.argv[:] = [""]
    hook_tree(set_first_path(""))
    main = new_main()
    if sys.flags.inspect:
        interact_instead(after_program=False)
        return 0
    return interact(vars(main))


def _raised_by_runpy(traceback: TracebackType) -> bool:
    """Tell whether the module was never found, rather than run and failed."""
    last = traceback
    while last.tb_next is not None:
        last = last.tb_next
    return last.tb_frame.f_globals.get("__name__") == "runpy"


def _unknown_option(option: str) -> str:
    if option.startswith("--"):
        return f"unknown option {option}; python -m versioned_import --help lists those that there are"
    return f"unknown option {option}; options of Python stand in front: python {option} -m versioned_import ..."
