"""The errors of the resolver, told in sentences: what was asked, what is there, why it did not do, what helps."""

from __future__ import annotations

import os
import sys

from versioned_import.errors import VersionConflictError, VersionNotFoundError
from versioned_import.metadata.fits import misfit
from versioned_import.metadata.places import full_path
from versioned_import.resolver.sakes import was_chosen_for, would_be_chosen_for
from versioned_import.resolver.specifiers import sort_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.metadata.catalogue import Catalogue
    from versioned_import.resolver.choose import Survey
    from versioned_import.resolver.closure import LoadedModules, Need, NoClosure
    from versioned_import.resolver.request import Request

_MOST_LINES = 12
_MOST_ASKERS = 5
_MOST_CANDIDATES = 3
"""How many candidates of a distribution have a line of their own in the story of a conflict."""
_MOST_VERSIONS = 8
# Import names of which nothing is installed and whose distribution is called otherwise: for the command in an error, and
# for `versioned-import install`, which shows what it would install.
USUAL_DISTRIBUTIONS = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}


def not_found(request: Request, survey: Survey, search_path: Sequence[str]) -> VersionNotFoundError:
    """Return the error for a clause that no installed candidate fits (spec 3.6)."""
    lines = [
        f"{candidate.distribution} {candidate.version} {reason}: {candidate.place}"
        for candidate, reason in survey.passed_over
    ]
    lines += [f"{place} is passed over: it {reason}" for place, reason in survey.damaged]
    from versioned_import.resolver.own_modules import module_without_version, projects

    own = [*filter(None, [module_without_version(request, survey, search_path)]), *projects(survey)]
    found = shortened(lines) or ([] if own else [_nothing(request)])
    return VersionNotFoundError(
        request.name,
        request.statement,
        request.where,
        "no installed version fits" if lines else "not installed in any version",
        (
            *found,
            f"searched: {', '.join(search_path) or 'no site directory'}",
            *own,
            *_advice(request, survey, "to install a distribution from the package index" if own else "to install it"),
        ),
    )


def _advice(request: Request, survey: Survey, purpose: str) -> list[str]:
    """Return the line that says what to do, if there is something to do; `purpose` is that of the command."""
    top = request.name.partition(".")[0]
    providers = list(dict.fromkeys(candidate.distribution for candidate, _ in survey.passed_over))
    named = request.wanted.distribution
    if survey.misnamed:
        names = ", ".join(dict.fromkeys(name for one in survey.misnamed for name in one.names))
        return [f"{request.name} is the name of a distribution; what it has to import is called {names}"]
    if named and providers and named not in providers:
        text = f"{providers[0]}{request.wanted.specifiers}"
        return [f'{request.name} is provided by {", ".join(providers)}: import {request.name} version "{text}"']
    if top in sys.stdlib_module_names:
        return []
    if named or len(providers) == 1 or top in USUAL_DISTRIBUTIONS:
        return [f"{purpose}: {install_command(_named(request, survey.passed_over[0][0] if providers else None))}"]
    name = f'import {request.name} version "NAME{request.wanted.specifiers}"'
    return [
        f"{purpose}: {install_command(_named(request, None))}",
        f"if its distribution has another name than {top}, say so: {name}",
    ]


def ambiguous(request: Request, winners: Sequence[Candidate]) -> VersionNotFoundError:
    """Return the error for an import name that several distributions provide in one site directory."""
    lines = [f"{one.distribution} {one.version} provides it: {one.place}" for one in winners]
    return VersionNotFoundError(
        request.name,
        request.statement,
        request.where,
        f"several distributions provide {request.name}",
        (
            *shortened(lines),
            f'name the one that is meant: import {request.name} version "{_named(request, winners[0])}"',
        ),
    )


def namespace(request: Request, parts: Sequence[Candidate]) -> VersionNotFoundError:
    """Return the error for a namespace package, of which each distribution has its own part and version."""
    lines = [f"{one.distribution} {one.version} has a part of it: {one.place}" for one in parts]
    below = f"{request.name}."
    module = next((name for one in parts for name in one.names if name.startswith(below)), f"{below}NAME")
    statement = request.statement.replace(f"import {request.name} ", f"import {module} ", 1)
    return VersionNotFoundError(
        request.name,
        request.statement,
        request.where,
        f"{request.name} is a namespace package, which has no version of its own",
        (*shortened(lines), f"name the module that is meant, such as {statement}"),
    )


def no_closure(
    request: Request,
    failure: NoClosure,
    catalogues: Sequence[Catalogue],
    loaded: LoadedModules,
    *,
    own: Sequence[Need],
    earlier: Sequence[Need],
    chosen: Mapping[CanonicalName, Candidate],
) -> VersionConflictError:
    """Return the error for requirements that can't be met together by what is installed (spec 3.7).

    `own` are the needs of the request itself, `earlier` those of the statements answered before, which got `chosen`.
    """
    needs = failure.needs
    earlier_askers = {need.asker: was_chosen_for(need.asker, earlier, chosen) for need in needs}
    ends = {asker: f"; it was chosen for {root.asker}" for asker, root in earlier_askers.items() if root is not None}
    for asker in earlier_askers.keys() - ends.keys():
        root = would_be_chosen_for(asker, [*own, *earlier], failure.tried)
        ends[asker] = f"; it would be chosen for {root.asker}" if root is not None else ""
    lines = list(dict.fromkeys(f"{need.asker} asks for {need.text}{ends[need.asker]}" for need in needs))
    lines = shortened(lines, _MOST_ASKERS)
    missing: list[str] = []
    contested: dict[CanonicalName, str] = {}
    for distribution in dict.fromkeys(need.distribution for need in needs):
        candidates = [one for catalogue in catalogues for one in catalogue.by_distribution(distribution)]
        fixed = loaded.fixed(distribution, candidates)
        if fixed is not None:
            lines.append(
                fixed
                if isinstance(fixed, str)
                else f"{distribution} {fixed.version} is loaded {loaded.when}: {fixed.place}"
            )
            importer = contested[distribution] = loaded.importer(candidates, request.where)
            lines += [f"{distribution} {loaded.brought} {importer}"] if importer else []
        elif candidates:
            lines += _what_is_there(candidates)
        else:
            lines.append(f"{distribution} is not installed")
        if fixed is None:
            usable = [one for one in candidates if not misfit(one)]
            mine = [need for need in needs if need.distribution == distribution]
            missing += [need.requirement for need in mine if not any(map(need.is_met_by, usable))]
    alone = not any(earlier_askers.values()) and not any(need.asker == one.asker for need in needs for one in earlier)
    headline = "no installed versions fit together"
    advice = []
    from versioned_import.resolver.exclusion import exclusion

    excluded = exclusion(own if alone and not contested else (), needs, catalogues)
    if excluded:
        advice.append(excluded)
    elif missing or (len(ends) == 1 and not contested):
        needed = missing or [need.requirement for need in needs]
        advice.append(f"to install what is missing: {install_command(*needed)}")
    elif alone and not contested:
        advice.append(f"to install what fits together: {install_command(*(need.requirement for need in own))}")
    if contested or (len(ends) > 1 and not alone):
        from versioned_import.resolver.orders import apart, in_another_order

        way = in_another_order(request, own, earlier, catalogues, chosen, contested)
        headline += " with what is loaded" if way else ""
        advice.append(way or apart([*own, *earlier]))
    return VersionConflictError(request.name, request.statement, request.where, headline, (*lines, *advice))


def _what_is_there(candidates: Sequence[Candidate]) -> list[str]:
    """Return a line for each candidate, or one line for many."""
    ordered = sorted(candidates, key=lambda one: sort_key(one.version), reverse=True)
    if len(ordered) <= _MOST_CANDIDATES:
        return [f"{one.distribution} {one.version} is there: {one.place}{_but(one)}" for one in ordered]
    versions = [one.version for one in ordered]
    more = f" and {len(versions) - _MOST_VERSIONS} more" if len(versions) > _MOST_VERSIONS else ""
    sites = ", ".join(dict.fromkeys(one.site for one in candidates))
    return [f"{ordered[0].distribution} is there as {', '.join(versions[:_MOST_VERSIONS])}{more}: {sites}"]


def gone(name: str, candidate: Candidate, chosen_by: str = "this process") -> VersionNotFoundError:
    """Return the error for a module of a candidate that was uninstalled after this process, or its parent, had chosen it."""
    requirement = f"{candidate.distribution}=={candidate.version}"
    kind = "versioned directory" if candidate.entry else "flat install"
    return VersionNotFoundError(
        # Not the module's own name: of a submodule, Python would take it for one that need not be there.
        name.partition(".")[0],
        f"import {name}",
        "",
        f"{candidate.distribution} {candidate.version} was uninstalled after {chosen_by} had chosen it",
        (
            f"its {kind} is gone: {candidate.place}",
            "what is loaded goes on; no other version takes the place of what isn't",
            f"to install it again: {install_command(requirement)}",
        ),
    )


def incomplete(name: str, candidate: Candidate) -> VersionNotFoundError:
    """Return the error for a module that is missing in the candidate which was chosen."""
    requirement = f"{candidate.distribution}=={candidate.version}"
    return VersionNotFoundError(
        name.partition(".")[0],
        f"import {name}",
        "",
        f"{candidate.distribution} {candidate.version} was chosen, and has no such module any more",
        (
            f"its RECORD lists {name}: {candidate.place}",
            "no other version takes its place",
            f"to install it again: {install_command(requirement)}",
        ),
    )


def already_loaded(
    request: Request,
    version: str,
    place: str,
    importer: str,
    why_unknown: str,
    *,
    further: Sequence[str] = (),
    advice: Sequence[str] = ("one process holds one version of a name: run the parts in processes of their own",),
) -> VersionConflictError:
    """Return the error for a name that is loaded at another version, or at one that can't be known (spec 3.5).

    `further` are more sentences of why it is so; `advice` says what helps.
    """
    headline = f"{request.name} {version} is loaded already" if version else f"{request.name} is loaded already"
    if not version and is_standard(request.name, place):
        return VersionConflictError(request.name, request.statement, request.where, headline, (_nothing(request),))
    lines = [f"loaded from {place}"] if place else []
    lines += [why_unknown] if why_unknown else []
    lines += [f"imported first by {importer}"] if importer else []
    return VersionConflictError(request.name, request.statement, request.where, headline, (*lines, *further, *advice))


def is_standard(name: str, place: str) -> bool:
    """Tell whether what is loaded is the standard library's, and not a file of the program that bears its name."""
    if name.partition(".")[0] not in sys.stdlib_module_names:
        return False
    inside = place.removeprefix(os.path.dirname(os.path.abspath(os.__file__)) + os.sep)
    return not place or (inside != place and not inside.startswith(("site-packages", "dist-packages")))


def _named(request: Request, candidate: Candidate | None) -> str:
    """Return a requirement that pip understands."""
    if request.wanted.distribution:
        return request.wanted.text
    top = request.name.partition(".")[0]
    name = candidate.distribution if candidate else USUAL_DISTRIBUTIONS.get(top, top)
    specifiers = str(request.wanted.specifiers)
    return f"{name}{specifiers}"


def install_command(*requirements: str) -> str:
    """Return the command that installs requirements side by side."""
    quoted = " ".join(f'"{text}"' for text in dict.fromkeys(requirements))
    return f"{python_command()} -m versioned_import pip install --allow-multiple {quoted}"


def python_command() -> str:
    """Return what a person types to start this very interpreter: `python` where the shell finds it, else its path."""
    import shutil

    for name in ("python", "python3"):
        # Not the same file, but the same path: a virtual environment's Python is a link to another one.
        if full_path(shutil.which(name) or "") == sys.executable:
            return name
    here = os.path.join(full_path(""), "")  # "" where the current directory was deleted
    path = sys.executable.removeprefix(here) if sys.executable.count(os.sep) > 1 else sys.executable
    return f'"{path}"' if " " in path else path


def _nothing(request: Request) -> str:
    top = request.name.partition(".")[0]
    if top in sys.stdlib_module_names:
        standard = f"{top} is part of the standard library, which has the one version of Python itself"
        return f"{standard}: leave the clause out"
    if request.wanted.distribution:
        return f"no installed {request.wanted.distribution} provides the import name {request.name}"
    return f"no distribution that provides the import name {request.name} was found"


def _but(candidate: Candidate) -> str:
    reason = misfit(candidate)
    return f", but {reason}" if reason else ""


def shortened(lines: list[str], most: int = _MOST_LINES) -> list[str]:
    """Return the lines of a story, not more than a person reads."""
    if len(lines) <= most:
        return lines
    return [*lines[:most], f"... and {len(lines) - most} more"]
