"""pylock.toml and pylock.NAME.toml (PEP 751), by way of `packaging.pylock`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from versioned_import.locks.files import check_wheel, hex_digits, locked_file
from versioned_import.locks.lock import Flat, Lock, Locked, LockedFile, Vcs, Way
from versioned_import.locks.source import Table, check_format, normal_names, toml
from versioned_import.metadata.group_locks import TOOL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from versioned_import.libraries.packaging.pylock import Package, PackageArchive, PackageVcs

FORMAT = "pylock.toml"
_GROUP = re.compile(r"""["']([^"']+)["']\s+in\s+dependency_groups""")
_EXTRA = re.compile(r"""["']([^"']+)["']\s+in\s+extras""")
# What the tools call the project's own requirements when they write them as a group.
_PROJECT = ("default", "main")


def read(path: str) -> Lock:
    """Read a pylock file. Raises LockError."""
    from versioned_import.libraries.packaging.pylock import Pylock, PylockValidationError

    top = toml(path, FORMAT)
    warnings = check_format(top, "lock-version", top.need("lock-version"), (1, 0), (1, 0))
    try:
        # Of a newer minor version, packaging would write to the log what stands in `warnings`.
        pylock = Pylock.from_dict({**_with_stand_ins(top.data), "lock-version": "1.0"})
    except PylockValidationError as error:
        raise top.error(error.context or "", error.message.partition("\n")[0]) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise top.error("", f"the file is no pylock.toml: {error}") from None
    groups = normal_names(pylock.dependency_groups or ())
    defaults = normal_names(pylock.default_groups or ())
    always = tuple(one for one in defaults if one not in groups or one in _PROJECT)
    packages = tuple(
        _locked(Table(path, FORMAT, f"packages[{at}]", top.data["packages"][at]), package, always)
        for at, package in enumerate(pylock.packages)
    )
    return Lock(
        path=path,
        format=FORMAT,
        packages=packages,
        groups=tuple(one for one in groups if one not in always),
        extras=tuple(pylock.extras or ()),
        default_groups=tuple(one for one in defaults if one not in always),
        requires_python=str(pylock.requires_python or ""),
        warnings=tuple(warnings),
        members={one.distribution: one.directory for one in packages if one.directory},
        choice=Flat(tuple((one, (Way(marker=one.marker),)) for one in packages)),
        always=always,
        environments=tuple(str(one) for one in pylock.environments or ()),
    )


def _with_stand_ins(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the table with a source for each entry that has a version only.

    That is no valid pylock.toml, but what our own `freeze` writes of distributions whose file nobody knows.
    """
    packages = data.get("packages")
    if data.get("created-by") != TOOL or not isinstance(packages, list):
        return data
    sources = {"wheels", "sdist", "archive", "vcs", "directory"}
    return {
        **data,
        "packages": [
            {**one, "directory": {"path": "."}}
            if isinstance(one, dict) and "version" in one and sources.isdisjoint(one)
            else one
            for one in packages
        ],
    }


def _locked(table: Table, package: Package, always: tuple[str, ...]) -> Locked:
    marker = table.marker("marker")
    groups = normal_names(_GROUP.findall(marker))
    is_main = not groups or not set(groups).isdisjoint(always)
    version = str(package.version or "")
    wheels = tuple(_file(one, one.table("hashes")) for one in table.tables("wheels"))
    for wheel in wheels:
        check_wheel(table, wheel, package.name, version)
    sdist = table.table("sdist")
    archive = table.table("archive")
    directory = package.directory if "directory" in table.data else None
    return Locked(
        distribution=package.name,
        version=version,
        marker=marker,
        requires_python=str(package.requires_python or ""),
        groups=() if is_main else groups,
        extras=() if groups and is_main else normal_names(_EXTRA.findall(marker)),
        wheels=wheels,
        sdist=_file(sdist, sdist.table("hashes")) if package.sdist else None,
        archive=_file(archive, archive.table("hashes")) if package.archive else None,
        vcs=_vcs(table.table("vcs"), package.vcs) if package.vcs else None,
        directory=table.beside(directory.path) if directory else "",
        subdirectory=_subdirectory(package.archive or directory),
        editable=bool(directory and directory.editable),
        index=package.index or "",
        where=table.where,
    )


def _file(table: Table, hashes: Table) -> LockedFile:
    found: Mapping[str, str] = {
        algorithm: hex_digits(hashes, algorithm, algorithm, hashes.text(algorithm)) for algorithm in hashes.data
    }
    return locked_file(table, name=table.text("name"), hashes=found)


def _vcs(table: Table, vcs: PackageVcs) -> Vcs:
    url = vcs.url or table.beside(vcs.path or "")
    return Vcs(kind=vcs.type, url=url, commit=vcs.commit_id, subdirectory=vcs.subdirectory or "")


def _subdirectory(source: PackageArchive | object | None) -> str:
    return getattr(source, "subdirectory", None) or ""
