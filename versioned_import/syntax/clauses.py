"""Find the version clauses of a source text: the only scanner of the project (spec 1; docs/architecture.md, D1).

The literal `version` is searched with str.find, which rules most files out; for each hit the skipper says whether it is
code, and the statement around it is read. A statement that holds anything but good clauses is left alone, so that Python's
parser, or `problems.explain`, points at it. No regular expression is compiled for a usual statement: that would cost more
than all the rest of a warm import.
"""

from keyword import iskeyword

from versioned_import.syntax.regions import Skipper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAPPING_NAME = "__import_versions__"
_BLANK = " \t\f\\\r\n"
_LONGEST = 200  # characters of a line that are looked at for a usual statement


class Clause:
    """One version clause and the name it belongs to; all positions are offsets into the source text."""

    __slots__ = ("end", "form", "name", "name_end", "name_start", "renamed", "start", "text")

    def __init__(
        self, *, form: str, name: str, name_span: "tuple[int, int]", span: "tuple[int, int]", text: str, renamed: bool
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


def hits(source: str) -> "Iterator[int]":
    """Yield where the word `version` is followed by what may be a clause, or is the end of `__import_versions__`."""
    at = source.find("version")
    while at >= 0:
        following = source[at + 7 : at + 8]
        if following == "s":
            if source.startswith(MAPPING_NAME, at - 9):
                yield at
        elif following in ("'", '"'):
            yield at
        elif following and following in _BLANK:
            first = source[at + 8 : at + 9]
            if first in _BLANK:
                first = source[at + 8 : at + 512].lstrip(_BLANK)[:1]
            if first.isdigit() or first in ("'", '"', "v", "V"):
                yield at
        at = source.find("version", at + 7)


def find_clauses(source: str) -> "list[Clause]":
    """Return every good version clause of a source text, in order. Never raises, whatever the text."""
    clauses: list[Clause] = []
    skipper = Skipper(source)
    done = 0
    for at in hits(source):
        if at < done or source[at - 1 : at].isidentifier():
            continue
        floor = skipper.advance(at)
        if floor < 0:
            continue
        head = statement_head(source, at, max(floor, done), floor)
        if head is None:
            done = at  # no statement begins before it
            continue
        usual = _usual_statement(source, head, at)
        if usual is not None:
            clauses.append(usual)
            done = usual.end
            continue
        from versioned_import.syntax.statements import read_statement

        found, end = read_statement(source, head)
        clauses += found
        done = max(done, end)
    return clauses


def statement_head(source: str, at: int, lowest: int, floor: int) -> "int | None":
    """Return where the import statement begins (at `import` or `from`) whose text goes on at `at`, or None.

    It can't begin in front of `lowest`, nor of `floor`, the end of the string or comment before `at`.
    """
    lowest = _line_start(source, at, lowest)
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
    if source.endswith("lazy", floor, at) and at < word and not source[at - 5 : at - 4].isidentifier():
        at = _skip_blanks_back(source, at - 4, floor)
    return at <= floor or source[at - 1] in "\r\n;:\ufeff"


def _usual_statement(source: str, head: int, at: int) -> "Clause | None":
    """Return the clause of `import NAME version 1.2 [as NAME]` or `from NAME version 1.2 import ...` with single spaces.

    None for everything else, which `statements.read_statement` judges.
    """
    form = "import" if source[head] == "i" else "from"
    name_start = head + len(form) + 1
    name = source[name_start : at - 1]
    if source[at - 1] != " " or source[name_start - 1] != " " or not _is_usual_name(name):
        return None
    line = source[at + 8 : at + 8 + _LONGEST].partition("\n")[0]  # bounded: a file may be one line
    words = line.rstrip("\r").split(" ")
    if source[at + 7] != " " or not _is_release(words[0]) or (len(line) == _LONGEST and form == "import"):
        return None
    renamed = len(words) == 3 and words[1] == "as" and words[2].isidentifier()  # noqa: PLR2004 version, as, name
    if form == "import":
        good = renamed or len(words) == 1
    else:
        good = words[1:2] == ["import"] and name != "__future__"
    if not good:
        return None
    end = at + 8 + len(words[0])
    return Clause(form=form, name=name, name_span=(name_start, at - 1), span=(at, end), text=words[0], renamed=renamed)


def _is_usual_name(name: str) -> bool:
    return name.isascii() and all(part.isidentifier() and not iskeyword(part) for part in name.split("."))


def _is_release(text: str) -> bool:
    return text.isascii() and all(map(str.isdigit, text.split(".")))


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
