"""What has to be known of `ruff check`: how it is told to fix or to look, and which of its rules see only blanks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from versioned_import.plain_tools.masks import blanked, without_clauses
from versioned_import.plain_tools.tools import ruff_command, without_option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from versioned_import.plain_tools.mirror import Mirror
    from versioned_import.plain_tools.tools import Tool

    Ask = Callable[[Sequence[str]], str]

OF_REPORTS = ("RUFF_OUTPUT_FILE", "RUFF_OUTPUT_FORMAT")
_FIXING = frozenset({"--fix", "--fix-only", "--diff", "--show-fixes", "--exit-non-zero-on-fix"})
_REPORTING = frozenset({"--statistics", "--exit-zero", "--exit-non-zero-on-fix", "--no-fix", "--silent", "--quiet"})
_SHORT = re.compile(r"-[ehnqsv]+")
_SHORT_REPORTING = re.compile("[eqs]")
# Blanks before a word, a comma or the end of a line, and imports that aren't written as they would be sorted.
_ABOUT_BLANKS = re.compile(r"E2\d\d|W291|I001")


def is_check(tool: Tool) -> bool:
    """Tell whether a tool is `ruff check`."""
    return tool.name == "ruff" and ruff_command(tool.arguments) == "check"


def is_set_to_fix(ask: Ask, arguments: Sequence[str]) -> bool:
    """Tell whether ruff's settings say that it fixes."""
    if "--no-fix" in arguments:
        return False
    shown = ask([*_without_reports(arguments), "--show-settings"])
    return re.search(r"^fix(?:_only)? = true$", shown, re.MULTILINE) is not None


def only_fixing(arguments: Sequence[str]) -> list[str]:
    """Return the words with which ruff fixes, and reports nothing that is left."""
    kept = without_option(arguments, "--output-format", "--output-file", "-o")
    return [*(word for word in kept if word not in ("--fix", "--fix-only", "--statistics")), "--fix-only"]


def only_looking(arguments: Sequence[str]) -> list[str]:
    """Return the words with which ruff reports, and fixes nothing."""
    return [*(word for word in arguments if word not in _FIXING), "--no-fix"]


def rules_about_blanks(ask: Ask, arguments: Sequence[str], mirror: Mirror) -> list[str]:
    """Return the options that switch off, file by file, the rules that nothing but the blanks of clauses breaks.

    A rule that the file breaks elsewhere too stays on. The copies are blanked afterwards.
    """
    with_blanks = _broken(ask, arguments)
    if not any(with_blanks.values()):
        return []
    for path, source in mirror.sources.items():
        mirror.write(path, without_clauses(source))
    without_blanks = _broken(ask, arguments)
    for path, source in mirror.sources.items():
        mirror.write(path, blanked(source))
    pairs = [
        f"{_pattern(copy)}:{rule}"
        for copy, rules in sorted(with_blanks.items())
        if mirror.source_at(copy) is not None and not {",", ":"} & set(copy)  # ruff can't be told of such a path
        for rule in sorted(rules - without_blanks.get(copy, set()))
    ]
    return ["--extend-per-file-ignores", ",".join(pairs)] if pairs else []


def _broken(ask: Ask, arguments: Sequence[str]) -> dict[str, set[str]]:
    """Return which rules about blanks each file breaks."""
    shown = ask([*_without_reports(arguments), "--output-format=json", "--exit-zero", "--no-fix"])
    broken: dict[str, set[str]] = {}
    try:
        for message in json.loads(shown):
            if _ABOUT_BLANKS.fullmatch(message["code"] or ""):
                broken.setdefault(message["filename"], set()).add(message["code"])
    except (ValueError, KeyError, TypeError):
        return {}  # the run that is shown will say what is wrong
    return broken


def _without_reports(arguments: Sequence[str]) -> list[str]:
    kept = without_option(arguments, "--output-format", "--output-file", "-o")
    kept = [_SHORT_REPORTING.sub("", word) if _SHORT.fullmatch(word) else word for word in kept]
    return [word for word in kept if word not in _REPORTING | _FIXING | {"-"}]


def _pattern(path: str) -> str:
    return re.sub(r"[\[\]*?{}]", lambda found: f"[{found[0]}]", path)
