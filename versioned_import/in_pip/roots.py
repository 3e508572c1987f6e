"""From what pip understood of the command line to roots: what groups are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement

from versioned_import.install.requirements import Root

if TYPE_CHECKING:
    from collections.abc import Iterable


class Roots:
    """The roots of an installation, each with pip's own object for it, and the constraints, which hold in every group."""

    def __init__(self, requirements: Iterable[Any]) -> None:
        self.constraints: list[Any] = []
        self.ignored: list[Any] = []
        """Roots whose markers don't apply here."""
        self.of_root: dict[Root, Any] = {}
        known: set[str] = set()
        for one in requirements:
            if one.constraint:
                self.constraints.append(one)
            elif not one.match_markers():
                self.ignored.append(one)
            elif (root := _root(one)).text not in known:
                known.add(root.text)
                self.of_root[root] = one

    @property
    def hashed(self) -> bool:
        """Whether any root names hashes: then every distribution of a closure has to be a root with hashes."""
        return any(root.hashed for root in self.of_root)

    def for_pip(self, group: Iterable[Root]) -> list[Any]:
        """Return what pip is to resolve for a group."""
        return [*self.constraints, *(self.of_root[root] for root in group)]


def _root(one: Any) -> Root:
    """Return the root for one of pip's requirements; a file or URL without a name counts as of the name that it tells."""
    hashes = "".join(
        f" --hash={kind}:{value}" for kind, values in sorted(one.hash_options.items()) for value in sorted(values)
    )
    place = str(one.comes_from or "") if not isinstance(one.comes_from, type(one)) else ""
    if one.link is None or getattr(one.req, "url", None):
        return Root(f"{one.req}{hashes}", place, _parsed(str(one.req)))
    where = one.link.file_path if one.link.is_file else one.link.url
    extras = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
    if one.req is None:  # of a directory pip learns the name later
        return Root(f"{where}{extras}{hashes}", place)
    # pip knows the name that a wheel's file name tells; a path with extras could be read by nobody.
    named = f"{one.req.name}{extras} @ {one.link.url}"
    return Root(f"{named if extras else where}{hashes}", place, _parsed(named))


def _parsed(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None
