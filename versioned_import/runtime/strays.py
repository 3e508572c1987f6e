"""A dependency that was served from elsewhere than it was chosen: whoever imported it has got another version."""

from __future__ import annotations

import os
import sys

from versioned_import.errors import VersionConflictError
from versioned_import.metadata.places import real_path
from versioned_import.resolver.request import Request
from versioned_import.runtime import remnants
from versioned_import.runtime.cold import chosen_and_finders, needed_for
from versioned_import.runtime.importing import asking_place
from versioned_import.runtime.state import Answered, file_of, is_loaded, is_of, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from versioned_import.metadata.candidate import Candidate, CanonicalName


def refuse(
    name: str,
    clause: str,
    answered: Answered,
    strays: Sequence[tuple[str, Candidate]],
    before: Mapping[CanonicalName, Candidate],
) -> None:
    """Refuse a statement that is answered, and loaded, if one of `strays` belongs to its closure.

    Then its answer is taken back, and the modules that have got the wrong one are forgotten where this statement, and not
    another one, brought their distributions: `before` is what was selected before it. Called with the state's lock held.
    Raises VersionConflictError.
    """
    needed = needed_for([answered])
    for stray, candidate in strays:
        module = sys.modules.get(stray)
        if candidate.distribution in needed and module is not None and not _is_anyones(module, stray):
            _take_back(answered, candidate, before)
            raise _told(Request(name, clause, asking_place()), stray, file_of(module), candidate)


def _is_anyones(module: object, name: str) -> bool:
    """Tell whether a module is that of any selected candidate: several may have one name, or be reached by a link."""
    owners = [one for one in state.providers.get(name.partition(".")[0], ()) if name in one.names]
    file = real_path(file_of(module))
    return any(is_of(module, name, one) or file.startswith(os.path.realpath(one.path) + os.sep) for one in owners)


def _take_back(answered: Answered, stray: Candidate, before: Mapping[CanonicalName, Candidate]) -> None:
    others = [one for one in state.answered if one is not answered]
    kept = {*needed_for(others), *(before.keys() - needed_for([answered]))}
    new = [one for key, one in state.selection.items() if key not in kept and before.get(key) is not one]
    remnants.forget(one for one in new if stray.distribution in _closure_of(one))
    state.replace({key: one for key, one in state.selection.items() if key in kept or is_loaded(one)}, others)


def _closure_of(candidate: Candidate) -> set[CanonicalName]:
    return needed_for([Answered("", candidate.distribution, "", candidate.distribution)])


def _told(request: Request, stray: str, place: str, candidate: Candidate) -> VersionConflictError:
    return VersionConflictError(
        request.name,
        request.statement,
        request.where,
        f"{stray} from elsewhere is loaded already",
        (
            f"loaded from {place}",
            chosen_and_finders(candidate),
            "another thread or another finder has loaded it meanwhile: put the versioned import before what does that",
        ),
    )
