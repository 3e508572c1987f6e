"""Python's parser, for a process with several threads."""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TRIES = 30


def parse(source: str | bytes, filename: str = "<unknown>", mode: str = "exec") -> Any:
    """Return the syntax tree of a text; raises what `ast.parse` does.

    CPython 3.11 counts how deep a tree is for all threads together. If another thread gets its turn in the middle, which a
    collection of garbage can give it, and makes a tree too, the count is wrong and this one ends in a SystemError
    (python/cpython#106905). The text is as good as before, so it is parsed again.
    """
    for _ in range(_TRIES):
        try:
            return ast.parse(source, filename, mode)
        except SystemError:
            pass
    return ast.parse(source, filename, mode)
