"""Which tool a command line runs, and what kind of text it has to be given."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from versioned_import.plain_tools.source import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

CHECKER, FORMATTER, FIXER = "checker", "formatter", "fixer"
"""Looks only; changes only how lines are broken; moves, joins or removes imports."""
CHECKERS = ("mypy", "pyright", "basedpyright", "flake8", "pycodestyle", "pyflakes", "pylint")
KNOWN = ("ruff", "black", "isort", *CHECKERS)
# Programs that run a tool which some later word names: `python -m mypy`, `uv run --with ruff ruff`.
_RUNNERS = re.compile(r"(?:python|pypy)[\d.]*|uvx?|pipx|poetry|pdm|hatch|pipenv|npx|env|nice")
_DEEPEST = 6
_WATCH = re.compile("--watch")
_WATCH_SHORTLY = {
    "ruff": re.compile(r"--watch|-[ehnqsv]*w[ehnqsvw]*"),
    "pyright": re.compile("--watch|-w"),
    "basedpyright": re.compile("--watch|-w"),
}
# `-d`, also as one of several letters, but not `-ds` and `-dt`; long options may be shortened.
_ISORT_PRINTS = re.compile(r"--std(?:o|ou|out)?|-[qv]*d(?![st]\Z)\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A command line that runs a tool."""

    words: tuple[str, ...]
    name: str
    at: int
    """Which of the words names the tool."""
    kind: str
    shows_diff: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words behind the tool's name."""
        return self.words[self.at + 1 :]

    def with_arguments(self, arguments: Sequence[str]) -> tuple[str, ...]:
        """Return the command line with other words behind the tool's name."""
        return (*self.words[: self.at + 1], *arguments)


def tool_of(words: Sequence[str], kind: str = "") -> Tool:
    """Return which tool some words run; `kind` says what an unknown one is: CHECKER, or FIXER.

    Raises SourceError for an unknown tool without a kind, and for what can't be done with copies.
    """
    at = None if kind else _place_of_tool(words)
    if at is None and not kind:
        reason = "this is none of the tools that are known here"
        advice = (
            f"Known are {', '.join(KNOWN)}; of another, say what it does: lint --as checker|formatter -- {words[0]}"
        )
        raise SourceError(words[0], reason, advice)
    at = at or 0
    name = tool_name(words[at])
    arguments = words[at + 1 :]
    if "-" in arguments:
        raise SourceError(
            name, "standard input can't be masked here", "Name the files, or use: versioned-import mask -"
        )
    if name in KNOWN and (watch := _watching(name, arguments)):
        raise SourceError(name, "it can't watch, as it looks at copies", f"Leave {watch} out.")
    if name == "isort" and (printing := next(filter(_ISORT_PRINTS.fullmatch, arguments), "")):
        reason = f"{printing} would print the files without their clauses"
        raise SourceError(name, reason, "Use --diff to see what would change, or leave it out: the files are changed.")
    return Tool(
        words=tuple(words),
        name=name,
        at=at,
        kind=kind or _kind(name, arguments),
        shows_diff=_shows_diff(name, arguments),
    )


def _place_of_tool(words: Sequence[str]) -> int | None:
    deepest = _DEEPEST if _RUNNERS.fullmatch(tool_name(words[0])) else 1
    return next((at for at, word in enumerate(words[:deepest]) if tool_name(word) in KNOWN), None)


def tool_name(word: str) -> str:
    """Return the name of a program without its directory and ending."""
    return os.path.basename(word).removesuffix(".exe")


def ruff_command(arguments: Sequence[str]) -> str:
    """Return which of its commands ruff is told to run, or ""."""
    return next((word for word in arguments if word in ("check", "format")), "")


def _kind(name: str, arguments: Sequence[str]) -> str:
    if name == "black" or (name == "ruff" and ruff_command(arguments) == "format"):
        return FORMATTER
    if name == "isort" or (name == "ruff" and ruff_command(arguments) == "check" and fixes(arguments)):
        return FIXER
    return CHECKER


def fixes(arguments: Sequence[str]) -> bool:
    """Tell whether `ruff check` is told to change files, or to show how it would."""
    if "--no-fix" in arguments:
        return "--diff" in arguments
    return any(word in ("--fix", "--fix-only", "--diff") or word.startswith("--add-noqa") for word in arguments)


def _shows_diff(name: str, arguments: Sequence[str]) -> bool:
    return "--diff" in arguments or (name == "isort" and not {"--df", "--di", "--dif"}.isdisjoint(arguments))


def _watching(name: str, arguments: Sequence[str]) -> str:
    """Return the word that tells a tool to watch, or ""."""
    pattern = _WATCH_SHORTLY.get(name, _WATCH)
    return next((word for word in arguments if pattern.fullmatch(word)), "")


def without_colours(tool: Tool) -> Tool:
    """Return a tool told to print its diff without colours, so that it can be read."""
    arguments = [word for word in tool.arguments if word not in ("--color", "--colour")]
    if tool.name == "ruff":
        arguments = without_option(tool.arguments, "--color")
    if tool.name == "black":  # its settings can ask for colours too
        arguments = ["--no-color", *(word for word in arguments if word != "--no-color")]
    return replace(tool, words=tool.with_arguments(arguments))


def executable(tool: Tool) -> tuple[str, ...]:
    """Return the words with the path of the program; raises SourceError, with the command that helps, if it is missing."""
    found = shutil.which(tool.words[0])
    if found is None:
        advice = f"To install it: {_python()} -m pip install {tool.name}"
        raise SourceError(tool.words[0], "there is no such program on PATH", advice)
    return (os.path.abspath(found), *tool.words[1:])


def _python() -> str:
    return "python3" if shutil.which("python3") == sys.executable else sys.executable


def without_option(arguments: Sequence[str], *names: str) -> list[str]:
    """Return the words without some options that take a value, however the value is attached."""
    kept: list[str] = []
    skipped = False
    for word in arguments:
        if skipped:
            skipped = False
        elif word in names:
            skipped = True
        elif not re.match(rf"(?:{'|'.join(map(re.escape, names))})=", word):
            kept.append(word)
    return kept
