"""`why NAME[==VERSION]`: which groups, roots and distributions need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from versioned_import.cli.output import FAILED, OK, command_parser, console, print_error, print_json, working
from versioned_import.cli.show import not_installed
from versioned_import.inventory.details import details
from versioned_import.inventory.installed import take_inventory, wanted
from versioned_import.inventory.needs import Requirements, ways_elsewhere, ways_in_groups
from versioned_import.resolver.search_path import search_path

if TYPE_CHECKING:
    from typing import Any

    from versioned_import.inventory.needs import Way
    from versioned_import.metadata.candidate import Candidate


def main(argv: list[str]) -> int:
    """Print the ways from roots to a distribution; exit status 1 if it isn't installed, 2 for a senseless command line."""
    parser = command_parser(
        "why",
        "Say why a distribution is there: the way to it from each root of each group, and from other distributions.",
        ("urllib3", "urllib3==1.26.20", "urllib3 --json"),
    )
    parser.add_argument("name", metavar="NAME[==VERSION]", help="a distribution, as pip calls it")
    options = parser.parse_args(argv)
    try:
        asked = wanted(options.name)
    except ValueError as error:
        parser.error(str(error))
    inventory = take_inventory(search_path())
    found = [one.candidate for one in inventory.of(asked)]
    requirements = Requirements(inventory)
    with working("looking ..."):
        ways = [(candidate, ways_to(candidate, requirements)) for candidate in found]
    if options.json:
        print_json({"distribution": asked.distribution, "versions": [_json(*row) for row in ways]})
    else:
        for candidate, here in ways:
            _show(candidate, here)
    if not found:
        for line in not_installed(asked, inventory):
            print_error(line)
        return FAILED
    return OK


def ways_to(candidate: Candidate, requirements: Requirements) -> list[Way]:
    """Return every way that leads to a candidate, those of groups first."""
    in_groups = ways_in_groups(candidate, requirements)
    return [*in_groups, *ways_elsewhere(candidate, requirements, in_groups)]


def _json(candidate: Candidate, ways: list[Way]) -> dict[str, Any]:
    requested = _is_requested(candidate)
    return {
        "version": candidate.version,
        "kind": "versioned" if candidate.entry else "flat",
        "path": candidate.path,
        "needed": bool(ways) or requested,
        "requested": requested,
        "ways": [
            {
                "group": str(way.group) if way.group is not None else "",
                "steps": [
                    {
                        "distribution": step.candidate.distribution,
                        "version": step.candidate.version,
                        "path": step.candidate.path,
                        "requirement": step.requirement,
                    }
                    for step in way.steps
                ],
            }
            for way in ways
        ],
    }


def _is_requested(candidate: Candidate) -> bool:
    """Tell whether pip was asked for a flat install by name; of versioned directories their groups' locks tell."""
    return not candidate.entry and details(candidate).requested


def _show(candidate: Candidate, ways: list[Way]) -> None:
    from rich.text import Text
    from rich.tree import Tree

    top = Tree(Text.assemble((f"{candidate.distribution} {candidate.version}", "bold"), f"  {candidate.place}"))
    if _is_requested(candidate):
        top.add(Text("was installed by name, not for another distribution"))
    groups = list({id(way.group): way.group for way in ways if way.group is not None}.values())
    for group in groups:
        below = top.add(Text(f"group {group}"))
        for way in ways:
            if way.group is group:
                below.add(Text(_way_text(way)))
    for way in ways:
        if way.group is None:
            kind = "versioned directory" if way.steps[0].candidate.entry else "flat install"
            top.add(Text(f"{kind} {_way_text(way)}"))
    if not top.children:
        top.add(Text("nothing needs it", "yellow"))
    console().print(top)


def _way_text(way: Way) -> str:
    first, *others = way.steps
    if not others:
        return f"is a root of it: {first.requirement}"
    start = f"{first.candidate.distribution} {first.candidate.version}"
    return " -> ".join(
        (start, *(f"{one.candidate.distribution} {one.candidate.version} ({one.requirement})" for one in others))
    )
