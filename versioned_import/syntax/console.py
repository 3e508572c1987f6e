"""An interactive session that knows version clauses: with the editing of Python's new REPL where it has one (spec 2.2)."""

from __future__ import annotations

import code
import os
import sys

from versioned_import.syntax.loader import compile_source
from versioned_import.syntax.own_frames import drop_own_frames
from versioned_import.syntax.typed import ClauseCompiler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HELP = 'Type "help", "copyright", "credits" or "license" for more information.'


class Console(code.InteractiveConsole):
    """Python's own console, line by line, with a compiler that knows clauses."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        super().__init__(namespace)
        self.compile = ClauseCompiler()

    def showtraceback(self) -> None:
        """Show the error that was raised; one of ours ends at the statement."""
        drop_own_frames(sys.exception())
        super().showtraceback()


def interact(namespace: dict[str, Any], *, after_program: bool = False) -> int:
    """Hold the session, prepared as Python prepares its own; return the exit status. SystemExit passes through.

    After a program there is no banner, and what PYTHONSTARTUP names is not run: so it is with `python -i FILE`.
    """
    console = Console(namespace)
    if not after_program:
        if not sys.flags.quiet:
            console.write(f"Python {sys.version} with versioned imports on {sys.platform}\n{_HELP}\n")
        _run_startup_file(console)
    _prepare_line_editing(namespace)
    if not _held_in_new_repl(console):
        console.interact(banner="", exitmsg="")
    return 0


def interact_instead(*, after_program: bool) -> None:
    """Let this session be the one that Python begins at the end, for `-i` or PYTHONINSPECT.

    What Python calls just before its own prompt holds the session, and ends the process with it.
    """
    prepared = getattr(sys, "__interactivehook__", None)

    def hold() -> None:
        if prepared is None:
            del sys.__interactivehook__
        else:
            sys.__interactivehook__ = prepared
        try:
            raise SystemExit(interact(vars(sys.modules["__main__"]), after_program=after_program))
        finally:
            sys.stderr = _WithoutOneMessage(sys.stderr)

    sys.__interactivehook__ = hold


class _WithoutOneMessage:
    """Stands for standard error while Python says of the SystemExit that the hook has failed."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def write(self, _: str) -> None:
        sys.stderr = self._real

    def flush(self) -> None:
        pass


def _run_startup_file(console: Console) -> None:
    """Run what PYTHONSTARTUP names in the session's namespace; if it fails, the session begins all the same."""
    path = "" if sys.flags.ignore_environment else os.environ.get("PYTHONSTARTUP", "")
    if not path:
        return
    sys.audit("cpython.run_startup", path)
    try:
        with open(path, "rb") as file:
            compiled, _ = compile_source(file.read(), path)
    except OSError as error:
        console.write(f"Could not open PYTHONSTARTUP\n{type(error).__name__}: {error}\n")
    except (SyntaxError, ValueError):
        console.showsyntaxerror()
    else:
        console.runcode(compiled)


def _prepare_line_editing(namespace: dict[str, Any]) -> None:
    """Do what `site` or the user's own hook does for Python's prompt: keys, history file, completion of names."""
    try:
        import readline
    except ImportError:
        return
    hook = getattr(sys, "__interactivehook__", None)
    if hook is None:
        return  # python -I and the like
    sys.audit("cpython.run_interactivehook", hook)
    hook()
    if "rlcompleter" in sys.modules:
        from rlcompleter import Completer

        if isinstance(getattr(readline.get_completer(), "__self__", None), Completer):
            readline.set_completer(Completer(namespace).complete)  # it may have kept the `__main__` before this one


def _held_in_new_repl(console: Console) -> bool:
    """Hold the session with the editing of Python 3.13 and later; False if that can't be had or gives up.

    All of it is Python's private part, so whatever fails there leaves the classic console to go on.
    """
    if sys.version_info < (3, 13) or (os.environ.get("PYTHON_BASIC_REPL") and not sys.flags.ignore_environment):
        return False
    try:
        from versioned_import.syntax.new_repl import hold

        hold(console.locals)
    except Exception as error:  # noqa: BLE001 the user's own errors never come here
        console.write(f"without multi-line editing, which is not to be had here ({type(error).__name__}: {error})\n")
        return False
    return True
