"""Selecting distributions by requirement, where no import statement says it: what `exec` and the launchers do first."""

from __future__ import annotations

from versioned_import.errors import ClauseError
from versioned_import.resolver import story
from versioned_import.resolver.distributions import choose_distributions
from versioned_import.resolver.request import Request
from versioned_import.runtime import finder
from versioned_import.runtime.cold import MOST_TRIES, earlier_needs
from versioned_import.runtime.loaded import LoadedModules
from versioned_import.runtime.resolve import asking_place, foreign_modules
from versioned_import.runtime.state import Answered, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.metadata.candidate import Candidate


def require(*requirements: str) -> tuple[Candidate, ...]:
    """Select the distributions of some requirements and their closures, all together; return what each one got.

    A requirement is a name with extras and specifiers (`black==24.1.0`, `requests[socks]>=2`). From now on plain imports
    get what is selected, as after a versioned import. Nothing is imported; as long as nothing of a distribution is loaded,
    a later requirement may still have another version of it chosen, one that fits both. Raises ClauseError for a text that
    is no such requirement, VersionNotFoundError and VersionConflictError; then nothing is selected that wasn't before.
    """
    place = asking_place()
    requests = [_request(text, place) for text in requirements]
    finder.install()
    with state.lock:
        for _ in range(MOST_TRIES):
            if not requests or _select_once(requests):
                return tuple(state.selection[one.wanted.distribution] for one in requests if one.wanted.distribution)
    raise story.already_loaded(requests[0], "", "", "", "other threads load other versions meanwhile")


def _request(text: str, place: str) -> Request:
    """Return the request for a requirement. Raises ClauseError."""
    from versioned_import.libraries.packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise ClauseError(text, f"it is no requirement (PEP 508): {str(error).partition(chr(10))[0]}") from None
    if requirement.url or requirement.marker:
        raise ClauseError(text, "a requirement on what is installed takes no URL and no marker")
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return Request("", f"{requirement.name}{extras}{requirement.specifier}", place)


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
    return True
