"""What pycodestyle and flake8 say of the blanks that stand for a clause: left out of their output, line by line."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from versioned_import.syntax.positions import Positions

if TYPE_CHECKING:
    from versioned_import.plain_tools.source import Source

_MESSAGE = re.compile(r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<rule>[A-Z]+\d+)")
_ABOUT_BLANKS = re.compile(r"E2\d\d|W291")


class BlankRules:
    """Drops the messages about a blank of a mask, and knows whether any other was there."""

    def __init__(self, tool: str, sources: dict[str, Source], directory: str) -> None:
        self.on = tool in ("flake8", "pycodestyle")
        self.sources = sources
        self.directory = directory
        self.dropped = self.kept = 0

    def filtered(self, line: str) -> str:
        """Return a line of output, or "" if it is a message about the blanks."""
        found = _MESSAGE.match(line) if self.on else None
        if found is None:
            return line
        if _ABOUT_BLANKS.fullmatch(found["rule"]) and self._is_clause(found):
            self.dropped += 1
            return ""
        self.kept += 1
        return line

    def _is_clause(self, found: re.Match[str]) -> bool:
        source = self.sources.get(os.path.normpath(os.path.join(self.directory, found["path"])))
        if source is None:
            return False
        positions = Positions(source.text)
        line = int(found["line"])
        if line > len(positions.starts):
            return False
        at = positions.starts[line - 1] + int(found["column"]) - 1
        return any(clause.name_end <= at <= clause.end for clause in source.clauses)

    def status(self, status: int) -> int:
        """Return the exit status: 0 where nothing but blanks was found."""
        return 0 if status == 1 and self.dropped and not self.kept else status
