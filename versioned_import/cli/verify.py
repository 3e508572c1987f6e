"""`verify [NAME[==VERSION]...]`: whether what is installed is whole and can be used."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from versioned_import.cli.output import FAILED, OK, command_parser, console, paint, print_error, print_json
from versioned_import.cli.show import not_installed
from versioned_import.inventory.installed import take_inventory, wanted
from versioned_import.inventory.needs import Requirements
from versioned_import.inventory.sizes import recorded_size
from versioned_import.inventory.verify import (
    candidate_problems,
    closure_problems,
    group_problems,
    impostor_problem,
)
from versioned_import.metadata.layout import canonical
from versioned_import.resolver.search_path import search_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from versioned_import.inventory.installed import Installed, Inventory, Wanted
    from versioned_import.inventory.verify import Problem


def main(argv: list[str]) -> int:
    """Print the problems; exit status 1 if there is one, or if a name isn't installed, 2 for a senseless command line."""
    parser = command_parser(
        "verify",
        "Check what is installed: files against the hashes of their RECORD, directories against their metadata, wheel"
        " tags and Requires-Python against this Python, requirements and groups against what is there.",
        ("", "requests", "requests==2.31.0", "--flat", "--json"),
    )
    parser.add_argument("names", metavar="NAME[==VERSION]", nargs="*", help="only these distributions")
    parser.add_argument("--flat", action="store_true", help="flat installs too, not only versioned directories")
    options = parser.parse_args(argv)
    try:
        names = [wanted(text) for text in options.names]
    except ValueError as error:
        parser.error(str(error))
    inventory = take_inventory(search_path())
    chosen = [
        one
        for one in inventory.installed
        if (one.candidate.entry or options.flat) and (not names or any(name.takes(one.candidate) for name in names))
    ]
    problems = find_problems(inventory, chosen, names)
    absent = [name for name in names if not any(name.takes(one.candidate) for one in chosen)]
    if options.json:
        print_json(
            {
                "checked": [
                    {
                        "distribution": one.candidate.distribution,
                        "version": one.candidate.version,
                        "path": one.candidate.path,
                    }
                    for one in chosen
                ],
                "problems": [
                    {
                        "kind": one.kind,
                        "subject": one.subject,
                        "place": one.place,
                        "text": one.text,
                        "repair": one.repair,
                    }
                    for one in problems
                ],
            }
        )
    else:
        _show(chosen, problems)
    for name in absent:
        _explain_absent(name, inventory)
    return FAILED if problems or absent else OK


def find_problems(inventory: Inventory, chosen: Sequence[Installed], names: Sequence[Wanted]) -> list[Problem]:
    """Return everything that is wrong with the chosen candidates, their directories and their groups."""
    requirements = Requirements(inventory)
    distributions = {name.distribution for name in names}
    found: list[Problem] = []
    for impostor in inventory.impostors:
        problem = impostor_problem(impostor)
        if problem and (not names or canonical(impostor.entry.rpartition("-")[0]) in distributions):
            found.append(problem)
    with _progress(chosen) as tick:
        for one in chosen:
            tick(0, f"{one.candidate.distribution} {one.candidate.version}")
            found += candidate_problems(one, tick)
            found += closure_problems(one.candidate, requirements)
    return found + list(group_problems(inventory, distributions if names else None))


@contextmanager
def _progress(chosen: Sequence[Installed]) -> Iterator[Callable[..., None]]:
    """Give a function that takes a number of bytes and, at times, a text; on a terminal a bar shows both."""
    if not sys.stderr.isatty():
        yield lambda _size, _text="": None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn()
    total = sum(recorded_size(one.candidate) for one in chosen)
    bar = Progress(*columns, console=console(stderr=True), transient=True)
    with bar:
        task = bar.add_task("", total=total)
        yield lambda size, text=None: bar.update(task, advance=size, description=text)


def _show(chosen: Sequence[Installed], problems: Sequence[Problem]) -> None:
    repairs: dict[str, None] = {}
    subject = ""
    for one in problems:
        if one.subject != subject:
            subject = one.subject
            print(paint(subject, "bold"))
        print(f"  {paint(one.text, 'red')}")
        if one.place and one.kind not in ("requirement", "group"):
            print(f"    {one.place}")
        if one.repair:
            repairs[one.repair] = None
    if problems:
        print()
    count = len(problems)
    checked = f"{len(chosen)} distribution{'' if len(chosen) == 1 else 's'} checked"
    verdict = paint("no problem", "green") if not count else paint(f"{count} problem{'' if count == 1 else 's'}", "red")
    print(f"{checked}, {verdict}")
    if repairs:
        print("to repair:")
        for repair in repairs:
            print(f"  {repair}")


def _explain_absent(name: Wanted, inventory: Inventory) -> None:
    if inventory.of(name):
        print_error(f"{name.text} is a flat install: add --flat to check it")
        return
    for line in not_installed(name, inventory):
        print_error(line)
