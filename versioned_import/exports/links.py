"""The plan of a tree of links: what each name in a directory is going to be, before anything is made.

A directory that one distribution has alone is one link. One that several share, or may share because it is a namespace
package, is a real directory with links inside, so that nothing is ever written through it into a site directory.
"""

from __future__ import annotations

import filecmp
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from versioned_import.exports.parts import namespaces_of, recorded, top_levels
from versioned_import.metadata.editable import mapped_by
from versioned_import.metadata.files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from versioned_import.exports.parts import Part
    from versioned_import.metadata.candidate import Candidate

_CACHE = "__pycache__"
_NOT_TAKEN = ("RECORD", "INSTALLER", "SOURCES.txt")
INSTALLER = "versioned_import"


@dataclass(frozen=True, slots=True)
class Text:
    """A file that is written, not linked."""

    text: str


Tree = dict[str, "str | Text | Tree"]
"""Name to the path that it is a link to, a text, or what a real directory holds."""


@dataclass(slots=True)
class Links:
    """The tree of one site-packages, and sentences on what could not be as it was installed."""

    tree: Tree = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def add(self, part: Part) -> None:
        """Add what a distribution has for site-packages: its modules, its .pth files, its metadata."""
        candidate = part.candidate
        if candidate is None or candidate.dist_info.endswith(".egg-link"):
            paths = part.paths if candidate is None else (os.path.dirname(candidate.metadata_directory),)
            text = "".join(f"{path}\n" for path in paths)
            self.put(self.tree, f"_{part.distribution.replace('-', '_')}.pth", Text(text), part.distribution)
            return
        found = _versioned(candidate) if candidate.entry else _flat(candidate)
        for name, what in found.items():
            self.put(self.tree, name, what, part.distribution)

    def put(self, tree: Tree, name: str, what: str | Text | Tree, whose: str) -> None:
        """Put something into a directory of the tree, beside what others have there."""
        there = tree.get(name)
        if there is None:
            tree[name] = what
        elif _is_directory(there) and _is_directory(what):
            shared = _opened(there)
            tree[name] = shared
            for below, one in _opened(what).items():
                self.put(shared, below, one, whose)
        elif not _is_same(there, what):
            self.notices.append(f"{whose}: {name} is left out: another distribution has a different file of that name")


def _versioned(candidate: Candidate) -> Tree:
    """Return what stands in a versioned directory, each namespace package as a directory of its own."""
    stem = candidate.dist_info.removesuffix(".dist-info")
    left_out = {_CACHE, candidate.dist_info, f"{stem}.data", *(() if "bin" in candidate.tops else ("bin",))}
    namespaces = namespaces_of(candidate)
    found: Tree = {
        name: _link(candidate.path, name, namespaces)
        for name in sorted(os.listdir(candidate.path))
        if name not in left_out
    }
    found[candidate.dist_info] = _metadata(candidate, recorded(candidate))
    return found


def _link(base: str, place: str, namespaces: set[str]) -> str | Tree:
    path = os.path.join(base, place)
    if place not in namespaces or not os.path.isdir(path):
        return path
    names = sorted(set(os.listdir(path)) - {_CACHE})
    return {name: _link(base, os.path.join(place, name), namespaces) for name in names}


def _flat(candidate: Candidate) -> Tree:
    """Return what a flat install has in its site directory, and nothing of its neighbours."""
    paths = recorded(candidate)
    if paths is None:
        names = (name for name in os.listdir(candidate.site) if name.partition(".")[0] in candidate.tops)
        found: Tree = {name: os.path.join(candidate.site, name) for name in sorted(names) if _is_module(name)}
        found[candidate.dist_info] = _metadata(candidate, None)
        return found
    rows = _nested(path for path in paths if not path.startswith(("../", "/")) and _CACHE not in path)
    rows.pop(candidate.dist_info, None)
    namespaces = namespaces_of(candidate)
    found = {name: _recorded_link(candidate.site, name, below, namespaces) for name, below in sorted(rows.items())}
    found = {name: what for name, what in found.items() if not isinstance(what, str) or os.path.lexists(what)}
    for name in [one for one in found if one.endswith(".py") and "editable" in one]:
        found.update(_mapped(os.path.join(candidate.site, name)))
    found[candidate.dist_info] = _metadata(candidate, paths)
    return found


def _mapped(finder: str) -> Iterator[tuple[str, str]]:
    """Yield links to what the finder of an editable install maps: type checkers don't run it."""
    for name, place in mapped_by(read_text(finder) or "").items():
        if "." not in name and os.path.isdir(place):
            yield name, place
        elif "." not in name and os.path.isfile(f"{place}.py"):
            yield f"{name}.py", f"{place}.py"


def _is_module(name: str) -> bool:
    return "." not in name or name.endswith((".py", ".so", ".pyd"))


def _nested(paths: Iterable[str]) -> Tree:
    """Return relative paths as the directories that they make up; files are ""."""
    found: Tree = {}
    for path in paths:
        *folders, name = path.split("/")
        place = found
        for folder in folders:
            below = place.setdefault(folder, {})
            if not isinstance(below, dict):
                break
            place = below
        else:
            place.setdefault(name, "")
    return found


def _recorded_link(base: str, place: str, below: str | Text | Tree, namespaces: set[str]) -> str | Tree:
    """Return a link to a directory if all in it is recorded, else a directory of links to what is."""
    path = os.path.join(base, place)
    if not isinstance(below, dict):
        return path
    links = {
        name: _recorded_link(base, os.path.join(place, name), one, namespaces) for name, one in sorted(below.items())
    }
    there = set(os.listdir(path)) - {_CACHE} if os.path.isdir(path) else set()
    if place not in namespaces and there <= links.keys() and all(isinstance(one, str) for one in links.values()):
        return path
    return {name: one for name, one in links.items() if name in there}


def _metadata(candidate: Candidate, paths: list[str] | None) -> str | Tree:
    """Return the metadata directory: links to all files but RECORD, without which installers change nothing.

    pip and uv refuse to remove or replace what has no RECORD, as they do with what an operating system's packager
    installed; with it they would write into the versioned directory. What `importlib.metadata` reads from RECORD it finds
    in SOURCES.txt and top_level.txt.
    """
    info = candidate.metadata_directory
    if not os.path.isdir(info):
        return info
    found: Tree = {
        name: os.path.join(info, name) for name in sorted(os.listdir(info)) if not name.startswith(_NOT_TAKEN)
    }
    found["INSTALLER"] = Text(f"{INSTALLER}\n")
    own = [path for path in paths or () if not path.startswith("../") and _CACHE not in path and ".data/" not in path]
    kept = [path for path in own if os.path.basename(path) not in _NOT_TAKEN]
    if paths is not None:
        found["SOURCES.txt"] = Text("".join(f"{path}\n" for path in kept))
    if "top_level.txt" not in found and (tops := top_levels(candidate, kept)):
        found["top_level.txt"] = Text("".join(f"{top}\n" for top in tops))
    return found


def _is_directory(what: str | Text | Tree) -> bool:
    return isinstance(what, dict) or (isinstance(what, str) and os.path.isdir(what))


def _opened(what: str | Text | Tree) -> Tree:
    """Return what a directory holds; a link becomes a directory of links."""
    if isinstance(what, str):
        return {name: os.path.join(what, name) for name in sorted(os.listdir(what)) if name != _CACHE}
    return what if isinstance(what, dict) else {}


def _is_same(there: str | Text | Tree, what: str | Text | Tree) -> bool:
    if isinstance(there, str) and isinstance(what, str) and os.path.isfile(there) and os.path.isfile(what):
        return filecmp.cmp(there, what, shallow=False)
    return there == what
