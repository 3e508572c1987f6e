"""Which roots go together: first fit in a canonical order, by what the requirements themselves say and by resolving.

The order makes the groups the same for the same roots, however the user ordered them. First fit gives the fewest groups
where conflicts are between versions of one distribution, which is what they mostly are. Where it gave more than that
explains, it is tried again over the groups in reverse order, as long as that gives fewer; to be sure of the fewest, every
division would have to be tried. Nothing here knows pip: whether roots can be resolved together is asked of a callable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    from versioned_import.install.requirements import Root

    Group = tuple[Root, ...]
    Resolves = Callable[[Group], bool]

One = TypeVar("One")


def in_canonical_order(roots: Iterable[Root]) -> Group:
    """Return the roots by name, exact versions first and lowest first, then by their text; each text once."""
    each = {root.text: root for root in roots}
    return tuple(sorted(each.values(), key=_place))


def _place(root: Root) -> tuple[str, bool, Version, str]:
    requirement = root.requirement
    name = str(canonicalize_name(requirement.name)) if requirement else ""
    pins = [pin.version for pin in requirement.specifier if pin.operator == "=="] if requirement else []
    try:
        return name, False, Version(pins[0]), root.text
    except (IndexError, InvalidVersion):
        return name, True, Version("0"), root.text


def without_direct_conflicts(roots: Iterable[Root]) -> tuple[Group, Group]:
    """Return the roots that don't contradict an earlier one of the first part, and the others, both in order."""
    taken: list[Root] = []
    left: list[Root] = []
    for root in roots:
        (left if any(conflict(root, other) for other in taken) else taken).append(root)
    return tuple(taken), tuple(left)


def at_least(roots: Iterable[Root]) -> int:
    """Return how many groups there must be at least: so many roots contradict each other directly."""
    apart: dict[str, list[Root]] = {}
    for root in roots:
        if root.requirement is not None:
            others = apart.setdefault(canonicalize_name(root.requirement.name), [])
            if all(conflict(root, other) for other in others):
                others.append(root)
    return max(map(len, apart.values()), default=0)


def longest_resolving(
    group: tuple[One, ...], resolves: Callable[[tuple[One, ...]], bool]
) -> tuple[tuple[One, ...], tuple[One, ...]]:
    """Return the roots that can be resolved together, taken first come, first served, and those that must wait.

    Any things that `resolves` knows may stand for roots. `group` is known not to resolve as a whole. The first root is
    always kept: if it fails alone, no group helps it. The result is that of adding the roots one by one; since more roots
    never resolve where fewer don't, each culprit is found by halving.
    """
    kept, rest = group[:1], group[1:]
    refused: list[One] = []
    whole_fails = True
    while rest:
        if not whole_fails and resolves(kept + rest):
            return kept + rest, tuple(refused)
        fitting = _fitting(kept, rest, resolves)
        kept += rest[:fitting]
        refused.append(rest[fitting])
        rest = rest[fitting + 1 :]
        whole_fails = False
    return kept, tuple(refused)


def conflict(one: Root, other: Root) -> bool:
    """Tell whether no version of a distribution can meet both roots; False where that can't be seen from the text.

    Roots whose markers don't apply here conflict with nothing: pip leaves them out.
    """
    first, second = one.requirement, other.requirement
    if first is None or second is None or canonicalize_name(first.name) != canonicalize_name(second.name):
        return False
    if not (_applies(first) and _applies(second)):
        return False
    if first.url or second.url:
        return bool(first.url and second.url and first.url != second.url)
    return disjoint(first.specifier, second.specifier)


def disjoint(one: SpecifierSet, other: SpecifierSet) -> bool:
    """Tell whether two specifier sets have no version in common; False where that isn't certain."""
    try:
        return one.is_disjoint(other)
    except (AttributeError, ValueError):  # packaging before 26 has no ranges, later ones no ranges of `===`
        return _pin_outside(one, other) or _pin_outside(other, one)


def _pin_outside(pins: SpecifierSet, other: SpecifierSet) -> bool:
    """Tell whether `pins` names one exact version that `other` refuses."""
    exact = [pin.version for pin in pins if pin.operator in {"==", "==="} and not pin.version.endswith(".*")]
    # `==1.0` also takes `1.0+local`, which `other` may name.
    vague = any("+" in specifier.version or specifier.operator == "===" for specifier in other)
    try:
        return any(not other.contains(version, prereleases=True) for version in exact if not vague)
    except InvalidVersion:
        return False


def _fitting(kept: tuple[One, ...], rest: tuple[One, ...], resolves: Callable[[tuple[One, ...]], bool]) -> int:
    """Return how many of `rest` can be added to `kept`, one after the other; all of them is known to be too many."""
    good, bad = 0, len(rest)
    while bad - good > 1:
        middle = (good + bad) // 2
        if resolves(kept + rest[:middle]):
            good = middle
        else:
            bad = middle
    return good


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})
