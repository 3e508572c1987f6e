"""The form of a PEP, as PEP 1 and PEP 12 ask for it today: header, sections, headings, lines. Needs no docutils.

`problems(text)` is all of it; `tools/pep.py` prints what it says.
"""
# ruff: noqa: INP001 it stands beside the script that imports it

import re
from collections.abc import Iterator
from itertools import pairwise

LONGEST_TITLE = 44
LONGEST_LINE = 79
# In the order of PEP 12's template since February 2026, where Specification goes before Rationale.
SECTIONS = (
    "Abstract",
    "Motivation",
    "Specification",
    "Rationale",
    "Backwards Compatibility",
    "Security Implications",
    "How to Teach This",
    "Reference Implementation",
    "Rejected Ideas",
    "Open Issues",
    "Acknowledgements",
    "Footnotes",
    "Change History",
    "Copyright",
)
# Each field in its place: whether it has to be there, and what it may say.
FIELDS = {
    "PEP": (True, r"\d+"),
    "Title": (True, rf".{{1,{LONGEST_TITLE}}}"),
    "Author": (True, r".+"),
    "Sponsor": (True, r".+"),
    "PEP-Delegate": (False, r".*"),
    "Discussions-To": (True, r"Pending|https://\S+"),
    "Status": (True, r"Draft"),
    "Type": (True, r"Standards Track|Informational|Process"),
    "Topic": (False, r"Governance|Packaging|Release|Typing"),
    "Requires": (False, r"\d+(, \d+)*"),
    "Created": (True, r"\d\d-[A-Z][a-z]{2}-\d{4}"),
    "Python-Version": (True, r"3\.\d+"),
    "Post-History": (True, r"Pending|.*\d\d-[A-Z][a-z]{2}-\d{4}.*"),
}
UNDERLINES = "=-'"
PUBLIC_DOMAIN = (
    "This document is placed in the public domain or under the CC0-1.0-Universal license, whichever is more permissive."
)


def problems(text: str) -> list[str]:
    """Return what is wrong with the form of a PEP, each as `line N: sentence`, in the order of the lines."""
    lines = text.split("\n")
    found = [*_of_header(lines), *_of_lines(lines), *_of_headings(lines), *_of_sections(lines)]
    if PUBLIC_DOMAIN not in " ".join(text.rpartition("\nCopyright\n")[2].split()):
        found.append(
            (len(lines), "the section Copyright has to put the text in the public domain, in the words of PEP 12")
        )
    if not text.endswith("\n") or text.endswith("\n\n"):
        found.append((len(lines), "the text ends with one newline"))
    return [f"line {number}: {sentence}" for number, sentence in sorted(found)]


def header(text: str) -> dict[str, str]:
    """Return the fields of the header in their order; a field may go on in indented lines."""
    fields = re.sub(r"\n[ \t]+", " ", text.partition("\n\n")[0]).split("\n")
    return {name: value.strip() for name, _, value in (field.partition(":") for field in fields)}


def headings(lines: list[str]) -> list[tuple[int, str, str]]:
    """Return index, title and underline of each heading: a line at the margin with a line of one punctuation mark below."""
    return [
        (index, line, below)
        for index, (line, below) in enumerate(pairwise(lines))
        if line and not line[0].isspace() and re.fullmatch(r"([^\w\s])\1{2,}", below) and line[0] != below[0]
    ]


def _of_header(lines: list[str]) -> Iterator[tuple[int, str]]:
    fields = header("\n".join(lines))
    numbers = {
        line.partition(":")[0]: number for number, line in enumerate(lines, 1) if line in lines[: len(fields) * 3]
    }
    for name, (needed, pattern) in FIELDS.items():
        if name not in fields:
            if needed:
                yield 1, f"the header lacks the field {name}"
        elif re.fullmatch(pattern, fields[name]) is None:
            yield (
                numbers[name],
                f"{name} can't be {fields[name]!r} ({len(fields[name])} characters); it takes {pattern}",
            )
    for name in fields.keys() - FIELDS.keys():
        yield numbers.get(name, 1), f"the header has no field {name}"
    known = [name for name in fields if name in FIELDS]
    if known != [name for name in FIELDS if name in fields]:
        yield 1, f"the header's fields come in the order {', '.join(name for name in FIELDS if name in fields)}"


def _of_lines(lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            yield number, f"{len(line)} columns; a line has at most {LONGEST_LINE}"
        if "\t" in line:
            yield number, "a tab"
        if line != line.rstrip():
            yield number, "blanks at the end of the line"


def _of_headings(lines: list[str]) -> Iterator[tuple[int, str]]:
    above = ""
    for index, title, underline in headings(lines):
        if underline[0] not in UNDERLINES:
            yield (
                index + 2,
                f"headings are underlined with {' '.join(UNDERLINES)} in this order, not with {underline[0]}",
            )
        elif UNDERLINES.index(underline[0]) > UNDERLINES.find(above or "=") + bool(above):
            yield index + 2, f"a heading of the level {underline[0]} can't stand below one of {above or 'none'}"
        if len(underline) != len(title):
            yield index + 2, f"the underline of {title!r} is not of its length"
        blanks = next(count for count in range(index + 1) if lines[index - 1 - count])
        if blanks != 2:  # noqa: PLR2004 PEP 12
            yield index + 1, f"two blank lines stand before a heading, not {blanks}: {title!r}"
        above = underline[0]


def _of_sections(lines: list[str]) -> Iterator[tuple[int, str]]:
    there = [(index + 1, title) for index, title, underline in headings(lines) if underline[0] == "="]
    for number, title in there:
        if title not in SECTIONS:
            yield number, f"no section of a PEP: {title!r}"
    missing = [title for title in SECTIONS if title not in dict(map(reversed, there))]
    if missing:
        yield len(lines), f"these sections are missing: {', '.join(missing)}"
    known = [title for _, title in there if title in SECTIONS]
    if known != [title for title in SECTIONS if title in known]:
        yield there[0][0], f"the sections come in the order {', '.join(SECTIONS)}"
