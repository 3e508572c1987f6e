"""Who imported a module first: found by reading the sources of loaded modules, when an error has to say it."""

from __future__ import annotations

import ast
import sys

_LARGEST_SOURCE = 2_000_000


def first_importer(name: str) -> str:
    """Return `file:line` of the first import statement for a name in the modules loaded before it, or "".

    A module stands in `sys.modules` before it runs its imports, so the importer stands in front of what it imports; an
    import inside a function may stand in a later one, which is looked at next.
    """
    top = name.partition(".")[0]
    order = [(key, module) for key, module in sys.modules.items() if not key.startswith("_versioned_")]
    at = next((place for place, (key, _) in enumerate(order) if key == top), len(order))
    for key, module in (*reversed(order[:at]), *order[at + 1 :]):
        if key.partition(".")[0] == top or key.partition(".")[0] in sys.stdlib_module_names - {"__main__"}:
            continue
        file = getattr(module, "__file__", None)
        line = _importing_line(file, top) if file and file.endswith(".py") else 0
        if line:
            return f"{file}:{line}"
    return ""


def _importing_line(file: str, top: str) -> int:
    """Return the line of the first import of a top-level name in a file, or 0."""
    source = _source(file)
    if top not in source:
        return 0
    from versioned_import.syntax.clauses import find_clauses
    from versioned_import.syntax.mask import mask

    try:
        tree = ast.parse(mask(source, find_clauses(source)))
    except (SyntaxError, ValueError, RecursionError):
        return 0
    lines = [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(alias.name.partition(".")[0] == top for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").partition(".")[0] == top)
    ]
    return min(lines, default=0)


def _source(file: str) -> str:
    try:
        with open(file, "rb") as opened:
            return opened.read(_LARGEST_SOURCE).decode("utf-8", "replace")
    except OSError:
        return ""
