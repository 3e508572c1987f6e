"""Clauses to a mapping: the clauses cut out, `__import_versions__` in front of the first statement that it governs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from versioned_import.plain_tools.masks import without
from versioned_import.plain_tools.meaning import imports_of, tree_of
from versioned_import.plain_tools.source import SourceError, find_declaration
from versioned_import.syntax.clauses import MAPPING_NAME
from versioned_import.syntax.positions import Positions
from versioned_import.syntax.rewrite import all_clauses

if TYPE_CHECKING:
    import ast

    from versioned_import.plain_tools.meaning import Import, Place
    from versioned_import.plain_tools.source import Source

_WIDEST = 88


def convert(source: Source, *, keep_cookie: bool) -> str:
    """Return the file's text in the spelling with the mapping; raises SourceError, with file and line."""
    text = source.text
    if source.clauses:
        tree = tree_of(source.path, text, source.clauses)
        imports = imports_of(tree, text, all_clauses(text))
        own = {clause.name: clause.text for clause in source.clauses}
        first = _first_governed(source, tree)
        _check_sayable(source, imports, own, first.lineno)
        text = _inserted(source, own, first)
    return text if keep_cookie else _without_cookie(source, text)


def _first_governed(source: Source, tree: ast.Module) -> ast.stmt:
    """Return the module-level statement that is, or holds, the first import with a clause."""
    place = Positions(source.text).line_and_column(source.clauses[0].name_start)
    return next(node for node in tree.body if (node.end_lineno or 0, node.end_col_offset or 0) > place)


def _check_sayable(source: Source, imports: list[tuple[Import, Place]], own: dict[str, str], first: int) -> None:
    """Raise SourceError for an import that the mapping would govern otherwise than its statement says."""
    lines = {name: place.line for one, place in imports for name in (one.module,) if one.clause == own.get(name)}
    for one, place in imports:
        name = one.module
        while name and name not in own:
            name = name.rpartition(".")[0]
        if not name or one.level or place.line < first or one.clause == own[name]:
            continue
        where = f"{source.path}:{place.line}"
        if one.clause is None:
            reason = (
                f"'{one.statement()}' has no clause, but a mapping with {name!r} (line {lines.get(name, first)}) "
                "would govern it too"
            )
        else:
            reason = (
                f"'{one.statement()}' asks for another version than line {lines.get(name, first)} ({own[name]}), "
                "and a mapping has one clause for a name"
            )
        raise SourceError(where, reason, "")


def _inserted(source: Source, own: dict[str, str], first: ast.stmt) -> str:
    """Return the text without clauses, and with the mapping in front of a statement."""
    positions = Positions(source.text)
    column = first.col_offset
    line = min([first.lineno, *(one.lineno for one in getattr(first, "decorator_list", ()))])
    at = positions.offset(line, 0 if line != first.lineno else column)
    before, behind = without(source, 0, at), without(source, at, len(source.text))
    if column:  # behind another statement on its line
        return f"{before}{_one_line(own)}; {behind}"
    return f"{before}{_mapping(own, source.newline)}{source.newline}{behind}"


def _mapping(own: dict[str, str], newline: str) -> str:
    line = _one_line(own)
    if len(line) <= _WIDEST:
        return line
    items = "".join(f"    {_quoted(name)}: {_quoted(text)},{newline}" for name, text in own.items())
    return f"{MAPPING_NAME} = {{{newline}{items}}}"


def _one_line(own: dict[str, str]) -> str:
    return f"{MAPPING_NAME} = {{{', '.join(f'{_quoted(name)}: {_quoted(text)}' for name, text in own.items())}}}"


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'


def _without_cookie(source: Source, text: str) -> str:
    """Return a text whose declaration says the base encoding; it goes where it says nothing that doesn't hold anyway."""
    found = source.declaration
    if not source.has_cookie or found is None:
        return text
    base = found[2][len("versioned-") :] or "utf-8"
    comment = source.text[found.start() : _line_end(source.text, found.end())]
    before, behind = text[: found.start()], text[found.start() + len(comment) :]
    if base == "utf-8" and comment.rstrip("\r\n") == "# coding: versioned":
        # A line that moves up, or that no declaration stands in front of any more, must not become the declaration.
        for line in ("", "#" + comment[len(comment.rstrip("\r\n")) :]):
            if find_declaration(before + line + behind) is None:
                return before + line + behind
    return text[: found.start(2)] + base + text[found.end(2) :]


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1
