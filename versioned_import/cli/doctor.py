"""`doctor`: whether versioned imports can work here, and what stands in their way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from versioned_import.cli.output import FAILED, OK, command_parser, paint, print_json, working
from versioned_import.inventory import doctor
from versioned_import.inventory.doctor import look_at_process, missing
from versioned_import.metadata.places import full_path
from versioned_import.resolver.search_path import reasons

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from versioned_import.inventory.doctor import Finding

_STYLES = {doctor.OK: "green", doctor.WARNING: "yellow", doctor.PROBLEM: "red"}


def main(argv: list[str]) -> int:
    """Print a line a finding; exit status 1 if there is a problem (a warning is none), 2 for a senseless command line."""
    parser = command_parser(
        "doctor",
        "Look whether versioned imports can work with this Python: start-up files, codec, pip, libraries, search path,"
        " catalogues, what hides what, and what killed installations left. Nothing is changed.",
        ("", "--quiet", "--json"),
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="only warnings and problems")
    options = parser.parse_args(argv)
    with working("looking ..."):
        findings = list(look())
    problems = sum(one.level == doctor.PROBLEM for one in findings)
    warnings = sum(one.level == doctor.WARNING for one in findings)
    shown = [one for one in findings if not options.quiet or one.level != doctor.OK]
    if options.json:
        rows = [{"level": one.level, "topic": one.topic, "text": one.text, "advice": one.advice} for one in shown]
        print_json({"findings": rows, "problems": problems, "warnings": warnings})
    else:
        _show(shown)
        print(f"{_count(problems, 'problem')}, {_count(warnings, 'warning')}")
    return FAILED if problems else OK


def look() -> Iterator[Finding]:
    """Yield every finding, in the order in which they matter."""
    yield from look_at_process()
    found = reasons()
    try:
        from versioned_import.inventory.doctor_sites import look_at_installed, look_at_sites
        from versioned_import.inventory.installed import take_inventory

        yield from look_at_sites(found)
        inventory = take_inventory(list(dict.fromkeys(directory for directory, _ in found)))
        yield from look_at_installed(inventory, full_path(""))
    except ImportError as error:  # a broken installation is just what this command is for
        yield missing(error)


def _show(findings: Sequence[Finding]) -> None:
    wide = max(map(len, _STYLES))
    for one in findings:
        print(f"{paint(one.level.ljust(wide), _STYLES[one.level])}  {one.topic}: {one.text}")
        if one.advice:
            print(f"{'':{wide}}    {paint('helps:', 'dim')} {one.advice}")


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'s' if number != 1 else ''}"
