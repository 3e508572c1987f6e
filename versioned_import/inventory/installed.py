"""What is installed over the search path, as data: every candidate with its size, its groups, and what keeps it from use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.metadata.fits import misfit
from versioned_import.metadata.group_locks import read_group_locks
from versioned_import.metadata.layout import canonical, is_still_there
from versioned_import.resolver.specifiers import allows, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from packaging.specifiers import SpecifierSet

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.metadata.catalogue import Catalogue
    from versioned_import.metadata.group_locks import GroupLock

_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One candidate and what is known of it."""

    candidate: Candidate
    groups: tuple[GroupLock, ...] = ()
    why_not: str = ""
    """Why this interpreter does not use it, as the second half of a sentence; "" if it does."""
    hidden_by: Candidate | None = None
    """The same version of the same distribution in an earlier site directory, which is always taken first."""

    @property
    def kind(self) -> str:
        """`versioned` or `flat`."""
        return "versioned" if self.candidate.entry else "flat"

    @property
    def remark(self) -> str:
        """What keeps it from being used, in a few words; "" if nothing does."""
        if self.why_not:
            return self.why_not
        return f"hidden by {self.hidden_by.place}" if self.hidden_by is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impostor:
    """A directory that looks like a versioned directory and is none; `reason` is the second half of a sentence."""

    site: str
    entry: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Everything installed: in the order of the search, and in each site directory by distribution and version."""

    sites: tuple[str, ...]
    installed: tuple[Installed, ...] = ()
    impostors: tuple[Impostor, ...] = ()
    locks: dict[str, tuple[GroupLock, ...]] = field(default_factory=dict)
    """Site directory to the locks of its groups."""
    catalogues: tuple[Catalogue, ...] = ()

    def usable(self) -> list[Candidate]:
        """Return the candidates that this interpreter can use."""
        return [one.candidate for one in self.installed if not one.why_not]

    def of(self, wanted: Wanted) -> list[Installed]:
        """Return what is installed of a distribution, of the versions that are wanted."""
        return [one for one in self.installed if wanted.takes(one.candidate)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a command line names: a distribution, and the versions of it that are meant (None: all)."""

    text: str
    distribution: CanonicalName
    specifiers: SpecifierSet | None = None
    public: bool = False
    """Whether versions with a local part (1.0+local) are left out."""

    def takes(self, candidate: Candidate) -> bool:
        """Tell whether a candidate is meant."""
        same = candidate.distribution == self.distribution and not (self.public and "+" in candidate.version)
        return same and (self.specifiers is None or allows(self.specifiers, candidate.version))

    def narrowed(self, candidates: Iterable[Candidate]) -> Wanted:
        """Return what is meant where these are there: `NAME==1.0` is 1.0 alone if that is, though `==` takes 1.0+local."""
        if [one.operator for one in self.specifiers or () if not one.version.endswith(".*")] != ["=="]:
            return self
        public = replace(self, public=True)
        return public if any(map(public.takes, candidates)) else self


def wanted(text: str) -> Wanted:
    """Return what `NAME`, `NAME==VERSION` or another requirement without marker means. Raises ValueError."""
    if _NAME.fullmatch(text):
        return Wanted(text, canonical(text))
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        raise ValueError(f"{text!r} is neither NAME nor NAME==VERSION") from None
    if requirement.url or requirement.marker or requirement.extras:
        raise ValueError(f"{text!r}: write NAME or NAME==VERSION")
    return Wanted(text, canonical(requirement.name), requirement.specifier)


def take_inventory(sites: Sequence[str]) -> Inventory:
    """Return what stands in the site directories, in their order; those that are absent offer nothing."""
    catalogues = tuple(catalogue for site in sites if (catalogue := open_catalogue(site)) is not None)
    locks = {catalogue.site: tuple(read_group_locks(catalogue.site)) for catalogue in catalogues}
    return Inventory(
        sites=tuple(sites),
        installed=tuple(_installed(catalogues, locks)),
        impostors=tuple(
            Impostor(site=catalogue.site, entry=entry, reason=reason)
            for catalogue in catalogues
            for entry, reason in catalogue.impostors()
        ),
        locks=locks,
        catalogues=catalogues,
    )


def _installed(catalogues: Iterable[Catalogue], locks: dict[str, tuple[GroupLock, ...]]) -> Iterable[Installed]:
    reasons: dict[tuple[bool, tuple[str, ...], str], str] = {}
    first: dict[tuple[str, str], Candidate] = {}
    for catalogue in catalogues:
        groups = _groups_by_member(locks[catalogue.site])
        for candidate in sorted(catalogue.everything(), key=_order):
            # A thousand candidates share a few tags and a few Requires-Python.
            asked = bool(candidate.entry), candidate.tags, candidate.requires_python
            if asked not in reasons:
                reasons[asked] = misfit(candidate)
            why_not = reasons[asked] if is_still_there(candidate) else "is half deleted: its metadata is gone"
            member = candidate.distribution, candidate.version
            earlier = first.get(member)
            if not why_not:
                first.setdefault(member, candidate)
            yield Installed(
                candidate=candidate,
                groups=tuple(groups.get(member, ())) if candidate.entry else (),
                why_not=why_not,
                hidden_by=earlier if earlier is not None and earlier.site != candidate.site else None,
            )


def _groups_by_member(locks: Iterable[GroupLock]) -> dict[tuple[str, str], list[GroupLock]]:
    found: dict[tuple[str, str], list[GroupLock]] = {}
    for lock in locks:
        if not lock.requested:
            continue  # what is left of a group without its roots
        for member in lock.versions.items():
            found.setdefault(member, []).append(lock)
    return found


def _order(candidate: Candidate) -> tuple[str, tuple[bool, object], str]:
    return candidate.distribution, sort_key(candidate.version), candidate.entry
