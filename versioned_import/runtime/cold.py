"""The cold way to an answer: the resolver, then the selection (spec 3.6, 3.7)."""

from __future__ import annotations

import sys

from versioned_import.metadata.catalogue import is_settled
from versioned_import.resolver import story
from versioned_import.resolver.choose import choose
from versioned_import.resolver.closure import reached, root_need
from versioned_import.resolver.request import Request
from versioned_import.runtime import memo
from versioned_import.runtime.loaded import LoadedModules
from versioned_import.runtime.state import Answered, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.errors import VersionConflictError
    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.resolver.closure import Need


def select_cold(name: str, clause: str, where: str) -> Candidate:
    """Make the selection answer a request for which nothing is loaded, and return the candidate.

    Called with the state's lock held. Raises VersionNotFoundError or VersionConflictError.
    """
    request = Request(name, clause, where)
    earlier = _needs([one for one in state.answered if one.distribution in state.selection])
    loaded = LoadedModules()
    choice = choose(request, state.directories(), earlier, loaded, state.selection)
    mine = choice.candidate
    closure = [mine, *(one for one in choice.closure.values() if one.key() != mine.key())]
    before = state.answered
    answered = Answered(name, clause, where, mine.distribution)
    state.replace({**state.selection, **choice.closure}, [*before, answered])
    # Only an answer that nothing else in this process had a part in is true for others.
    if not loaded.had_a_say and all(map(is_settled, state.directories())):
        memo.remember(name, clause, state.directories(), before, closure)
    return mine


def needed_for(statements: Sequence[Answered]) -> set[CanonicalName]:
    """Return the distributions of the selection that statements rely on: what they got, and its closures."""
    return reached(_needs(statements), state.selection)


def _needs(statements: Sequence[Answered]) -> list[Need]:
    return [root_need(Request(one.name, one.clause, one.where), one.distribution) for one in statements]


def wrong_origin(name: str, clause: str, origin: str, candidate: Candidate, where: str) -> VersionConflictError:
    """Return the error for a module that came from elsewhere than from the chosen candidate."""
    finders = ", ".join(getattr(finder, "__name__", type(finder).__name__) for finder in sys.meta_path)
    why = f"{candidate.distribution} {candidate.version} was chosen in {candidate.place}; sys.meta_path: {finders}"
    return story.already_loaded(Request(name, clause, where), "from elsewhere", origin, "", why)
