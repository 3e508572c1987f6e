"""What a clause may hold (spec 1.3, 1.4): checked without `packaging`, which a warm import can't afford.

The forms are those of PEP 440 (versions, specifiers) and PEP 508 (names, extras); a test compares every answer with
`packaging`.
"""

from __future__ import annotations

_RELEASE = r"v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*"
_PRE = r"(?:[-_.]?(?:alpha|beta|preview|pre|a|b|c|rc)[-_.]?[0-9]*)?"
_POST = r"(?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?"
_DEV = r"(?:[-_.]?dev[-_.]?[0-9]*)?"
_LOCAL = r"(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?"
_PUBLIC = _RELEASE + _PRE + _POST + _DEV
_VERSION = f"{_PUBLIC}{_LOCAL}"
_SPECIFIER = (
    rf"(?:(?:==|!=)[ \t]*(?:{_RELEASE}\.\*|{_VERSION})"
    rf"|(?:<=|>=|<|>)[ \t]*{_PUBLIC}"
    rf"|~=[ \t]*v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)+{_PRE}{_POST}{_DEV}"
    r"|===[ \t]*[^\s;),]+)"
)
_SET = rf"{_SPECIFIER}(?:[ \t]*,[ \t]*{_SPECIFIER})*"
_NAME = r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"
_EXTRAS = rf"(?:\[[ \t]*(?:{_NAME}(?:[ \t]*,[ \t]*{_NAME})*)?[ \t]*\])?"
_PATTERNS = {
    "version": rf"{_RELEASE}\.\*|{_VERSION}",
    "set": _SET,
    "requirement": rf"{_NAME}[ \t]*{_EXTRAS}[ \t]*(?:{_SET})",
}


def is_version(text: str) -> bool:
    """Tell whether `text` is one PEP 440 version without white space, with an optional `.*` after a bare release."""
    if text.replace(".", "").isdigit() and text.isascii():  # the usual clause needs no pattern
        return all(text.split("."))
    return _matches("version", text)


def is_quoted_clause(text: str) -> bool:
    """Tell whether `text` may stand in a quoted clause: a version, a specifier set, or a name with specifiers."""
    return is_version(text) or _matches("set", text.strip(" \t")) or _matches("requirement", text.strip(" \t"))


def is_set(text: str) -> bool:
    """Tell whether a clause is a specifier set without a name."""
    return text.strip(" \t")[:1] in ("<", ">", "=", "!", "~")


def _matches(form: str, text: str) -> bool:
    import re  # compiling these patterns costs milliseconds: only for a clause that is more than digits and dots

    return text.isascii() and re.fullmatch(_PATTERNS[form], text, re.IGNORECASE | re.ASCII) is not None
