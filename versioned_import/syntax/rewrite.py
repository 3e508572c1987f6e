"""Source text to plain Python: as text for the codec, as a syntax tree for the hook, the runner and the REPL.

In both, a statement with a clause stays an import statement, of a pseudo module name (docs/architecture.md, D2 and D3).
"""

from __future__ import annotations

from versioned_import.syntax import pseudo
from versioned_import.syntax.clauses import MAPPING_NAME, find_clauses

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from versioned_import.syntax.clauses import Clause


def all_clauses(source: str) -> list[Clause]:
    """Return the clauses of a text: those of its statements, and those its `__import_versions__` adds (spec 1.8)."""
    clauses = find_clauses(source)
    if MAPPING_NAME not in source:
        return clauses
    from versioned_import.syntax import mapping

    return mapping.add_governed(source, clauses)


def rewrite_text(source: str) -> str:
    """Return the codec's text: every clause spliced on its own line, all else as it was. Never raises."""
    if MAPPING_NAME in source:
        from versioned_import.syntax.mapping import spoil_mappings

        spoiled = spoil_mappings(source, find_clauses(source))
        if spoiled is not None:
            at, reason = spoiled
            return f"{source[:at]}{reason}{source[at:]}"
    clauses = all_clauses(source)
    if not clauses:
        return source
    parts: list[str] = []
    at = 0
    for clause in clauses:
        name, renaming = replacement(clause)
        binding = f" as {renaming}" if renaming else ""
        # The line breaks stand in front of the name: behind it, one could be the last thing of the file.
        parts += source[at : clause.name_start], _continuations(source, clause), name, binding
        at = clause.end
    return "".join((*parts, source[at:]))


def replacement(clause: Clause) -> tuple[str, str]:
    """Return the pseudo module name for a clause, and the name to bind where the statement itself gives none."""
    if clause.form == "from" or clause.renamed:
        return pseudo.encode(clause.name, clause.text), ""
    top, dot, _ = clause.name.partition(".")
    return pseudo.encode(clause.name, clause.text, top=bool(dot)), top


def rewrite_tree(source: str, clauses: Sequence[Clause], filename: str) -> ast.Module:
    """Return the syntax tree in which every position is the file's and only the names in import statements differ.

    Raises SyntaxError, with the line as the user wrote it, when the text is wrong elsewhere.
    """
    import ast

    from versioned_import.syntax.mask import mask

    try:
        tree = ast.parse(mask(source, clauses), filename, "exec")
    except SyntaxError as error:
        raise in_users_words(error, source) from None
    apply_clauses(tree, source, clauses)
    return tree


def apply_clauses(tree: ast.Module, source: str, clauses: Sequence[Clause]) -> None:
    """Put pseudo module names into the import nodes of the tree of the masked `source`."""
    import ast

    from versioned_import.syntax.positions import Positions

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
    import ast

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
        from versioned_import.syntax.positions import Positions

        error.text = Positions(source).line(error.lineno)
    return error


def _continuations(source: str, clause: Clause) -> str:
    """Return the backslash line breaks inside a replaced stretch: a rewritten statement keeps its lines."""
    stretch = source[clause.name_start : clause.end]
    if "\\" not in stretch:
        return ""
    import re

    return "".join(f" {found}" for found in re.findall(r"\\(?:\r\n|[\r\n])", stretch))
