"""Reading one import statement in full: every form of names, clauses, blanks and continued lines (spec 1.1-1.4)."""

from __future__ import annotations

import re
from keyword import iskeyword

from versioned_import.syntax.clauses import Clause
from versioned_import.syntax.regions import Skipper
from versioned_import.syntax.version_text import is_quoted_clause, is_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BLANK = r"(?:[ \t\f]|\\\r\n|\\[\r\n])"
_IDENTIFIER = r"[^\W\d]\w*"
DOTTED = rf"{_IDENTIFIER}(?:{BLANK}*\.{BLANK}*{_IDENTIFIER})*"
_CLAUSE = rf"version(?:{BLANK}+([vV]?[0-9][\w.!+*-]*)|{BLANK}*(\"[^\"\\\r\n]*\"|'[^'\\\r\n]*'))"
_TARGET = re.compile(rf"{BLANK}*({DOTTED})(?:{BLANK}+{_CLAUSE})?{BLANK}*(as{BLANK}+{_IDENTIFIER}{BLANK}*|import\b)?")


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
    name = dotted if dotted.replace(".", "").isidentifier() else "".join(re.split(rf"{BLANK}+", dotted))
    # The codec would hide a keyword, or what is no identifier (`a²`), inside the pseudo name, where Python could no
    # longer refuse it.
    if any(iskeyword(part) or not part.isidentifier() for part in name.split(".")):
        return None, -1
    if not name.isascii():
        from unicodedata import normalize

        name = normalize("NFKC", name)  # as Python's parser does with every identifier
    name_end = match.end(1)
    clause = Clause(
        form=form,
        name=name,
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
