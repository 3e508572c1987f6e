"""The installation from top to bottom: form groups, stage each whole, then rename every distribution into place."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from versioned_import.install import site_directory
from versioned_import.install.engine import Planned, ResolutionConflictError
from versioned_import.install.groups import longest_resolving, without_direct_conflicts
from versioned_import.install.staging import check_free, land, staging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from versioned_import.install.engine import Engine, Staged
    from versioned_import.install.groups import Group
    from versioned_import.install.requirements import Arguments, Root

Result = TypeVar("Result")

INSTALLED = "installed"
ALREADY_THERE = "already there"
WOULD_INSTALL = "would install"


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """One distribution of a group and what became of it: one of the three words above."""

    distribution: Planned
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedGroup:
    """The roots of a group and the distributions of its closure, by name."""

    roots: Group
    landed: tuple[Landed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What an installation did: the site directory, the groups in their order, and sentences for the user."""

    site: str
    groups: tuple[LandedGroup, ...]
    notices: tuple[str, ...] = ()


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
    if arguments.dry_run:
        return _planned(arguments.roots, engine, site.path, tell)
    with staging(site.path) as directory:
        staged = _staged(arguments.roots, engine, directory, tell)
        for one in _once(staged):
            check_free(site.path, one.directory)
        outcomes = {one.directory: _outcome(site.path, one) for one in _once(staged)}
    importlib.invalidate_caches()
    return Installation(
        site=site.path,
        groups=tuple(_landed_group(group, found, outcomes) for group, found in staged),
        notices=tuple(notice for one in _once(staged) for notice in one.notices if _is_new(one, outcomes)),
    )


def refresh_catalogue(site: str) -> None:
    """Bring the site directory's catalogue up to date; whatever goes wrong with it is the caller's to report."""
    try:
        from versioned_import.metadata.catalogue import refresh
    except ImportError:
        return
    refresh(site)


def form_groups(
    roots: Sequence[Root], attempt: Callable[[Group], Result], resolves: Callable[[Group], bool]
) -> Iterator[tuple[Group, Result]]:
    """Yield groups that hold all roots, each with what `attempt` returned for it.

    `attempt` is made for the whole of what does not conflict by itself, which mostly is right; only when it raises
    ResolutionConflictError the culprits are looked for with `resolves`, and wait for a later group. The error of a root
    that fails alone goes to the caller.
    """
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
    attempts = 0

    def attempt(group: Group) -> list[Staged]:
        nonlocal attempts
        attempts += 1
        tell(f"collecting {_names(group)}")
        own = os.path.join(directory, f"attempt-{attempts}")
        os.mkdir(own, 0o755)
        return engine.stage(group, own)

    return list(form_groups(roots, attempt, _resolver(engine, tell)))


def _planned(roots: Sequence[Root], engine: Engine, site: str, tell: Callable[[str], None]) -> Installation:
    def attempt(group: Group) -> list[Planned]:
        tell(f"resolving {_names(group)}")
        return engine.plan(group)

    formed = list(form_groups(roots, attempt, _resolver(engine, tell)))
    everything = {one.directory for _, found in formed for one in found}
    outcomes = {
        name: ALREADY_THERE if os.path.isdir(os.path.join(site, name)) else WOULD_INSTALL for name in everything
    }
    return Installation(site=site, groups=tuple(_landed_group(group, found, outcomes) for group, found in formed))


def _resolver(engine: Engine, tell: Callable[[str], None]) -> Callable[[Group], bool]:
    def resolves(group: Group) -> bool:
        tell(f"resolving {_names(group)}")
        try:
            engine.plan(group)
        except ResolutionConflictError:
            return False
        return True

    return resolves


def _once(staged: Sequence[tuple[Group, list[Staged]]]) -> list[Staged]:
    """Return each versioned directory of the groups once; requirements before the roots that need them.

    So a process that is killed between two renames leaves no root without its closure.
    """
    each: dict[str, Staged] = {}
    for _, found in staged:
        for one in found:
            each.setdefault(one.directory, one)
    return sorted(each.values(), key=lambda one: one.requested)


def _outcome(site: str, staged: Staged) -> str:
    return INSTALLED if land(site, staged) else ALREADY_THERE


def _is_new(staged: Staged, outcomes: dict[str, str]) -> bool:
    return outcomes[staged.directory] == INSTALLED


def _landed_group(group: Group, found: Sequence[Planned], outcomes: dict[str, str]) -> LandedGroup:
    ordered = sorted(found, key=lambda one: one.directory)
    return LandedGroup(
        roots=group, landed=tuple(Landed(distribution=one, outcome=outcomes[one.directory]) for one in ordered)
    )


def _names(group: Group) -> str:
    return ", ".join(map(str, group))
