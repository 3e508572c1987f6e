"""What version clauses, `require` and reports get in a process that runs from a lock: what is locked, or an error."""

from __future__ import annotations

import os
import sys

from versioned_import.errors import VersionNotFoundError
from versioned_import.resolver.request import Request
from versioned_import.runtime.state import Answered, is_of, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from importlib.metadata import Distribution, DistributionFinder

    from versioned_import.metadata.candidate import Candidate


class LockedProject:
    """The project of this process, as the selection sees it (`State.project`)."""

    def __init__(self, lock: str, places: Mapping[str, str], problem: str = "") -> None:
        self.lock = lock
        self.problem = problem
        """Why nothing can be had, if so."""
        self.places = places
        """Distribution to where in the lock it stands."""

    def place(self, distribution: str) -> str:
        """Return where in which lock a distribution stands."""
        place = self.places.get(distribution, "")
        return f"{self.lock}: {place}" if place else self.lock

    def own_spec(self, name: str) -> ModuleSpec | None:
        """Return the spec of a module of Python or the program, which goes before what is locked."""
        from versioned_import.projects.finder import own_spec

        return own_spec(name)

    def distributions(self, context: DistributionFinder.Context | None) -> Iterator[Distribution]:
        """Yield our own distribution if a context asks for it; later finders see no site directory then."""
        from versioned_import.projects.metadata import of_program

        return of_program(context)

    def select(self, name: str, clause: str, where: str) -> Candidate | None:
        """Return the candidate of a statement; None if a module of the program's own is the answer.

        Called with the state's lock held. Raises VersionNotFoundError if the lock has none that the clause allows.
        """
        request = Request(name, clause, where)
        top = name.partition(".")[0]
        providers = [
            one for one in state.providers.get(top, ()) if any(f"{name}.".startswith(f"{own}.") for own in one.names)
        ]
        wanted = request.wanted.distribution
        candidate = next((one for one in providers if wanted in (None, one.distribution)), None)
        if candidate is None:
            self._refuse_unless_own(request, top, providers)
            return None
        if not request.wanted.allows(candidate.version):
            raise self._other_version(request, candidate)
        module = sys.modules.get(top)
        if module is not None and not is_of(module, top, candidate) and not candidate.tops.get(top):
            from versioned_import.runtime.loaded import is_answered_by_loaded

            if is_answered_by_loaded(name, clause, where):
                return None
        if not any((one.name, one.clause, one.where) == (name, clause, where) for one in state.answered):
            # Nothing new is selected, so nothing else has to follow.
            state.answered = [*state.answered, Answered(name, clause, where, candidate.distribution)]
        return candidate

    def require(self, requests: Sequence[Request]) -> tuple[Candidate, ...]:
        """Return the candidates of some requirements. Raises VersionNotFoundError."""
        found = []
        for request in requests:
            distribution = request.wanted.distribution
            candidate = state.selection.get(distribution) if distribution is not None else None
            if candidate is None:
                raise self._not_locked(request)
            if not request.wanted.allows(candidate.version):
                raise self._other_version(request, candidate)
            found.append(candidate)
        mine = [Answered("", one.wanted.text, one.where, one.wanted.distribution) for one in requests]  # type: ignore[arg-type]
        state.answered = [*state.answered, *mine]
        return tuple(found)

    def _refuse_unless_own(self, request: Request, top: str, others: Sequence[Candidate]) -> None:
        """Raise what the cold way would, unless the statement asks for no version: then Python looks for a module itself."""
        if request.wanted.text or others:
            raise self._not_locked(request)

    def _not_locked(self, request: Request) -> VersionNotFoundError:
        from versioned_import.projects.refusal import unused

        name = request.wanted.distribution or request.name
        if self.problem:
            headline, told = "nothing that is installed can be imported here", tuple(self.problem.splitlines())
            return VersionNotFoundError(request.name or str(name), request.statement, request.where, headline, told)
        lines = unused(request.name.partition(".")[0], str(name))
        headline = f"it is not in the lock {self.lock}"
        return VersionNotFoundError(
            request.name or str(name), request.statement, request.where, headline, (*lines, self._advice())
        )

    def _other_version(self, request: Request, candidate: Candidate) -> VersionNotFoundError:
        story = (
            f"{candidate.distribution} {candidate.version} is locked in {self.place(candidate.distribution)}",
            self._advice(),
        )
        return VersionNotFoundError(
            request.name or candidate.distribution,
            request.statement,
            request.where,
            "the lock has another version",
            story,
        )

    def _advice(self) -> str:
        from shlex import quote

        lock = os.path.basename(self.lock)
        return f"change {lock} with the tool that wrote it, then: versioned-import sync {quote(self.lock)}"
