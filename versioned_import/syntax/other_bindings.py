"""Where a text binds or changes `__import_versions__` otherwise than by the assignments that count (spec 1.8).

Nobody would read such a binding before the file runs, so the imports below it would get other versions in silence.
What merely reads the name, or an attribute of that name of something else, is no business of ours.
"""

from __future__ import annotations

import ast
import re

from versioned_import.syntax.clauses import MAPPING_NAME
from versioned_import.syntax.statements import BLANK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from versioned_import.syntax.positions import Positions

PROBLEM = f"{MAPPING_NAME} is only assigned, as a plain dictionary at module level: it is read before the file runs"
_CHANGING = frozenset(
    ("update", "setdefault", "pop", "popitem", "clear", "__setitem__", "__delitem__", "__ior__", "__init__")
)
"""The methods of a dictionary that change it."""
_DEFINITION = re.compile(rf"(?:async{BLANK}+)?(?:def|class){BLANK}+(?={MAPPING_NAME}\b)")
# Nodes that bind a name without a node of its own, and the field that holds it.
_NAMED = {
    "AsyncFunctionDef": "name",
    "ClassDef": "name",
    "ExceptHandler": "name",
    "FunctionDef": "name",
    "MatchAs": "name",
    "MatchMapping": "rest",
    "MatchStar": "name",
    "ParamSpec": "name",
    "TypeVar": "name",
    "TypeVarTuple": "name",
    "arg": "arg",
}


def other_bindings(tree: ast.Module, positions: Positions) -> Iterator[tuple[ast.expr, str]]:
    """Yield the place of each other binding or change of the name, with the reason, in the order of the text."""
    good = {one for node in tree.body for one in _targets(node) if isinstance(one, ast.Name)}
    found = [_shown(node, positions) for node in _outermost(tree) if node not in good and _is_other(node)]
    for node in sorted(found, key=lambda one: (one.lineno, one.col_offset)):
        yield node, PROBLEM


def _targets(node: ast.stmt) -> list[ast.expr]:
    """Return the targets of a statement at module level that may assign a mapping."""
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) and node.value is not None else []


def _outermost(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield every node; an f-string stands for what it holds, whose places Python 3.11 gets wrong."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if not isinstance(node, ast.JoinedStr):
            pending += ast.iter_child_nodes(node)
        yield node


def _is_other(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(map(_is_other, (one for one in ast.walk(node) if not isinstance(one, ast.JoinedStr))))
    if isinstance(node, ast.Name):
        return node.id == MAPPING_NAME and not isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.Subscript | ast.Attribute):
        return _is_change(node)
    if isinstance(node, ast.alias):
        return (node.asname or node.name.partition(".")[0]) == MAPPING_NAME
    if isinstance(node, ast.Global | ast.Nonlocal):
        return MAPPING_NAME in node.names
    return getattr(node, _NAMED.get(type(node).__name__, ""), None) == MAPPING_NAME


def _is_change(node: ast.Subscript | ast.Attribute) -> bool:
    """Tell whether an expression stores into the mapping, or is one of its methods that do."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr not in _CHANGING:
        return False
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return False
    inner = node.value
    if isinstance(node.ctx, ast.Store | ast.Del):
        while isinstance(inner, ast.Subscript | ast.Attribute):
            inner = inner.value
    return isinstance(inner, ast.Name) and inner.id == MAPPING_NAME


def _shown(node: ast.AST, positions: Positions) -> ast.expr:
    """Return a node with the place to point at: that of a definition ends far below its name."""
    if isinstance(node, ast.ExceptHandler) and node.type is not None:
        return node.type
    place = {name: getattr(node, name) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset")}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        start = positions.offset(node.lineno, node.col_offset)
        match = _DEFINITION.match(positions.source, start)
        first = match.end() if match is not None else start
        last = first + len(MAPPING_NAME) if match is not None else start
        place["lineno"], place["col_offset"] = positions.line_and_column(first)
        place["end_lineno"], place["end_col_offset"] = positions.line_and_column(last)
    return ast.Name(MAPPING_NAME, ast.Store(), **place)
