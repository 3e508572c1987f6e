"""The same text with every clause blanked, of the same length: plain Python whose positions all agree with the file's."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from versioned_import.syntax.clauses import Clause

_INK = re.compile(r"[^ \t\f\r\n\\]|\\(?![\r\n])")


def mask(source: str, clauses: Iterable[Clause]) -> str:
    """Return `source` with each clause replaced by as many spaces; a backslash that continues the line stays."""
    parts: list[str] = []
    at = 0
    for clause in clauses:
        parts += source[at : clause.start], _INK.sub(" ", source[clause.start : clause.end])
        at = clause.end
    return "".join((*parts, source[at:]))
