"""Selecting distributions by requirement, where no import statement says it: what `require`, `exec` and the launchers do."""

from __future__ import annotations

from versioned_import.errors import ClauseError
from versioned_import.resolver import story
from versioned_import.resolver.distributions import choose_distributions
from versioned_import.resolver.request import Request
from versioned_import.runtime import finder
from versioned_import.runtime.children import with_or_without
from versioned_import.runtime.cold import MOST_TRIES, earlier_needs
from versioned_import.runtime.importing import asking_place
from versioned_import.runtime.loaded import LoadedModules
from versioned_import.runtime.misplaced import foreign_modules
from versioned_import.runtime.state import Answered, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.metadata.candidate import Candidate


def require(*requirements: str) -> tuple[Candidate, ...]:
    """Select the distributions of some requirements and their closures, all together; return what each one got.

    A requirement is a name with extras and specifiers (`black==24.1.0`, `requests[socks]>=2`); one whose marker does not
    hold here is left out. From now on plain imports get what is selected, as after a versioned import. Nothing is imported;
    as long as nothing of a distribution is loaded, a later requirement may still have another version of it chosen, one
    that fits both. Raises ClauseError for a text that is no such requirement, VersionNotFoundError and
    VersionConflictError; then nothing is selected that wasn't before.
    """
    place = asking_place()
    requests = [request for text in requirements if (request := _request(text, place)) is not None]
    finder.install()
    if state.project is not None:
        return state.project.require(requests)
    with state.lock:
        for _ in range(MOST_TRIES):
            if not requests or with_or_without(lambda: _select_once(requests)):
                return tuple(state.selection[one.wanted.distribution] for one in requests if one.wanted.distribution)
    raise story.already_loaded(requests[0], "", "", "", "other threads load other versions meanwhile")


def _request(text: str, place: str) -> Request | None:
    """Return the request for a requirement, None if its marker does not hold here. Raises ClauseError."""
    from versioned_import.libraries.packaging.requirements import InvalidRequirement, Requirement

    if not isinstance(text, str):
        raise TypeError(f"require() takes each requirement as a text of its own, not {type(text).__name__}")
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise ClauseError(text, f"is no requirement (PEP 508): {str(error).partition(chr(10))[0]}") from None
    if requirement.url:
        raise ClauseError(text, "has a URL, which a requirement on what is installed does not take")
    if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
        return None
    return Request("", " ".join(text.partition(";")[0].split()), place)


def _select_once(requests: Sequence[Request]) -> bool:
    """Do it once; False if another thread loaded a part of the closure from elsewhere before it was in force."""
    selection, answered = state.selection, state.answered
    closure = choose_distributions(requests, state.directories(), earlier_needs(), LoadedModules(), selection)
    mine = [
        Answered("", one.wanted.text, one.where, one.wanted.distribution)
        for one in requests
        if one.wanted.distribution is not None
    ]
    state.replace({**selection, **closure}, [*answered, *mine])
    if foreign_modules(closure.values()):
        state.replace(selection, answered)
        return False
    if state.tracing:
        from versioned_import.runtime import trace

        trace.required(requests, closure, selection)
    return True
