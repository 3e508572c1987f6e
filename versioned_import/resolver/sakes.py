"""For whose sake a distribution asks: the statement in whose closure it stands, when a conflict has to be told."""

from __future__ import annotations

from versioned_import.metadata.layout import NotACandidate
from versioned_import.resolver.closure import dependencies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.resolver.closure import Need


def was_chosen_for(asker: str, earlier: Sequence[Need], chosen: Mapping[CanonicalName, Candidate]) -> Need | None:
    """Return the first earlier statement among whose choices is the one that asks, or None."""

    def further(need: Need) -> Iterable[Need]:
        candidate = chosen.get(need.distribution)
        try:
            return list(dependencies(candidate, need.extras)) if candidate is not None else ()
        except NotACandidate:
            return ()

    return next((root for root in earlier if _steps_to(asker, root, further)), None)


def would_be_chosen_for(
    asker: str, roots: Sequence[Need], tried: Mapping[CanonicalName, Sequence[Need]]
) -> Need | None:
    """Return the first statement that leads to the one that asks, over others; None where there is none, or it is its own.

    `tried` are the needs of what was tried, by distribution.
    """

    def further(need: Need) -> Iterable[Need]:
        return tried.get(need.distribution, ())

    for root in roots:
        steps = _steps_to(asker, root, further)
        if steps:
            return root if steps > 1 else None
    return None


def _steps_to(asker: str, root: Need, further: Callable[[Need], Iterable[Need]]) -> int:
    """Return how far below a statement the one stands that asks: 1 for what the statement names, 0 if it isn't there."""
    seen: set[tuple[CanonicalName, frozenset[str]]] = set()
    level, steps = [root], 1
    while level:
        below: list[Need] = []
        for need in level:
            if (need.distribution, need.extras) not in seen:
                seen.add((need.distribution, need.extras))
                below += further(need)
        if any(need.asker == asker for need in below):
            return steps
        level, steps = below, steps + 1
    return 0
