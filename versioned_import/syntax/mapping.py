"""The spelling for tools that must read the file as plain Python (spec 1.8).

    __import_versions__ = {"requests": "2.31", "yaml": "PyYAML>=6"}

at module level governs the imports behind it. An import statement of a governed name, or of a module below it, gets the
clause as if it stood in the statement; a clause of its own, or that of a longer name in the mapping, goes first. Of two
mappings in one text, each governs the imports behind it, and the later one goes first. `other_bindings` finds what is none.
"""

from __future__ import annotations

import ast
import re

from versioned_import.syntax.clauses import MAPPING_NAME, Clause
from versioned_import.syntax.mask import mask
from versioned_import.syntax.other_bindings import other_bindings
from versioned_import.syntax.parsing import parse
from versioned_import.syntax.positions import Positions
from versioned_import.syntax.statements import BLANK, DOTTED
from versioned_import.syntax.version_text import is_quoted_clause

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(DOTTED)
_FROM_NAME = re.compile(rf"(?:lazy{BLANK}+)?from{BLANK}+({DOTTED})")


def add_governed(source: str, clauses: list[Clause]) -> list[Clause]:
    """Return `clauses` and one more for each import that a mapping of the text governs, in the order of the text.

    A text that Python can't parse, or a mapping that is no plain dictionary of strings, adds nothing: `problems_of` says
    why, and nobody lets such a file run.
    """
    from versioned_import.syntax.tree import import_nodes

    tree = _parsed(source, clauses)
    if tree is None:
        return clauses
    positions = Positions(source)
    taken = {clause.name_start for clause in clauses}
    added: list[Clause] = []
    mappings = [(_place(node), versions) for node in tree.body if (versions := versions_of(node))]
    for node in import_nodes(tree):
        versions = {name: text for place, mapped in mappings if place < _place(node) for name, text in mapped.items()}
        added += [clause for clause in _governed(node, versions, positions) if clause.name_start not in taken]
    return sorted((*clauses, *added), key=lambda clause: clause.name_start)


def _parsed(source: str, clauses: list[Clause]) -> ast.Module | None:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the compiler gives the same warnings again
            tree: ast.Module = parse(mask(source, clauses))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # the compiler will say the same, and `problems.explain` why
    return tree


def _place(node: ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset


def versions_of(node: ast.stmt) -> dict[str, str]:
    """Return what a module-level statement maps, if it assigns a good `__import_versions__`; else nothing."""
    value = mapping_value(node)
    if not isinstance(value, ast.Dict):
        return {}
    pairs = list(zip(value.keys, value.values, strict=True))
    if any(problem_of_pair(key, text) for key, text in pairs):
        return {}
    return {
        str(key.value): str(text.value)
        for key, text in pairs
        if isinstance(key, ast.Constant) and isinstance(text, ast.Constant)
    }


def mapping_value(node: ast.stmt) -> ast.expr | None:
    """Return the right side of an assignment to `__import_versions__`."""
    if isinstance(node, ast.Assign):
        targets: list[ast.expr] = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    else:
        return None
    named = any(isinstance(target, ast.Name) and target.id == MAPPING_NAME for target in targets)
    return node.value if named else None


def problem_of_pair(key: ast.expr | None, text: ast.expr) -> str:
    """Return what is wrong with one item of the mapping, or ""."""
    if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
        return "its keys are import names in quotes"
    if not all(part.isidentifier() for part in key.value.split(".")):
        return f"{key.value!r} is no import name"
    if key.value == "__future__":
        return "a __future__ import takes no version clause"
    if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
        return f"the clause of {key.value!r} is a text in quotes"
    if not is_quoted_clause(text.value):
        return f"{text.value!r} is no version, specifier set or requirement (PEP 440, PEP 508)"
    return ""


def problems_of(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Yield each part of a mapping that can't be used, with the reason."""
    for node in tree.body:
        value = mapping_value(node)
        if value is None:
            continue
        if not isinstance(value, ast.Dict):
            yield value, f"{MAPPING_NAME} takes a plain dictionary"
            continue
        for key, text in zip(value.keys, value.values, strict=True):
            problem = problem_of_pair(key, text)
            if problem:
                yield text, f"{MAPPING_NAME}: {problem}"


def idle_keys(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Yield each key of a mapping that governs no import, with the reason: an import would get any version in silence.

    An import counts wherever it stands below the mapping, in a function or a condition too. What only
    `importlib.import_module` imports can't be governed, so a key for it is as much in vain as a slip of the pen.
    """
    from versioned_import.syntax.tree import import_nodes

    imports = import_nodes(tree)
    for node in tree.body:
        value = mapping_value(node)
        if not versions_of(node) or not isinstance(value, ast.Dict):
            continue
        below = [one for one in imports if _place(one) > _place(node)]
        for key in value.keys:
            name = str(key.value) if isinstance(key, ast.Constant) else ""
            if key is not None and not any(_governs(name, one) for one in below):
                above = [one.lineno for one in imports if _place(one) < _place(node) and _governs(name, one)]
                yield key, f"{MAPPING_NAME}: {name!r} governs nothing: {_why_idle(name, above, below)}"


def _why_idle(key: str, above: list[int], below: list[ast.Import | ast.ImportFrom]) -> str:
    if above:
        return f"it must stand above the import of line {above[0]}"
    for node in below:
        if isinstance(node, ast.ImportFrom) and any(f"{node.module}.{one.name}" == key for one in node.names):
            return f"the key for 'from {node.module} import ...' is {node.module!r}"
    from difflib import get_close_matches

    close = get_close_matches(key.lower(), [name for node in below for name in _names(node)], 1, 0.7)
    hint = f"; did you mean {close[0]!r}?" if close else " (keys are import names, not those of distributions)"
    return f"no import of that name follows in the same file or cell{hint}"


def _governs(key: str, node: ast.Import | ast.ImportFrom) -> bool:
    return any(f"{name}.".startswith(f"{key}.") for name in _names(node))


def _names(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [] if node.level else [node.module or ""]


def check_mappings(source: str, clauses: list[Clause], filename: str) -> None:
    """Raise SyntaxError at the first part of a mapping that can't be used, is set elsewhere, or governs nothing."""
    tree = _parsed(source, clauses)
    if tree is None:
        return
    positions = Positions(source)
    for node, problem in (*problems_of(tree), *other_bindings(tree, positions), *idle_keys(tree)):
        raise _error(problem, node, positions, filename)


def spoil_mappings(source: str, clauses: list[Clause]) -> tuple[int, str] | None:
    """Return where the codec breaks a text whose mapping can't be used, and what it puts there; None for a good text.

    A decoder can't raise an error that is shown, and a mapping that does nothing would be the wrong version: so Python's
    own parser stops there, and the line it shows has the reason. Of a single line, which `tokenize` hands over without
    the file around it, nobody knows what its mapping governs, nor whether it is code.
    """
    tree = _parsed(source, clauses)
    if tree is None:
        return None
    positions = Positions(source)
    whole = (*other_bindings(tree, positions), *idle_keys(tree)) if len(source.splitlines()) > 1 else ()
    for node, problem in (*problems_of(tree), *whole):
        end = positions.offset(node.end_lineno or 0, node.end_col_offset or 0)
        return end, f" $ {problem}"
    return None


def _error(message: str, node: ast.expr, positions: Positions, filename: str) -> SyntaxError:
    line, first = positions.line(node.lineno), positions.starts[node.lineno - 1]
    start = positions.offset(node.lineno, node.col_offset) - first + 1  # an error counts characters, a node bytes
    end = len(line)
    if node.end_lineno == node.lineno:
        end = positions.offset(node.lineno, node.end_col_offset or 0) - first + 1
    return SyntaxError(message, (filename, node.lineno, start, line, node.lineno, end))


def _governed(node: ast.Import | ast.ImportFrom, versions: dict[str, str], positions: Positions) -> list[Clause]:
    if isinstance(node, ast.ImportFrom):
        start = positions.offset(node.lineno, node.col_offset)
        match = _FROM_NAME.match(positions.source, start)
        text = _clause_for(node.module or "", versions)
        if node.level or text is None or match is None:
            return []
        return [_empty_clause("from", node.module or "", match.span(1), text, renamed=False)]
    found: list[Clause] = []
    for alias in node.names:
        text = _clause_for(alias.name, versions)
        if text is None:
            continue
        start = positions.offset(alias.lineno, alias.col_offset)
        match = _NAME.match(positions.source, start)
        if match is not None:
            found.append(_empty_clause("import", alias.name, match.span(), text, renamed=bool(alias.asname)))
    return found


def _empty_clause(form: str, name: str, span: tuple[int, int], text: str, *, renamed: bool) -> Clause:
    return Clause(form=form, name=name, name_span=span, span=(span[1], span[1]), text=text, renamed=renamed)


def _clause_for(name: str, versions: dict[str, str]) -> str | None:
    """Return the clause of the longest mapped name that is `name` or a package above it."""
    while name:
        if name in versions:
            return versions[name]
        name = name.rpartition(".")[0]
    return None
