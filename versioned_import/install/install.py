"""The installation from top to bottom: form groups, stage each whole, then rename every distribution into place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

from versioned_import.install import site_directory
from versioned_import.install.engine import ResolutionConflictError
from versioned_import.install.groups import at_least, in_canonical_order, longest_resolving, without_direct_conflicts
from versioned_import.install.landing import land_groups, planned
from versioned_import.install.staging import staging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from versioned_import.install.engine import Engine, Planned, Staged
    from versioned_import.install.groups import Group
    from versioned_import.install.landing import Installation
    from versioned_import.install.requirements import Arguments, Root

Result = TypeVar("Result")


def install(arguments: Arguments, engine: Engine, *, tell: Callable[[str], None]) -> Installation:
    """Install the roots side by side, or only find out what that would be (`dry_run`).

    `tell` gets a line before each thing that takes long. Raises InstallError; then nothing has landed, except if the
    very last step, renaming, failed half way, and then each distribution is either whole or not there.
    """
    if not arguments.dry_run:
        site_directory.check_not_managed(break_system_packages=arguments.break_system_packages)
    site = site_directory.choose(user=arguments.user)
    if site.notice:
        tell(site.notice)
    hashed = "--require-hashes" in arguments.options
    if arguments.dry_run:
        return planned(site, list(form_groups(arguments.roots, *attempts(engine, tell))), hashed=hashed)
    with staging(site.path) as directory:
        return land_groups(site, _staged(arguments.roots, engine, directory, tell), hashed=hashed)


def form_groups(
    roots: Sequence[Root], attempt: Callable[[Group], Result], resolves: Callable[[Group], bool]
) -> Iterator[tuple[Group, Result]]:
    """Yield groups that hold all roots, each with what `attempt` returned for it; the same for the roots in any order.

    `attempt` is made for the whole of what does not conflict by itself, which mostly is right; only when it raises
    ResolutionConflictError the culprits are looked for with `resolves`, and wait for a later group. The error of a root
    that fails alone goes to the caller.
    """
    order = in_canonical_order(roots)
    formed = list(_first_fit(order, attempt, resolves))
    while len(formed) > max(2, at_least(order)):
        # First fit over whole groups, the last one first, never makes more of them, and often fewer.
        fewer = list(_first_fit([root for group, _ in reversed(formed) for root in group], attempt, resolves))
        if len(fewer) >= len(formed):
            break
        formed = fewer
    place = {root.text: number for number, root in enumerate(order)}
    ordered = [(tuple(sorted(group, key=lambda root: place[root.text])), result) for group, result in formed]
    yield from sorted(ordered, key=lambda one: place[one[0][0].text])


def _first_fit(
    roots: Sequence[Root], attempt: Callable[[Group], Result], resolves: Callable[[Group], bool]
) -> Iterator[tuple[Group, Result]]:
    waiting = tuple(roots)
    while waiting:
        group, _ = without_direct_conflicts(waiting)
        try:
            result = attempt(group)
        except ResolutionConflictError:
            if len(group) == 1:
                raise
            group, _ = longest_resolving(group, resolves)
            result = attempt(group)
        yield group, result
        taken = {id(root) for root in group}
        waiting = tuple(root for root in waiting if id(root) not in taken)


def _staged(
    roots: Sequence[Root], engine: Engine, directory: str, tell: Callable[[str], None]
) -> list[tuple[Group, list[Staged]]]:
    count = 0

    def attempt(group: Group) -> list[Staged]:
        nonlocal count
        count += 1
        tell(f"collecting {_names(group)}")
        own = os.path.join(directory, f"attempt-{count}")
        os.mkdir(own, 0o755)
        return engine.stage(group, own)

    return list(form_groups(roots, attempt, _resolver(engine, tell)))


def attempts(
    engine: Engine, tell: Callable[[str], None]
) -> tuple[Callable[[Group], list[Planned]], Callable[[Group], bool]]:
    """Return what `form_groups` asks, for an engine that only plans and changes nothing."""

    def attempt(group: Group) -> list[Planned]:
        tell(f"resolving {_names(group)}")
        return engine.plan(group)

    return attempt, _resolver(engine, tell)


def _resolver(engine: Engine, tell: Callable[[str], None]) -> Callable[[Group], bool]:
    def resolves(group: Group) -> bool:
        tell(f"resolving {_names(group)}")
        try:
            engine.plan(group)
        except ResolutionConflictError:
            return False
        return True

    return resolves


def _names(group: Group) -> str:
    return ", ".join(map(str, group))
