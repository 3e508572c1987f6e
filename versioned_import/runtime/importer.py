"""Who imported a module first: found by reading the sources of loaded modules, when an error has to say it."""

from __future__ import annotations

import ast
import sys

from versioned_import.runtime.remnants import being_loaded
from versioned_import.runtime.state import file_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

_LARGEST_SOURCE = 2_000_000


def first_importer(name: str, asked_at: str) -> str:
    """Return `file:line` of the import statement that most probably loaded a name, or "".

    `asked_at` is a statement that is not meant. Python puts a module at the end of `sys.modules` when it is done, so what
    imported a name stands behind it, or still runs; an import inside a function may stand in any other.
    """
    top = name.partition(".")[0]
    everything = list(sys.modules.items())
    keys = [key for key, _ in everything]
    at = keys.index(top) if top in keys else len(keys)
    before, after = ([pair for pair in part if _may_import(*pair, top)] for part in (everything[:at], everything[at:]))
    behind = _first_found(after, top, asked_at)
    running = _first_found([pair for pair in before if _is_running(*pair)], top, asked_at)
    if behind is None or running is None:
        found = behind or running or _first_found(before[::-1], top, asked_at)
    else:
        # The running one was first, unless it imported the one behind before it imported the name.
        lines = _importing_lines(running[1], behind[0].partition(".")[0])
        found = behind if lines and min(lines) < running[2] else running
    return f"{found[1]}:{found[2]}" if found is not None else ""


def _may_import(key: str, module: object, top: str) -> bool:
    first = key.partition(".")[0]
    if first == top or key.startswith("_versioned_") or first in sys.stdlib_module_names - {"__main__"}:
        return False
    return file_of(module).endswith(".py")


def _is_running(key: str, module: object) -> bool:
    return key == "__main__" or being_loaded(module)


def _first_found(modules: Iterable[tuple[str, ModuleType]], top: str, asked_at: str) -> tuple[str, str, int] | None:
    """Return name, file and line of the first module that has an import of a top-level name."""
    for key, module in modules:
        file = file_of(module)
        lines = [line for line in _importing_lines(file, top) if f"{file}:{line}" != asked_at]
        if lines:
            return key, file, min(lines)
    return None


def _importing_lines(file: str, top: str) -> list[int]:
    """Return the lines of a file that import a top-level name."""
    source = _source(file)
    if top not in source:
        return []
    from versioned_import.syntax.clauses import find_clauses
    from versioned_import.syntax.mask import mask
    from versioned_import.syntax.parsing import parse

    try:
        tree = parse(mask(source, find_clauses(source)))
    except (SyntaxError, ValueError, RecursionError):
        return []
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(alias.name.partition(".")[0] == top for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").partition(".")[0] == top)
    ]


def _source(file: str) -> str:
    try:
        with open(file, "rb") as opened:
            return opened.read(_LARGEST_SOURCE).decode("utf-8", "replace")
    except OSError:
        return ""
