"""Loading source files whose clauses are rewritten by the import hook (spec 2.2, 2.3; docs/architecture.md, D3)."""

from __future__ import annotations

import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source, decode_source, source_from_cache

from versioned_import.syntax.hook import TAG

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from types import CodeType
    from typing import Any

# It lets through what clauses.hits looks at more closely, and begins with a literal, which `re` finds at 2 GB/s.
_GATE = rb"version(?:s__|(?:[ \t\f]|\\\r\n|\\[\r\n])*[\"'0-9vV])"
_MAPPING = b"__import_versions__"
_END = b"whole"
"""What the compiled file of a rewritten module ends with, behind its code: on a full disk, Python 3.11 takes a file for written
of which only a part is (gh-126606)."""
_SMALL = 50_000
"""Up to so many bytes, the scanner answers sooner than `re` and the rest of it are imported."""


def compile_source(data: bytes, filename: str, mode: str = "exec", optimize: int = -1) -> tuple[CodeType, bool]:
    """Return the code of a source file and whether the hook rewrote anything in it.

    A file with the `versioned` cookie is compiled from the codec's text, as everywhere; a file without a clause by
    Python alone. Raises SyntaxError that names the clause where a clause is the reason.
    """
    tree = parse_with_clauses(data, filename)
    if tree is None:
        try:
            return compile(data, filename, mode, dont_inherit=True, optimize=optimize), False
        except SyntaxError as error:
            raise _explained(error, data, filename) from None
    return compile(tree, filename, mode, dont_inherit=True, optimize=optimize), True


def parse_with_clauses(data: bytes, filename: str) -> ast.Module | None:
    """Return the rewritten tree of a source file, or None if Python should compile the file as it stands."""
    if not may_have_clause(data) or has_cookie(data):
        return None
    try:
        source = decode_text(data)
    except (UnicodeDecodeError, SyntaxError):
        return None  # Python itself says what is wrong with the encoding
    return parse_text(source, filename)


def parse_text(source: str, filename: str) -> ast.Module | None:
    """Return the rewritten tree of a source text, or None if nothing in it has a clause.

    Raises SyntaxError that names the clause, or the part of the mapping, where that is the reason.
    """
    from versioned_import.syntax.clauses import MAPPING_NAME, find_clauses
    from versioned_import.syntax.rewrite import all_clauses

    if MAPPING_NAME in source:
        from versioned_import.syntax.mapping import check_mappings

        check_mappings(source, find_clauses(source), filename)
    clauses = all_clauses(source)
    if not clauses:
        return None
    from versioned_import.syntax.tree import rewrite_tree

    try:
        return rewrite_tree(source, clauses, filename)
    except SyntaxError as error:
        from versioned_import.syntax.problems import explain

        raise explain(error, source, filename) from None


def check_text(source: str, filename: str) -> None:
    """Raise the SyntaxError that explains what is wrong with a source text, if anything is; a cookie counts for nothing."""
    from versioned_import.syntax.parsing import parse

    try:
        if parse_text(source, filename) is None:
            parse(source, filename)
    except SyntaxError as error:
        from versioned_import.syntax.problems import explain

        raise explain(error, source, filename) from None


def may_have_clause(data: bytes) -> bool:
    """Tell whether the bytes of a source file can hold a clause or the mapping of spec 1.8; False is certain."""
    if b"version" not in data:
        return False
    if len(data) < _SMALL and "re" not in sys.modules:
        return True
    import re

    return re.search(_GATE, data) is not None


def has_cookie(data: bytes) -> bool:
    """Tell whether line 1 or 2 declares the `versioned` encoding (PEP 263)."""
    return bool(_cookie(data))


def decode_text(data: bytes) -> str:
    """Return the text of a source file with the line breaks translated as Python does; of a cookie file, the codec's."""
    try:
        return _decoded(data) if _is_surely_utf8(data) else decode_source(data)
    except UnicodeDecodeError:
        return decode_source(data)  # which says as much as Python does


def read_text(data: bytes) -> str:
    """Return the text of a source file as it was written, the `versioned` cookie taken for its base encoding."""
    cookie = _cookie(data)
    if not cookie:
        return decode_text(data)
    return _decoded(data, cookie.replace("_", "-").partition("-")[2] or "utf-8")


def _decoded(data: bytes, encoding: str = "utf-8-sig") -> str:
    return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def _is_surely_utf8(data: bytes) -> bool:
    """Tell whether lines 1 and 2 name no encoding at all (PEP 263); else `tokenize` is asked, whose import takes long."""
    # Breaks of two characters count twice here, so these are two lines at least.
    return len(data) < _SMALL and not any(b"coding" in line for line in data.replace(b"\r", b"\n").split(b"\n", 4)[:4])


def _cookie(data: bytes) -> str:
    """Return the encoding that the cookie declares if it is one of ours, in lower case, else ""."""
    if _is_surely_utf8(data):
        return ""
    from io import BytesIO
    from tokenize import detect_encoding

    try:
        encoding = detect_encoding(BytesIO(data).readline)[0].lower()
    except SyntaxError:
        return ""  # Python itself says what is wrong with the encoding
    return encoding if encoding.startswith("versioned") else ""


def _explained(error: SyntaxError, data: bytes, filename: str) -> SyntaxError:
    from versioned_import.syntax.problems import explain

    if _MAPPING in data and has_cookie(data):
        try:
            check_text(read_text(data), filename)  # the codec has broken the text where its mapping is wrong
        except SyntaxError as told:
            return told
        except UnicodeDecodeError:
            return error
    try:
        # From 3.14 on, Python's decoder refuses a NUL before anybody can say where it stands.
        return explain(error, decode_text(data.replace(b"\0", b"\x01")).replace("\x01", "\0"), filename)
    except (UnicodeDecodeError, SyntaxError):
        return error


class VersionedLoader(SourceFileLoader):
    """A source loader that rewrites clauses; compiled files of rewritten modules have a tag of their own.

    A module with clauses never has a valid plain .pyc, so an interpreter without the hook reports a SyntaxError instead
    of running code it can't serve; a module without clauses keeps its ordinary .pyc.
    """

    _rewritten = False

    def get_data(self, path: str) -> bytes:
        """Return a file's bytes; for a .pyc those of the tagged file, if there is one and it is whole.

        Python compiles a file with a mapping as well, and pip when it installs one: such a .pyc is refused with OSError,
        so that the source is compiled again, its imports governed.
        """
        if not path.endswith(".pyc"):
            return super().get_data(path)
        try:
            data = super().get_data(tagged(path))
            if data.endswith(_END):
                return data
        except (OSError, ValueError):
            pass
        data = super().get_data(path)
        if _MAPPING in data:
            raise OSError(f"{path} was compiled without its mapping")
        return data

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """Write a .pyc under the name that fits the module, and remove the other: never two at once."""
        if not path.endswith(".pyc"):
            super().set_data(path, data, _mode=_mode)
            return
        other = tagged(path)
        if self._rewritten:
            path, other = other, path
            data = bytes(data) + _END
        super().set_data(path, data, _mode=_mode)
        try:
            os.unlink(other)
        except OSError:
            pass

    def source_to_code(  # type: ignore[override]
        self, data: Any, path: Any, fullname: str | None = None, *, _optimize: int = -1
    ) -> CodeType:
        """Return the code of a module; Python calls it once for each import without a valid .pyc."""
        if not isinstance(data, bytes):
            code: CodeType = super().source_to_code(data, path)
            return code
        code, rewritten = compile_source(data, os.fspath(path), optimize=_optimize)
        self._rewritten = rewritten or _MAPPING in data
        return code


def tagged(pyc: str) -> str:
    """Return the name of the compiled file of a rewritten module; raises ValueError for a path outside `__pycache__`."""
    level = sys.flags.optimize or ""
    return cache_from_source(source_from_cache(pyc), optimization=f"{level}{TAG}")
