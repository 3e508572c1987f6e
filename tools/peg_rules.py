"""Read the rules of grammar/versioned_import.toml: CPython's PEG notation as a small tree.

`railroad_diagram.py` draws that tree, and tests/syntax/grammar_oracle.py makes a parser and programs from it.
"""
# ruff: noqa: INP001

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GRAMMAR = Path(__file__).resolve().parents[1] / "grammar" / "versioned_import.toml"
_TOKEN = re.compile(r"\s*('[^']+'|\"[^\"]+\"|\w+|[][()|?*+.&!])")
_LINE = re.compile(r"(?P<rule>\w+):|\s+\|(?P<option>.*)")


@dataclass(frozen=True)
class Name:
    """A rule or, in upper case, a token."""

    name: str


@dataclass(frozen=True)
class Keyword:
    """A keyword, soft or not, or a sign such as `.`."""

    text: str
    soft: bool


@dataclass(frozen=True)
class Series:
    """One item behind the other."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Choice:
    """One of several options."""

    options: tuple[Item, ...]


@dataclass(frozen=True)
class Maybe:
    """`[item]` or `item?`."""

    item: Item


@dataclass(frozen=True)
class Repeat:
    """`item*` (least is 0), `item+` (1), or `separator.item+`."""

    item: Item
    least: int
    separator: Item | None = None


@dataclass(frozen=True)
class Look:
    """`&item` or `!item`: it looks ahead, and takes nothing."""

    item: Item
    wanted: bool


Item = Name | Keyword | Series | Choice | Maybe | Repeat | Look


@dataclass(frozen=True)
class Option:
    """One alternative of a rule; `mark` is `new` or `changed` where a comment says so of it or of the rule."""

    item: Item
    mark: str


def read_grammar() -> dict[str, Any]:
    """Return what the grammar's file says."""
    return tomllib.loads(GRAMMAR.read_text("utf-8"))


def read_rules(text: str) -> dict[str, list[Option]]:
    """Return the rules of a text in PEG notation. Raises ValueError at what is not understood."""
    rules: dict[str, list[Option]] = {}
    options: list[Option] = []
    rule_mark = line_mark = ""
    for line in text.splitlines():
        code, _, comment = line.partition("#")
        if not code.strip():
            line_mark = comment.strip() if code else ""
            continue
        match = _LINE.match(code)
        if match is None:
            raise ValueError(f"neither a rule nor an option: {line!r}")
        if match["rule"]:
            options = rules[match["rule"]] = []
            rule_mark, line_mark = comment.strip(), ""
        else:
            options.append(Option(_Reader(match["option"]).whole(), comment.strip() or line_mark or rule_mark))
            line_mark = ""
    return rules


class _Reader:
    """Recursive descent through one alternative."""

    def __init__(self, text: str) -> None:
        self.tokens = [match[1] for match in _TOKEN.finditer(text.rstrip())]
        if "".join(self.tokens) != "".join(text.split()):
            raise ValueError(f"unknown signs in {text!r}")
        self.at = 0

    def whole(self) -> Item:
        item = self._choice()
        if self.at < len(self.tokens):
            raise ValueError(f"not understood: {self.tokens[self.at :]}")
        return item

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._next()
        if not token or (wanted and token not in wanted):
            raise ValueError(f"{wanted} expected in {self.tokens}, not {token!r}")
        self.at += 1
        return token

    def _choice(self) -> Item:
        options = [self._series()]
        while self._next() == "|":
            self._take()
            options.append(self._series())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _series(self) -> Item:
        items = []
        while self._next() not in ("", "|", ")", "]"):
            items.append(self._repeated())
        return items[0] if len(items) == 1 else Series(tuple(items))

    def _repeated(self) -> Item:
        if self._next() in ("&", "!"):
            return Look(wanted=self._take() == "&", item=self._atom())
        item = self._atom()
        if self._next() == ".":
            self._take()
            repeated = Repeat(self._atom(), 1, item)
            self._take("+")
            return repeated
        if self._next() == "?":
            self._take()
            return Maybe(item)
        return Repeat(item, int(self._take() == "+")) if self._next() in ("*", "+") else item

    def _atom(self) -> Item:
        sign = self._take()
        if sign in ("(", "["):
            item = self._choice()
            self._take(")" if sign == "(" else "]")
            return item if sign == "(" else Maybe(item)
        if sign[0] in "'\"":
            return Keyword(sign[1:-1], soft=sign[0] == '"')
        if not sign.isidentifier():
            raise ValueError(f"{sign!r} not understood in {self.tokens}")
        return Name(sign)
