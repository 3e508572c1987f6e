"""VERSIONED_IMPORT_TRACE=1: each decision on standard error, and why. Imported only then; callers ask `state.tracing`."""

from __future__ import annotations

import sys

from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.resolver.choose import groups_of, look
from versioned_import.resolver.request import Request
from versioned_import.resolver.specifiers import is_prerelease, sort_key
from versioned_import.runtime.reasons import required_by, sentence
from versioned_import.runtime.state import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from importlib.machinery import ModuleSpec

    from versioned_import.errors import ImportVersionError
    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.resolver.choose import Choice


def say(text: str) -> None:
    """Write a line, whatever standard error is."""
    try:
        sys.stderr.write(f"versioned_import: {text}\n")
    except (AttributeError, OSError, ValueError):
        pass  # None, closed or full: the program must run as without the trace


def answered(name: str, clause: str, where: str, candidate: Candidate | None, how: str) -> None:
    """Tell which candidate a statement got, and how it was found; None is a loaded module without version."""
    got = f"{_named(candidate)}, {how}: {candidate.place}" if candidate is not None else how
    say(f"{Request(name, clause, where).asker}: {got}")


def answered_by_loaded(name: str, clause: str, where: str) -> None:
    """Tell that a loaded module answered a statement."""
    mine = [one for one in state.answered if (one.name, one.clause, one.where) == (name, clause, where)]
    candidate = state.selection.get(mine[-1].distribution) if mine else None
    answered(
        name, clause, where, candidate, "loaded already" if candidate is not None else "whatever is loaded already"
    )


def resolved(
    request: Request, choice: Choice, search_path: Sequence[str], before: Mapping[CanonicalName, Candidate]
) -> None:
    """Tell what the resolver chose for a statement, what it passed over, and what it chose for the requirements."""
    answered(request.name, request.wanted.text, request.where, choice.candidate, "resolved")
    catalogues = [catalogue for site in search_path if (catalogue := open_catalogue(site)) is not None]
    survey = look(request, catalogues)
    reasons = [*survey.passed_over, *((one, _lesser(one, choice.candidate, search_path)) for one in survey.fitting)]
    reasons.sort(key=lambda pair: sort_key(pair[0].version), reverse=True)
    reasons.sort(key=lambda pair: list(search_path).index(pair[0].site))
    for one, reason in reasons:
        if one.key() != choice.candidate.key():
            say(f"  passed over: {_named(one)} {reason}: {one.place}")
    for place, reason in survey.damaged:
        say(f"  passed over: {place}, it {reason}")
    closure(choice.closure, [choice.candidate], before)


def required(
    requests: Iterable[Request], chosen: Mapping[CanonicalName, Candidate], before: Mapping[CanonicalName, Candidate]
) -> None:
    """Tell what `require` selected."""
    mine = []
    for request in requests:
        one = chosen[request.wanted.distribution] if request.wanted.distribution else None
        answered("", request.wanted.text, request.where, one, "resolved")
        mine += [one] if one is not None else []
    closure(chosen, mine, before)


def closure(
    chosen: Mapping[CanonicalName, Candidate], roots: Sequence[Candidate], before: Mapping[CanonicalName, Candidate]
) -> None:
    """Tell what was chosen for the requirements of others, and which group's lock named it."""
    requirers = required_by(state.answered, chosen)
    groups = [group for one in roots for group in groups_of(one)]
    for distribution, one in sorted(chosen.items()):
        earlier = before.get(distribution)
        if one in roots or (earlier is not None and earlier.key() == one.key()):
            continue
        asked = ", ".join(f"{by.distribution} {by.version} ({text})" for by, text in requirers.get(distribution, ()))
        group = next((group for group in groups if one.entry and group.holds(distribution, one.version)), None)
        locked = f", as in the group {group}" if group is not None else ""
        instead = f", instead of {earlier.version}" if earlier is not None else ""
        say(f"  {_named(one)} for {asked or 'earlier statements'}{locked}{instead}: {one.place}")


def served(name: str, spec: ModuleSpec | None) -> None:
    """Tell that an import got a module of the selection, and for whose sake."""
    if spec is None or name.startswith("_versioned_"):
        return
    for one in state.providers.get(name.partition(".")[0], ()):
        places = [spec.origin] if spec.loader is not None else spec.submodule_search_locations or ()
        if any(str(place).startswith(one.path) for place in places):
            say(f"import {name}: served from {_named(one)}, {_sake(one)}: {one.place}")


def fallback(name: str) -> None:
    """Tell that nothing else has a name, so that the highest versioned directory is asked for it."""
    say(f"import {name}: Python found none, so the highest version that is there is taken")


def withheld(name: str, left: Iterable[Candidate]) -> None:
    """Tell that installed code asks for a name, which gets only the versions that its metadata allows."""
    versions = ", ".join(f"{one.distribution} {one.version}" for one in left) or "none of those that are there"
    say(f"import {name}: the metadata of the importing code allows {versions}")


def refused(error: ImportVersionError) -> None:
    """Tell that a statement got an error, which the program may well catch and say nothing of."""
    place = f" ({error.where})" if error.where else ""
    say(f"{error.request}{place}: refused, {error.headline}")


def taken_back(
    names: Iterable[CanonicalName], before: Mapping[CanonicalName, Candidate], error: BaseException | None
) -> None:
    """Tell what is not selected any more because its import failed."""
    listed = ", ".join(sorted(_named(before[name]) for name in names if name in before))
    if listed:
        why = f" ({type(error).__name__}: {str(error).partition(chr(10))[0]})" if error is not None else ""
        say(f"taken back, since the import failed{why}: {listed}")


def inherited(selection: Mapping[CanonicalName, Candidate]) -> None:
    """Tell what was taken over from the parent process."""
    say(f"taken over from the parent process: {', '.join(_named(one) for _, one in sorted(selection.items()))}")


def metadata(asked: str, candidate: Candidate) -> None:
    """Tell what a metadata lookup by name was answered with."""
    say(f"metadata of {asked}: {_named(candidate)}, which is selected: {candidate.place}")


def _lesser(one: Candidate, winner: Candidate, search_path: Sequence[str]) -> str:
    """Return why a candidate that fits was not taken."""
    if one.distribution != winner.distribution:
        return "fits, but is another distribution"
    if one.site != winner.site:
        order = list(search_path)
        if winner.site in order and one.site in order and order.index(winner.site) < order.index(one.site):
            return "fits, but an earlier site directory has a match"
        return "fits, but not what is asked for or loaded besides"
    if is_prerelease(one.version) and not is_prerelease(winner.version):
        return "is a pre-release"
    if sort_key(one.version) < sort_key(winner.version):
        return "is lower"
    return "fits, but not with what else is asked for, loaded or required"


def _sake(one: Candidate) -> str:
    asked = [sentence(by) for by in state.answered if by.distribution == one.distribution]
    if asked:
        return f"for {asked[0]}"
    requirers = required_by(state.answered, state.selection).get(one.distribution, ())
    return next(
        (f"for {by.distribution} {by.version}, which requires {text}" for by, text in requirers), "selected earlier"
    )


def _named(candidate: Candidate) -> str:
    return f"{candidate.distribution} {candidate.version}"
