"""Whether requirements exclude each other whatever is installed, so that an error doesn't advise an installation in vain."""

from __future__ import annotations

from versioned_import.metadata.layout import NotACandidate
from versioned_import.resolver.closure import dependencies
from versioned_import.resolver.specifiers import allows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from versioned_import.metadata.candidate import Candidate
    from versioned_import.metadata.catalogue import Catalogue
    from versioned_import.resolver.closure import Need


def exclusion(roots: Iterable[Need], told: Sequence[Need], catalogues: Sequence[Catalogue]) -> str:
    """Return the sentence on two needs that no version meets and no other choice avoids, "" if there are none for certain.

    `told` are the needs that the error lists: only what is listed is spoken of. Other choices are left as long as a
    need doesn't fix one version; of a fixed one, the metadata of what is installed counts.
    """
    askers = {need.asker for need in told}
    sure = [need for need in _sure(roots, catalogues) if need.asker in askers]
    for number, one in enumerate(sure):
        for other in sure[:number]:
            if one.distribution == other.distribution and _are_disjoint(one, other):
                both = f"both {other.specifiers} and {one.specifiers}"
                return (
                    f"they exclude each other, so no installation helps: no version of {one.distribution} is {both};"
                    " ask for others"
                )
    return ""


def _sure(roots: Iterable[Need], catalogues: Sequence[Catalogue]) -> Iterator[Need]:
    """Yield the roots, and what is needed by versions that they fix, and so on."""
    waiting, seen = [*roots], set()
    while waiting:
        need = waiting.pop(0)
        yield need
        candidate = _only_one(need, catalogues)
        if candidate is not None and (candidate.key(), need.extras) not in seen:
            seen.add((candidate.key(), need.extras))
            try:
                waiting += dependencies(candidate, need.extras)
            except NotACandidate:
                continue


def _only_one(need: Need, catalogues: Sequence[Catalogue]) -> Candidate | None:
    """Return the installed candidate of the one version that a need fixes by `==`, None if it leaves a choice."""
    if not any(one.operator in ("==", "===") and not one.version.endswith(".*") for one in need.specifiers):
        return None
    here = (one for catalogue in catalogues for one in catalogue.by_distribution(need.distribution))
    return next((one for one in here if allows(need.specifiers, one.version)), None)


def _are_disjoint(one: Need, other: Need) -> bool:
    try:
        return one.specifiers.is_disjoint(other.specifiers)
    except (AttributeError, ValueError):  # packaging before 26 has no ranges, later ones no ranges of `===`
        return False
