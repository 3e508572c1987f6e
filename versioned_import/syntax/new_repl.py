"""The session in the REPL of Python 3.13 and later: colours, and blocks that are edited as one (spec 2.2).

`_pyrepl` is private to Python. Whatever fails here, the import included, is for the caller to catch.
"""

from __future__ import annotations

import ast
import linecache
import sys

from _pyrepl import main  # type: ignore[import-not-found]
from _pyrepl.console import InteractiveColoredConsole  # type: ignore[import-not-found]
from _pyrepl.simple_interact import run_multiline_interactive_console  # type: ignore[import-not-found]

from versioned_import.syntax.own_frames import drop_own_frames
from versioned_import.syntax.typed import ClauseCompiler, parse_typed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def hold(namespace: dict[str, Any]) -> None:
    """Hold the session until the user ends it. Raises RuntimeError where the terminal lacks what the editing needs."""
    if not main.CAN_USE_PYREPL:
        raise RuntimeError(main.FAIL_REASON.removeprefix("warning: can't use pyrepl: "))
    sys.ps1 = getattr(sys, "ps1", ">>> ")
    sys.ps2 = getattr(sys, "ps2", "... ")
    run_multiline_interactive_console(EditedConsole(namespace))


class EditedConsole(InteractiveColoredConsole):  # type: ignore[misc]
    """What runs the texts that the editor hands over, each of one statement or several."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        super().__init__(namespace, filename="<stdin>")
        self.compile = ClauseCompiler()  # the editor asks it whether a text is complete

    def showtraceback(self) -> None:
        """Show the error that was raised; one of ours ends at the statement."""
        drop_own_frames(sys.exception())
        super().showtraceback()

    def runsource(self, source: str, filename: str = "<input>", symbol: str = "single") -> bool:
        """Run the statements one by one, the last as at a prompt: it shows its value. Nothing more is ever needed."""
        # For tracebacks. Up to 3.13 the caller does it too, in a way of its own.
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        compiler: Any = self.compile.compiler  # Python's, which remembers `from __future__ import`
        try:
            tree = parse_typed(source, filename)
            for statement in tree.body:
                if statement is tree.body[-1]:
                    compiled = compiler(ast.Interactive([statement]), filename, symbol)
                else:
                    compiled = compiler(ast.Module([statement], []), filename, "exec")
                if self.runcode(compiled) is getattr(self, "STATEMENT_FAILED", self):
                    break  # 3.13.0 has no such sign, and goes on
        except (OverflowError, SyntaxError, ValueError):
            self.showsyntaxerror(filename, source=source)
        return False
