"""The lines of a requirements file, as pip reads them: continued lines, comments, variables, options."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from versioned_import.errors import LockError
from versioned_import.locks.lock import AGAIN
from versioned_import.locks.source import Table, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORMAT = "requirements.txt"
_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_OPTION = re.compile(r"\s(?=--?[a-z])")
_OPTION_WORD = re.compile(r"(-[a-z]|--[a-z-]+)(?=[=\s])")
# Options that say where or how to install: they fix no version.
_FLAGS = {"--pre", "--prefer-binary", "--no-index", "--require-hashes"}
_VALUED = {
    *("-i", "--index-url", "--pypi-url", "--extra-index-url", "-f", "--find-links", "--no-binary", "--only-binary"),
    *("--trusted-host", "--use-feature", "--all-releases", "--only-final", "--uploaded-prior-to"),
}
_OF_REQUIREMENT = {"--config-settings", "--config-setting", "-C", "--global-option"}
_FILES = {"-r": "-r", "--requirement": "-r", "-c": "-c", "--constraint": "-c"}
_EDITABLE = {"-e", "--editable"}


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement as it is written, its hashes, and whether it is editable or only a constraint."""

    text: str
    hashes: tuple[str, ...]
    editable: bool
    constraint: bool
    table: Table
    """The place: an empty table whose `where` is `line 12`."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What the requirements come from besides their own file: the files that were read, and names of variables."""

    files: set[str] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)


def lines(path: str, sources: Sources, *, constraint: bool = False, within: tuple[str, ...] = ()) -> Iterator[Line]:
    """Yield the requirements of a file and of those that it names, in order, and note in `sources` what is read.

    `within` are the files that lead here. Raises LockError.
    """
    if path in within:
        raise LockError(within[-1], f"the file names itself, by way of {path}", "Remove one of the -r lines.")
    sources.files.add(path)
    whole = text_of(path, FORMAT)
    found = list(logical_lines(whole))
    for number, text in found:
        table = Table(path, FORMAT, f"line {number}", {})
        # `a==1.2` may be the beginning of `a==1.25`, and what goes on the beginning of a list of hashes.
        if (number, text) == found[-1] and not whole.endswith("\n") and "--hash" not in text:
            raise table.error("", "the last line doesn't end, so it may be half of one", "End it with a new line.")
        if (number, text) == found[-1] and whole.rstrip("\r\n").endswith("\\"):
            raise table.error("", "the last line says that it goes on, but nothing follows")
        sources.variables.update(variables_in(text))
        text = expanded(text, os.environ)  # noqa: PLW2901 the same line, filled in
        if not text.startswith("-"):
            yield _requirement(text, table, constraint=constraint, editable=False)
            continue
        option, value = _option(text, table)
        if option in _EDITABLE:
            yield _requirement(value, table, constraint=constraint, editable=True)
        elif option in _FILES:
            kind = constraint or _FILES[option] == "-c"
            yield from lines(_beside(value, table), sources, constraint=kind, within=(*within, path))


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, continued ones joined, without comments and blank ones. A comment ends a line."""
    begun, parts = 0, [""]
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.rstrip("\r")  # noqa: PLW2901
        begun = begun or number
        is_comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not is_comment:
            parts.append(line[:-1])
            continue
        whole = _COMMENT.sub("", "".join((*parts, " " if is_comment else "", line))).strip()
        if whole:
            yield begun, whole
        begun, parts = 0, [""]
    if "".join(parts).strip():
        yield begun, "".join(parts).strip()


def expanded(line: str, environ: Mapping[str, str]) -> str:
    """Fill in `${NAME}`; a name that is not set, or empty, stays as it is."""
    return _VARIABLE.sub(lambda found: environ.get(found[1]) or found[0], line)


def variables_in(line: str) -> set[str]:
    """Return the names of the variables that matter in a line, also of those that are not set: they may be one day.

    In an option that says from where to install they don't, and the secrets of a package index stand there often.
    """
    option = _OPTION_WORD.match(line)
    return set() if option and option[1] in _VALUED else set(_VARIABLE.findall(line))


def _option(text: str, table: Table) -> tuple[str, str]:
    """Split a line of options; only one on a line says something about requirements."""
    words = _words(text, table)
    option, _, value = words[0].partition("=") if words[0].startswith("--") else (words[0], "", "")
    if not option.startswith("--"):
        option, value = option[:2], option[2:]
    known = _EDITABLE | _FILES.keys() | _VALUED
    if option in _FLAGS:
        return option, ""
    if option not in known:
        raise table.error("", f"the option {option} is none that a requirements file may hold")
    value = value or (words[1] if len(words) > 1 else "")
    if not value:
        raise table.error("", f"{option} has no value")
    return option, text.partition(value)[1] + text.partition(value)[2] if option in _EDITABLE else value


def _requirement(text: str, table: Table, *, constraint: bool, editable: bool) -> Line:
    bare, *rest = _OPTION.split(text, maxsplit=1)
    hashes = []
    words = iter(_words(rest[0], table) if rest else ())
    for word in words:
        option, equals, value = word.partition("=")
        if option not in _OF_REQUIREMENT | {"--hash"}:
            raise table.error("", f"{option} is no option of a requirement")
        value = value if equals else next(words, "")
        if option == "--hash":
            hashes.append(value)
    return Line(bare.strip(), tuple(hashes), editable, constraint, table)


def _words(text: str, table: Table) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise table.error("", f"the options can't be split: {error}") from None


def _beside(path: str, table: Table) -> str:
    if "://" in path:
        raise LockError(f"{table.path}: {table.where}", f"{path} is no local file", AGAIN[FORMAT])
    return table.beside(path)
