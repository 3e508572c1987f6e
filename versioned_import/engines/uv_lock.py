"""Reading the pylock.toml that uv makes of a group: which one file of each distribution is taken here, and from where."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import tomli_w
from packaging.pylock import (
    PackageArchive,
    PackageDirectory,
    PackageVcs,
    Pylock,
    PylockSelectError,
    PylockValidationError,
)
from packaging.utils import canonicalize_name

from versioned_import.errors import InstallError
from versioned_import.install.engine import Planned
from versioned_import.install.passwords import without_password

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from packaging.pylock import Package, PackageSdist, PackageWheel

    from versioned_import.install.groups import Group
    from versioned_import.install.requirements import Root

    Source = PackageVcs | PackageDirectory | PackageArchive | PackageWheel | PackageSdist

_HASH = re.compile(r"--hash[= ]\s*(\w+):([0-9A-Fa-f]+)")


def read_lock(path: str, *, hashes_of: Group | None = None) -> list[Package]:
    """Return the packages of a lock, each with the one file that fits this interpreter best.

    With `hashes_of`, only files with a hash that the requirements of this group give are taken, as pip's
    --require-hashes wants it. Raises InstallError.
    """
    try:
        with open(path, "rb") as file:
            lock = Pylock.from_dict(tomllib.load(file))
        packages = lock.packages if hashes_of is None else [_allowed(one, hashes_of) for one in lock.packages]
        chosen = replace(lock, packages=packages).select()
        return [_narrowed(package, source) for package, source in chosen]
    except (OSError, ValueError, PylockSelectError, PylockValidationError) as error:
        raise InstallError("uv", f"its lock can't be used: {error}", "Try it without --engine uv.") from None


def write_lock(path: str, packages: Iterable[Package], like: str) -> None:
    """Write a lock with these packages, otherwise like another one in the same directory."""
    with open(like, "rb") as file:
        lock = Pylock.from_dict(tomllib.load(file))
    with open(path, "w", encoding="utf-8") as text:
        text.write(tomli_w.dumps(dict(replace(lock, packages=list(packages)).to_dict())))


def planned(package: Package, group: Group, directory: str, versions: Mapping[str, str]) -> Planned:
    """Return what a package of a lock in `directory` is in the words of all engines.

    `versions` are those of packages whose version the lock can't know: it is computed when they are built.
    """
    source = _source(package)
    url = _url(source, directory)
    is_direct = isinstance(source, (PackageVcs, PackageDirectory, PackageArchive))
    return Planned(
        name=str(package.name),
        version=str(package.version or versions[package.name]),
        requested=any(_names(root, package, url) for root in group),
        download=_download(source, url),
        is_direct=is_direct,
    )


def _allowed(package: Package, group: Group) -> Package:
    """Return a package with the files whose hashes the group's requirements give. Raises InstallError if there is none."""
    given = {
        (kind, value.lower())
        for root in group
        if root.requirement and canonicalize_name(root.requirement.name) == package.name
        for kind, value in _HASH.findall(root.text)
    }
    request = f"{package.name} {package.version or ''}".rstrip()
    if not given:
        advice = "Give a --hash for each requirement of the closure, or leave out --require-hashes."
        raise InstallError(request, "hashes are required, and no requirement gives one for it", advice)

    def fits(file: PackageWheel | PackageSdist | PackageArchive) -> bool:
        return bool(given & {(kind, value.lower()) for kind, value in file.hashes.items()})

    wheels = [wheel for wheel in package.wheels or () if fits(wheel)]
    sdist = package.sdist if package.sdist and fits(package.sdist) else None
    archive = package.archive if package.archive and fits(package.archive) else None
    if not (wheels or sdist or archive):
        raise InstallError(request, "none of its files has a hash that the requirements give", "Don't trust it.")
    return replace(package, wheels=wheels or None, sdist=sdist, archive=archive)


def _narrowed(package: Package, source: Source) -> Package:
    """Return a package with one of its sources only, so that this is what is installed."""
    wheels = [wheel for wheel in package.wheels or () if wheel is source]
    return replace(package, wheels=wheels or None, sdist=None if wheels else package.sdist)


def _source(package: Package) -> Source:
    found = (*(package.wheels or ()), package.sdist, package.archive, package.directory, package.vcs)
    return next(source for source in found if source is not None)


def _url(source: Source, directory: str) -> str:
    if not isinstance(source, PackageDirectory) and source.url:
        return without_password(source.url)
    path = os.path.normpath(os.path.join(directory, source.path or ""))
    return Path(path).as_uri()


def _download(source: Source, url: str) -> dict[str, Any]:
    """Return where a file comes from in the form of PEP 610."""
    found: dict[str, Any] = {"url": url}
    if isinstance(source, PackageVcs):
        found["vcs_info"] = {"vcs": source.type, "commit_id": source.commit_id}
        if source.requested_revision:
            found["vcs_info"]["requested_revision"] = source.requested_revision
    elif isinstance(source, PackageDirectory):
        found["dir_info"] = {}
    else:
        found["archive_info"] = {"hashes": dict(source.hashes)}
    subdirectory = getattr(source, "subdirectory", None)
    return found | ({"subdirectory": subdirectory} if subdirectory else {})


def _names(root: Root, package: Package, url: str) -> bool:
    """Tell whether a root names a package: by its name, or by its path or URL."""
    if root.requirement:
        return canonicalize_name(root.requirement.name) == package.name
    text = re.sub(r"\[[^\]]*\]$", "", str(root))
    if "://" in text:
        return without_password(text).partition("#")[0].removeprefix("git+").startswith(url)
    return Path(os.path.normpath(os.path.abspath(text))).as_uri() == url
