"""Spec section 3 once more, written to be read: what may be answered, by trying every combination.

Nothing of the project is used here. `packaging` says what a specifier means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from stress_world import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stress_world import Made

Place = tuple[int, str, str, bool]


@dataclass(frozen=True)
class Need:
    """One requirement on a distribution."""

    name: str
    specifier: str = ""
    extras: frozenset[str] = frozenset()
    among: frozenset[Place] | None = None
    """Which places count; None for all."""

    def allows(self, made: Made) -> bool:
        fits = SpecifierSet(self.specifier).contains(made.version, prereleases=True)
        return fits and made.name == self.name and (self.among is None or place(made) in self.among)

    @property
    def names_prerelease(self) -> bool:
        return bool(SpecifierSet(self.specifier).prereleases)


def place(made: Made) -> Place:
    """Return what tells a distribution from every other."""
    return made.site, made.name, made.version, made.flat


@dataclass(frozen=True)
class Asked:
    """A statement: import name and clause; `distribution` is what the clause itself names."""

    module: str
    specifier: str
    distribution: str | None
    extras: frozenset[str]


def asked(module: str, clause: str) -> Asked:
    """Read a clause by rules 3.1 and 1.4: a bare release is a prefix, any other bare version is exact."""
    if not clause:
        return Asked(module, "", None, frozenset())
    if re.fullmatch(r"\d+(\.\d+)*", clause):
        return Asked(module, f"=={clause}.*", None, frozenset())
    if clause[0].isdigit():
        return Asked(module, f"=={clause}", None, frozenset())
    if clause[0] in "<>=!~":
        return Asked(module, clause, None, frozenset())
    requirement = Requirement(clause)
    return Asked(module, str(requirement.specifier), requirement.name, frozenset(requirement.extras))


class Model:
    """What is installed, in the order of the search, and what follows from it."""

    def __init__(self, world: Sequence[Made], search: Sequence[int], importable: Sequence[int]) -> None:
        self.search = list(search)
        self.importable = list(importable)
        """The sites on `sys.path`, in their order."""
        self.world = [made for made in world if made.site in self.search]
        self.known = [made for made in self.world if made.fault not in ("no metadata", "called otherwise")]

    def answers(self, asked: Asked, *, strict: bool = True) -> list[Made]:
        """Return what could be got where nothing else is loaded or asked, the best first (3.3, 3.4)."""
        fitting = [
            made
            for made in self.world
            if made.usable
            and made.module == asked.module
            and asked.distribution in (None, made.name)
            and (asked.specifier or not made.flat)  # without a clause Python itself was asked before
            and SpecifierSet(asked.specifier).contains(made.version, prereleases=True)
        ]
        if strict and not SpecifierSet(asked.specifier).prereleases:
            fitting = [made for made in fitting if not Version(made.version).is_prerelease] or fitting
        return sorted(fitting, key=lambda made: (self.search.index(made.site), _descending(made.version)))

    def solution(
        self, needs: Iterable[Need], fixed: Mapping[str, Made | None], *, strict: bool = True
    ) -> dict[str, Made] | None:
        """Return one candidate for each distribution that the needs lead to, or None if there is no such choice.

        `fixed` are the distributions of which something is loaded; None where it can't be said which it is.
        With `strict` a pre-release is only taken where a need names one or no final release fits.
        """
        return self._solve(list(needs), {}, dict(fixed), strict=strict)

    def _solve(
        self, needs: list[Need], chosen: dict[str, Made], fixed: dict[str, Made | None], *, strict: bool
    ) -> dict[str, Made] | None:
        open_names = [need.name for need in needs if need.name not in chosen]
        if any(not need.allows(chosen[need.name]) for need in needs if need.name in chosen):
            return None
        if not open_names:
            return chosen
        name = open_names[0]
        mine = [need for need in needs if need.name == name]
        for made in self._choices(mine, fixed, strict=strict):
            extras = frozenset().union(*(need.extras for need in needs if need.name == name))
            further = [*needs, *requirements(made, extras)]
            further = _with_late_extras(further, {**chosen, name: made})
            found = self._solve(further, {**chosen, name: made}, fixed, strict=strict)
            if found is not None:
                return found
        return None

    def _choices(self, needs: list[Need], fixed: dict[str, Made | None], *, strict: bool) -> list[Made]:
        name = needs[0].name
        if name in fixed:
            made = fixed[name]
            return [made] if made is not None and all(need.allows(made) for need in needs) else []
        fitting = [
            made
            for made in self.known
            if made.name == name
            and made.fault not in ("other platform", "other Python", "module missing")
            and all(need.allows(made) for need in needs)
        ]
        if strict and not any(need.names_prerelease for need in needs):
            fitting = [made for made in fitting if not Version(made.version).is_prerelease] or fitting
        return sorted(fitting, key=lambda made: (self.search.index(made.site), _descending(made.version)))

    def plain_python(self, module: str) -> Made | None:
        """Return the flat install that a plain import finds without any help."""
        found = [
            made
            for site in self.importable
            for made in self.world
            if made.flat and made.site == site and made.module == module and made.fault != "module missing"
        ]
        return found[0] if found else None


def requirements(made: Made, extras: frozenset[str] = frozenset()) -> list[Need]:
    """Return what a distribution requires here."""
    found = []
    for line in made.requires:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or ("",)):
            found.append(Need(requirement.name, str(requirement.specifier), frozenset(requirement.extras)))
    return found


def _with_late_extras(needs: list[Need], chosen: dict[str, Made]) -> list[Need]:
    """Add what extras bring that are asked of a distribution chosen before."""
    complete = list(dict.fromkeys(needs))
    for need in list(complete):
        if need.extras and need.name in chosen:
            complete += [one for one in requirements(chosen[need.name], need.extras) if one not in complete]
    return complete


def _descending(version: str) -> list[int]:
    """Return a key that sorts the made versions the highest first."""
    parsed = Version(version)
    release = [-part for part in parsed.release] + [0] * (4 - len(parsed.release))
    return [*release, 1 if parsed.is_prerelease else 0]


def distribution_of(module: str) -> str:
    """Return the distribution of an import name."""
    return next(name for name, one in NAMES.items() if one == module)
