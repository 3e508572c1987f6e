"""A virtual environment of links, for tools that insist on one: made beside its place, and put there by one rename."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
import venv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from versioned_import.errors import InstallError
from versioned_import.exports.links import Links
from versioned_import.exports.making import SYMBOLIC, kind_for, make_tree
from versioned_import.exports.parts import recorded
from versioned_import.exports.replacing import MARK, may_go, put_in_place, staging_beside, taken
from versioned_import.exports.scripts import scripts_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import SimpleNamespace
    from typing import Any

    from versioned_import.exports.links import Tree
    from versioned_import.exports.parts import Part
    from versioned_import.metadata.candidate import Candidate

_HARD = "no symbolic links can be made here: hard links and copies stand in, which do not follow later changes"


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment that was made: its directory, its Python, its site-packages, and sentences for the user."""

    directory: str
    python: str
    site: str
    notices: list[str] = field(default_factory=list)


def make_environment(directory: str, parts: Sequence[Part], told: dict[str, Any]) -> Environment:
    """Make a virtual environment that has exactly some distributions; `told` goes into its mark file.

    One that was made here before is replaced in whole. Raises InstallError if something else stands there, or if it
    can't be made; nothing has changed then.
    """
    final = os.path.realpath(directory)
    _check(final, parts)
    environment = Environment(final, *_places(final))
    try:
        os.makedirs(os.path.dirname(final), exist_ok=True)
        with staging_beside(final) as staging:
            new = os.path.join(staging, "new")
            _Builder(new, final).create(new)
            environment.notices.extend(_fill(new, final, parts))
            with open(os.path.join(new, MARK), "w", encoding="utf-8") as file:
                json.dump(
                    {**told, "distributions": {part.distribution: part.version for part in parts}}, file, indent=2
                )
            put_in_place(staging, new, final)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise InstallError(directory, f"it can't be made: {error.strerror or error}{place}", "") from None
    return environment


def _check(final: str, parts: Sequence[Part]) -> None:
    """Raise InstallError if a place is taken, or a part can't be linked to."""
    if not may_go(final):
        raise taken(final)
    for part in parts:
        if part.candidate is None:
            continue
        name = f"{part.distribution} {part.version}"
        place = part.candidate.path
        if not os.path.isdir(place):
            raise InstallError(name, f"{place} is no directory, and nothing can be linked to it", "")
        if f"{os.path.realpath(place)}{os.sep}".startswith(f"{final}{os.sep}"):
            raise InstallError(name, f"it stands in {final} itself, which is to be replaced", "Name another directory.")


def _places(directory: str) -> tuple[str, str]:
    """Return the Python and the site-packages of a virtual environment."""
    return os.path.join(_path("scripts", directory), os.path.basename(_name_of_python())), _path("purelib", directory)


def _path(kind: str, directory: str) -> str:
    return sysconfig.get_path(kind, "venv", vars={"base": directory, "platbase": directory})


def _name_of_python() -> str:
    return "python.exe" if os.name == "nt" else "python"


def _fill(new: str, final: str, parts: Sequence[Part]) -> list[str]:
    """Make the links of all parts in a new environment, which will stand at `final`; return sentences for the user."""
    python, site = _places(final)
    links, prefix = Links(), Links()
    for part in parts:
        links.add(part)
        if part.candidate is not None:
            scripts = scripts_for(part.candidate, python)
            for name, what in _others(part.candidate, final, _path("scripts", final), scripts).items():
                prefix.put(prefix.tree, name, what, part.distribution)
    for name, what in _at(os.path.relpath(site, final), links.tree).items():
        prefix.put(prefix.tree, name, what, "")
    kind = kind_for(new)
    taken = make_tree(prefix.tree, new, kind, executable=_path("scripts", new))
    notices = [*links.notices, *prefix.notices, *([] if kind == SYMBOLIC else [_HARD])]
    return [*notices, *(f"{os.path.relpath(path, new)} is the environment's own, and stays" for path in taken)]


def _others(candidate: Candidate, final: str, bin_directory: str, scripts: Tree) -> Tree:
    """Return what a distribution has outside of site-packages: scripts, headers, data."""
    found = Links()
    for name, what in _at(os.path.relpath(bin_directory, final), scripts).items():
        found.put(found.tree, name, what, "")
    for place, source in _outside(candidate, final):
        for name, what in _at(place, source).items():
            found.put(found.tree, name, what, "")
    return found.tree


def _outside(candidate: Candidate, final: str) -> Iterator[tuple[str, str]]:
    """Yield headers and data: the relative path in the environment, and where it is."""
    headers = os.path.join("include", "site", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    if candidate.entry:
        data = os.path.join(candidate.path, f"{candidate.dist_info.removesuffix('.dist-info')}.data")
        if os.path.isdir(os.path.join(data, "headers")):
            yield os.path.join(headers, candidate.distribution), os.path.join(data, "headers")
        # File by file: directories such as share/ belong to nobody alone.
        for folder, _, names in os.walk(os.path.join(data, "data")):
            for name in sorted(names):
                source = os.path.join(folder, name)
                yield os.path.relpath(source, os.path.join(data, "data")), source
        return
    site = _path("purelib", final)
    bins = f"{_path('scripts', final)}{os.sep}"
    for path in recorded(candidate) or ():
        place = os.path.normpath(os.path.join(site, path))
        source = os.path.normpath(os.path.join(candidate.site, path))
        is_inside = place.startswith(final + os.sep) and not place.startswith(bins)
        if path.startswith("../") and is_inside and os.path.isfile(source) and "__pycache__" not in path:
            yield os.path.relpath(place, final), source


def _at(place: str, what: str | Tree) -> Tree:
    """Return a tree that has something at a relative path."""
    for name in reversed(place.split(os.sep)):
        what = {name: what}
    return what if isinstance(what, dict) else {}


class _Builder(venv.EnvBuilder):
    """Makes a virtual environment in one place whose texts speak of another."""

    def __init__(self, new: str, final: str) -> None:
        super().__init__(symlinks=os.name != "nt", prompt=os.path.basename(final))
        self._new, self._final = new, final

    def setup_scripts(self, context: SimpleNamespace) -> None:
        """Write the `activate` scripts, which name the place where the environment will stand."""
        here = context.env_dir, context.env_exe
        context.env_dir, context.env_exe = (path.replace(self._new, self._final, 1) for path in here)
        super().setup_scripts(context)
        context.env_dir, context.env_exe = here

    def create_configuration(self, context: SimpleNamespace) -> None:
        """Write pyvenv.cfg, whose note of the command names the final place."""
        super().create_configuration(context)
        with open(context.cfg_path, encoding="utf-8") as file:
            text = file.read()
        with open(context.cfg_path, "w", encoding="utf-8") as file:
            file.write(text.replace(self._new, self._final))
