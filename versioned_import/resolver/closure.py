"""The closure of a choice among what is installed: resolvelib with the rules of PEP 440 and PEP 508 (spec 3.7)."""

from __future__ import annotations

from versioned_import.libraries.packaging.requirements import InvalidRequirement, Requirement
from versioned_import.libraries.packaging.utils import canonicalize_name
from versioned_import.libraries.resolvelib import AbstractProvider, BaseReporter
from versioned_import.libraries.resolvelib.resolvers import Resolution, ResolutionImpossible, ResolutionTooDeep
from versioned_import.metadata.fits import misfit
from versioned_import.metadata.layout import NotACandidate, is_still_there, requirements_of
from versioned_import.resolver.specifiers import allows, is_prerelease, sort_key
from versioned_import.resolver.whole import is_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, Protocol

    from versioned_import.libraries.packaging.specifiers import SpecifierSet
    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.metadata.catalogue import Catalogue
    from versioned_import.metadata.group_locks import GroupLock
    from versioned_import.resolver.request import Request

    class LoadedModules(Protocol):
        """What the resolver has to know of this process."""

        when: str
        """By when something is loaded, for a sentence."""
        brought: str
        """What `importer` has to do with it, for a sentence."""

        def fixed(self, distribution: CanonicalName, candidates: Sequence[Candidate]) -> Candidate | None | str:
            """Return the loaded candidate of a distribution, None if nothing of it is loaded, or why it can't be known."""

        def importer(self, candidates: Sequence[Candidate], asked_at: str) -> str:
            """Return who imported something of these candidates first, as far as it can be found out, or ""."""


# Far above what a real closure needs (it grows with distributions, not with candidates), so that a bug ends.
_MOST_ROUNDS = 20_000
_FREE = 2
"""The distance of a candidate that nothing speaks for."""


class NoClosure(Exception):  # noqa: N818 it never leaves this folder
    """No closure exists; `needs` are the requirements that can't be met together.

    `tried` are the needs of what was tried, by distribution.
    """

    def __init__(self, needs: list[Need], tried: Mapping[CanonicalName, Sequence[Need]]) -> None:
        super().__init__(needs, tried)
        self.needs = needs
        self.tried = tried


class Need:
    """One requirement on a distribution, and who has it."""

    __slots__ = ("_met", "among", "asker", "distribution", "extras", "specifiers", "text", "where")

    def __init__(
        self,
        distribution: CanonicalName,
        extras: Iterable[str],
        specifiers: SpecifierSet,
        *,
        text: str,
        asker: str,
        among: Iterable[Candidate] = (),
        where: str = "",
    ) -> None:
        self.distribution = distribution
        self.extras = frozenset(extras)
        self.specifiers = specifiers
        self.text = text
        self.asker = asker
        self.among = frozenset(candidate.key() for candidate in among)
        """The keys of the candidates that count; all count where it is empty."""
        self.where = where
        """Where the statement stands that has the need, "" of a distribution's."""
        self._met: dict[tuple[str, str, str], bool] = {}

    def is_met_by(self, candidate: Candidate) -> bool:
        """Tell whether a candidate of the distribution will do, pre-releases included; the answer is kept."""
        key = candidate.key()
        known = self._met.get(key)
        if known is None:
            known = allows(self.specifiers, candidate.version) and (not self.among or key in self.among)
            self._met[key] = known
        return known

    @property
    def requirement(self) -> str:
        """The need as a PEP 508 requirement, for a command line."""
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        return f"{self.distribution}{extras}{self.specifiers}"

    def __repr__(self) -> str:
        return f"<{self.asker} needs {self.text}>"


class NothingLoaded:
    """A process in which nothing is loaded yet: what the commands answer for."""

    when = "already"
    brought = "was imported first by"

    def fixed(self, distribution: CanonicalName, candidates: Sequence[Candidate]) -> Candidate | None | str:
        """Return None for every distribution."""
        return None

    def importer(self, candidates: Sequence[Candidate], asked_at: str) -> str:
        """Return that nobody is known."""
        return ""


class Pick:
    """One candidate, for the closure with the given extras."""

    __slots__ = ("candidate", "extras")

    def __init__(self, candidate: Candidate, extras: frozenset[str]) -> None:
        self.candidate = candidate
        self.extras = extras


def root_need(request: Request, distribution: CanonicalName, among: Iterable[Candidate] = ()) -> Need:
    """Return a statement's need of the distribution that was found for its import name.

    `among` are the candidates that have the name: another version of the distribution may lack it.
    """
    clause = request.wanted.text
    text = clause if request.wanted.distribution else f"{distribution} {clause}"
    text = text if clause else f"any version of {distribution}"
    wanted = request.wanted
    return Need(
        distribution,
        wanted.extras,
        wanted.specifiers,
        text=text,
        asker=request.asker,
        among=among,
        where=request.where,
    )


def exact_need(candidate: Candidate, asker: str) -> Need:
    """Return the need of exactly this candidate."""
    text = f"{candidate.distribution} {candidate.version}"
    return Need(candidate.distribution, (), _exactly(candidate.version), text=text, asker=asker, among=[candidate])


def extras_need(candidate: Candidate, groups: Iterable[GroupLock]) -> Need | None:
    """Return the need of a candidate with the extras that roots of its groups name, or None where they name none."""
    extras: set[str] = set()
    for root in dict.fromkeys(root for group in groups for root in group.roots):
        try:
            requirement = Requirement(root)
        except InvalidRequirement:
            continue  # a path
        if str(canonicalize_name(requirement.name)) == candidate.distribution:
            extras |= requirement.extras
    if not extras:
        return None
    text = f"{candidate.distribution}[{','.join(sorted(extras))}]"
    return Need(candidate.distribution, extras, _exactly(candidate.version), text=text, asker="its group")


def resolve_closure(
    roots: Sequence[Need],
    catalogues: Sequence[Catalogue],
    loaded: LoadedModules,
    preferred: Mapping[CanonicalName, Candidate],
    groups: Sequence[GroupLock] = (),
) -> dict[CanonicalName, Candidate]:
    """Return one candidate for each distribution that the roots and their closures need. Raises NoClosure.

    What is loaded is fixed; what was chosen before is `preferred`, then what `groups` name, whose order counts; both are
    left only where they must be.
    """
    provider = Provider(catalogues, loaded, preferred, groups)
    # Those without extras first: when the others' matches are found, it is known whether one names a pre-release.
    in_order = sorted(roots, key=lambda need: bool(need.extras))
    try:
        # Not by `Resolver`: what it makes of the state recurses without end in a circle that was given up.
        picks = Resolution(provider, BaseReporter()).resolve(in_order, max_rounds=_MOST_ROUNDS).mapping
    except ResolutionImpossible as impossible:
        raise NoClosure([cause.requirement for cause in impossible.causes], provider.tried()) from None
    except ResolutionTooDeep:
        raise NoClosure(list(roots), provider.tried()) from None
    needed = _needed_by(roots, picks, provider)
    return {pick.candidate.distribution: pick.candidate for node, pick in picks.items() if node in needed}


def _needed_by(roots: Iterable[Need], picks: Mapping[Any, Pick], provider: Provider) -> set[Any]:
    """Return the nodes that the roots need; others may be left of what was tried."""
    needed = set()
    waiting = [*roots]
    while waiting:
        node = provider.identify(waiting.pop())
        if node not in needed:
            needed.add(node)
            waiting += provider.get_dependencies(picks[node])
    return needed


class Provider(AbstractProvider):  # type: ignore[type-arg]
    """What resolvelib has to know about installed distributions."""

    def __init__(
        self,
        catalogues: Sequence[Catalogue],
        loaded: LoadedModules,
        preferred: Mapping[CanonicalName, Candidate],
        groups: Sequence[GroupLock] = (),
    ) -> None:
        self.catalogues = catalogues
        self.loaded = loaded
        self.preferred = preferred
        self.groups = groups
        self._usable: dict[CanonicalName, list[Candidate]] = {}
        self._needs: dict[tuple[CanonicalName, tuple[str, str, str], frozenset[str]], list[Need]] = {}

    def identify(self, requirement_or_candidate: Need | Pick) -> tuple[str, frozenset[str]]:
        """Return distribution and extras: a distribution with extras is a node of its own that needs the plain one."""
        if isinstance(requirement_or_candidate, Need):
            return requirement_or_candidate.distribution, requirement_or_candidate.extras
        return requirement_or_candidate.candidate.distribution, requirement_or_candidate.extras

    def get_preference(
        self, identifier: Any, resolutions: Any, candidates: Any, information: Any, backtrack_causes: Any
    ) -> Any:
        """Prefer what caused the last step back, then names in order, so that the same input gives the same closure."""
        causes = {self.identify(cause.requirement) for cause in backtrack_causes}
        return identifier not in causes, identifier[0], sorted(identifier[1])

    def find_matches(self, identifier: Any, requirements: Any, incompatibilities: Any) -> list[Pick]:
        """Return the picks for a distribution, best first: by site directory, and in each the highest version first."""
        name, extras = identifier
        needs: list[Need] = list(requirements[identifier])
        refused = {pick.candidate.key() for pick in incompatibilities[identifier]}
        fitting = [one for one in self.usable(name) if all(need.is_met_by(one) for need in needs)]
        # The extras of a distribution are nodes of their own, but a pre-release that one need names is named for all.
        every = (need for node in requirements if node[0] == name for need in requirements[node])
        if not any(need.specifiers.prereleases for need in every):
            finals = [one for one in fitting if not is_prerelease(one.version) or self._distance(one) < _FREE]
            fitting = finals or fitting
        # Only now: that a final release has no closure makes no pre-release of another a match.
        left = [one for one in fitting if one.key() not in refused]
        return [Pick(candidate, extras) for candidate in sorted(left, key=self._distance)]

    def _distance(self, candidate: Candidate) -> int:
        """Return 0 for what was chosen before, 1 for what the locks of groups name, 2 for all else."""
        chosen = self.preferred.get(candidate.distribution)
        if chosen is not None and candidate.key() == chosen.key():
            return 0
        return 1 if candidate.entry and candidate.version == self._locked(candidate.distribution) else _FREE

    def _locked(self, distribution: CanonicalName) -> str | None:
        """Return the version that the first lock names of which that version is there."""
        there = {candidate.version for candidate in self.usable(distribution) if candidate.entry}
        versions = (group.versions.get(distribution) for group in self.groups)
        return next((version for version in versions if version in there), None)

    def is_satisfied_by(self, requirement: Need, candidate: Pick) -> bool:
        """Tell whether a pick meets a need."""
        return requirement.is_met_by(candidate.candidate)

    def get_dependencies(self, candidate: Pick) -> Iterator[Need]:
        """Yield what a pick needs: its Requires-Dist whose markers hold here, and for extras the plain distribution."""
        chosen = candidate.candidate
        if candidate.extras:
            asker = f"{chosen.distribution}[{','.join(sorted(candidate.extras))}] {chosen.version}"
            text = f"{chosen.distribution} {chosen.version}"
            yield Need(chosen.distribution, (), _exactly(chosen.version), text=text, asker=asker)
        key = chosen.distribution, chosen.key(), candidate.extras
        if key not in self._needs:
            self._needs[key] = list(dependencies(chosen, candidate.extras))
        yield from self._needs[key]

    def tried(self) -> dict[CanonicalName, list[Need]]:
        """Return the needs of all that was tried so far, by distribution."""
        found: dict[CanonicalName, list[Need]] = {}
        for (distribution, _, _), needs in self._needs.items():
            found.setdefault(distribution, []).extend(needs)
        return found

    def usable(self, distribution: CanonicalName) -> list[Candidate]:
        """Return the candidates of a distribution in the order of the search; if it is loaded, that one only."""
        known = self._usable.get(distribution)
        if known is None:
            known = self._usable[distribution] = self._look(distribution)
        return known

    def _look(self, distribution: CanonicalName) -> list[Candidate]:
        found: list[Candidate] = []
        for catalogue in self.catalogues:
            here = [one for one in catalogue.by_distribution(distribution) if is_usable(one)]
            found += sorted(here, key=lambda one: sort_key(one.version), reverse=True)
        fixed = self.loaded.fixed(distribution, found)
        if isinstance(fixed, str):
            return []
        return found if fixed is None else [fixed]


def is_usable(candidate: Candidate) -> bool:
    """Tell whether a candidate is on the disk as a whole, fits this interpreter and has readable metadata."""
    if not is_still_there(candidate) or misfit(candidate) or not is_whole(candidate):
        return False
    try:
        requirements_of(candidate)
    except NotACandidate:
        return False
    return True


def dependencies(candidate: Candidate, extras: frozenset[str]) -> Iterator[Need]:
    """Yield what the Requires-Dist lines of a candidate need whose markers hold here; raises NotACandidate."""
    asker = f"{candidate.distribution} {candidate.version}"
    for line in requirements_of(candidate):
        need = _need_of(line, extras, asker)
        if need is not None:
            yield need


def reached(roots: Iterable[Need], selection: Mapping[CanonicalName, Candidate]) -> set[CanonicalName]:
    """Return the distributions of a selection that the closures of some roots are made of."""
    seen: set[tuple[CanonicalName, frozenset[str]]] = set()
    waiting = [*roots]
    while waiting:
        need = waiting.pop()
        chosen = selection.get(need.distribution)
        if chosen is None or (need.distribution, need.extras) in seen:
            continue
        seen.add((need.distribution, need.extras))
        try:
            waiting += dependencies(chosen, need.extras)
        except NotACandidate:
            continue
    return {distribution for distribution, _ in seen}


def _need_of(line: str, extras: frozenset[str], asker: str) -> Need | None:
    """Return the need of one Requires-Dist line, or None if its marker excludes it or it can't be read."""
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return None  # old metadata; pip has let it pass as well
    marker = requirement.marker
    if marker is not None:
        wanting = [extra for extra in sorted(extras) or ("",) if marker.evaluate({"extra": extra})]
        if not wanting:
            return None
        if wanting[0] and not marker.evaluate({"extra": ""}):
            asker = f"the extra {wanting[0]} of {asker}"
    name: Any = canonicalize_name(requirement.name)
    return Need(name, requirement.extras, requirement.specifier, text=line.partition(";")[0].strip(), asker=asker)


def _exactly(version: str) -> SpecifierSet:
    from versioned_import.libraries.packaging.specifiers import SpecifierSet

    return SpecifierSet(f"==={version}")
