"""Namespace packages of the old kind: with an `__init__.py` that joins the portions of all distributions."""

from __future__ import annotations

from versioned_import.metadata.files import read_text

LONGEST_SHARED_INIT = 3000
"""The most bytes of an `__init__.py` that is looked at."""

_JOINERS = frozenset({"pkgutil", "pkg_resources", "modulefinder"})
"""What such a file imports."""


def joins_portions(path: str) -> bool:
    """Tell whether an `__init__.py` makes its package a namespace package of the old kind, and does nothing else.

    Such a package calls `pkgutil.extend_path` or `pkg_resources.declare_namespace`; every distribution that has a portion
    ships the same file. One that defines anything of its own (`__version__`, say) is a package like any other.
    """
    text = read_text(path, LONGEST_SHARED_INIT + 1)
    if text is None or len(text) > LONGEST_SHARED_INIT or not ("extend_path" in text or "declare_namespace" in text):
        return False
    import ast

    from versioned_import.syntax.parsing import parse

    try:
        nodes = list(ast.walk(parse(text)))
    except (SyntaxError, ValueError, RecursionError):
        return False
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            return False
        if isinstance(node, ast.ImportFrom) and (node.level or node.module not in _JOINERS | {"__future__"}):
            return False
        if isinstance(node, ast.Import) and not {one.name for one in node.names} <= _JOINERS:
            return False
        if isinstance(node, ast.Assign) and any(getattr(one, "id", "") != "__path__" for one in node.targets):
            return False
    return True
