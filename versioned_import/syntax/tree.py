"""Source text to the syntax tree of plain Python: for the hook, the runner and the REPL (docs/architecture.md, D3)."""

from __future__ import annotations

import ast

from versioned_import.syntax.mask import mask
from versioned_import.syntax.parsing import parse
from versioned_import.syntax.positions import Positions
from versioned_import.syntax.rewrite import replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.syntax.clauses import Clause


def rewrite_tree(source: str, clauses: Sequence[Clause], filename: str) -> ast.Module:
    """Return the syntax tree in which every position is the file's and only the names in import statements differ.

    Raises SyntaxError, with the line as the user wrote it, when the text is wrong elsewhere.
    """
    try:
        tree: ast.Module = parse(mask(source, clauses), filename)
    except SyntaxError as error:
        raise in_users_words(error, source) from None
    apply_clauses(tree, source, clauses)
    return tree


def apply_clauses(tree: ast.Module, source: str, clauses: Sequence[Clause]) -> None:
    """Put pseudo module names into the import nodes of the tree of the masked `source`."""
    positions = Positions(source)
    names: dict[tuple[int, int], ast.alias] = {}
    statements: list[ast.ImportFrom] = []
    for node in import_nodes(tree):
        if isinstance(node, ast.Import):
            names.update({(alias.lineno, alias.col_offset): alias for alias in node.names})
        else:
            statements.append(node)
    statements.reverse()
    for clause in clauses:
        place = positions.line_and_column(clause.name_start)
        name, renaming = replacement(clause)
        if clause.form == "import":
            alias = names[place]
            alias.name, alias.asname = name, alias.asname or renaming
            continue
        while (statements[-1].end_lineno or 0, statements[-1].end_col_offset or 0) <= place:
            statements.pop()
        statements.pop().module = name


def import_nodes(tree: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    """Return the import statements of a tree in the order of the text; expressions, which hold none, are not walked."""
    found: list[ast.Import | ast.ImportFrom] = []
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
            continue
        for field in ("cases", "finalbody", "orelse", "handlers", "body"):
            children = getattr(node, field, None)
            if isinstance(children, list):  # a lambda's body is no list
                pending += reversed(children)
    return found


def in_users_words(error: SyntaxError, source: str) -> SyntaxError:
    """Return the parser's error on a masked text with the line as it stands in the file."""
    if error.lineno is not None and error.text is not None:
        error.text = Positions(source).line(error.lineno)
    return error
