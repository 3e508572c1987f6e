"""The unified diffs that formatters print: made anew for files whose clauses the formatter didn't see."""

from __future__ import annotations

import difflib
import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_PAINT = r"(?:\x1b\[[0-9;]*m)+"
_PAINTED_HEAD = re.compile(rf"{_PAINT}(?:--- |\+\+\+ )")
_PAINTED_EDGES = re.compile(rf"\A{_PAINT}|{_PAINT}(?=[\r\n]*\Z)")
_NO_NEWLINE = "\\ No newline at end of file"


def with_clauses(
    lines: Sequence[str], directory: str, remade: Callable[[str, list[str]], tuple[str, str] | None]
) -> str:
    """Return a tool's output in which the diffs of some files are made anew.

    `remade` is given the absolute path of a file and the hunks of its diff, and returns the file's text before and after,
    or None for a file whose diff may stay.
    """
    if any(_PAINTED_HEAD.match(line) for line in lines):  # a tool that was told not to, by settings of its own
        lines = [_PAINTED_EDGES.sub("", line) for line in lines]
    shown: list[str] = []
    at = 0
    while at < len(lines):
        end = _end_of_diff(lines, at)
        if end == at:
            shown.append(lines[at])
            at += 1
            continue
        texts = remade(os.path.normpath(os.path.join(directory, _path_of(lines[at]))), list(lines[at + 2 : end]))
        shown += lines[at:end] if texts is None else unified(*texts, lines[at], lines[at + 1])
        at = end
    return "".join(shown)


def _end_of_diff(lines: Sequence[str], at: int) -> int:
    """Return where the diff of one file ends that begins at a line; that line itself if none begins there."""
    heads = [line[:4] for line in lines[at : at + 2]]
    if heads != ["--- ", "+++ "]:
        return at
    end = at + 2
    while end < len(lines) and (found := _HUNK.match(lines[end])):
        old, new = (int(count) if count is not None else 1 for count in (found[2], found[3]))
        end += 1
        while end < len(lines) and (old > 0 or new > 0 or lines[end].startswith("\\")):
            sign = lines[end][:1]
            old -= sign not in ("+", "\\")
            new -= sign not in ("-", "\\")
            end += 1
    return end


def _path_of(line: str) -> str:
    path = line[4:].rstrip("\r\n").partition("\t")[0]
    return path.removesuffix(":before")  # isort


def applied(text: str, hunks: Sequence[str], newline: str) -> str:
    """Return what a text becomes by the hunks of its diff; line breaks are `newline`."""
    old = _lines(text)
    last = ""
    new: list[str] = []
    at = 0
    ends = not text or text.endswith(("\n", "\r"))
    for line in hunks:
        found = _HUNK.match(line)
        if found:
            first = int(found[1]) - (found[2] != "0")
            new += old[at:first]
            at = first
        elif line.startswith("\\"):
            ends = last == "-"
        else:
            last = line[:1]
            if last in ("+", " ", "\n", "\r"):
                new.append(line.rstrip("\r\n")[1:])
            at += last != "+"
    new += old[at:]
    return newline.join(new) + (newline if ends and new else "")


def _lines(text: str) -> list[str]:
    lines = re.split(r"\r\n|\n|\r", text)
    return lines[:-1] if lines[-1] == "" else lines


def unified(old: str, new: str, first: str, second: str) -> Iterator[str]:
    """Yield the lines of a diff of two texts below the two lines that name the files; nothing if they are equal."""
    before, after = (re.findall(r".*?(?:\r\n|\n|\r|\Z)", text, re.DOTALL)[:-1] for text in (old, new))
    made = list(difflib.unified_diff(before, after))[2:]
    if not made:
        return
    yield first
    yield second
    for line in made:
        if line.endswith("\n"):
            yield line
        else:
            yield f"{line}\n{_NO_NEWLINE}\n"
