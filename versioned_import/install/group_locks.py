"""Writing the lock of a group: a pylock.toml (PEP 751) that says which versions were resolved together, and from where."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import tomli_w
from packaging.pylock import (
    Package,
    PackageArchive,
    PackageDirectory,
    PackageSdist,
    PackageVcs,
    PackageWheel,
    Pylock,
)
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from versioned_import.install.engine import hashes_of
from versioned_import.install.passwords import without_password
from versioned_import.install.whole_files import write_whole
from versioned_import.metadata.group_locks import TOOL, directory_of_locks, read_group_locks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from versioned_import.install.engine import Planned
    from versioned_import.install.groups import Group


def write_group_lock(site: str, group: Group, distributions: Sequence[Planned]) -> str:
    """Write the lock of a group of a site directory and return its path, which depends on the roots and the members.

    The file is whole or not there. Raises OSError.
    """
    directory = directory_of_locks(site)
    os.makedirs(directory, 0o755, exist_ok=True)
    roots = sorted(map(str, group))
    path = lock_path(directory, roots, (one.directory for one in distributions))
    write_whole(path, lock_text(roots, distributions))
    return path


def drop_superseded(site: str, path: str) -> None:
    """Remove the locks that the one just written stands for: same roots, same versions of them, no other distribution."""
    locks = read_group_locks(site)
    new = next((lock for lock in locks if lock.path == path), None)
    for old in locks:
        if (
            new is not None
            and old is not new
            and set(old.roots) == set(new.roots)
            and old.versions.keys() <= new.versions.keys()
            and all(new.versions.get(name) == old.versions.get(name) for name in old.requested)
        ):
            with suppress(OSError):
                os.unlink(old.path)


def lock_path(directory: str, roots: Iterable[str], members: Iterable[str] = ()) -> str:
    """Return the path of the lock of a group in the directory that holds the locks."""
    number = hashlib.sha256("\n".join([*sorted(roots), "", *sorted(members)]).encode()).hexdigest()[:12]
    return os.path.join(directory, f"pylock.{number}.toml")


def lock_text(roots: Iterable[str], distributions: Sequence[Planned], *, directory: str = "") -> str:
    """Return the pylock.toml of one group. Names, versions and files are exact; no URL keeps a password.

    The same input gives the same text. `directory` is where the lock will stand: local files below it get relative paths.
    """
    own = {
        "roots": sorted(map(without_password, roots)),
        "requested": sorted(one.name for one in distributions if one.requested),
    }
    lock = Pylock(
        lock_version=Version("1.0"),
        created_by=TOOL,
        requires_python=SpecifierSet(f">={sys.version_info[0]}.{sys.version_info[1]}"),
        packages=[_package(one, directory) for one in sorted(distributions, key=lambda one: (one.name, one.version))],
        tool={TOOL: own},
    )
    return tomli_w.dumps(dict(lock.to_dict()))


def _package(one: Planned, directory: str) -> Package:
    name, version = canonicalize_name(one.name), Version(one.version)
    download: Mapping[str, Any] = one.download
    url = without_password(str(download.get("url", "")))
    below = download.get("subdirectory")
    if not url:
        return Package(name=name, version=version)
    if "vcs_info" in download:
        info = download["vcs_info"]
        asked = info.get("requested_revision")
        vcs = PackageVcs(
            type=info["vcs"], url=url, commit_id=info["commit_id"], requested_revision=asked, subdirectory=below
        )
        return Package(name=name, version=version, vcs=vcs)
    if "dir_info" in download:
        return Package(
            name=name,
            version=version,
            directory=PackageDirectory(path=_relative(url, directory) or _path(url), subdirectory=below),
        )
    hashes = hashes_of(download)
    file = unquote(os.path.basename(urlsplit(url).path))
    where: dict[str, Any] = {"path": path} if (path := _relative(url, directory)) else {"url": url}
    if one.is_direct:
        return Package(name=name, version=version, archive=PackageArchive(**where, hashes=hashes, subdirectory=below))
    if file.endswith(".whl"):
        return Package(name=name, version=version, wheels=[PackageWheel(name=file, **where, hashes=hashes)])
    return Package(name=name, version=version, sdist=PackageSdist(name=file, **where, hashes=hashes))


def _relative(url: str, directory: str) -> str:
    """Return the path, with `/`, of a local file below a directory; "" for every other URL."""
    if not directory or not url.startswith("file:"):
        return ""
    base, path = os.path.realpath(directory), os.path.realpath(_path(url))
    return os.path.relpath(path, base).replace(os.sep, "/") if path.startswith(base + os.sep) else ""


def _path(url: str) -> str:
    from urllib.request import url2pathname

    return url2pathname(urlsplit(url).path) if url.startswith("file:") else url
