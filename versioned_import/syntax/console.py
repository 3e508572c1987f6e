"""An interactive session that knows version clauses."""

from __future__ import annotations

import code
import sys

from versioned_import.syntax.clauses import MAPPING_NAME, find_clauses
from versioned_import.syntax.mapping import check_mappings
from versioned_import.syntax.problems import explain
from versioned_import.syntax.rewrite import rewrite_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Console(code.InteractiveConsole):
    """Python's own console, which rewrites what was typed before it compiles it."""

    def runsource(self, source: str, filename: str = "<input>", symbol: str = "single") -> bool:
        """Run what was typed so far; return whether more is needed. Called for each line by the base class."""
        if MAPPING_NAME in source:
            try:
                check_mappings(source, find_clauses(source), filename)
            except SyntaxError as error:
                self._show(error)
                return False
        rewritten = rewrite_text(source)
        if rewritten == source:
            try:
                self.compile(source, filename, symbol)
            except SyntaxError as error:
                if explain(error, source, filename) is not error:
                    self._show(explain(error, source, filename))
                    return False
            except (OverflowError, ValueError):
                pass
        return super().runsource(rewritten, filename, symbol)

    def _show(self, error: SyntaxError) -> None:
        import traceback

        self.write("".join(traceback.format_exception_only(error)))


def interact(namespace: dict[str, Any]) -> int:
    """Hold the session; return the exit status."""
    try:
        import readline  # noqa: F401 its import gives input() line editing
    except ImportError:
        pass
    console = Console(namespace)
    console.interact(banner=f"Python {sys.version} with versioned imports on {sys.platform}", exitmsg="")
    return 0
