"""`list [NAME...]`: what is installed, versioned directories and flat installs, with sizes and groups."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from versioned_import.cli.output import (
    FAILED,
    OK,
    command_parser,
    paint,
    print_error,
    print_json,
    print_table,
    size_text,
)
from versioned_import.inventory.installed import take_inventory, wanted
from versioned_import.inventory.sizes import size_of
from versioned_import.metadata.layout import canonical
from versioned_import.resolver.search_path import search_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from versioned_import.inventory.installed import Impostor, Installed, Inventory
    from versioned_import.metadata.group_locks import GroupLock

    Sized = tuple[Installed, int | None]

_HEADS = "distribution", "version", "kind", "size", "groups", "remark"
_MOST_GROUPS = 2


def main(argv: list[str]) -> int:
    """Print what is installed; exit status 1 if a name that was given is not, 2 for a command line without sense."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        names = [wanted(text) for text in options.names]
    except ValueError as error:
        parser.error(str(error))
    if options.site and not os.path.isdir(options.site):
        parser.error(f"no directory: {options.site}")
    inventory = take_inventory((os.path.abspath(options.site),) if options.site else search_path())
    found = [
        one
        for one in inventory.installed
        if options.kind in ("", one.kind) and (not names or any(name.takes(one.candidate) for name in names))
    ]
    distributions = {name.distribution for name in names}
    impostors = [
        one
        for one in inventory.impostors
        if options.kind != "flat" and (not names or canonical(one.entry.rpartition("-")[0]) in distributions)
    ]
    sized = [(one, size_of(one.candidate)) for one in found]
    absent = [name.text for name in names if not any(name.takes(one.candidate) for one in found)]
    if options.json:
        print_json(as_json(sized, impostors))
    else:
        _show(inventory, sized, impostors, asked=bool(names))
    for text in absent:
        print_error(f"{text} is not installed")
    return FAILED if absent else OK


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "list",
        "List what is installed over the search path: each version of each distribution, its size and its groups.",
        ("", "requests urllib3", '"requests>=2.30"', "--versioned --json", "--site /srv/shared/site-packages"),
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="only these distributions (NAME or NAME==VERSION)")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--versioned", dest="kind", action="store_const", const="versioned", help="no flat installs")
    kinds.add_argument("--flat", dest="kind", action="store_const", const="flat", help="only flat installs")
    parser.add_argument("--site", metavar="DIR", help="look into this directory instead of the search path")
    parser.set_defaults(kind="")
    return parser


def as_json(sized: Sequence[Sized], impostors: Sequence[Impostor]) -> dict[str, Any]:
    """Return the document of `list --json`."""
    return {
        "distributions": [
            {
                "distribution": one.candidate.distribution,
                "version": one.candidate.version,
                "kind": one.kind,
                "size": size,
                "groups": [str(group) for group in one.groups],
                "names": list(one.candidate.names),
                "site": one.candidate.site,
                "path": one.candidate.path,
                "usable": not one.why_not,
                "why_not": one.why_not,
                "hidden_by": one.hidden_by.path if one.hidden_by is not None else "",
            }
            for one, size in sized
        ],
        "not_versioned": [{"site": one.site, "entry": one.entry, "reason": one.reason} for one in impostors],
        "totals": {
            "versioned": sum(one.kind == "versioned" for one, _ in sized),
            "flat": sum(one.kind == "flat" for one, _ in sized),
            "size": sum(size or 0 for _, size in sized),
        },
    }


def _show(inventory: Inventory, sized: Sequence[Sized], impostors: Sequence[Impostor], *, asked: bool) -> None:
    for site in dict.fromkeys(inventory.sites):
        rows = [_row(one, size) for one, size in sized if one.candidate.site == site]
        if rows:
            print(paint(site, "bold"))
            print_table(_HEADS, rows, right=("size",))
            print()
    if sized:
        print(_totals(sized))
    elif not asked:
        print(f"nothing is installed in {', '.join(inventory.sites) or 'the search path, which is empty'}")
    if impostors:
        if sized or not asked:
            print()
        print("looks like a version and is none:")
        for one in impostors:
            print(f"  {os.path.join(one.site, one.entry, '')} {paint(one.reason, 'yellow')}")


def _row(one: Installed, size: int | None) -> tuple[str, ...]:
    return (
        one.candidate.distribution,
        one.candidate.version,
        one.kind,
        "?" if size is None else size_text(size),
        group_text(one.groups),
        one.remark,
    )


def group_text(groups: Sequence[GroupLock]) -> str:
    """Return a few groups by their roots, and how many more there are."""
    more = f" (+{len(groups) - _MOST_GROUPS})" if len(groups) > _MOST_GROUPS else ""
    return "; ".join(map(str, groups[:_MOST_GROUPS])) + more


def _totals(sized: Sequence[Sized]) -> str:
    versioned = sum(one.kind == "versioned" for one, _ in sized)
    directories = "directory" if versioned == 1 else "directories"
    flat = len(sized) - versioned
    size = size_text(sum(size or 0 for _, size in sized))
    return f"{versioned} versioned {directories}, {flat} flat install{'' if flat == 1 else 's'}, {size}"
