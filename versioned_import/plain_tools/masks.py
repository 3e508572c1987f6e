"""The texts that are given to tools instead of a source file's own, each plain Python.

- `blanked`: the same positions. For whoever only looks.
- `without_clauses`: the clauses cut out. For whoever moves, joins or removes imports.
- `with_stand_ins`: the clauses as parts of names, of the same width. For whoever only breaks lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from versioned_import.plain_tools.source import find_declaration
from versioned_import.syntax.mask import mask
from versioned_import.syntax.statements import BLANK

if TYPE_CHECKING:
    from versioned_import.plain_tools.source import Source
    from versioned_import.syntax.clauses import Clause

_BLANKS = re.compile(rf"^{BLANK}*")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def blanked(source: Source) -> str:
    """Return the text with blanks for each clause, and a declaration that says the base encoding; the same length."""
    return _plain_cookie(source, mask(source.text, source.clauses))


def without_clauses(source: Source) -> str:
    """Return the text without the clauses and the blanks in front of them."""
    return _plain_cookie(source, without(source, 0, len(source.text)))


def without(source: Source, start: int, end: int) -> str:
    """Return a part of the text, which begins and ends in no clause, without the clauses in it."""
    return _replaced(source, {}, start, end)


def with_stand_ins(source: Source) -> tuple[str, dict[str, str]]:
    """Return the text in which each clause goes on as part of the name before it, and what stands for which clause.

    A tool that breaks lines by their width sees the width that the statement will have.
    """
    stands: dict[int, str] = {}
    for number, clause in enumerate(source.clauses):
        room = len(clause_text(source.text, clause))
        name = stand_in(number, room)
        while name in source.text:
            number += len(source.clauses)  # noqa: PLW2901 the next that nobody has
            name = stand_in(number, room)
        stands[clause.start] = name
    clauses = {stands[clause.start]: clause_text(source.text, clause) for clause in source.clauses}
    return _plain_cookie(source, _replaced(source, stands, 0, len(source.text))), clauses


def stand_in(number: int, width: int) -> str:
    """Return the end of an identifier, of a width."""
    digits = ""
    while number or not digits:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return f"_{digits.rjust(width - 2, '_')}_"


def clause_text(text: str, clause: Clause) -> str:
    """Return a clause with the blank before it as it is put back: ` version 2.31`."""
    return f" version {_BLANKS.sub('', text[clause.start + len('version') : clause.end], count=1)}"


def _replaced(source: Source, stands: dict[int, str], start: int, end: int) -> str:
    parts: list[str] = []
    at = start
    for clause in source.clauses:
        if start <= clause.start < end:
            parts += source.text[at : clause.name_end], stands.get(clause.start, "")
            at = clause.end
            # `version "1"as b`
            parts.append(" " if source.text[at : at + 1].isidentifier() else "")
    return "".join((*parts, source.text[at:end]))


def cookie_spans(source: Source) -> tuple[str, str]:
    """Return the declaration of a file with the cookie, and what the masks have in its place, of the same length."""
    found = source.declaration
    if found is None:
        return "", ""
    written, name = found[1], found[2]
    coding = written[: len("coding:")]
    if source.encoding.replace("_", "-").lower() not in ("utf-8", "utf8"):
        base = name[len("versioned-") :]
        return written, f"{coding}{base.rjust(len(written) - len(coding))}"
    # No declaration is needed, and linters ask to remove one that says what holds anyway. The name stays, for readers.
    plain = f"{coding[:-1]} {written[len(coding) :]}"
    text = source.text[: found.start(1)] + plain + source.text[found.end(1) :]
    if find_declaration(text) is not None:  # the second line would be taken now
        plain = f"{coding}{'utf-8'.rjust(len(written) - len(coding))}"
    return written, plain


def _plain_cookie(source: Source, text: str) -> str:
    """Return a mask with the cookie replaced: no clause stands in front of it."""
    if not source.has_cookie or source.declaration is None:
        return text
    _, plain = cookie_spans(source)
    return text[: source.declaration.start(1)] + plain + text[source.declaration.end(1) :]
