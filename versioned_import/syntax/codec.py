"""The `versioned` encoding: bytes to the rewritten text (spec 2.1; docs/architecture.md, D3).

A decoder can't show an error of its own before Python 3.15, so a malformed clause is left for Python's parser. The text
ends in a newline wherever the file does, gets no carriage return, and keeps its number of lines.
"""

import codecs

from versioned_import.syntax.rewrite import rewrite_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "versioned"


def lookup(name: str) -> "codecs.CodecInfo | None":
    """Return the codec for `versioned` (over UTF-8) or `versioned-BASE`; None for another name or an unknown base.

    Words of the name come with `-` or `_` between them, depending on the version of Python.
    """
    first, _, base = name.lower().replace("_", "-").partition("-")
    if first != NAME or base.startswith(NAME):
        return None
    try:
        return make_codec(name, codecs.lookup(base or "utf-8"))
    except LookupError:
        return None


def make_codec(name: str, base: "codecs.CodecInfo") -> "codecs.CodecInfo":
    """Return the codec that decodes with `base` and then rewrites; encoding is that of `base`."""

    def decode(data: "Any", errors: str = "strict") -> "tuple[str, int]":
        text, _ = base.decode(bytes(data), errors)
        return _rewritten(text), len(data)

    class IncrementalDecoder(codecs.BufferedIncrementalDecoder):
        """Waits for the whole file: a clause is only known with the text around it."""

        def _buffer_decode(self, data: "Any", errors: str, final: bool) -> "tuple[str, int]":
            return decode(data, errors) if final and data else ("", 0)

    def stream_reader(stream: "Any", errors: str = "strict") -> codecs.StreamReader:
        class StreamReader(codecs.StreamReader):  # made when it is asked for: no source file is read by one
            """Reads the stream whole at the first read."""

            def decode(self, data: bytes, errors: str = "strict") -> "tuple[str, int]":
                return decode(data + self.stream.read(), errors)

        return StreamReader(stream, errors)

    return codecs.CodecInfo(
        name=name.replace("_", "-"),
        encode=base.encode,
        decode=decode,
        incrementalencoder=base.incrementalencoder,
        incrementaldecoder=IncrementalDecoder,
        streamwriter=base.streamwriter,
        streamreader=stream_reader,
    )


def _rewritten(text: str) -> str:
    rewritten = rewrite_text(text)
    # gh-102353: a decoder's text without a final newline is a syntax error up to 3.14. Only a text of several lines
    # is a file; tokenize hands over single lines, which it must get back as they are.
    if rewritten is not text and not rewritten.endswith(("\n", "\r")):
        rewritten += "\n"
    return rewritten
