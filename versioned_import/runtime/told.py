"""The text by which child processes learn what is selected: reading it, and what is rare in writing it.

`State.tell_children` writes it, which is on the warm path.
"""

from __future__ import annotations

import os
import sys

from versioned_import.metadata.candidate import from_line
from versioned_import.metadata.places import checksum
from versioned_import.runtime.state import Answered, addressee

TYPE_CHECKING = False
if TYPE_CHECKING:
    import zlib
    from collections.abc import Iterable

    from versioned_import.metadata.candidate import Candidate, CanonicalName

_LONGEST_PACKED = 32_000 if os.name == "nt" else 120_000
_LONGEST_BODY = 1 << 24
_FORMAT = "2"
_PACKED = "="
_CANDIDATE_FIELDS = 9
_ANSWERED_FIELDS = 4
_packer: tuple[str, zlib._Compress, bytes] | None = None
"""What was packed last: a program that selects one after the other packs only what is new."""


class Inherited(Answered):
    """A statement that was answered in a parent process. It is weaker than this process's own."""

    inherited = True

    @property
    def place(self) -> str:
        """Where the statement stands, for a sentence."""
        return f"{self.where}, in the parent process" if self.where else "in the parent process"


def is_for_this_python(text: str) -> bool:
    """Tell whether a text is meant for a Python of this version and prefix. Raises ValueError for a foreign text."""
    line = text.partition("\n")[0]
    words = line.split(" ", 3)
    if len(words) < 4 or words[0] != "versioned_import":  # noqa: PLR2004 words of `addressee`
        raise ValueError("it is not written by versioned_import")
    own = addressee()
    if line == own:
        return True
    if words[:3] != own.split(" ", 3)[:3]:
        return False
    # Without `site`, a virtual environment doesn't know its own prefix.
    return bool(sys.flags.no_site) or os.path.realpath(_unescaped(words[3])) == os.path.realpath(sys.prefix)


def read(text: str) -> tuple[dict[CanonicalName, Candidate], list[Answered]]:
    """Return the selection and the answered statements of a text that is for this Python. Raises ValueError."""
    _, head, body = text.split("\n", 2) if text.count("\n") > 1 else ("", "", "")
    kind, number, path = (*head.split(" ", 2), "", "", "")[:3]
    if kind != _FORMAT:
        raise ValueError("its format is not known here")
    if number != str(checksum(f"{path}{body}".encode("ascii", "replace"))):
        raise ValueError("it is not whole")
    if body.startswith(_PACKED):
        body = _unpacked(body)
    selection: dict[CanonicalName, Candidate] = {}
    answered: dict[tuple[str, ...], Inherited] = {}
    for line in body.split("\n"):
        fields = tuple(_unescaped(field) if "%" in field else field for field in line.split("\t"))
        if len(fields) == _CANDIDATE_FIELDS and os.path.isabs(fields[0]):
            candidate = from_line(fields[0], "\t".join(fields[1:]))
            selection[candidate.distribution] = candidate
        elif len(fields) == _ANSWERED_FIELDS:
            name, clause, where, distribution = fields
            # What this process inherited and asked again itself is told twice.
            answered.setdefault((name, clause, distribution), Inherited(name, clause, where, distribution))  # type: ignore[arg-type]
        else:
            raise ValueError("a line of it makes no sense")
    mark = checksum("\n".join(sorted("\t".join(one.key()) for one in selection.values())).encode("utf-8", "replace"))
    for one in answered.values():
        one.mark = f" inherited with {mark}"
    return selection, list(answered.values())


def parents_pythonpath(text: str) -> str:
    """Return the PYTHONPATH of the process that wrote a text which `read` has found good."""
    return _unescaped(text.split("\n", 2)[1].split(" ", 2)[2])


def escaped(fields: Iterable[str]) -> str:
    """Return fields as one line of ASCII, whatever is in them: bytes that may not stand there become `%` and two hex digits."""
    return "\t".join("".join(map(_escape, _encoded(field))) for field in fields)


def _encoded(field: str) -> bytes:
    try:
        return os.fsencode(field)
    except UnicodeEncodeError:
        return field.encode("ascii", "backslashreplace")  # no path that this system could have


def _escape(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 and byte != 37 else f"%{byte:02x}"  # noqa: PLR2004 space to tilde, without %


def _unescaped(field: str) -> str:
    first, *others = field.split("%")
    data = first.encode("ascii")
    for part in others:
        data += bytes.fromhex(part[:2]) + part[2:].encode("ascii")
    return os.fsdecode(data)


def packed(body: str) -> str:
    """Return lines that are too long for an environment variable in a shorter form; "" if that is too long as well."""
    import zlib
    from binascii import b2a_base64

    global _packer  # noqa: PLW0603
    before, packer, data = _packer or ("", zlib.compressobj(1), b"")
    if not body.startswith(before):
        before, packer, data = "", zlib.compressobj(1), b""
    data += packer.compress(body[len(before) :].encode())
    _packer = body, packer, data
    short = _PACKED + b2a_base64(data + packer.copy().flush(), newline=False).decode()
    return short if len(short) <= _LONGEST_PACKED else ""


def _unpacked(body: str) -> str:
    import zlib
    from binascii import Error, a2b_base64

    packer = zlib.decompressobj()
    try:
        data = packer.decompress(a2b_base64(body[1:]), _LONGEST_BODY)
    except (Error, zlib.error):
        raise ValueError("it is not whole") from None
    if not packer.eof:
        raise ValueError("it is not whole")
    return data.decode("ascii")
