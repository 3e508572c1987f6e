"""`tree [FILE]`: what the installed groups, or the statements of a program, are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from versioned_import.cli.check import answers
from versioned_import.cli.output import FAILED, OK, USAGE, command_parser, console, print_error, print_json, working
from versioned_import.errors import ImportVersionError
from versioned_import.inventory.installed import take_inventory
from versioned_import.inventory.needs import (
    Requirements,
    group_absences,
    group_needs,
    group_selection,
    grow,
    problems_in,
)
from versioned_import.resolver.search_path import search_path
from versioned_import.syntax.loader import check_text, read_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from rich.tree import Tree

    from versioned_import.inventory.installed import Inventory
    from versioned_import.inventory.needs import Node
    from versioned_import.resolver.choose import Choice
    from versioned_import.resolver.request import Request

_MOST_LOOSE = 12


def main(argv: list[str]) -> int:
    """Print the trees; exit status 1 if one has a conflict or something is missing, 2 for a file that can't be read."""
    parser = command_parser(
        "tree",
        "Show what the installed groups are made of: roots, their requirements, the versions that meet them. With a"
        " program, show what each of its versioned imports gets, and all that comes with it. Nothing is imported.",
        ("", "app.py", "app.py --json"),
    )
    parser.add_argument("file", metavar="FILE", nargs="?", help="a program; without it, the installed groups")
    options = parser.parse_args(argv)
    inventory = take_inventory(search_path())
    if not options.file:
        return _groups(inventory, as_json=options.json)
    try:
        with open(options.file, "rb") as opened:
            source = read_text(opened.read())
        check_text(source, options.file)
    except (OSError, UnicodeDecodeError) as error:
        print_error(f"{options.file}: {getattr(error, 'strerror', None) or error}")
        return USAGE
    except SyntaxError as error:
        print_error(f"{options.file}:{error.lineno}: {error.msg}")
        return FAILED
    return _program(options.file, source, inventory, as_json=options.json)


def _groups(inventory: Inventory, *, as_json: bool) -> int:
    requirements = Requirements(inventory)
    documents: list[dict[str, Any]] = []
    trees: list[tuple[str, tuple[Node, ...]]] = []
    for site, locks in inventory.locks.items():
        for lock in [one for one in locks if one.requested]:
            selection = group_selection(lock, site, inventory)
            nodes = grow(group_needs(lock), selection, requirements, group_absences(lock, site, inventory))
            documents.append({"group": str(lock), "site": site, "roots": [node_json(node) for node in nodes]})
            trees.append((f"{lock}  ({site})", nodes))
    loose = [one.candidate for one in inventory.installed if one.candidate.entry and not one.groups and not one.why_not]
    if as_json:
        without = [{"distribution": one.distribution, "version": one.version, "path": one.path} for one in loose]
        print_json({"groups": documents, "in_no_group": without})
    else:
        for head, nodes in trees:
            _print_tree(head, nodes)
        if not trees:
            print(f"no group is installed in {', '.join(inventory.sites) or 'the search path, which is empty'}")
        if loose:
            names = [f"{one.distribution} {one.version}" for one in loose]
            more = f" and {len(names) - _MOST_LOOSE} more (versioned-import list)" if len(names) > _MOST_LOOSE else ""
            print(f"in no group: {', '.join(names[:_MOST_LOOSE])}{more}")
    return FAILED if any(problems_in(nodes) for _, nodes in trees) else OK


def _program(file: str, source: str, inventory: Inventory, *, as_json: bool) -> int:
    requirements = Requirements(inventory)
    with working("looking ..."):
        rows = [(request, answer, _nodes(answer, requirements)) for request, answer in answers(file, source)]
    failed = any(isinstance(answer, ImportVersionError) or problems_in(nodes) for _, answer, nodes in rows)
    if as_json:
        print_json({"file": file, "statements": [_statement_json(*row) for row in rows]})
        return FAILED if failed else OK
    if not rows:
        print(f"{file}: no versioned import")
        return OK
    top = _tree(file)
    for request, answer, nodes in rows:
        line = request.where.rpartition(":")[2]
        if isinstance(answer, ImportVersionError):
            below = top.add(_text((f"{line}: {request.statement}", ""), (f"  {answer.headline}", "red")))
            for sentence in answer.story:
                below.add(_text((sentence, "")))
        else:
            below = top.add(_text((f"{line}: {request.statement}", "")))
            _add(below, nodes)
    console().print(top)
    return FAILED if failed else OK


def _nodes(answer: Choice | ImportVersionError, requirements: Requirements) -> tuple[Node, ...]:
    return () if isinstance(answer, ImportVersionError) else grow([answer.need], answer.closure, requirements)


def _statement_json(request: Request, answer: Choice | ImportVersionError, nodes: Sequence[Node]) -> dict[str, Any]:
    error = "\n".join((answer.headline, *answer.story)) if isinstance(answer, ImportVersionError) else ""
    return {
        "where": request.where,
        "statement": request.statement,
        "error": error,
        "gets": node_json(nodes[0]) if nodes else None,
    }


def node_json(node: Node) -> dict[str, Any]:
    """Return the JSON of a node and all below it."""
    return {
        "requirement": node.requirement,
        "distribution": node.candidate.distribution if node.candidate is not None else "",
        "version": node.candidate.version if node.candidate is not None else "",
        "path": node.candidate.path if node.candidate is not None else "",
        "problem": node.problem,
        "repeated": node.repeated,
        "requires": [node_json(child) for child in node.children],
    }


def _print_tree(head: str, nodes: Sequence[Node]) -> None:
    top = _tree(head)
    _add(top, nodes)
    console().print(top)


def _add(tree: Tree, nodes: Sequence[Node]) -> None:
    for node in nodes:
        parts = [(node.requirement, "")]
        if node.candidate is not None:
            kind = "" if node.candidate.entry else " (flat install)"
            parts = [
                (f"{node.candidate.distribution} {node.candidate.version}", "bold"),
                (f"{kind}  {node.requirement}", "dim"),
            ]
        if node.problem:
            parts.append((f"  {node.problem}", "red"))
        if node.repeated:
            parts.append(("  (see above)", "dim"))
        _add(tree.add(_text(*parts)), node.children)


def _tree(head: str) -> Tree:
    from rich.tree import Tree

    return Tree(_text((head, "bold")))


def _text(*parts: tuple[str, str]) -> Any:
    from rich.text import Text

    return Text.assemble(*parts)
