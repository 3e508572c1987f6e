"""Keeps the code of several modules in the compiled file of one: `warm.py`, `starting.py` or `running.py`.

That file is a true one of its module, so Python reads it, replaces it when the module is newer, and an uninstallation takes
it along; only one of its constants is another.
"""

import _frozen_importlib_external as external
import ast
import marshal
import os
import sys

from versioned_import import loading
from versioned_import.metadata.store import replace_file
from versioned_import.syntax.parsing import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType


def keep_all(bundle: "ModuleType", home: str) -> None:
    """Write the code of all modules that `bundle` names as they are on the disk now; where that can't be, it isn't done."""
    if sys.dont_write_bytecode:
        return
    try:
        _write(bundle, home)
    except Exception:  # noqa: BLE001 no place for it, or sources that are being exchanged: the next process will see
        return


def _write(bundle: "ModuleType", home: str) -> None:
    path = str(bundle.__file__)
    target = external.cache_from_source(path)
    if not os.access(os.path.dirname(target), os.W_OK):
        return
    loader = external.SourceFileLoader(bundle.__name__, path)
    status = loader.path_stats(path)
    codes = tuple(_kept(name, loading.path_of(home, name)) for name in bundle.MODULES)
    later = [_kept(name, loading.path_of(home, name)) for name in getattr(bundle, "LATER", ())]
    code = loader.source_to_code(loader.get_data(path), path)
    kept = home, codes, tuple((*others, marshal.dumps(last)) for *others, last in later)
    constants = tuple(kept if _is_placeholder(one) else one for one in code.co_consts)
    size, changed = int(status["size"]) & 0xFFFFFFFF, int(status["mtime"]) & 0xFFFFFFFF
    header = external.MAGIC_NUMBER + b"".join(number.to_bytes(4, "little") for number in (0, changed, size))
    # Not the loader's own way: that of 3.11 takes a file for written of which a full disk took a part (gh-126606).
    replace_file(target, header + marshal.dumps(code.replace(co_consts=constants)))


def _is_placeholder(constant: object) -> bool:
    return isinstance(constant, str) and constant.startswith("put here by bundle.py")


def _kept(name: str, path: str) -> "tuple[str, tuple[int, int], str, CodeType]":
    """Return what is kept of a module."""
    before = loading.source_status(path)
    with open(path, "rb") as file:
        tree = parse(file.read(), path)
    if name not in _PUBLIC:
        tree = ast.fix_missing_locations(_Lean().visit(tree))
    code = compile(tree, path, "exec", dont_inherit=True)
    return name, before, external.cache_from_source(path), code


_PUBLIC = ("", "errors")
"""Modules of which programs see the docstrings."""


class _Lean(ast.NodeTransformer):
    """Takes away what only tools and people read: annotations, docstrings but the module's, and what is for type checkers.

    All of it would have to be read, and most of it made, at each start.
    """

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Return a function without its annotations and docstring."""
        node.returns = None
        for one in ast.walk(node.args):
            if isinstance(one, ast.arg):
                one.annotation = None
        return self.visit_ClassDef(node)

    def visit_ClassDef(self, node: "ast.ClassDef | ast.FunctionDef") -> ast.AST:
        """Return a class or function without its docstring."""
        if ast.get_docstring(node, clean=False) is not None:
            node.body[0] = ast.copy_location(ast.Pass(), node.body[0])
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Return a plain assignment; a bare annotation makes a name local, which costs nothing."""
        if node.value is None:
            node.annotation = ast.Constant(None)
            return node
        return ast.copy_location(ast.Assign([node.target], node.value), node)

    def visit_If(self, node: ast.If) -> ast.AST:
        """Return what runs."""
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.test, node.body = ast.Constant(False), [ast.copy_location(ast.Pass(), node)]
        return self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        """Return nothing for the import that made annotations texts: its module would be loaded."""
        return ast.copy_location(ast.Pass(), node) if node.module == "__future__" else node
