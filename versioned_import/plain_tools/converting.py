"""From one spelling to the other: version clauses with the cookie, or plain imports below `__import_versions__` (spec 1.8)."""

from __future__ import annotations

import ast
from codecs import lookup
from dataclasses import dataclass
from typing import TYPE_CHECKING

from versioned_import.plain_tools import to_clauses, to_mapping
from versioned_import.plain_tools.meaning import imports_of, tree_of
from versioned_import.plain_tools.source import SourceError, parse_source
from versioned_import.syntax.loader import check_text
from versioned_import.syntax.mapping import mapping_value
from versioned_import.syntax.rewrite import all_clauses

if TYPE_CHECKING:
    from versioned_import.plain_tools.meaning import Import
    from versioned_import.plain_tools.source import Source

COOKIE, MAPPING = "cookie", "mapping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A file and its text in the spelling that was asked for; `text` is the file's own where nothing is to be done."""

    source: Source
    text: str
    clauses: int
    """How many names of imports a clause governs."""

    @property
    def changed(self) -> bool:
        """Whether the file is in the other spelling, or in both."""
        return self.text != self.source.text


def convert(source: Source, spelling: str, *, keep_cookie: bool = False) -> Converted:
    """Return a file in a spelling, COOKIE or MAPPING; `keep_cookie` leaves the cookie to a file with a mapping.

    The result asks for the same versions by the same imports, and nothing else differs; that is checked. Raises
    SourceError, with file and line, for what can't be said in the other spelling, and for a file with a mistake.
    """
    check(source)
    try:
        governed = all_clauses(source.text)
        text = to_clauses.convert(source) if spelling == COOKIE else to_mapping.convert(source, keep_cookie=keep_cookie)
        if text != source.text:
            _compare(source, text)
    except (RecursionError, MemoryError) as error:
        raise _too_deep(source, error) from None
    return Converted(source=source, text=text, clauses=len(governed))


def check(source: Source) -> None:
    """Raise SourceError for a file of which the clauses or the mapping aren't good, or which is no Python."""
    try:
        check_text(source.text.removeprefix("\ufeff"), source.path)
    except SyntaxError as error:
        raise SourceError(f"{source.path}:{error.lineno}" if error.lineno else source.path, error.msg, "") from None
    except ValueError as error:
        raise SourceError(source.path, str(error), "") from None
    except (RecursionError, MemoryError) as error:
        raise _too_deep(source, error) from None


def _too_deep(source: Source, error: Exception) -> SourceError:
    reason = f"it is nested too deeply to be read ({str(error) or type(error).__name__})"
    return SourceError(source.path, reason, "Break its longest expression into several.")


def _compare(source: Source, text: str) -> None:
    """Raise SourceError unless a text means what the file means, in the other spelling."""
    try:
        other = parse_source(source.path, source.encoded(text))
        check(other)
    except SourceError as error:
        raise SourceError(source.path, f"in the other spelling it would be wrong: {error.reason}", "") from None
    if lookup(other.encoding).name != lookup(source.encoding).name or other.text != text:
        raise SourceError(source.path, f"in the other spelling it would declare another encoding: {other.encoding}", "")
    for before, after in zip(_meaning(source), _meaning(other), strict=True):
        if before != after:
            raise SourceError(source.path, "it would mean something else in the other spelling", "")


def _meaning(source: Source) -> tuple[list[Import], str]:
    """Return the imports with what governs them, and the rest of the text as Python reads it, without its mappings."""
    tree = tree_of(source.path, source.text, source.clauses)
    imports = [one for one, _ in imports_of(tree, source.text, all_clauses(source.text))]
    tree.body = [node for node in tree.body if mapping_value(node) is None]
    return imports, ast.dump(tree)
