"""Rewritten texts that earlier processes have kept: what the codec made of a file, found by the whole text of that file."""

import os

from versioned_import.metadata.places import cache_directory, kept_data, number_of
from versioned_import.runtime import shortcut

FORMAT = "versioned_import text 1"
MAKERS = ("clauses", "pseudo", "regions", "rewrite", "statements", "version_text")
"""The modules of `syntax/` that a rewritten text depends on, where it has no mapping of versions (spec 1.8)."""


def rewritten(source: str) -> str:
    """Return the codec's text for a source text: from an earlier process, or made now and kept for later ones."""
    if "version" not in source or "__import_versions__" in source:
        from versioned_import.syntax.codec import rewrite_text

        return rewrite_text(source)
    data = source.encode("utf-8", "surrogatepass")
    path, makers = f"{cache_directory()}{os.sep}texts{os.sep}{number_of(data):x}", made_by()
    try:
        format_word, by, original, kept = kept_data(path)
        if (format_word, by, original) == (FORMAT, makers, source):
            text: str = kept
            shortcut.begin()  # the file has a clause
            return text
    except (OSError, ValueError, EOFError, TypeError):
        pass
    from versioned_import.syntax.codec import rewrite_text

    text = rewrite_text(source)
    if text is not source:
        from versioned_import.runtime import keeping_texts

        keeping_texts.keep(path, (FORMAT, makers, source, text))
    return text


def made_by() -> "tuple[int, ...]":
    """Return what another release of the rewriting modules changes."""
    home = os.path.dirname(os.path.dirname(__file__))
    try:
        return tuple([os.stat(f"{home}/syntax/{name}.py").st_mtime_ns for name in MAKERS])
    except OSError:  # in a zip file, say
        return ()
