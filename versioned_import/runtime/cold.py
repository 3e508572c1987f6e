"""The cold way to an answer: the resolver, then the selection (spec 3.6, 3.7)."""

from __future__ import annotations

import sys

from versioned_import.errors import VersionConflictError
from versioned_import.metadata.catalogue import is_settled
from versioned_import.resolver import story
from versioned_import.resolver.choose import choose
from versioned_import.resolver.closure import NothingLoaded, exact_need, reached, root_need
from versioned_import.resolver.request import Request
from versioned_import.runtime import keeping_shortcuts, resolve
from versioned_import.runtime.children import with_or_without
from versioned_import.runtime.loaded import LoadedModules
from versioned_import.runtime.misplaced import foreign_modules
from versioned_import.runtime.remember import remember
from versioned_import.runtime.state import Answered, is_loaded, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.resolver.closure import Need

MOST_TRIES = 5
"""How often a choice is made anew because another thread has loaded a part of it from elsewhere meanwhile."""


def select_cold(name: str, clause: str, where: str, among: Sequence[Candidate] = ()) -> Candidate:
    """Make the selection answer a request for which nothing is loaded, and return the candidate.

    `among` are the candidates that count; all count where it is empty.
    Called with the state's lock held. Raises VersionNotFoundError or VersionConflictError.
    """
    request = Request(name, clause, where, among)
    for _ in range(MOST_TRIES):
        # A plain import asks for no version, so it is no reason to give up what the parent process selected.
        chosen = with_or_without(lambda: _select_once(request)) if clause else _select_once(request)
        if chosen is not None:
            return chosen
    raise story.already_loaded(request, "", "", "", "other threads load other versions meanwhile")


def _select_once(request: Request) -> Candidate | None:
    """Do it once; None if another thread loaded a part of the closure from elsewhere before it was in force."""
    loaded = LoadedModules()
    choice = choose(request, state.directories(), [*earlier_needs(), *_needs_left()], loaded, state.selection)
    mine = choice.candidate
    closure = [mine, *(one for one in choice.closure.values() if one.key() != mine.key())]
    before = state.answered
    answered = Answered(request.name, request.wanted.text, request.where, mine.distribution)
    selection = state.selection
    state.replace({**selection, **choice.closure}, [*before, answered])
    if foreign_modules(choice.closure.values()):
        state.replace(selection, before)
        return None
    if state.tracing:
        from versioned_import.runtime import trace

        trace.resolved(request, choice, state.directories(), selection)
    # Only an answer that nothing else in this process had a part in is true for others.
    if not loaded.had_a_say and not request.among and all(map(is_settled, state.directories())):
        remember(request.name, request.wanted.text, state.directories(), before, closure, state.leftover)
        keeping_shortcuts.keep(request.name, request.wanted.text, before, closure)
    resolve.keep_code(request.name, closure)
    return mine


def refuse_standard(request: Request, place: str) -> None:
    """Raise for a loaded module of the standard library what is raised before it is loaded, unless something fits.

    Whether the interpreter, or this project, has loaded it already is nothing that the program knows.
    """
    if story.is_standard(request.name, place):
        try:
            choose(request, state.directories(), (), NothingLoaded(), {})
        except VersionConflictError:
            pass  # something fits, and comes too late


def earlier_needs() -> list[Need]:
    """Return the needs of the statements answered before, which every later closure has to meet."""
    return _needs([one for one in state.answered if one.distribution in state.selection])


def _needs_left() -> list[Need]:
    """Return the needs of what is loaded for statements that have failed since: what it requires has to fit on."""
    if not state.leftover:
        return []
    relied_on = needed_for(state.answered)
    left = [one for one in state.selection.values() if one.distribution not in relied_on and is_loaded(one)]
    return [exact_need(one, "what is loaded already") for one in left]


def earlier_needs_here(asked_at: str) -> list[Need]:
    """Return them as they would be, were the statement at `asked_at` the first: a parent process's would not count."""
    if not any(one.inherited for one in state.answered):
        return earlier_needs()
    from versioned_import.runtime.children import told_apart

    own, plain = told_apart(asked_at)
    return _needs([*plain, *(one for one in own if one.distribution in state.selection)])


def needed_for(statements: Sequence[Answered]) -> set[CanonicalName]:
    """Return the distributions of the selection that statements rely on: what they got, and its closures."""
    return reached(_needs(statements), state.selection)


def _needs(statements: Sequence[Answered]) -> list[Need]:
    return [root_need(Request(one.name, one.clause, one.place), one.distribution) for one in statements]


def wrong_origin(name: str, clause: str, origin: str, candidate: Candidate, where: str) -> VersionConflictError:
    """Return the error for a module that came from elsewhere than from the chosen candidate."""
    return story.already_loaded(
        Request(name, clause, where), "from elsewhere", origin, "", chosen_and_finders(candidate)
    )


def chosen_and_finders(candidate: Candidate) -> str:
    """Return what was chosen and which finders there are, any of which may have served something else."""
    finders = ", ".join(getattr(finder, "__name__", type(finder).__name__) for finder in sys.meta_path)
    return f"{candidate.distribution} {candidate.version} was chosen in {candidate.place}; sys.meta_path: {finders}"
