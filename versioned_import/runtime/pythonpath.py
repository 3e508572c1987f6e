"""A child process that was started with more on PYTHONPATH than its parent had: whoever starts it wants what is there."""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

from versioned_import.metadata.candidate import STARTERS
from versioned_import.metadata.places import full_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from versioned_import.metadata.candidate import Candidate


def wanted_instead(parents: str, selection: Iterable[Candidate]) -> tuple[str, str] | None:
    """Return the first entry of PYTHONPATH that has a module of something selected, and the module's name, or None.

    `parents` is the parent's PYTHONPATH, whose entries don't count.
    """
    entries = [entry for entry in _entries(os.environ.get("PYTHONPATH", "")) if entry not in {*_entries(parents)}]
    for entry in map(full_path, entries):
        for candidate in selection:
            if candidate.entry or candidate.site != entry:
                for top in _own_tops(candidate):
                    spec = PathFinder.find_spec(top, [entry])
                    if spec is not None and spec.origin is not None:
                        return entry, top
    return None


def _own_tops(candidate: Candidate) -> Iterator[str]:
    for top, is_namespace in candidate.tops.items():
        others = top in STARTERS or top in sys.stdlib_module_names or candidate.is_side_name(top)
        if not is_namespace and not others:
            yield top


def _entries(variable: str) -> list[str]:
    return [entry for entry in variable.split(os.pathsep) if entry]
