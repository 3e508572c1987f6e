"""In which blocks of its file an import stands: functions, classes, arms of `if`, `try`, `match`, loops."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from versioned_import.syntax.tree import import_nodes

if TYPE_CHECKING:
    Scope = tuple[str, ...]

# What says which of the statements of its kind a block belongs to.
_HEADS = ("name", "test", "target", "iter", "items", "subject", "type", "pattern", "guard")


def scopes_of(tree: ast.Module) -> list[Scope]:
    """Return the blocks around each name that `meaning.imports_of` finds in a tree, outermost first."""
    around: dict[int, Scope] = {}
    waiting: list[tuple[ast.AST, Scope]] = [(tree, ())]
    while waiting:
        node, scope = waiting.pop()
        for field, value in ast.iter_fields(node):
            seen: Counter[str] = Counter()
            for child in value if isinstance(value, list) else ():
                if isinstance(child, (ast.Import, ast.ImportFrom)):
                    around[id(child)] = (*scope, field)
                elif isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
                    head = _head(child)
                    # Of two that look the same, the first is the first: no tool changes their order.
                    waiting.append((child, (*scope, field, f"{head} {seen[head]}")))
                    seen[head] += 1
    return [around[id(node)] for node in import_nodes(tree) for _ in node.names]


def _head(node: ast.AST) -> str:
    words = [type(node).__name__]
    for name in _HEADS:
        value = getattr(node, name, None)
        ones = value if isinstance(value, list) else [value]
        words += [ast.dump(one) if isinstance(one, ast.AST) else str(one or "") for one in ones]
    return " ".join(words)
