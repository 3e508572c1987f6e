"""A mapping to clauses: each governed import gets its own, the mapping goes, the cookie comes."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING

from versioned_import.plain_tools.meaning import tree_of
from versioned_import.plain_tools.source import SourceError
from versioned_import.syntax.clauses import MAPPING_NAME
from versioned_import.syntax.mapping import mapping_value
from versioned_import.syntax.mask import mask
from versioned_import.syntax.positions import Positions
from versioned_import.syntax.rewrite import all_clauses
from versioned_import.syntax.version_text import is_version

if TYPE_CHECKING:
    from versioned_import.plain_tools.source import Source
    from versioned_import.syntax.clauses import Clause

_SHEBANG = re.compile(r"#!.*(?:\r\n|\n|\r|\Z)")
_REST_OF_LINE = re.compile(r"[ \t\f]*(?:\r\n|\n|\r|\Z)")


def convert(source: Source) -> str:
    """Return the file's text in the spelling with clauses and cookie; raises SourceError, with file and line."""
    text = source.text
    edits: list[tuple[int, int, str]] = []
    if MAPPING_NAME in text:
        tree = tree_of(source.path, text, source.clauses)
        mappings = [node for node in tree.body if mapping_value(node) is not None]
        if mappings:
            _check_only_mappings(source, tree, mappings)
        positions = Positions(text)
        edits += [_removal(source, node, positions) for node in mappings]
        edits += [
            (clause.name_end, clause.name_end, f" version {_written(source, clause, positions)}")
            for clause in all_clauses(text)
            if clause.start == clause.end
        ]
    if not edits and not source.clauses:
        return text  # nothing asks for a version
    edits += _cookie(source)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _check_only_mappings(source: Source, tree: ast.Module, mappings: list[ast.stmt]) -> None:
    """Raise SourceError where a mapping is more than that: the program would miss it."""
    targets: set[ast.expr] = set()
    for node in mappings:
        if isinstance(node, ast.Assign) and len(node.targets) > 1:
            reason = f"{MAPPING_NAME} has another name here too, which would be lost"
            raise SourceError(f"{source.path}:{node.lineno}", reason, "")
        targets.update(
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
    for one in ast.walk(tree):
        if isinstance(one, ast.Name) and one.id == MAPPING_NAME and one not in targets:
            raise SourceError(
                f"{source.path}:{one.lineno}", f"the program uses {MAPPING_NAME}, which would be gone", ""
            )


def _written(source: Source, clause: Clause, positions: Positions) -> str:
    text = clause.text
    if is_version(text):
        return text
    quote = "'" if '"' in text else '"'
    if quote in text or "\\" in text or not text.replace("\t", " ").isprintable():
        line, _ = positions.line_and_column(clause.name_start)
        raise SourceError(
            f"{source.path}:{line}", f"the clause {text!r} of {clause.name} can't stand in a statement", ""
        )
    return f"{quote}{text}{quote}"


def _removal(source: Source, node: ast.stmt, positions: Positions) -> tuple[int, int, str]:
    """Return the edit that takes a mapping out, with its line if it has that for itself; its comments stay."""
    text = source.text
    start = positions.offset(node.lineno, node.col_offset)
    end = positions.offset(node.end_lineno or 0, node.end_col_offset or 0)
    comments = _comments(mask(text, source.clauses)[start:end])
    semicolon = re.compile(r"[ \t\f]*;[ \t\f]*").match(text, end)
    alone = node.col_offset == 0
    if semicolon:
        rest = _REST_OF_LINE.match(text, semicolon.end())
        if not comments and not rest:
            return start, semicolon.end(), ""
        end = semicolon.end()
    if comments and not alone:
        raise SourceError(
            f"{source.path}:{node.lineno}", "there are comments inside of the mapping, behind a statement", ""
        )
    kept = source.newline.join(comments)
    if not alone:
        before = re.compile(r"(?:;[ \t\f]*)\Z").search(text, 0, start)
        return (before.start() if before else start), end, ""
    rest = _REST_OF_LINE.match(text, end)
    if rest:
        return start, rest.end(), f"{kept}{source.newline}" if kept else ""
    blanks = re.compile(r"[ \t\f]*").match(text, end)  # in front of a comment
    return start, blanks.end() if blanks else end, f"{kept}{source.newline}" if kept else ""


def _comments(text: str) -> list[str]:
    """Return the comments inside of a mapping, each for a line of its own."""
    if "#" not in text:
        return []
    tokens = tokenize.generate_tokens(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def _cookie(source: Source) -> list[tuple[int, int, str]]:
    """Return the edits that make a file one with the cookie."""
    found = source.declaration
    if source.has_cookie:
        return []
    if source.text.startswith("\ufeff"):
        raise SourceError(
            source.path,
            "it begins with a byte order mark, which the cookie excludes",
            "Save it without that mark first.",
        )
    if found is None:
        shebang = _SHEBANG.match(source.text)
        at = shebang.end() if shebang else 0
        return [(at, at, f"# coding: versioned{source.newline}")]
    base = found[2].lower().replace("_", "-")
    new = "versioned" if base in ("utf-8", "utf8") else f"versioned-{found[2]}"
    return [(found.start(2), found.end(2), new)]
