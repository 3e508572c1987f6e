"""From requirements on distributions to a selection: what `require` asks, where no import name is known."""

from __future__ import annotations

from versioned_import.errors import VersionNotFoundError
from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.metadata.fits import misfit
from versioned_import.metadata.layout import is_still_there
from versioned_import.resolver import story
from versioned_import.resolver.choose import closure_with_groups, first_matches
from versioned_import.resolver.closure import NoClosure, root_need

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.metadata.catalogue import Catalogue
    from versioned_import.resolver.closure import LoadedModules, Need
    from versioned_import.resolver.request import Request


def choose_distributions(
    requests: Sequence[Request],
    search_path: Sequence[str],
    earlier: Sequence[Need],
    loaded: LoadedModules,
    preferred: Mapping[CanonicalName, Candidate],
) -> dict[CanonicalName, Candidate]:
    """Return the closure of all requests together, `earlier` ones included; their clauses name distributions.

    Raises VersionNotFoundError or VersionConflictError.
    """
    catalogues = [catalogue for site in search_path if (catalogue := open_catalogue(site)) is not None]
    winners = [_first(request, catalogues, search_path) for request in requests]
    needs = [root_need(request, one.distribution) for request, one in zip(requests, winners, strict=True)]
    try:
        return closure_with_groups([*earlier, *needs], winners, catalogues, loaded, preferred)
    except NoClosure as failure:
        blamed = {need.asker for need in failure.needs}
        request = next((one for one in requests if one.asker in blamed), requests[0])
        told = story.no_closure(request, failure, catalogues, loaded, own=needs, earlier=earlier, chosen=preferred)
        raise told from None


def _first(request: Request, catalogues: Sequence[Catalogue], search_path: Sequence[str]) -> Candidate:
    """Return the highest version of the first site directory that has one which fits."""
    fitting: list[Candidate] = []
    lines: list[str] = []
    name = request.wanted.distribution or ""
    for catalogue in catalogues:
        for candidate in catalogue.by_distribution(name):
            reason = "" if is_still_there(candidate) else "is half deleted: its metadata is gone"
            if not reason and not request.wanted.allows(candidate.version):
                reason = "does not match"
            reason = reason or misfit(candidate)
            if reason:
                lines.append(f"{candidate.distribution} {candidate.version} {reason}: {candidate.place}")
            else:
                fitting.append(candidate)
        lines += [f"{catalogue.site}/{entry} is passed over: it {why}" for entry, why in catalogue.passed_over(name)]
    if fitting:
        return first_matches(request, fitting)[0]
    raise VersionNotFoundError(
        name,
        request.statement,
        request.where,
        "no installed version fits" if lines else "not installed in any version",
        (
            *story.shortened(lines),
            f"searched: {', '.join(search_path) or 'no site directory'}",
            f"to install it: {story.install_command(request.wanted.text)}",
        ),
    )
