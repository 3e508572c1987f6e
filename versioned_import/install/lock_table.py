"""The pylock.toml of one group as a table, for whoever writes it.

A process that runs from a lock can ask for it too, which may have no third-party library under its own name.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from versioned_import.install.engine import hashes_of
from versioned_import.install.passwords import without_password
from versioned_import.libraries.packaging.pylock import (
    Package,
    PackageArchive,
    PackageDirectory,
    PackageSdist,
    PackageVcs,
    PackageWheel,
    Pylock,
)
from versioned_import.libraries.packaging.specifiers import SpecifierSet
from versioned_import.libraries.packaging.utils import canonicalize_name
from versioned_import.libraries.packaging.version import Version
from versioned_import.metadata.group_locks import TOOL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from versioned_import.install.engine import Planned


def lock_of(roots: Iterable[str], distributions: Sequence[Planned], *, directory: str = "") -> dict[str, Any]:
    """Return the pylock.toml of one group as a table; see `group_locks.lock_text`."""
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
    return dict(lock.to_dict())


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
            directory=PackageDirectory(
                path=_relative(url, directory) or _path(url),
                editable=True if download["dir_info"].get("editable") else None,
                subdirectory=below,
            ),
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
