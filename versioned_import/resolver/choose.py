"""From a request to a selection: the whole cold way, top to bottom (spec 3.3-3.7)."""

from __future__ import annotations

from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.metadata.fits import misfit
from versioned_import.metadata.group_locks import groups_with, read_group_locks
from versioned_import.metadata.layout import canonical, is_still_there
from versioned_import.resolver import story
from versioned_import.resolver.closure import NoClosure, extras_need, resolve_closure, root_need
from versioned_import.resolver.specifiers import is_prerelease, sort_key
from versioned_import.resolver.whole import has_file_for, missing_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.metadata.catalogue import Catalogue
    from versioned_import.metadata.group_locks import GroupLock
    from versioned_import.resolver.closure import LoadedModules, Need
    from versioned_import.resolver.request import Request


class Choice:
    """The answer to a request: the candidate for its name, and its closure."""

    __slots__ = ("candidate", "closure", "need")

    def __init__(self, candidate: Candidate, closure: dict[CanonicalName, Candidate], need: Need) -> None:
        self.candidate = candidate
        self.closure = closure
        self.need = need


class Survey:
    """What was found for an import name: the candidates that fit, and why each other one was passed over."""

    def __init__(self) -> None:
        self.fitting: list[Candidate] = []
        self.passed_over: list[tuple[Candidate, str]] = []
        self.damaged: list[tuple[str, str]] = []
        """Directories that only look like a version, with the reason."""
        self.misnamed: list[Candidate] = []
        """What is installed as a distribution of the import name, where nothing provides that name."""


def choose(
    request: Request,
    search_path: Sequence[str],
    earlier: Sequence[Need],
    loaded: LoadedModules,
    preferred: Mapping[CanonicalName, Candidate],
) -> Choice:
    """Return the candidate for a request with its closure. Raises VersionNotFoundError or VersionConflictError.

    `earlier` are the needs of the statements already answered: the closure holds for all of them together.
    """
    catalogues = [catalogue for site in search_path if (catalogue := open_catalogue(site)) is not None]
    survey = look(request, catalogues)
    winners = first_matches(request, survey.fitting)
    if not winners:
        parts = [one for catalogue in catalogues for one in catalogue.filed(f"t:{request.name}")]
        if parts and not survey.passed_over:
            raise story.namespace(request, parts)
        raise story.not_found(request, survey, search_path)
    winners = [candidate for candidate in winners if candidate.distribution in preferred] or winners
    if not request.wanted.text:
        winners = resolved_with(preferred.values(), winners) or winners
    if len({candidate.distribution for candidate in winners}) > 1:
        raise story.ambiguous(request, winners)
    need = root_need(request, winners[0].distribution, survey.fitting)
    try:
        closure = _closure_of_first(request, survey, winners[0], [*earlier, need], catalogues, loaded, preferred)
    except NoClosure as failure:
        told = story.no_closure(request, failure, catalogues, loaded, own=[need], earlier=earlier, chosen=preferred)
        raise told from None
    return Choice(closure[need.distribution], closure, need)


def _closure_of_first(
    request: Request,
    survey: Survey,
    winner: Candidate,
    needs: Sequence[Need],
    catalogues: Sequence[Catalogue],
    loaded: LoadedModules,
    preferred: Mapping[CanonicalName, Candidate],
) -> dict[CanonicalName, Candidate]:
    """Return the closure of the first candidate that has one, in the order of the search. Raises NoClosure.

    Each is tried by itself: resolvelib gives a candidate up for a dependency's sake, though another dependency would do.
    """
    chosen = preferred.get(winner.distribution)
    fitting = [one for one in survey.fitting if one.distribution == winner.distribution]
    others = [one for site in dict.fromkeys(one.site for one in fitting) for one in _matches_in(request, fitting, site)]
    order = {one.key(): one for one in (winner, *others)}
    if chosen is not None and chosen.key() in order:
        order = {chosen.key(): chosen, **order}
    for candidate in order.values():
        alone = root_need(request, winner.distribution, [candidate])
        try:
            return closure_with_groups([*needs, alone], [candidate], catalogues, loaded, preferred)
        except NoClosure:
            continue
    return closure_with_groups(needs, [winner], catalogues, loaded, preferred)


def closure_with_groups(
    needs: Sequence[Need],
    winners: Sequence[Candidate],
    catalogues: Sequence[Catalogue],
    loaded: LoadedModules,
    preferred: Mapping[CanonicalName, Candidate],
) -> dict[CanonicalName, Candidate]:
    """Return the closure that goes with the groups of the winners, the candidates most wanted. Raises NoClosure.

    If others had to be taken in their place, the groups of these count.
    """
    for _ in range(2):
        groups = [group for one in winners for group in groups_of(one)]
        closure = _with_extras(needs, winners, groups, catalogues, loaded, preferred)
        taken = [closure[one.distribution] for one in winners]
        if [one.key() for one in taken] == [one.key() for one in winners]:
            break
        winners = taken
    return closure


def _with_extras(
    needs: Sequence[Need],
    winners: Sequence[Candidate],
    groups: Sequence[GroupLock],
    catalogues: Sequence[Catalogue],
    loaded: LoadedModules,
    preferred: Mapping[CanonicalName, Candidate],
) -> dict[CanonicalName, Candidate]:
    """Return the closure, with that of the extras that the roots of the groups name where there is one."""
    wider = [extended for one in winners if (extended := extras_need(one, groups)) is not None]
    if wider:
        try:
            return resolve_closure([*needs, *wider], catalogues, loaded, preferred, groups)
        except NoClosure:
            pass  # a statement does not ask for extras, so it does not fail by them
    return resolve_closure(needs, catalogues, loaded, preferred, groups)


def groups_of(candidate: Candidate) -> list[GroupLock]:
    """Return the groups that a versioned directory was installed with, the most important first; a flat install has none."""
    if not candidate.entry:
        return []
    return groups_with(read_group_locks(candidate.site), candidate.distribution, candidate.version)


def resolved_with(chosen: Iterable[Candidate], winners: Sequence[Candidate]) -> list[Candidate]:
    """Return the winners that were resolved together with what was chosen before: an optional import has no requirement.

    A distribution may belong to several groups, so those count that hold the most of what is chosen.
    """
    of_sites: dict[str, list[Candidate]] = {}
    for one in chosen:
        if one.entry:
            of_sites.setdefault(one.site, []).append(one)
    found: dict[int, list[GroupLock]] = {}
    for site, ones in of_sites.items():
        for group in read_group_locks(site):
            if any(group.holds(winner.distribution, winner.version) for winner in winners):
                found.setdefault(sum(group.holds(one.distribution, one.version) for one in ones), []).append(group)
    found.pop(0, None)
    groups = found[max(found)] if found else ()
    return [one for one in winners if one.entry and any(group.holds(one.distribution, one.version) for group in groups)]


def look(request: Request, catalogues: Sequence[Catalogue]) -> Survey:
    """Return everything installed that could answer a request, in the order of the search."""
    survey = _look(request, catalogues)
    if survey.fitting:
        return survey
    stale = [catalogue for catalogue in catalogues if catalogue.follow_editables()]
    return _look(request, catalogues) if stale else survey


def _look(request: Request, catalogues: Sequence[Catalogue]) -> Survey:
    survey = Survey()
    wanted = request.wanted
    for catalogue in catalogues:
        for candidate in _providers(request, catalogue):
            reason = "" if is_still_there(candidate) else "is half deleted: its metadata is gone"
            if not reason and wanted.distribution and candidate.distribution != wanted.distribution:
                reason = f"is another distribution than {wanted.distribution}"
            if not reason and not wanted.text and not candidate.entry:
                reason = "is a flat install that Python itself could not import"
            if not reason and not wanted.allows(candidate.version):
                reason = "does not match"
            if not reason and request.among and candidate.key() not in request.among:
                reason = "is not what the metadata of the importing code allows"
            reason = reason or misfit(candidate) or _missing(request, candidate)
            if reason:
                survey.passed_over.append((candidate, reason))
            else:
                survey.fitting.append(candidate)
        names = (wanted.distribution, canonical(request.name.partition(".")[0]))
        for name in dict.fromkeys(name for name in names if name):
            survey.damaged += [(f"{catalogue.site}/{entry}", why) for entry, why in catalogue.passed_over(name)]
        survey.misnamed += catalogue.by_distribution(canonical(request.name))
    if survey.fitting or survey.passed_over:
        survey.misnamed.clear()
    return survey


def first_matches(request: Request, fitting: Sequence[Candidate]) -> list[Candidate]:
    """Return the fitting candidates of the first site directory that has one, the highest version first.

    Pre-releases count only where the clause names one or nothing else matches (PEP 440).
    """
    every = (_matches_in(request, fitting, site) for site in dict.fromkeys(one.site for one in fitting))
    return next(filter(None, every), [])


def _matches_in(request: Request, fitting: Sequence[Candidate], site: str) -> list[Candidate]:
    """Return what counts of a site directory, the highest version first."""
    finals = [candidate for candidate in fitting if not is_prerelease(candidate.version)]
    counted = list(fitting) if request.wanted.names_prerelease else finals or list(fitting)
    here = [candidate for candidate in counted if candidate.site == site]
    return sorted(here, key=lambda candidate: sort_key(candidate.version), reverse=True)


def _providers(request: Request, catalogue: Catalogue) -> list[Candidate]:
    """Return a site directory's candidates for an import name or a package above it.

    Where several distributions share a package (`backports`), those count that have the submodule.
    """
    found = {one.key(): one for prefix in request.prefixes() for one in catalogue.by_name(prefix)}
    distributions = {one.distribution for one in found.values()}
    if "." in request.name and len(distributions) > 1:
        holding = [one for one in found.values() if has_file_for(one, request.name)]
        return holding or list(found.values())
    return list(found.values())


def _missing(request: Request, candidate: Candidate) -> str:
    """Return what a candidate lacks of what its RECORD lists, or ""."""
    missing = missing_names(candidate, request.prefixes())
    return f"lists {missing[0]} in its RECORD, but holds no such module" if missing else ""
