"""`show NAME[==VERSION]`: everything that is known of one distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from versioned_import.cli.list_installed import group_text
from versioned_import.cli.output import FAILED, OK, command_parser, paint, print_error, print_json, size_text
from versioned_import.inventory.details import details, statement_for
from versioned_import.inventory.installed import take_inventory, wanted
from versioned_import.inventory.needs import Requirements, written
from versioned_import.inventory.sizes import size_of
from versioned_import.libraries.packaging.requirements import InvalidRequirement, Requirement
from versioned_import.metadata.layout import NotACandidate, canonical, requirements_of
from versioned_import.resolver.search_path import search_path

if TYPE_CHECKING:
    from typing import Any

    from versioned_import.inventory.installed import Installed, Inventory, Wanted


def main(argv: list[str]) -> int:
    """Print all of a distribution's versions; exit status 1 if there is none, 2 for a command line without sense."""
    parser = command_parser(
        "show",
        "Show everything on a distribution: where each version is, what it provides and needs, who asks for it.",
        ("requests", "requests==2.31.0", "requests --json"),
    )
    parser.add_argument("name", metavar="NAME[==VERSION]", help="a distribution, as pip calls it")
    options = parser.parse_args(argv)
    try:
        asked = wanted(options.name)
    except ValueError as error:
        parser.error(str(error))
    inventory = take_inventory(search_path())
    found = inventory.of(asked)
    requirements = Requirements(inventory)
    versions = [describe(one, requirements) for one in found]
    if options.json:
        print_json({"distribution": asked.distribution, "versions": versions})
    else:
        for number, version in enumerate(versions):
            if number:
                print()
            _show(asked.distribution, version, found[number])
    if not found:
        for line in not_installed(asked, inventory):
            print_error(line)
        return FAILED
    return OK


def not_installed(asked: Wanted, inventory: Inventory) -> list[str]:
    """Return the sentences that say that a distribution isn't there, and what may have been meant."""
    others = [one.candidate.version for one in inventory.installed if one.candidate.distribution == asked.distribution]
    if others:
        return [f"{asked.text} is not installed, but {asked.distribution} {', '.join(dict.fromkeys(others))} is"]
    providers = dict.fromkeys(
        one.candidate.distribution for one in inventory.installed if asked.text in one.candidate.names
    )
    if providers:
        return [f"{asked.text} is not installed; it is an import name of {', '.join(providers)}"]
    return [f"{asked.text} is not installed"]


def describe(one: Installed, requirements: Requirements) -> dict[str, Any]:
    """Return the JSON of one version."""
    candidate = one.candidate
    known = details(candidate)
    same_site = [other for other in requirements.inventory.usable() if other.site == candidate.site]
    return {
        "version": candidate.version,
        "kind": one.kind,
        "path": candidate.path,
        "metadata": candidate.metadata_directory,
        "summary": known.summary,
        "size": size_of(candidate),
        "files": known.files,
        "names": list(candidate.names),
        "statement": "" if one.why_not else statement_for(candidate, same_site),
        "requirements": _requirements(one, requirements),
        "groups": [str(group) for group in one.groups],
        "asked_for_by": [
            {
                "distribution": asker.distribution,
                "version": asker.version,
                "path": asker.path,
                "requirement": written(need),
            }
            for asker, need in requirements.askers(candidate)
        ],
        "launchers": list(known.launchers),
        "wheel_tags": list(known.tags),
        "requires_python": candidate.requires_python,
        "installer": known.installer,
        "direct_url": known.direct_url,
        "requested": known.requested,
        "usable": not one.why_not,
        "why_not": one.why_not,
        "hidden_by": one.hidden_by.path if one.hidden_by is not None else "",
    }


def _requirements(one: Installed, requirements: Requirements) -> list[dict[str, Any]]:
    """Return the Requires-Dist lines with whether they apply here, without extras, and the versions that meet them."""
    try:
        lines = requirements_of(one.candidate)
    except NotACandidate:
        return []
    return [_requirement(line, requirements) for line in lines]


def _requirement(line: str, requirements: Requirements) -> dict[str, Any]:
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return {"requirement": line, "applies": False, "met_by": []}
    applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    offered = requirements.offered.get(canonical(requirement.name), ())
    fitting = [other.version for other in offered if requirement.specifier.contains(other.version, prereleases=True)]
    return {"requirement": line, "applies": applies, "met_by": list(dict.fromkeys(fitting))}


def _show(distribution: str, version: dict[str, Any], one: Installed) -> None:
    print(
        paint(f"{distribution} {version['version']}", "bold")
        + (f"  {version['summary']}" if version["summary"] else "")
    )
    size = "unknown" if version["size"] is None else size_text(version["size"])
    kind = "versioned directory" if one.kind == "versioned" else "flat install"
    rows = [
        ("kind", [kind + (", asked for by name" if version["requested"] and one.kind == "flat" else "")]),
        ("path", [version["path"]]),
        ("not used", [paint(one.remark, "yellow")] if one.remark else []),
        ("to import it", [paint(version["statement"], "cyan")] if version["statement"] else []),
        ("import names", [", ".join(version["names"])]),
        ("requires", [_requirement_text(row) for row in version["requirements"]]),
        ("groups", list(map(str, one.groups)) if len(one.groups) <= _MOST else [group_text(one.groups)]),
        (
            "asked for by",
            [f"{row['distribution']} {row['version']} ({row['requirement']})" for row in version["asked_for_by"]],
        ),
        ("launchers", version["launchers"]),
        ("wheel tags", [", ".join(version["wheel_tags"])]),
        ("Requires-Python", [version["requires_python"]]),
        ("size", [f"{size} in {version['files']} files" if version["files"] else size]),
        ("installer", [version["installer"]]),
        ("direct URL", [version["direct_url"]]),
    ]
    for head, lines in rows:
        for number, line in enumerate(filter(None, lines)):
            print(f"  {'' if number else head:<{_WIDE}}{line}")


_MOST = 8
_WIDE = len("Requires-Python") + 2


def _requirement_text(row: dict[str, Any]) -> str:
    if not row["applies"]:
        return paint(f"{row['requirement']}  (does not apply here)", "dim")
    if not row["met_by"]:
        return f"{row['requirement']}  {paint('nothing installed meets it', 'red')}"
    return str(row["requirement"])
