"""Reading requirements files, so that each of their lines is a root that can go into its own group."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from versioned_import.errors import InstallError
from versioned_import.install.requirements import FILE_FLAGS, FILE_VALUED, Parser, Root, UsageError, root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COMMENT = re.compile(r"(^|\s)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")


@dataclass(slots=True)
class Contents:
    """What a requirements file and those that it names hold: roots, and options for pip, both in order."""

    roots: list[Root] = field(default_factory=list)
    options: list[str] = field(default_factory=list)


def read(path: str, environ: Mapping[str, str], *, within: tuple[str, ...] = ()) -> Contents:
    """Read a requirements file and the files of its `-r` lines.

    `within` are the files that lead here. Raises InstallError for a file that can't be read, is a URL or a lock, names
    itself, or holds an option that can't be treated in groups.
    """
    name = os.path.abspath(path)
    if "://" in path:
        raise InstallError(f"-r {path}", "a requirements file must be a local file", "Download it and name the copy.")
    if os.path.basename(path).startswith("pylock.") and path.endswith(".toml"):
        raise InstallError(f"-r {path}", "a lock is no requirements file", "A lock fixes one group: install it by pip.")
    if name in within:
        raise InstallError(
            f"-r {path}", f"the file names itself, by way of {within[-1]}", "Remove one of the -r lines."
        )
    contents = Contents()
    for number, line in logical_lines(_text(path)):
        place = f"{path}:{number}"
        if line.startswith("-"):
            _add_options(contents, line, place, environ, (*within, name))
        else:
            contents.roots.append(root(line, place, expanded=expanded(line, environ)))
    return contents


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line's number and content: continuation lines joined, comments and blank lines left out."""
    begun = 0
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        begun = begun if parts else number
        comment = _COMMENT.search(line)
        parts.append(line[: comment.start()] if comment else line.removesuffix("\\"))
        if line.endswith("\\") and not comment:
            continue
        yield from _unless_blank(begun, parts)
        parts = []
    yield from _unless_blank(begun, parts)


def expanded(line: str, environ: Mapping[str, str]) -> str:
    """Fill in `${NAME}` as pip does; a name that is not set stays as it is."""
    return _VARIABLE.sub(lambda found: environ.get(found[1]) or found[0], line)


def _unless_blank(number: int, parts: list[str]) -> Iterator[tuple[int, str]]:
    line = "".join(parts).strip()
    if line:
        yield number, line


def _add_options(
    contents: Contents, line: str, place: str, environ: Mapping[str, str], within: tuple[str, ...]
) -> None:
    here = os.path.dirname(within[-1])
    passed: list[str] = []
    parser = Parser(place)
    parser.pass_on(FILE_FLAGS, FILE_VALUED, passed)
    parser.refuse("-e/--editable", "an editable install has no version of its own", valued=True)
    parser.add_option("-r", "--requirement", dest="files", action="append", default=[])
    parser.add_option("-c", "--constraint", dest="constraints", action="append", default=[])
    try:
        found, words = parser.parse_args(shlex.split(expanded(line, environ)))
    except UsageError as error:
        raise InstallError(f"{place}: {line}", error.reason, error.advice or "Give it on the command line.") from None
    except ValueError as error:
        raise InstallError(f"{place}: {line}", f"the line can't be split: {error}", "") from None
    if words:
        raise InstallError(f"{place}: {line}", "a line of options can't hold a requirement", "Use two lines.")
    contents.options += [_beside(here, option) for option in passed]
    contents.options += [f"--constraint={_joined(here, path)}" for path in found.constraints]
    for path in found.files:
        more = read(_joined(here, path), environ, within=within)
        contents.roots += more.roots
        contents.options += more.options


def _beside(here: str, option: str) -> str:
    """Return the option with the path of --find-links taken from the file's directory, where it leads somewhere."""
    name, _, value = option.partition("=")
    if name != "--find-links" or not os.path.exists(os.path.join(here, value)):
        return option
    return f"{name}={os.path.join(here, value)}"


def _joined(here: str, path: str) -> str:
    return path if "://" in path else os.path.join(here, path)


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except OSError as error:
        raise InstallError(f"-r {path}", f"the file can't be read: {error.strerror}", "Check the path.") from None
    except UnicodeDecodeError as error:
        raise InstallError(f"-r {path}", f"the file is not UTF-8: {error.reason}", "Save it as UTF-8.") from None
