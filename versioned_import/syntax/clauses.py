"""Find the version clauses of a source text: the only scanner of the project (spec 1; docs/architecture.md, D1).

A regular expression that begins with a literal rules most files out; for each hit the skipper says whether it is code,
and the statement around it is read. A statement that holds anything but good clauses is left alone, so that Python's
parser, or `problems.explain`, points at it.
"""

from __future__ import annotations

import re

from versioned_import.syntax.regions import Skipper
from versioned_import.syntax.version_text import is_quoted_clause, is_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BLANK = r"(?:[ \t\f]|\\\r\n|\\[\r\n])"
# It begins with the literal because `re` searches those forty times as fast. `versions__` is the end of
# `__import_versions__`, the spelling of spec 1.8.
GATE_PATTERN = rf"version(?:s__|{BLANK}+[vV]?[0-9]|{BLANK}*[\"'])"
GATE = re.compile(GATE_PATTERN)
MAPPING_NAME = "__import_versions__"

_IDENTIFIER = r"[^\W\d]\w*"
DOTTED = rf"{_IDENTIFIER}(?:{BLANK}*\.{BLANK}*{_IDENTIFIER})*"
_CLAUSE = rf"version(?:{BLANK}+([vV]?[0-9][\w.!+*-]*)|{BLANK}*(\"[^\"\\\r\n]*\"|'[^'\\\r\n]*'))"
_TARGET = re.compile(rf"{BLANK}*({DOTTED})(?:{BLANK}+{_CLAUSE})?{BLANK}*(as{BLANK}+{_IDENTIFIER}{BLANK}*|import\b)?")


class Clause:
    """One version clause and the name it belongs to; all positions are offsets into the source text."""

    __slots__ = ("end", "form", "name", "name_end", "name_start", "renamed", "start", "text")

    def __init__(
        self, *, form: str, name: str, name_span: tuple[int, int], span: tuple[int, int], text: str, renamed: bool
    ) -> None:
        self.form = form
        """`import` or `from`: the statement's first word."""
        self.name = name
        """The import name, without the blanks that may stand around its dots."""
        self.name_start, self.name_end = name_span
        self.start, self.end = span
        """From the word `version` to behind the clause; empty (at `name_end`) for a name governed by the mapping."""
        self.text = text
        """What the clause says, without quotes."""
        self.renamed = renamed
        """Whether `as NAME` follows."""

    def __repr__(self) -> str:
        return f"<Clause {self.form} {self.name} version {self.text!r} at {self.name_start}>"


def find_clauses(source: str) -> list[Clause]:
    """Return every good version clause of a source text, in order. Never raises, whatever the text."""
    clauses: list[Clause] = []
    skipper = Skipper(source)
    done = 0
    for hit in GATE.finditer(source):
        at = hit.start()
        if at < done or source[at - 1 : at].isidentifier():
            continue
        floor = skipper.advance(at)
        if floor < 0:
            continue
        head = statement_head(source, at, floor)
        if head is None:
            continue
        found, end = read_statement(source, head)
        clauses += found
        done = max(done, end)
    return clauses


def statement_head(source: str, at: int, floor: int) -> int | None:
    """Return where the import statement begins (at `import` or `from`) whose text goes on at `at`, or None.

    `floor` is the end of the string or comment before `at`; the statement can't begin in front of it.
    """
    lowest = max(floor, _line_start(source, at, floor))
    end = at
    while True:
        word = max(source.rfind("import", lowest, end), source.rfind("from", lowest, end))
        if word < 0:
            return None
        size = 6 if source[word] == "i" else 4
        behind = source[word + size : word + size + 1]
        if behind in (" ", "\t", "\f", "\\") and begins_statement(source, word, floor):
            return word
        end = word + size - 1


def begins_statement(source: str, word: int, floor: int) -> bool:
    """Tell whether a statement can begin at `word`: after a line break, `;`, `:` or the soft keyword `lazy` (PEP 810)."""
    at = _skip_blanks_back(source, word, floor)
    if at <= floor or source[at - 1] in "\r\n;:\ufeff":
        return True
    if source.endswith("lazy", floor, at) and at < word and not source[at - 5 : at - 4].isidentifier():
        return begins_statement(source, at - 4, floor)
    return False


def read_statement(source: str, head: int) -> tuple[list[Clause], int]:
    """Return the clauses of the import statement at `head` and the position behind it; none if any part is malformed."""
    if source[head] == "f":
        clause, end = _read_target(source, head + 4, "from")
        good = clause is not None and end > 0 and source.endswith("import", 0, end) and clause.name != "__future__"
        return ([clause] if good and clause is not None else []), max(end, head + 4)
    clauses: list[Clause] = []
    end = head + 6
    while True:
        clause, end = _read_target(source, end, "import")
        if end < 0:
            return [], head + 6
        if clause is not None:
            clauses.append(clause)
        following = source[end : end + 1]
        if following != ",":
            return (clauses if following in ("", "\n", "\r", ";", "#") else []), end
        end += 1


def _read_target(source: str, start: int, form: str) -> tuple[Clause | None, int]:
    """Return the clause (or None) of the dotted name at `start` and the position behind what belongs to it; -1: malformed."""
    match = _TARGET.match(source, start)
    if match is None:
        return None, -1
    dotted, plain, quoted, word = match.groups()
    if form == "import" and word == "import":
        return None, -1
    if plain is None and quoted is None:
        return None, match.end()
    text = quoted[1:-1] if plain is None else plain
    if not (is_version(text) if plain is not None else is_quoted_clause(text)):
        return None, -1
    name_end = match.end(1)
    clause = Clause(
        form=form,
        name=dotted if dotted.replace(".", "").isidentifier() else "".join(re.split(rf"{BLANK}+", dotted)),
        name_span=(match.start(1), name_end),
        span=(source.index("version", name_end), match.end(2 if quoted is None else 3)),
        text=text,
        renamed=bool(word) and word[0] == "a",
    )
    return clause, match.end()


def code_positions(source: str, pattern: str) -> Iterator[int]:
    """Yield where a pattern matches outside strings and comments."""
    skipper = Skipper(source)
    for hit in re.finditer(pattern, source):
        if skipper.advance(hit.start()) >= 0:
            yield hit.start()


def _line_start(source: str, at: int, floor: int) -> int:
    """Return where the logical line begins that holds `at`, not in front of `floor`."""
    while True:
        newline = max(source.rfind("\n", floor, at), source.rfind("\r", floor, at))
        if newline < 0:
            return floor
        before = newline - 1 if source.startswith("\r\n", newline - 1) else newline
        if source[before - 1 : before] != "\\" or before <= floor:
            return newline + 1
        at = before


def _skip_blanks_back(source: str, at: int, floor: int) -> int:
    while at > floor:
        if source[at - 1] in " \t\f":
            at -= 1
        elif source[at - 1] in "\r\n":
            before = at - 2 if source.startswith("\r\n", at - 2) and at - 2 >= floor else at - 1
            if before <= floor or source[before - 1] != "\\":
                return at
            at = before - 1
        else:
            return at
    return at
