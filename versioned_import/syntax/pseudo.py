"""The pseudo module name: import name and version clause in one identifier, and back.

`import requests version 2.31` becomes `import _versioned_requests_v2_31 as requests`, and a finder answers for that name
(docs/architecture.md, D2). The format is a contract that never changes once released: compiled files of the codec hold
such names and can't be told from fresh ones. It is

    _versioned_  NAME  _v|_q  CLAUSE        the module that the import name means
    _versioned_  NAME  _tv|_tq  CLAUSE      the same, then its top-level package: what `import a.b` binds

where NAME doubles each underscore and writes a dot as `_d`; CLAUSE after `v` is letters, digits and single dots written
as underscores; CLAUSE after `q` writes every character but ASCII letters and digits as an underscore and two hex digits.
"""

PREFIX = "_versioned_"


def encode(name: str, clause: str, *, top: bool = False) -> str:
    """Return the pseudo module name for an import name and the text of its clause (ASCII, without quotes)."""
    kind = "t" if top else ""
    escaped = name.replace("_", "__").replace(".", "_d")
    if is_plain(clause):
        return f"{PREFIX}{escaped}_{kind}v{clause.replace('.', '_')}"
    return f"{PREFIX}{escaped}_{kind}q{''.join(map(_escape, clause))}"


def decode(pseudo: str) -> "tuple[str, str, bool] | None":
    """Return import name, clause and whether the top-level package is meant; None for any other name."""
    if not pseudo.startswith(PREFIX):
        return None
    name, rest = _decode_name(pseudo[len(PREFIX) :])
    top = rest.startswith("t")
    form, text = rest[top : top + 1], rest[top + 1 :]
    if not name or not text or form not in ("v", "q"):
        return None
    clause = text.replace("_", ".") if form == "v" else _unescape(text)
    # One name, one meaning: what encode() would not have written is not ours.
    if clause is None or encode(name, clause, top=top) != pseudo:
        return None
    return name, clause, top


def is_plain(clause: str) -> bool:
    """Tell whether a clause is letters, digits and single dots between them."""
    return clause.isascii() and all(part.isalnum() for part in clause.split("."))


def _decode_name(text: str) -> "tuple[str, str]":
    """Return the import name that `text` begins with, and what follows the underscore that ends it."""
    name: list[str] = []
    at = 0
    while (found := text.find("_", at)) >= 0:
        name.append(text[at:found])
        mark = text[found + 1 : found + 2]
        if mark not in ("_", "d"):
            return "".join(name), text[found + 1 :]
        name.append("_" if mark == "_" else ".")
        at = found + 2
    return "", ""


def _escape(character: str) -> str:
    return character if character.isalnum() and character.isascii() else f"_{ord(character):02x}"


def _unescape(text: str) -> "str | None":
    first, *others = text.split("_")
    try:
        return first + "".join(chr(int(part[:2], 16)) + part[2:] for part in others)
    except ValueError:
        return None
