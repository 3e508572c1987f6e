"""Whether the same statements could be answered in another order: what helps where one meets what is loaded already."""

from __future__ import annotations

import os

from versioned_import.errors import VersionConflictError, VersionNotFoundError
from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.resolver.choose import choose, closure_with_groups
from versioned_import.resolver.closure import NoClosure, NothingLoaded, Provider, reached, resolve_closure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.metadata.catalogue import Catalogue
    from versioned_import.resolver.closure import Need
    from versioned_import.resolver.request import Request

_MOST_NAMED = 5


class Taken(NothingLoaded):
    """A process that has loaded all that some statements took: what is expected of a program that isn't run."""

    when = "by then, most probably"
    brought = "comes with"

    def __init__(self, selection: Mapping[CanonicalName, Candidate], statements: Sequence[Need]) -> None:
        self.selection = selection
        self.statements = statements

    def fixed(self, distribution: CanonicalName, candidates: Sequence[Candidate]) -> Candidate | None | str:
        """Return what was taken of a distribution."""
        return self.selection.get(distribution)

    def importer(self, candidates: Sequence[Candidate], asked_at: str) -> str:
        """Return the first statement that took one of the candidates, or ""."""
        root = _first_with({one.distribution for one in candidates}, self.statements, self.selection)
        return root.asker if root is not None else ""


def advice_for_loaded(
    request: Request,
    search_path: Sequence[str],
    earlier: Sequence[Need],
    chosen: Mapping[CanonicalName, Candidate],
    *,
    distribution: CanonicalName | None,
    importer: str,
) -> list[str]:
    """Return what helps where the name of a request is loaded at another version, first imported at `importer`."""
    try:
        choice = choose(request, search_path, earlier, NothingLoaded(), {})
    except VersionNotFoundError as error:
        return [f"another order does not help: {error.headline}", error.story[-1]]
    except VersionConflictError:
        return [apart(earlier, clause=bool(request.wanted.text))]
    own = choice.need
    if distribution not in (None, own.distribution) and _first_with({distribution}, earlier, chosen) is not None:
        return [apart(earlier, clause=True)]  # two distributions of one import name, each of them asked for
    catalogues = [catalogue for site in search_path if (catalogue := open_catalogue(site)) is not None]
    contested = {distribution or own.distribution: importer}
    return [in_another_order(request, [own], earlier, catalogues, chosen, contested) or apart(earlier, clause=True)]


def apart(needs: Sequence[Need], *, clause: bool = False) -> str:
    """Return what helps where no order does; `clause` tells that there is a clause, also if none of the needs has one."""
    others = "ask for others" if clause or any(str(need.specifiers) for need in needs) else "install others"
    return (
        f"no installed versions fit all of them, in any order: {others}, or run the two parts in processes of their own"
    )


def in_another_order(
    request: Request,
    own: Sequence[Need],
    earlier: Sequence[Need],
    catalogues: Sequence[Catalogue],
    chosen: Mapping[CanonicalName, Candidate],
    contested: Mapping[CanonicalName, str],
) -> str:
    """Return the sentence that says what fits all statements, and where this one has to stand for it; "" if nothing fits.

    `own` are the needs of the request, `earlier` those of the statements before it, which got `chosen`; `contested` is
    what is loaded and in the way, with the place of its first import or "".
    """
    names = [*contested, *(need.distribution for need in (*own, *earlier))]
    for at, place in _places(earlier, chosen, contested):
        found = _answered([*([one] for one in earlier[:at]), own, *([one] for one in earlier[at:])], catalogues)
        if found:
            return f"{_fitting(names, found)}: put this {_kind(request)} {_before(place, request.where)}"
    try:
        found = resolve_closure([*earlier, *own], catalogues, NothingLoaded(), {})
    except NoClosure:
        return ""
    return f"{_fitting(names, found)}, but are not what each takes by itself: name them in the clauses"


def _places(
    earlier: Sequence[Need], chosen: Mapping[CanonicalName, Candidate], contested: Mapping[CanonicalName, str]
) -> list[tuple[int, str]]:
    """Return in front of which earlier statement the request might stand, by number and place, the likeliest first."""
    root = _first_with(set(contested), earlier, chosen)
    importer = next(filter(None, contested.values()), "")
    places = [(0, earlier[0].where)] if earlier else []
    by_a_statement = not importer or any(one.where and f"{importer}:".startswith(f"{one.where}:") for one in earlier)
    within_one = any(importer.startswith(one.path + os.sep) for one in chosen.values())
    if root is not None and (by_a_statement or within_one or importer == root.asker):
        return [(earlier.index(root), root.where), *places]
    # A plain import, which takes what is there: it has no number.
    return [(len(earlier), importer), (0, importer)] if contested else places


def _first_with(
    names: set[CanonicalName | None], statements: Sequence[Need], selection: Mapping[CanonicalName, Candidate]
) -> Need | None:
    """Return the first statement whose closure has one of some distributions."""
    return next((one for one in statements if names & reached([one], selection)), None)


def _answered(
    steps: Sequence[Sequence[Need]], catalogues: Sequence[Catalogue]
) -> dict[CanonicalName, Candidate] | None:
    """Return what statements get one after the other, all being loaded that each took; None if one of them gets nothing."""
    taken: dict[CanonicalName, Candidate] = {}
    needs: list[Need] = []
    for step in steps:
        needs += step
        provider = Provider(catalogues, NothingLoaded(), {})
        found = [provider.find_matches(key := provider.identify(need), {key: [need]}, {key: ()}) for need in step]
        if not all(found):
            return None
        winners = [picks[0].candidate for picks in found]
        try:
            taken |= closure_with_groups(needs, winners, catalogues, Taken(taken, ()), taken)
        except NoClosure:
            return None
    return taken


def _fitting(names: Sequence[CanonicalName], found: Mapping[CanonicalName, Candidate]) -> str:
    versions = [f"{name} {found[name].version}" for name in dict.fromkeys(names) if name in found]
    more = f" and {len(versions) - _MOST_NAMED} more" if len(versions) > _MOST_NAMED else ""
    if len(versions) == 1:
        return f"the installed {versions[0]} fits"
    return f"the installed versions {', '.join(versions[:_MOST_NAMED])}{more} fit all"


def _kind(request: Request) -> str:
    return "import" if request.name else "call"


def _before(place: str, asked_at: str) -> str:
    """Return where to put a statement; a line of another file is rather a moment than a place."""
    if not place:
        return "before what loaded it first"
    file = asked_at.rpartition(":")[0]
    return f"before {place}" if place.startswith(f"{file}:") else f"where it runs before {place}"
