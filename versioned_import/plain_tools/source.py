"""One source file as it lies on the disk: bytes, base encoding, text with its own line breaks, clauses; and writing it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from io import BytesIO
from tokenize import detect_encoding
from typing import TYPE_CHECKING

from versioned_import.errors import VersionedImportError
from versioned_import.syntax.clauses import find_clauses
from versioned_import.syntax.loader import may_have_clause

if TYPE_CHECKING:
    from versioned_import.syntax.clauses import Clause

# What PEP 263 takes for a declaration: in a comment that has its line for itself.
_DECLARATION = re.compile(r"[ \t\f]*#.*?(coding[:=][ \t]*([-\w.]+))")
_EMPTY_OR_COMMENT = re.compile(r"\ufeff?[ \t\f]*(?:#.*)?\r?$")
OURS = "versioned"


class SourceError(VersionedImportError):
    """A source file can't be masked, converted, or given its clauses back; it is as it was.

    `request` is the file, or the place in it (`app.py:5`).
    """

    __match_args__ = ("request", "reason", "advice")
    request: str
    reason: str
    advice: str

    def __str__(self) -> str:
        advice = f"\n  {self.advice}" if self.advice else ""
        return f"{self.request}: {self.reason}{advice}"


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
        """Return the bytes of another text for this file."""
        return text.encode(self.encoding, "strict")


def parse_source(path: str, data: bytes) -> Source:
    """Return what some bytes say as a source file; raises SourceError if they are no text, or of no known encoding."""
    try:
        encoding = detect_encoding(BytesIO(data).readline)[0]
        if encoding.lower().startswith(OURS):
            encoding = encoding.replace("_", "-").partition("-")[2] or "utf-8"
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding  # the mark stays in the text
        text = data.decode(encoding)
    except SyntaxError as error:
        raise SourceError(path, str(error.msg), "") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(f"{path}:{line}", f"it is not {encoding}: {error.reason}", "") from None
    if text.encode(encoding) != data:
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


def write_source(source: Source, data: bytes) -> None:
    """Put other bytes into a file, whole or not at all: mode and owner stay, and a link stays a link.

    Raises SourceError if the file isn't any more what was read, and OSError.
    """
    target = os.path.realpath(source.path)
    with open(target, "rb") as opened:
        if opened.read() != source.data:
            raise SourceError(source.path, "it was changed meanwhile, and is left as it is now", "Run it again.")
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=os.path.dirname(target))
    try:
        with open(handle, "wb") as file:
            file.write(data)
        shutil.copymode(target, temporary)
        with contextlib.suppress(OSError):  # of somebody else's file, only root can keep the owner
            status = os.stat(target)
            os.chown(temporary, status.st_uid, status.st_gid)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
