"""What importlib.metadata sees of a project: what is locked, before anything of it is imported as well as after."""

from __future__ import annotations

import itertools
import sys
from importlib.metadata import DistributionFinder, MetadataPathFinder, PathDistribution
from pathlib import Path

from versioned_import.projects.start import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from importlib.metadata import Distribution
    from typing import Any

    from versioned_import.projects.kept import Plan

_OWN = "versioned-import"

_known: list[Any] = []
"""The plan that was asked last, and its metadata directories."""


def find_distributions(context: DistributionFinder.Context | None) -> Iterator[Distribution]:
    """Yield the locked distributions that a context asks for; none where the caller named the directories to look in.

    The site directories have left `sys.path`, so later finders know what is the program's own only.
    """
    plan = running.plan
    if plan is None or "path" in getattr(context, "__dict__", {}):
        return
    if _known[:1] != [plan]:
        _known[:] = [plan, plan.unpacked()[1]]
    places = _known[1]
    kind = getattr(sys.modules.get(type(context).__module__), "PathDistribution", PathDistribution)
    asked = getattr(context, "name", None)
    if not asked:
        for place in places.values():
            yield kind(Path(place))
        yield from _of_ours(plan, places)
        return
    name = str(asked).lower().replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    if name in places:
        yield kind(Path(places[name]))
    elif name == _OWN:
        yield from _of_ours(plan, places)


def _of_ours(plan: Plan, places: Collection[str]) -> Iterator[Distribution]:
    """Yield our own distribution, which can be imported in a project too: pytest knows our settings by its entry point."""
    if _OWN not in places:
        where = DistributionFinder.Context(name=_OWN, path=running.path_before or plan.dropped)
        yield from itertools.islice(MetadataPathFinder.find_distributions(where), 1)
