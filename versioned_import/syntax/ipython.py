"""Version clauses in the cells of IPython and Jupyter (spec 2.4).

A cell keeps its text, for the history, `In` and tracebacks: what IPython does with it is wrapped in four places, each
of which sees the clauses blanked or hidden. All positions are those of the cell. Of two more, one lets our errors end at
the cell, and one lets completion know the names that can be imported.
"""

from __future__ import annotations

import re
import sys
from functools import partial
from weakref import WeakKeyDictionary

from versioned_import.syntax.clauses import MAPPING_NAME, find_clauses
from versioned_import.syntax.mask import mask
from versioned_import.syntax.own_frames import drop_own_frames
from versioned_import.syntax.problems import explain
from versioned_import.syntax.rewrite import all_clauses
from versioned_import.syntax.tree import apply_clauses, in_users_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable
    from typing import Any

_loaded: WeakKeyDictionary[Any, Extension] = WeakKeyDictionary()
# Letters that an identifier may have and few cells do: enough for one a clause.
_LETTERS = range(0x4E00, 0x9FA0)
_UNQUOTED = re.compile(r"[\w.!+*-]+\Z")


def load(shell: Any, cell_names: dict[str, str], offered_names: Callable[[], set[str]]) -> None:
    """Let the cells of an IPython shell have version clauses; once more changes nothing.

    Messages call a cell what `cell_names` says of its file name, which is filled in; completion offers the other names.
    """
    if shell not in _loaded:
        _loaded[shell] = Extension(shell, cell_names, offered_names)


def unload(shell: Any) -> None:
    """Leave the shell as it was before `load`; what cells imported stays."""
    extension = _loaded.pop(shell, None)
    if extension is not None:
        extension.remove()


class Extension:
    """What stands around the methods of one shell and its parts.

    Not a transformer of the input, which IPython offers for this: what that gives is the text of tracebacks and of `In`.
    """

    def __init__(self, shell: Any, cell_names: dict[str, str], offered_names: Callable[[], set[str]]) -> None:
        self._active = True
        self._wrapped: list[tuple[Any, str, Any]] = []
        transformers = shell.input_transformer_manager
        self._wrap(transformers, "transform_cell", _transform_cell)
        self._wrap(transformers, "check_complete", _check_complete)
        self._wrap(shell, "should_run_async", _should_run_async)
        self._wrap(shell, "showtraceback", _showtraceback)
        self._wrap(shell.compile, "ast_parse", partial(_ast_parse, shell.compile, cell_names))
        completion = sys.modules.get("IPython.core.completerlib")
        if completion is not None:
            self._wrap(completion, "get_root_modules", partial(_get_root_modules, offered_names))

    def _wrap(self, owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
        original = getattr(owner, name)

        def wrapped(*arguments: Any, **options: Any) -> Any:
            # Somebody who wrapped it after us goes on calling this one when we are unloaded.
            return wrapper(original, *arguments, **options) if self._active else original(*arguments, **options)

        setattr(owner, name, wrapped)
        self._wrapped.append((owner, name, wrapped))
        wrapped.__wrapped__ = original  # type: ignore[attr-defined]

    def remove(self) -> None:
        """Take away what nobody has wrapped since; the rest does nothing from now on."""
        self._active = False
        for owner, name, wrapped in self._wrapped:
            if vars(owner).get(name) is wrapped:
                delattr(owner, name)
                if getattr(owner, name, None) != wrapped.__wrapped__:
                    setattr(owner, name, wrapped.__wrapped__)  # it was not the class's


def _transform_cell(original: Callable[[str], str], cell: str) -> str:
    """Let IPython find its magics in a cell; Python's tokenizer, which it asks, refuses many a version."""
    text, hidden = _hidden(cell)
    transformed = original(text)
    for placeholder, written in hidden:
        transformed = transformed.replace(placeholder, written)
    return transformed


def _hidden(cell: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the cell with an identifier of the same length for each unquoted version, and what each stands for."""
    letters = (letter for letter in map(chr, _LETTERS) if letter not in cell)
    hidden: list[tuple[str, str]] = []
    parts: list[str] = []
    at = 0
    for clause in find_clauses(cell):
        found = _UNQUOTED.search(cell, clause.start + len("version"), clause.end)
        letter = next(letters, "") if found is not None else ""
        if found is None or not letter:
            continue
        placeholder = letter * len(found[0])
        hidden.append((placeholder, found[0]))
        parts += cell[at : found.start()], placeholder
        at = found.end()
    return "".join((*parts, cell[at:])), hidden


def _check_complete(original: Callable[[str], Any], cell: str) -> Any:
    """Tell whether a cell is complete, which its clauses have no part in."""
    return original(mask(cell, find_clauses(cell)))


def _should_run_async(original: Callable[..., bool], raw_cell: str, **options: Any) -> bool:
    """Tell whether a cell awaits something at its top level: IPython compiles the text to find out."""
    cell = options.get("transformed_cell")
    if cell:
        options["transformed_cell"] = mask(cell, find_clauses(cell))
    return original(raw_cell, **options)


def _showtraceback(original: Callable[..., None], exc_tuple: Any = None, *arguments: Any, **options: Any) -> None:
    """Show an error; one of ours ends at the statement, as if Python itself had raised it."""
    drop_own_frames(exc_tuple[1] if exc_tuple else sys.exception())
    original(exc_tuple, *arguments, **options)


def _get_root_modules(offered_names: Callable[[], set[str]], original: Callable[[], list[str]]) -> list[str]:
    """Return what completion offers behind `import`: it looks into the directories of `sys.path` only."""
    return sorted({*original(), *offered_names()})


def _ast_parse(
    compiler: Any,
    cell_names: dict[str, str],
    original: Callable[..., ast.Module],
    source: str,
    filename: str = "<unknown>",
    symbol: str = "exec",
) -> ast.Module:
    """Parse a cell; the names in its import statements are all that differs.

    Raises SyntaxError that names the clause, or the part of the mapping, where that is the reason.
    """
    if not isinstance(source, str):
        return original(source, filename, symbol)
    cell = compiler.format_code_name(filename)
    if cell is not None:
        cell_names[filename] = cell[1]
    if MAPPING_NAME in source:
        from versioned_import.syntax.mapping import check_mappings

        check_mappings(source, find_clauses(source), filename)
    clauses = all_clauses(source)
    try:
        tree = original(mask(source, clauses), filename, symbol)
    except SyntaxError as error:
        raise explain(in_users_words(error, source), source, filename) from None
    if clauses:
        apply_clauses(tree, source, clauses)
    return tree
