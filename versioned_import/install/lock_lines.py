"""The lines by which pip installs exactly what a pylock.toml fixes."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import pathname2url, url2pathname

from packaging.pylock import PackageArchive, PackageDirectory, PackageVcs, PylockSelectError

from versioned_import.errors import InstallError

if TYPE_CHECKING:
    from packaging.pylock import Package, PackageSdist, PackageWheel, Pylock

_HASHES = ("sha256", "sha384", "sha512")  # what pip takes


@dataclass(slots=True)
class Lines:
    """Lines with hashes, lines that can have none (version control, directories), places of local files, and versions."""

    hashed: list[str] = field(default_factory=list)
    unhashed: list[str] = field(default_factory=list)
    places: dict[str, None] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    """Distribution to version, where the lock says it."""


def lines_of(lock: Pylock, path: str) -> Lines:
    """Return the lines for what a lock, which stands at `path`, selects for this interpreter. Raises InstallError."""
    found = Lines()
    base = os.path.dirname(os.path.abspath(path))
    try:
        selected = list(lock.select())
    except PylockSelectError as error:
        raise InstallError(path, str(error), "Lock the program again with this interpreter.") from None
    for package, source in selected:
        if package.version is not None:
            found.versions[str(package.name)] = str(package.version)
        if isinstance(source, PackageVcs):
            found.unhashed.append(f"{package.name} @ {_vcs_url(source, base)}")
        elif isinstance(source, PackageDirectory):
            place = os.path.join(base, source.path)
            found.unhashed.append(f"{package.name} @ {_file_url(place)}{_below(source.subdirectory)}")
        elif isinstance(source, PackageArchive):
            url = source.url or _file_url(os.path.join(base, source.path or ""))
            hashes = _hash_options(path, package, dict(source.hashes))
            found.hashed.append(f"{package.name} @ {url}{_below(source.subdirectory)}{hashes}")
        else:
            _add_file(found, package, source, path)
    return found


def _add_file(found: Lines, package: Package, source: PackageWheel | PackageSdist, path: str) -> None:
    """Add a file of an index, by name and version: pip may take any of the files that the lock has a hash of."""
    hashes: dict[str, list[str]] = {}
    for file in (*(package.wheels or ()), *((package.sdist,) if package.sdist else ())):
        for kind, value in file.hashes.items():
            hashes.setdefault(kind, []).append(value)
    options = "".join(f" --hash={kind}:{value}" for kind in _HASHES for value in hashes.get(kind, ()))
    if not options or package.version is None:
        raise InstallError(path, f"it has no version or no hash of {package.name} that pip takes", "")
    found.hashed.append(f"{package.name}=={package.version}{options}")
    base = os.path.dirname(os.path.abspath(path))
    if source.path:
        found.places[os.path.dirname(os.path.join(base, source.path))] = None
    elif source.url and source.url.startswith("file:"):
        found.places[os.path.dirname(url2pathname(urlsplit(source.url).path))] = None


def _hash_options(path: str, package: Package, hashes: dict[str, str]) -> str:
    options = "".join(f" --hash={kind}:{hashes[kind]}" for kind in _HASHES if kind in hashes)
    if not options:
        raise InstallError(path, f"it has no hash of {package.name} that pip takes", "")
    return options


def _vcs_url(source: PackageVcs, base: str) -> str:
    url = source.url or _file_url(os.path.join(base, source.path or ""))
    return f"{source.type}+{url}@{source.commit_id}{_below(source.subdirectory)}"


def _below(subdirectory: str | None) -> str:
    return f"#subdirectory={subdirectory}" if subdirectory else ""


def _file_url(path: str) -> str:
    return f"file://{pathname2url(os.path.abspath(path))}"
