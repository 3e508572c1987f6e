"""Whether plain Python, and so a tool, may be given a file as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from versioned_import.plain_tools.meaning import tree_of
from versioned_import.plain_tools.places import PYTHON_ENDINGS, declares_cookie
from versioned_import.plain_tools.source import SourceError, may_need_mask, parse_source

if TYPE_CHECKING:
    from versioned_import.plain_tools.source import Source

# Also one that no version can be read from: `import a version latest`
_LIKE_A_CLAUSE = re.compile(rb"""[ \t\\\r\n]version[ \t\\'"]""")


def judged(path: str, *, named: bool) -> Source | SourceError | None:
    """Return a file that has to be masked; or why nobody can say that, so that it may only be looked at; or None.

    Only Python files are asked for clauses, and those that are named; every file is asked for the cookie.
    """
    cookie = declares_cookie(path)
    if not (cookie or named or path.endswith(PYTHON_ENDINGS)):
        return None
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return None  # the tool will say so
    python = path.endswith((".py", ".pyi", ".pyw"))
    if not (may_need_mask(data) or (python and _LIKE_A_CLAUSE.search(data))):
        return None
    try:
        source = parse_source(path, data)
        if source.clauses or source.has_cookie:
            return source
        if python and _LIKE_A_CLAUSE.search(data):
            tree_of(path, source.text)
    except SourceError as error:
        return error
    return None


def refusal(error: SourceError) -> SourceError:
    """Return what is said of a file that a tool has changed although it can't be read."""
    reason = f"{error.reason}: as it may have clauses, what the tool made of it is not taken over"
    return SourceError(error.request, reason, "The file is as it was.")
