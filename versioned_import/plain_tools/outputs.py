"""What a tool prints about copies, said of the files themselves, while it comes."""

from __future__ import annotations

import json
import re
import urllib.parse
import xml.sax.saxutils
from typing import TYPE_CHECKING

from versioned_import.plain_tools.masks import blanked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from versioned_import.plain_tools.source import Source

_BEFORE = re.compile(r"[|\s]\Z")
_COLOURS = re.compile(r"(?:\x1b\[[0-9;]*m)+\Z")


class Rewriter:
    """Rewrites the lines of a tool's output: paths of copies become the files' own, and quoted lines get their clauses."""

    def __init__(self, base: str, sources: Iterable[Source] = ()) -> None:
        spellings = {base, json.dumps(base)[1:-1], urllib.parse.quote(base), xml.sax.saxutils.escape(base)}
        self._base = re.compile("|".join(re.escape(one) for one in sorted(spellings, key=len, reverse=True)))
        self._lines: dict[str, str] = {}
        ambiguous: set[str] = set()
        for source in sources:
            for masked, real in _masked_lines(source):
                if self._lines.setdefault(masked, real) != real:
                    ambiguous.add(masked)
        for masked in ambiguous:  # no line of output says reliably which file it is of, so it stays as it is
            del self._lines[masked]

    def line(self, text: str) -> str:
        """Return one line of output, with its line break, as it is to be shown."""
        text = self._base.sub("", text)
        return self._with_clause(text) if self._lines and "  " in text else text

    def _with_clause(self, text: str) -> str:
        end = len(text.rstrip("\r\n"))
        colours = _COLOURS.search(text, 0, end)
        end = colours.start() if colours else end
        for masked, real in self._lines.items():
            start = end - len(masked)
            if text.endswith(masked, 0, end) and (
                start == 0 or _BEFORE.search(text, 0, start) or text[start - 1] == "m"
            ):
                return text[:start] + real + text[end:]
        return text


def _masked_lines(source: Source) -> Iterator[tuple[str, str]]:
    """Yield each line of a mask that can be known again in a quotation, and what the file says there."""
    offsets = [clause.start for clause in source.clauses]
    if source.has_cookie and source.declaration is not None:
        offsets.append(source.declaration.start())
    lines = {source.text.count("\n", 0, at) for at in offsets}
    pairs = list(zip(blanked(source).split("\n"), source.text.split("\n"), strict=True))
    for number in sorted(lines):
        masked, real = (text.rstrip("\r").lstrip() for text in pairs[number])
        # Only what can't be a line of a file without clauses: blanks inside, or at the end.
        if "  " in masked:
            yield masked, real
        if "  " in masked.rstrip():
            yield masked.rstrip(), real
