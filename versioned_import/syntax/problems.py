"""Why a statement with a version clause is refused: a SyntaxError with place, reason and the spelling that works.

Only asked when Python's parser has refused the text (spec 1.5), so it may take its time.
"""

from __future__ import annotations

import difflib
import re

from versioned_import.syntax.clauses import begins_statement
from versioned_import.syntax.positions import Positions
from versioned_import.syntax.statements import BLANK, DOTTED, code_positions
from versioned_import.syntax.version_text import is_quoted_clause, is_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = rf"(?:import|from){BLANK}"
_CLAUSE = re.compile(
    rf"{BLANK}*(?P<text>(?P<prefix>[A-Za-z]{{1,2}})?(?P<quoted>\"[^\"\r\n]*\"?|'[^'\r\n]*'?)|[^\s;,#()]*)(?P<rest>[^\r\n;#]*)"
)
_UNQUOTED_SET = re.compile(r"[<>=!~]=?=?[ \t]*[\w.!+*-]+(?:[ \t]*,[ \t]*[<>=!~]=?=?[ \t]*[\w.!+*-]+)*")
_STRING = re.compile(rf"{BLANK}*[A-Za-z]{{0,2}}[\"']")


class Problem:
    """What is wrong with one clause: the offsets to point at and the sentence."""

    def __init__(self, start: int, end: int, message: str) -> None:
        self.start, self.end, self.message = start, max(end, start + 1), message


def explain(error: SyntaxError, source: str, filename: str) -> SyntaxError:
    """Return a SyntaxError that explains the clause in the statement which Python refused, else `error` itself.

    An error without a line speaks of the whole text (it holds a null byte): the first clause that is wrong explains it.
    """
    positions = Positions(source)
    for head, problem in _problems(source):
        first, _ = positions.line_and_column(head)
        line, _ = positions.line_and_column(problem.start)
        if error.lineno is None or first <= error.lineno <= line:
            text = positions.line(line)
            start = positions.starts[line - 1]
            columns = problem.start - start + 1, min(problem.end - start, len(text.rstrip("\r\n"))) + 1
            return SyntaxError(problem.message, (filename, line, columns[0], text, line, columns[1]))
    return error


def _problems(source: str) -> Iterator[tuple[int, Problem]]:
    """Yield each refused import statement: where it begins, and its problem."""
    for head in code_positions(source, rf"\b{_HEAD}"):
        if not begins_statement(source, head, 0):
            continue
        problem = _problem_of_from(source, head) if source[head] == "f" else _problem_of_import(source, head + 6)
        if problem is not None:
            yield head, problem


def _problem_of_from(source: str, head: int) -> Problem | None:
    match = re.compile(rf"from({BLANK}*)(\.*)({BLANK}*)({DOTTED})?{BLANK}*").match(source, head)
    if match is None:
        return None
    name, dots = match.group(4), match.group(2)
    at = match.end()
    if name == "version" and dots and re.compile(rf"{BLANK}*[vV]?[0-9\"']").match(source, match.end(4)):
        return Problem(match.start(4), match.end(4), "a relative import takes no version clause")
    if name is None or not re.compile(r"version\b").match(source, at):
        return _problem_behind_import(source, at) or (_misspelt(source, at, f"from {name}") if not dots else None)
    if dots:
        return Problem(at, at + 7, "a relative import takes no version clause")
    if name == "__future__":
        return Problem(at, at + 7, "a __future__ import takes no version clause")
    problem, end = _problem_of_clause(source, at + 7, f"from {name}")
    if problem is None and not re.compile(rf"{BLANK}*import\b").match(source, end):
        return Problem(end, end + 1, f"'import' must follow the version clause: from {name} version ... import ...")
    return problem


def _problem_behind_import(source: str, at: int) -> Problem | None:
    """Find `from a import b version 1`: the clause belongs to the module."""
    match = re.compile(rf"import\b({BLANK}|[\w.,()])*?{BLANK}version{BLANK}+[vV]?[0-9\"']").match(source, at)
    if match is None:
        return None
    word = source.rindex("version", at, match.end())
    return Problem(word, match.end(), "the version clause follows the module: from MODULE version 1.2 import NAME")


def _problem_of_import(source: str, at: int) -> Problem | None:
    name_at = re.compile(rf"{BLANK}*({DOTTED}){BLANK}*")
    while True:
        match = name_at.match(source, at)
        if match is None:
            return None
        name, at = match.group(1), match.end()
        if re.compile(r"version\b").match(source, at):
            problem, at = _problem_of_clause(source, at + 7, f"import {name}")
            if problem is not None:
                return problem
        else:
            problem = _misspelt(source, at, f"import {name}")
            if problem is not None:
                return problem
        renaming = re.compile(rf"{BLANK}*as{BLANK}+(\w+){BLANK}*").match(source, at)
        if renaming is not None:
            at = renaming.end()
            if re.compile(rf"version{BLANK}").match(source, at):
                text = f"the version clause precedes 'as': import {name} version ... as {renaming.group(1)}"
                return Problem(at, at + 7, text)
        behind = re.compile(rf"{BLANK}*").match(source, at)
        at = behind.end() if behind is not None else at
        if source[at : at + 1] != ",":
            return None
        at += 1


def _misspelt(source: str, at: int, statement: str) -> Problem | None:
    """Find a clause that lacks the word, or has it misspelt: `import x vesion 1`, `import x 1`, `import x==1`."""
    unquoted = _UNQUOTED_SET.match(source, at)
    if unquoted is not None:
        exact = re.fullmatch(r"==[ \t]*([\w.!+*-]+)", unquoted[0])
        clause = exact[1] if exact is not None and is_version(exact[1]) else f'"{unquoted[0]}"'
        return Problem(*unquoted.span(), f"a version follows the word 'version': {statement} version {clause}")
    match = re.compile(rf"(?:([^\W\d]\w*){BLANK}+)?([0-9][\w.!+*-]*|\"[^\"\r\n]*\"|'[^'\r\n]*')").match(source, at)
    if match is None or not (is_version(match[2]) or is_quoted_clause(match[2][1:-1])):
        return None
    word, clause = match.groups()
    if word is None:
        return Problem(*match.span(2), f"a version follows the word 'version': {statement} version {clause}")
    if difflib.get_close_matches(word.lower(), ["version"], cutoff=0.7):
        return Problem(*match.span(1), f"{word!r} is misspelt: {statement} version {clause}")
    return None


def _problem_of_clause(source: str, at: int, statement: str) -> tuple[Problem | None, int]:
    """Return the problem of what follows the word `version`, or None, and the offset behind the clause."""
    match = _CLAUSE.match(source, at)
    if match is None or match.group("text") in ("", "as", "import"):
        return Problem(at - 7, at, f"'version' needs a version: {statement} version 1.2"), at
    unquoted = _UNQUOTED_SET.match(source, match.start("text"))
    if unquoted is not None:
        message = f'a specifier set stands in quotes: {statement} version "{unquoted[0]}"'
        return Problem(*unquoted.span(), message), unquoted.end()
    start, end = match.span("text")
    message = _message_for(match)
    if message:
        return Problem(start, end, message), end
    second = re.compile(rf"{BLANK}*version\b").match(source, end)
    if second is not None:
        return Problem(second.end() - 7, second.end(), "a name takes one version clause"), end
    return None, end


def _message_for(match: re.Match[str]) -> str:
    text, quoted, prefix = match.group("text"), match.group("quoted"), match.group("prefix")
    if quoted:
        if prefix:
            return f"the quoted clause is a plain string without prefix: version {quoted}"
        if len(quoted) < 2 or quoted[-1] != quoted[0] or "\\" in quoted or _is_tripled(match):  # noqa: PLR2004 two quotes
            return "the quoted clause is one plain string on one line, without backslashes"
        if _STRING.match(match.group("rest")):
            return "the quoted clause is one string: strings are not joined here"
        if is_quoted_clause(quoted[1:-1]):
            return ""
        shown = quoted if quoted.isprintable() else repr(quoted[1:-1])
        return f"{shown} is no version, specifier set or requirement (PEP 440, PEP 508){_hint(quoted[1:-1], quoted[0])}"
    if is_version(text):
        return ""
    return f"{text!r} is no version (PEP 440){_hint(text, '')}"


def _is_tripled(match: re.Match[str]) -> bool:
    quoted = match.group("quoted")
    return not quoted[1:-1] and match.group("rest").startswith(quoted[0])


def _hint(text: str, quote: str) -> str:
    """Return `; did you mean ...?` with the nearest spelling that works, or ""."""
    if not text[:1].isdigit():
        if text in ("latest", "newest", "any"):
            return "; leave the clause out to get the highest that is installed"
        return ""
    release = re.match(r"[0-9]+(?:\.[0-9]+)*", text)
    if release is None:
        return ""
    rest = text[release.end() :]
    tries = [text.rstrip("."), f"{release[0]}+{rest.lstrip('-_.+')}", re.sub(r"\.+", ".", text)]
    tries += [f"{release[0]}.*"] if rest in (".x", ".X", "*") else []
    tries.sort(key=lambda near: near.count("+"))
    good = next((near for near in tries if is_version(near)), None)
    return f"; did you mean {quote}{good}{quote}?" if good else ""
