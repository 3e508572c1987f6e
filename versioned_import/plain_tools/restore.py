"""Putting the clauses back into what a tool has made of a mask; verified, or refused (nothing is guessed)."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from versioned_import.plain_tools.masks import clause_text, cookie_spans, with_stand_ins, without_clauses
from versioned_import.plain_tools.meaning import imports_of, tree_of
from versioned_import.plain_tools.pairing import Pairing
from versioned_import.plain_tools.scopes import scopes_of
from versioned_import.plain_tools.source import SourceError, parse_source
from versioned_import.syntax.clauses import MAPPING_NAME
from versioned_import.syntax.rewrite import all_clauses
from versioned_import.syntax.statements import BLANK, DOTTED

if TYPE_CHECKING:
    from versioned_import.plain_tools.meaning import Import, Place
    from versioned_import.plain_tools.scopes import Scope
    from versioned_import.plain_tools.source import Source

_NAME = re.compile(DOTTED)
_FROM_NAME = re.compile(rf"(?:lazy{BLANK}+)?from{BLANK}+({DOTTED})")
_ADVICE = "The file is as it was."


def restored_by_stand_ins(source: Source, made: str) -> str:
    """Return what a tool made of `with_stand_ins(source)`, with each clause back in its place; raises SourceError."""
    given, stands = with_stand_ins(source)
    if made == given:
        return source.text
    text = made
    for name, said in stands.items():
        if text.count(name) != 1:
            raise SourceError(source.path, f"the tool changed the import that has the clause{said}", _ADVICE)
        text = text.replace(name, said)
    text = _with_cookie(source, text)
    before = [(one.form, one.name, one.text) for one in source.clauses]
    again = parse_source(source.path, source.encoded(text))
    after = [(one.form, one.name, one.text) for one in again.clauses]
    made_tree = ast.dump(tree_of(source.path, made))
    for name in stands:
        made_tree = made_tree.replace(name, "")
    if before != after or ast.dump(tree_of(source.path, text, again.clauses)) != made_tree:
        raise SourceError(source.path, "the clauses can't be put back into what the tool made of the file", _ADVICE)
    return text


def restored_by_names(source: Source, made: str) -> tuple[str, list[str]]:
    """Return what a tool made of `without_clauses(source)`, with the clause of each import put back where that went.

    The second value tells the versioned imports that the tool removed. Raises SourceError where it can't be said which
    clause an import of the new text should have.
    """
    if made == without_clauses(source):
        return source.text, []
    tree = tree_of(source.path, made)
    old_tree = tree_of(source.path, source.text, source.clauses)
    before = [one for one, _ in imports_of(old_tree, source.text, source.clauses)]
    placed = imports_of(tree, made, ())
    scoped = [(one, place, scope) for (one, place), scope in zip(placed, scopes_of(tree), strict=True)]
    after = _with_clauses(source.path, list(zip(before, scopes_of(old_tree), strict=True)), scoped)
    said = {clause.text: clause_text(source.text, clause) for clause in source.clauses}
    text = _with_cookie(source, _inserted(made, zip(after, [place for _, place in placed], strict=True), said))
    again = parse_source(source.path, source.encoded(text))
    new_tree = tree_of(source.path, text, again.clauses)
    found = [one for one, _ in imports_of(new_tree, text, again.clauses)]
    if found != after or ast.dump(new_tree) != ast.dump(tree):
        raise SourceError(source.path, "the clauses can't be put back into what the tool made of the file", _ADVICE)
    _check_governed(source, again)
    gone = {one: None for one in before if one.clause is not None and one not in after}
    return text, [one.statement() for one in gone]


def _check_governed(source: Source, again: Source) -> None:
    """Raise SourceError if an import is governed otherwise than before: a mapping counts only for what stands below it."""
    if MAPPING_NAME not in source.text:
        return
    before, after = (
        {one for one, _ in imports_of(tree_of(file.path, file.text, file.clauses), file.text, all_clauses(file.text))}
        for file in (source, again)
    )
    known = {replace(one, clause=None) for one in before}
    for one in after - before:
        if replace(one, clause=None) in known:
            reason = f"the tool moved '{one.statement()}' or the mapping, so that it would get another version"
            raise SourceError(source.path, reason, _ADVICE)


def _with_clauses(
    path: str, before: list[tuple[Import, Scope]], placed: list[tuple[Import, Place, Scope]]
) -> list[Import]:
    """Return the imports of the new text with the clauses that they had in the old one."""
    pairing = Pairing(before, [(one, scope) for one, _, scope in placed])
    versioned = {one.module.partition(".")[0] for one, _ in before if one.clause is not None}
    of_statement: dict[int, tuple[Import, str | None]] = {}
    after: list[Import] = []
    for one, place, scope in placed:
        where = f"{path}: line {place.line} of what the tool made"
        if not pairing.knows(one) and not one.level and one.module.partition(".")[0] in versioned:
            raise SourceError(
                where, f"'{one.statement()}' is new, and nobody knows which clause it should have", _ADVICE
            )
        doubt = pairing.doubt(one)
        if doubt:
            raise SourceError(where, f"'{one.statement()}' {doubt}", _ADVICE)
        clause = pairing.clause(one, scope)
        first, joined = of_statement.setdefault(place.offset, (one, clause))
        if one.form == "from" and joined != clause:
            raise SourceError(
                where,
                "the tool joined two imports of which the clauses differ: "
                f"'{replace(first, clause=joined).statement()}' and '{replace(one, clause=clause).statement()}'",
                _ADVICE,
            )
        after.append(replace(one, clause=clause))
    return after


def _inserted(text: str, placed: zip[tuple[Import, Place]], said: dict[str, str]) -> str:
    ends: dict[int, str] = {}
    for one, place in placed:
        match = (_NAME if one.form == "import" else _FROM_NAME).match(text, place.offset)
        if one.clause is not None and match is not None:
            ends[match.end(match.lastindex or 0)] = said[one.clause]
    for end in sorted(ends, reverse=True):
        text = text[:end] + ends[end] + text[end:]
    return text


def _with_cookie(source: Source, text: str) -> str:
    """Return the text with the cookie that the file has, in the line in which its mask stands now."""
    if not source.has_cookie:
        return text
    cookie, plain = cookie_spans(source)
    start = 0
    for _ in range(2):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        at = text.find(plain, start, end)
        if at >= 0:
            return text[:at] + cookie + text[at + len(plain) :]
        start = end + 1
    raise SourceError(source.path, f"the tool moved or removed the line that says '{cookie}'", _ADVICE)
