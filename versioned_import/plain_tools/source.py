"""One source file as it lies on the disk: bytes, base encoding, text with its own line breaks, clauses; and writing it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass
from io import BytesIO
from tokenize import detect_encoding
from typing import TYPE_CHECKING

from versioned_import.errors import Advised, VersionedImportError
from versioned_import.syntax.clauses import find_clauses
from versioned_import.syntax.loader import may_have_clause

if TYPE_CHECKING:
    from io import FileIO

    from versioned_import.syntax.clauses import Clause

# What PEP 263 takes for a declaration: in a comment that has its line for itself.
_DECLARATION = re.compile(r"[ \t\f]*#.*?(coding[:=][ \t]*([-\w.]+))")
_EMPTY_OR_COMMENT = re.compile(r"\ufeff?[ \t\f]*(?:#.*)?\r?$")
OURS = "versioned"


class SourceError(Advised, VersionedImportError):
    """A source file can't be masked, converted, or given its clauses back; it is as it was.

    `request` is the file, or the place in it (`app.py:5`).
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file's bytes and what they say; offsets are those of `text`."""

    path: str
    data: bytes
    encoding: str
    """The base encoding: what the cookie says behind `versioned-`, else what Python would take."""
    text: str
    """With the line breaks, and the byte order mark, that the file has."""
    declaration: re.Match[str] | None
    """The encoding's declaration: group 1 from `coding` on, group 2 the name."""
    clauses: list[Clause]
    """Those that stand in statements."""

    @property
    def has_cookie(self) -> bool:
        """Whether the declaration is `coding: versioned`, or of that family."""
        return self.declaration is not None and self.declaration[2].lower().startswith(OURS)

    @property
    def newline(self) -> str:
        """The line break that the first line has."""
        found = re.search(r"\r\n|\n|\r", self.text)
        return found[0] if found else "\n"

    def encoded(self, text: str) -> bytes:
        """Return the bytes of another text for this file; raises SourceError if its encoding can't say that."""
        try:
            return text.encode(self.encoding, "strict")
        except UnicodeError as error:
            raise SourceError(self.path, f"the new text can't be written as {self.encoding}: {error}", "") from None


def parse_source(path: str, data: bytes) -> Source:
    """Return what some bytes say as a source file; raises SourceError if they are no text, or of no known encoding."""
    try:
        encoding = detect_encoding(BytesIO(data).readline)[0]
        if encoding.lower().startswith(OURS):
            encoding = encoding.replace("_", "-").partition("-")[2] or "utf-8"
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding  # the mark stays in the text
        text = data.decode(encoding)
        same = text.encode(encoding) == data
    except SyntaxError as error:
        raise SourceError(path, str(error.msg), "") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(f"{path}:{line}", f"it is not {encoding}: {error.reason}", "") from None
    except (ValueError, LookupError) as error:  # a codec that is not for whole texts, or for no texts
        raise SourceError(path, f"it can't be read as {encoding}: {error}", "") from None
    if not same:
        raise SourceError(path, f"its text, written as {encoding} again, would have other bytes", "")
    return Source(
        path=path,
        data=data,
        encoding=encoding,
        text=text,
        declaration=find_declaration(text),
        clauses=find_clauses(text),
    )


def read_source(path: str) -> Source:
    """Return a file; raises OSError, and SourceError as `parse_source` does."""
    with open(path, "rb") as opened:
        return parse_source(path, opened.read())


def may_need_mask(data: bytes) -> bool:
    """Tell whether plain Python might not understand a file for a clause, or the cookie; False is certain."""
    return may_have_clause(data) or OURS.encode() in b"".join(data.split(b"\n", 2)[:2]).lower()


def find_declaration(text: str) -> re.Match[str] | None:
    """Return where line 1 or 2 declares an encoding (PEP 263), or None."""
    start = 1 if text.startswith("\ufeff") else 0
    for _ in range(2):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        found = _DECLARATION.match(text, start, end)
        if found or not _EMPTY_OR_COMMENT.match(text[start:end]):
            return found
        start = end + 1
    return None


def check_writable(path: str) -> None:
    """Raise SourceError for a file that is read-only; root isn't stopped by the modes of files, but is meant by them."""
    mode = stat.S_IMODE(os.stat(path).st_mode)
    if not mode & 0o222 or not os.access(path, os.W_OK):
        raise SourceError(
            path, f"it is read-only (mode {mode:04o}), and is left as it is", "chmod u+w makes it writable."
        )


def write_source(source: Source, data: bytes) -> None:
    """Put other bytes into a file, whole or not at all: mode, owner and group stay, and links, hard ones too, stay links.

    Raises SourceError if the file isn't any more what was read, or may not be written, and OSError.
    """
    target = os.path.realpath(source.path)
    with open(target, "rb") as opened:
        found = opened.read()
        status = os.fstat(opened.fileno())
    if found == data:
        return  # by another of its names
    if found != source.data:
        raise SourceError(source.path, "it was changed meanwhile, and is left as it is now", "Run it again.")
    check_writable(source.path)
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=os.path.dirname(target))
    try:
        with open(handle, "wb") as file:
            file.write(data)
        shutil.copymode(target, temporary)
        if status.st_nlink == 1 and _is_given_to_the_same(temporary, target, status):
            os.replace(temporary, target)
            return
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _overwrite(source, target, data, temporary)
    os.unlink(temporary)


def _is_given_to_the_same(temporary: str, target: str, status: os.stat_result) -> bool:
    """Give a file the owner, group and access lists of another, and tell whether it has them now."""
    # Of somebody else's file, only root can keep the owner; Windows knows neither.
    with contextlib.suppress(OSError, AttributeError):
        os.chown(temporary, status.st_uid, status.st_gid)
        os.chmod(temporary, stat.S_IMODE(status.st_mode))  # a new owner takes set-user-id away
    now = os.stat(temporary)
    same = (now.st_uid, now.st_gid, now.st_mode) == (status.st_uid, status.st_gid, status.st_mode)
    if same and hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            return os.listxattr(temporary) == os.listxattr(target)
    return same


def _overwrite(source: Source, target: str, data: bytes, complete: str) -> None:
    """Write into a file itself; if that fails, it gets its old bytes again, or `complete`, which has the new ones, is named."""
    with open(target, "r+b", buffering=0) as file:
        try:
            _write_into(file, data)
        except BaseException as error:
            try:
                _write_into(file, source.data)
            except OSError:
                reason = f"only a part of it could be written ({error})"
                raise SourceError(source.path, reason, f"All of the new text is in {complete}") from None
            os.unlink(complete)
            raise


def _write_into(file: FileIO, data: bytes) -> None:
    file.seek(0)
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
    file.truncate(len(data))
    os.fsync(file.fileno())
