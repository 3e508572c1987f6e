"""Offsets of a source text as Python counts them: lines from 1, columns in UTF-8 bytes from 0."""

from __future__ import annotations

import re
from bisect import bisect_right

_BREAK = re.compile(r"\r\n|\n|\r")


class Positions:
    """The line starts of one source text; a form feed or U+2028 breaks no line."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.starts = [0, *(found.end() for found in _BREAK.finditer(source))]

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Return line (from 1) and column (UTF-8 bytes, from 0), as in the nodes of a syntax tree.

        A byte order mark is no column: Python removes it before it counts.
        """
        line = bisect_right(self.starts, offset)
        head = self.source[self.starts[line - 1] : offset]
        return line, len(head.removeprefix("\ufeff").encode("utf-8", "surrogatepass"))

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and a column in UTF-8 bytes: what `line_and_column` takes apart."""
        start = self.starts[line - 1]
        if line == 1 and self.source.startswith("\ufeff"):
            start += 1
        text = self.source[start : start + column].encode("utf-8", "surrogatepass")
        return start + len(text[:column].decode("utf-8", "surrogatepass"))

    def line(self, number: int) -> str:
        """Return the text of a line (from 1) with its line break; "" behind the last."""
        if number > len(self.starts):
            return ""
        end = self.starts[number] if number < len(self.starts) else len(self.source)
        return self.source[self.starts[number - 1] : end]
