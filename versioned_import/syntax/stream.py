"""The `versioned` encoding of a stream of bytes, as `codecs.open` has it."""

import codecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Stream(codecs.StreamReader):
    """Reads the stream whole at the first read: a clause is only known with the text around it."""

    def __init__(self, stream: "Any", errors: str, decode: "Callable[[bytes, str], tuple[str, int]]") -> None:
        super().__init__(stream, errors)
        self._decode = decode

    def decode(self, data: bytes, errors: str = "strict") -> "tuple[str, int]":
        """Return the rewritten text of these bytes and of all that follow in the stream."""
        return self._decode(data + self.stream.read(), errors)
