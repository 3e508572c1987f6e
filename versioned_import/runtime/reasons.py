"""Why each distribution is selected: the statements that asked for it, and what requires it."""

from __future__ import annotations

from versioned_import.metadata.layout import NotACandidate
from versioned_import.resolver.choose import groups_of
from versioned_import.resolver.closure import dependencies, extras_need, root_need
from versioned_import.resolver.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.runtime.state import Answered


def statement(answered: Answered) -> str:
    """Return a statement as a user would write it."""
    return Request(answered.name, answered.clause).statement


def sentence(answered: Answered) -> str:
    """Return a statement and where it stands."""
    return Request(answered.name, answered.clause, answered.place).asker


def why_chosen(candidate: Candidate) -> str:
    """Return the sentence that says for whose sake a candidate is selected, or "" if it isn't."""
    from versioned_import.runtime.cold import needed_for
    from versioned_import.runtime.state import state

    selection, distribution = state.selection, candidate.distribution
    chosen = selection.get(distribution)
    if chosen is None or chosen.key() != candidate.key():
        return ""
    for one in state.answered:
        if one.distribution == distribution:
            return f"chosen by {sentence(one)}"
    for by, text in required_by(state.answered, selection).get(distribution, ()):
        root = next((one for one in state.answered if by.distribution in needed_for([one])), None)
        sake = f", for {sentence(root)}" if root is not None else ""
        return f"chosen because {by.distribution} {by.version} requires {text}{sake}"
    return ""


def required_by(
    answered: Iterable[Answered], selection: Mapping[CanonicalName, Candidate]
) -> dict[CanonicalName, list[tuple[Candidate, str]]]:
    """Return, for each distribution that the closures of some statements reach, which chosen ones require it, and how.

    How is the requirement as the metadata has it, without its marker. What can't be read any more requires nothing.
    """
    needs = [root_need(Request(one.name, one.clause, one.place), one.distribution) for one in answered]
    for need in list(needs):
        chosen = selection.get(need.distribution)
        extended = extras_need(chosen, groups_of(chosen)) if chosen is not None else None
        needs += [extended] if extended is not None else []
    found: dict[CanonicalName, list[tuple[Candidate, str]]] = {}
    seen: set[tuple[CanonicalName, frozenset[str]]] = set()
    while needs:
        need = needs.pop(0)
        chosen = selection.get(need.distribution)
        if chosen is None or (need.distribution, need.extras) in seen:
            continue
        seen.add((need.distribution, need.extras))
        try:
            further = list(dependencies(chosen, need.extras))
        except NotACandidate:
            continue
        for one in further:
            reasons = found.setdefault(one.distribution, [])
            if (chosen, one.text) not in reasons and one.distribution != chosen.distribution:
                reasons.append((chosen, one.text))
        needs += further
    return found
