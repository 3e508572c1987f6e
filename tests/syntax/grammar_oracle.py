"""A second reading of version clauses, made from grammar/versioned_import.toml: the oracle that judges the scanner.

The PEG rules of the TOML file become rules of lark, in place of those in lark's own grammar of Python; its regular
expressions become terminals. Nothing of versioned_import.syntax is used: what a string holds is judged by `packaging`.

What lark can't say, or says otherwise than CPython:
- Its parser looks one token ahead. It has no `&` and `!`, which in these rules only save time and are left out; and a
  list with a comma that may follow it is written out where it is used.
- Its lexer takes `importx` for `import` and `x` where no name can stand, and a keyword for a name where no keyword can
  stand: the oracle refuses both itself.
- The text is broken into lines as CPython does it (three kinds of line ends), and indented as CPython does it (a form
  feed begins the line anew, a tab goes on to the next multiple of 8).
- Its grammar of the rest of Python is older and laxer than CPython's: `Reading.plain` is there to be given to `ast`.
"""

import itertools
import re
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache
from keyword import iskeyword
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import LarkError
from lark.indenter import PythonIndenter
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

from peg_rules import Choice, Keyword, Look, Maybe, Name, Repeat, Series, read_grammar, read_rules

GRAMMAR = read_grammar()
RULES = read_rules(GRAMMAR["peg"])
VERSION = re.compile(GRAMMAR["version"]["regex"], re.VERBOSE | re.IGNORECASE | re.ASCII)
PYTHON = """
%import python (file_input, name, NAME, STRING, LONG_STRING, COMMENT, _NEWLINE, _INDENT, _DEDENT)
%import python (import_stmt, import_name, import_from, dotted_as_names, dotted_as_name, dotted_name)
%ignore /[ \\t\\f]+/
%ignore /\\\\\\n/
%ignore COMMENT
%override name: NAME | "match" | "case" | "lazy" | "version"
%override _NEWLINE: ( /\\n[ \\t\\f]*/ | COMMENT )+
%override STRING: /([ubft]?r?|r[ubft])("(?!"")([^"\\\\\\n]|\\\\.)*"|'(?!'')([^'\\\\\\n]|\\\\.)*')/is
%override LONG_STRING: /([ubft]?r?|r[ubft])(\"\"\"([^\\\\]|\\\\.)*?\"\"\"|'''([^\\\\]|\\\\.)*?''')/is
"""


@dataclass(frozen=True)
class Found:
    """One clause: lines count from 1, columns from 0, in characters; both those of the word `version`."""

    line: int
    column: int
    name: str
    clause: str


@dataclass(frozen=True)
class Reading:
    """What the oracle read: the clauses, and the text without them and without `lazy`, for CPython to judge."""

    clauses: list[Found]
    plain: str


class RefusedError(Exception):
    """The oracle takes the text for no program."""


class CPythonIndenter(PythonIndenter):
    """Lark's indenter, which counts tabs and form feeds as CPython does."""

    def handle_NL(self, token):  # noqa: N802 lark's name
        lines, _, blanks = token.rpartition("\n")
        width = len(blanks.rpartition("\f")[2].expandtabs(8))
        yield from super().handle_NL(token.update(value=f"{lines}\n{' ' * width}"))


def read(source: str) -> Reading:
    """Return the clauses of a program. Raises RefusedError."""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    try:
        tree = parser().parse(f"{text}\n")
    except (LarkError, AssertionError) as error:  # lark asserts that no bracket closes before it opens
        raise RefusedError(str(error)) from None
    for token in tree.scan_values(lambda one: one.isalpha() or one.type == "NAME"):
        check_word(token, text[token.end_pos : token.end_pos + 1])
    found: list[Found] = []
    spans: list[tuple[int, int]] = []
    for statement in tree.find_data("import_stmt"):
        first = statement.children[0].children[0]
        if isinstance(first, Token) and first.type == "LAZY":
            spans.append((first.start_pos, first.end_pos))
        for name, clause in clauses_of(statement):
            spans.append((clause.meta.start_pos, clause.meta.end_pos))
            found.append(judged(name, clause, statement))
    found.sort(key=lambda one: (one.line, one.column))
    return Reading(found, without(text, spans))


def check_word(token: Token, behind: str) -> None:
    """Refuse what lark's lexer should not have let through."""
    if token.type == "NAME" and (iskeyword(token) or not token.isidentifier()):
        raise RefusedError(f"{token!r} is no name")
    if token.isalpha() and re.match(r"\w", behind):
        raise RefusedError(f"{token!r} does not end there")


def clauses_of(statement: Tree):
    """Yield each dotted name of a statement that has a clause, and the clause."""
    for tree in statement.iter_subtrees():
        children = tree.children
        for name, clause in itertools.pairwise(children):
            if isinstance(clause, Tree) and clause.data == "version_clause":
                yield name, clause


def judged(name: Tree, clause: Tree, statement: Tree) -> Found:
    """Do what the grammar leaves to the actions behind its rules (`string.prose` and `soft_keyword.rules` of the file)."""
    dotted = unicodedata.normalize("NFKC", "".join(name.scan_values(lambda one: True)))
    said = str(clause.children[-1])
    if said[0] in "'\"":
        said = said[1:-1]
        if not is_good_string(said):
            raise RefusedError(f"{said!r} is no version, set or requirement")
    if dotted == "__future__" and statement.children[0].data == "import_from":
        raise RefusedError("__future__ takes no clause")
    return Found(clause.meta.line, clause.meta.column - 1, dotted, said)


def is_good_string(text: str) -> bool:
    """Tell what `string.prose` of the file says, in the words of `packaging`."""
    if VERSION.fullmatch(text):
        return True
    text = text.strip(" \t")
    # A name apart, since packaging lets a comma go on with `===` in a requirement, but not in a set.
    name = re.match(r"[^][<>=!~;@()]*(?:\[[^]]*\])?", text)[0]
    listed = text[len(name) :].strip(" \t")
    if not text.isascii() or re.search(r"[\r\n\f\v]", text) or re.search(r"^,|,[ \t]*,|,$", listed):
        return False  # packaging takes more for white space, and commas with nothing between them
    try:
        found = SpecifierSet(listed)
        requirement = Requirement(name) if name else None
    except (InvalidSpecifier, InvalidRequirement):
        return False
    # A name ends with a letter or digit in PEP 508; packaging lets an underscore through.
    names = (requirement.name, *requirement.extras) if requirement is not None else ()
    # And `===` with nothing behind it is let through.
    return len(found) > 0 and all(one.version for one in found) and not any(name.endswith("_") for name in names)


def without(text: str, spans: list[tuple[int, int]]) -> str:
    """Return the text with one space for each span, and nothing for one that begins a line: the indentation stays."""
    for start, end in sorted(spans, reverse=True):
        behind = re.match(r"(?:[ \t\f]|\\\n)*", text[end:])[0]
        above, _, line = text[:start].rpartition("\n")
        begins = not line.strip() and not above.endswith("\\")
        text = f"{text[:start]}{'' if begins else ' '}{text[end + len(behind) :]}"
    return text


@cache
def parser() -> Lark:
    """Return the parser, whose tables take a second to make."""
    return Lark(
        lark_grammar(),
        parser="lalr",
        start="file_input",
        postlex=CPythonIndenter(),
        propagate_positions=True,
        keep_all_tokens=True,
        maybe_placeholders=False,
    )


def lark_grammar() -> str:
    """Return the grammar in lark's notation."""
    version = re.sub(r"\s+#.*$|\s+", "", GRAMMAR["version"]["regex"], flags=re.MULTILINE)
    lines = [PYTHON]
    lines.append(f"CLAUSE_VERSION: /(?ai:{version})(?!{GRAMMAR['version']['going_on']})/")
    lines.append(f"CLAUSE_STRING: /{GRAMMAR['string']['regex'].strip()}/")
    for rule, options in RULES.items():
        known = "%override " if f"{rule}," in PYTHON.replace(")", ",") else ""
        lines.append(f"{known}{rule}: " + " | ".join(translated(option.item) for option in options))
    return "\n".join(lines) + "\n"


def translated(item) -> str:
    """Return an item of the PEG notation as lark writes it."""
    if isinstance(item, Name):
        return {"NAME": "name", "VERSION": "CLAUSE_VERSION", "STRING": "CLAUSE_STRING"}.get(item.name, item.name)
    if isinstance(item, Keyword):
        return f'"{item.text}"'
    if isinstance(item, Look):
        return ""
    if isinstance(item, Series):
        return series(item.items)
    if isinstance(item, Choice):
        return f"({' | '.join(map(translated, item.options))})"
    if isinstance(item, Maybe):
        return f"({translated(item.item)})?"
    if isinstance(item, Repeat):
        one = translated(item.item)
        if item.separator is not None:
            return f"{one} ({translated(item.separator)} {one})*"
        return f"({one}){'+' if item.least else '*'}"
    raise ValueError(f"unknown: {item}")


def series(items) -> str:
    """Return a series; a list that an optional separator may follow is written out, with that separator at its end."""
    parts = []
    for item, following in zip(items, (*items[1:], None), strict=True):
        options = RULES.get(item.name, []) if isinstance(item, Name) else []
        listed = options[0].item if len(options) == 1 else None
        one_list = isinstance(listed, Repeat) and isinstance(following, Maybe) and listed.separator == following.item
        parts.append(translated(listed if one_list else item))
    return " ".join(parts)
