"""The cold way to an answer: what is loaded, then the resolver, then the selection (spec 3.5-3.7)."""

from __future__ import annotations

import sys

from versioned_import.metadata.catalogue import is_settled
from versioned_import.resolver import story
from versioned_import.resolver.choose import choose
from versioned_import.resolver.closure import root_need
from versioned_import.resolver.request import Request
from versioned_import.runtime import memo
from versioned_import.runtime.loaded import LoadedModules, loaded_module
from versioned_import.runtime.state import Answered, is_loaded, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from versioned_import.errors import VersionConflictError
    from versioned_import.metadata.candidate import Candidate


def select_cold(name: str, clause: str, where: str) -> Candidate | None:
    """Make the selection answer a request; return the candidate, or None if a loaded module from elsewhere is the answer.

    Called with the state's lock held. Raises VersionNotFoundError or VersionConflictError.
    """
    request = Request(name, clause, where)
    if satisfied_by_loaded(request):
        return None
    earlier = [
        root_need(Request(one.name, one.clause, one.where), one.distribution)
        for one in state.answered
        if one.distribution in state.selection
    ]
    clean = not any(is_loaded(candidate) for candidate in state.selection.values()) and not earlier
    loaded = LoadedModules()
    choice = choose(request, state.directories(), earlier, loaded, state.selection)
    mine = choice.candidate
    closure = [mine, *(one for one in choice.closure.values() if one.key() != mine.key())]
    state.replace(
        {**state.selection, **choice.closure}, [*state.answered, Answered(name, clause, where, mine.distribution)]
    )
    # Only an answer that nothing in this process had a part in is true for others.
    if clean and not loaded.had_a_say and all(map(is_settled, state.directories())):
        memo.remember(name, clause, state.directories(), closure)
    return mine


def satisfied_by_loaded(request: Request) -> bool:
    """Tell whether a loaded module is the answer. Raises VersionConflictError if one is loaded that can't be (spec 3.5)."""
    found = loaded_module(request.name)
    if found is None:
        return False
    candidate = found.candidate
    if candidate is not None and request.wanted.allows(candidate.version):
        if request.wanted.distribution in (None, candidate.distribution):
            _remember_answer(request, candidate)
            return True
        why = f"it belongs to {candidate.distribution}, not to {request.wanted.distribution}"
        raise story.already_loaded(request, candidate.version, found.place, found.importer(), why)
    if not request.wanted.text:
        return True
    version = candidate.version if candidate is not None else ""
    raise story.already_loaded(request, version, found.place, found.importer(), found.why_unknown)


def _remember_answer(request: Request, candidate: Candidate) -> None:
    """Note that a statement relies on a loaded module, so that later closures keep to it."""
    known = state.selection.get(candidate.distribution)
    if known is not None and known.key() == candidate.key():
        answered = Answered(request.name, request.wanted.text, request.where, candidate.distribution)
        state.replace(state.selection, [*state.answered, answered])


def wrong_origin(name: str, clause: str, origin: str, candidate: Candidate, where: str) -> VersionConflictError:
    """Return the error for a module that came from elsewhere than from the chosen candidate."""
    finders = ", ".join(getattr(finder, "__name__", type(finder).__name__) for finder in sys.meta_path)
    why = f"{candidate.distribution} {candidate.version} was chosen in {candidate.place}; sys.meta_path: {finders}"
    return story.already_loaded(Request(name, clause, where), "from elsewhere", origin, "", why)
