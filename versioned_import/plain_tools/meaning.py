"""What the imports of a text mean, clause by clause: what has to be the same before and after a text was changed."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from versioned_import.plain_tools.source import SourceError
from versioned_import.syntax.mask import mask
from versioned_import.syntax.parsing import parse
from versioned_import.syntax.positions import Positions
from versioned_import.syntax.tree import import_nodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.syntax.clauses import Clause


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One name that an import statement binds, and the clause that governs it."""

    form: str
    """`import` or `from`."""
    module: str
    level: int
    """The dots of a relative import."""
    name: str
    """What is taken from the module; "" in `import`."""
    bound: str
    """The name behind `as`, else the name itself, with its dots."""
    clause: str | None = None

    def statement(self) -> str:
        """Return it as a statement of its own."""
        clause = f" version {self.clause}" if self.clause is not None else ""
        renaming = "" if self.bound == (self.name or self.module) else f" as {self.bound}"
        if self.form == "import":
            return f"import {self.module}{clause}{renaming}"
        return f"from {'.' * self.level}{self.module}{clause} import {self.name}{renaming}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an import's name stands: of all names of one `from`, the statement's beginning."""

    line: int
    offset: int


def tree_of(path: str, text: str, clauses: Sequence[Clause] = ()) -> ast.Module:
    """Return the syntax tree of a text with its clauses blanked; raises SourceError where Python can't read it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree: ast.Module = parse(mask(text, clauses).removeprefix("\ufeff"))
            return tree
    except SyntaxError as error:
        place = f"{path}:{error.lineno}" if error.lineno else path
        raise SourceError(place, error.msg, "") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise SourceError(path, str(error) or type(error).__name__, "") from None


def imports_of(tree: ast.Module, text: str, clauses: Sequence[Clause]) -> list[tuple[Import, Place]]:
    """Return each name that is imported, in the order of the text, with its clause; `clauses` are of `text`."""
    positions = Positions(text)
    waiting = sorted((positions.line_and_column(clause.name_start), clause.text) for clause in clauses)
    waiting.reverse()
    found: list[tuple[Import, Place]] = []
    for node in import_nodes(tree):
        start = positions.offset(node.lineno, node.col_offset)
        if isinstance(node, ast.ImportFrom):
            end = (node.end_lineno or 0, node.end_col_offset or 0)
            said = waiting.pop()[1] if waiting and waiting[-1][0] < end else None
            place = Place(line=node.lineno, offset=start)
            for one in node.names:
                bound = one.asname or one.name
                module = node.module or ""
                found.append(
                    (
                        Import(form="from", module=module, level=node.level, name=one.name, bound=bound, clause=said),
                        place,
                    )
                )
            continue
        for one in node.names:
            here = (one.lineno, one.col_offset)
            said = waiting.pop()[1] if waiting and waiting[-1][0] == here else None
            place = Place(line=one.lineno, offset=positions.offset(*here))
            bound = one.asname or one.name
            found.append((Import(form="import", module=one.name, level=0, name="", bound=bound, clause=said), place))
    if waiting:  # a clause that belongs to no statement of the tree
        raise AssertionError(waiting)
    return found
