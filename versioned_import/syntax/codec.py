"""The `versioned` encoding: bytes to the rewritten text (spec 2.1; docs/architecture.md, D3).

A decoder can't show an error of its own before Python 3.15, so a malformed clause is left for Python's parser. The text
ends in a newline wherever the file does, gets no carriage return, and keeps its number of lines.
"""

import codecs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

NAME = "versioned"


def lookup(name: str, rewrite: "Callable[[str], str] | None" = None) -> "codecs.CodecInfo | None":
    """Return the codec for `versioned` (over UTF-8) or `versioned-BASE`; None for another name or an unknown base.

    `rewrite` makes the rewritten text, or has it from somewhere; else `rewrite.rewrite_text` does.
    Words of the name come with `-` or `_` between them, depending on the version of Python.
    """
    first, _, base = name.lower().replace("_", "-").partition("-")
    if first != NAME or base.startswith(NAME):
        return None
    try:
        return make_codec(name, codecs.lookup(base or "utf-8"), rewrite or rewrite_text)
    except LookupError:
        return None


def make_codec(name: str, base: "codecs.CodecInfo", rewrite: "Callable[[str], str]") -> "codecs.CodecInfo":
    """Return the codec that decodes with `base` and then rewrites; encoding is that of `base`."""

    def decode(data: "Any", errors: str = "strict") -> "tuple[str, int]":
        text, _ = base.decode(bytes(data), errors)
        return _ended(rewrite(text), text), len(data)

    def decode_in_the_end(data: "Any", errors: str, final: bool) -> "tuple[str, int]":
        return decode(data, errors) if final and data else ("", 0)

    def incremental_decoder(errors: str = "strict") -> codecs.BufferedIncrementalDecoder:
        # It waits for the whole file: a clause is only known with the text around it. A class of its own would take longer.
        decoder = codecs.BufferedIncrementalDecoder(errors)  # type: ignore[abstract]
        decoder._buffer_decode = decode_in_the_end  # type: ignore[assignment]  # noqa: SLF001 the one place for it
        return decoder

    def stream_reader(stream: "Any", errors: str = "strict") -> codecs.StreamReader:
        from versioned_import.syntax.stream import Stream  # no source file is read by one

        return Stream(stream, errors, decode)

    return codecs.CodecInfo(
        name=name.replace("_", "-"),
        encode=base.encode,
        decode=decode,
        incrementalencoder=base.incrementalencoder,
        incrementaldecoder=incremental_decoder,
        streamwriter=base.streamwriter,
        streamreader=stream_reader,
    )


def rewrite_text(text: str) -> str:
    """Return the rewritten text, made by the scanner."""
    from versioned_import.syntax import rewrite

    return rewrite.rewrite_text(text)


def _ended(rewritten: str, text: str) -> str:
    # gh-102353: a decoder's text without a final newline is a syntax error up to 3.14. Only a text of several lines
    # is a file; tokenize hands over single lines, which it must get back as they are.
    if rewritten is not text and not rewritten.endswith(("\n", "\r")):
        rewritten += "\n"
    return rewritten
