"""Source text to plain Python, as text for the codec; `tree.py` does it as a syntax tree for the hook, the runner and the REPL.

In both, a statement with a clause stays an import statement, of a pseudo module name (docs/architecture.md, D2 and D3).
"""

from versioned_import.syntax import pseudo
from versioned_import.syntax.clauses import MAPPING_NAME, find_clauses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from versioned_import.syntax.clauses import Clause


def all_clauses(source: str) -> "list[Clause]":
    """Return the clauses of a text: those of its statements, and those its `__import_versions__` adds (spec 1.8)."""
    clauses = find_clauses(source)
    if MAPPING_NAME not in source:
        return clauses
    from versioned_import.syntax import mapping

    return mapping.add_governed(source, clauses)


def rewrite_text(source: str) -> str:
    """Return the codec's text: every clause spliced on its own line, all else as it was. Never raises."""
    if MAPPING_NAME in source:
        from versioned_import.syntax.mapping import spoil_mappings

        own = find_clauses(source)
        spoiled = spoil_mappings(source, own)
        if spoiled is not None:
            from versioned_import.syntax.mask import mask

            at, reason = spoiled
            plain = mask(source, own)  # else Python would stop at a good clause above
            return f"{plain[:at]}{reason}{plain[at:]}"
    clauses = all_clauses(source)
    if not clauses:
        return source
    parts: list[str] = []
    at = 0
    for clause in clauses:
        name, renaming = replacement(clause)
        binding = f" as {renaming}" if renaming else ""
        if source[clause.end : clause.end + 1].isidentifier():  # `version "1"as b`, which the name would swallow
            binding += " "
        # The line breaks stand in front of the name: behind it, one could be the last thing of the file.
        parts += source[at : clause.name_start], _continuations(source, clause), name, binding
        at = clause.end
    return "".join((*parts, source[at:]))


def replacement(clause: "Clause") -> "tuple[str, str]":
    """Return the pseudo module name for a clause, and the name to bind where the statement itself gives none."""
    if clause.form == "from" or clause.renamed:
        return pseudo.encode(clause.name, clause.text), ""
    top, dot, _ = clause.name.partition(".")
    return pseudo.encode(clause.name, clause.text, top=bool(dot)), top


def _continuations(source: str, clause: "Clause") -> str:
    """Return the backslash line breaks inside a replaced stretch: a rewritten statement keeps its lines."""
    stretch = source[clause.name_start : clause.end]
    if "\\" not in stretch:
        return ""
    import re

    return "".join(f" {found}" for found in re.findall(r"\\(?:\r\n|[\r\n])", stretch))
