"""Compiling what is typed at a prompt, statement by statement, with its clauses (spec 2.2).

The clauses are blanked for Python's parser, so every position is that of the typed text, which tracebacks show.
"""

from __future__ import annotations

import warnings
from codeop import CommandCompiler

from versioned_import.syntax.clauses import MAPPING_NAME, find_clauses
from versioned_import.syntax.mask import mask
from versioned_import.syntax.parsing import parse
from versioned_import.syntax.problems import explain
from versioned_import.syntax.rewrite import all_clauses
from versioned_import.syntax.tree import apply_clauses, in_users_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any


class ClauseCompiler(CommandCompiler):
    """Python's own judge of what is typed, for texts with clauses; it remembers `from __future__ import` as that does."""

    def __call__(self, source: str, filename: str = "<input>", symbol: str = "single") -> CodeType | None:
        """Return the code of a typed text, or None while it is incomplete.

        Raises SyntaxError that names the clause, or the part of the mapping, where that is the reason; OverflowError
        and ValueError as Python's compiler does.
        """
        check_typed(source, filename)
        clauses = all_clauses(source)
        if not clauses:
            try:
                return super().__call__(source, filename, symbol)
            except SyntaxError as error:
                raise explain(error, source, filename) from None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they come once, below
            try:
                complete = super().__call__(mask(source, clauses), filename, symbol) is not None
            except SyntaxError as error:
                raise explain(in_users_words(error, source), source, filename) from None
        code: CodeType | None = (
            self.compiler(parse_typed(source, filename, symbol), filename, symbol) if complete else None
        )
        return code


def parse_typed(source: str, filename: str, symbol: str = "exec") -> Any:
    """Return the tree of a complete typed text, of the kind that `symbol` names, its clauses applied.

    Raises SyntaxError that names the clause, or the part of the mapping, where that is the reason; OverflowError and
    ValueError as Python's parser does.
    """
    check_typed(source, filename)
    clauses = all_clauses(source)
    try:
        tree: Any = parse(mask(source, clauses), filename, symbol)
    except SyntaxError as error:
        raise explain(in_users_words(error, source), source, filename) from None
    if clauses:
        apply_clauses(tree, source, clauses)
    return tree


def check_typed(source: str, filename: str) -> None:
    """Raise SyntaxError for an `__import_versions__` that is wrong: it governs what is typed together with it."""
    if MAPPING_NAME in source:
        from versioned_import.syntax.mapping import check_mappings

        check_mappings(source, find_clauses(source), filename)
