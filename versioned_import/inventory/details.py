"""Everything that one installed distribution says of itself, read from its metadata when somebody asks."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import TYPE_CHECKING, Any

from versioned_import.install.launchers import launcher_path, script_names
from versioned_import.install.passwords import without_password
from versioned_import.install.site_directory import of_path
from versioned_import.syntax.version_text import is_version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from versioned_import.metadata.candidate import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What `show` tells of a candidate beside what its catalogue knows; "" and () where its metadata is silent."""

    summary: str
    tags: tuple[str, ...]
    installer: str
    direct_url: str
    launchers: tuple[str, ...]
    """Full paths of what starts its scripts."""
    files: int
    """How many files its RECORD lists."""
    requested: bool
    """Whether the installer was asked for it by name, rather than by a distribution that needs it (PEP 376)."""


def details(candidate: Candidate) -> Details:
    """Return what the metadata of a candidate says."""
    info = candidate.metadata_directory
    metadata = HeaderParser().parsestr((_read(info, "METADATA") or _read(info, "PKG-INFO")).partition("\n\n")[0])
    wheel = HeaderParser().parsestr(_read(info, "WHEEL"))
    paths = recorded_paths(_read(info, "RECORD"))
    return Details(
        summary=" ".join(str(metadata.get("Summary", "")).split()),
        tags=candidate.tags or tuple(map(str, wheel.get_all("Tag", ()))),
        installer=_read(info, "INSTALLER").strip(),
        direct_url=direct_url(candidate),
        launchers=tuple(_versioned_launchers(candidate) if candidate.entry else _flat_scripts(candidate, paths)),
        files=len(paths),
        requested=os.path.isfile(os.path.join(info, "REQUESTED")),
    )


def direct_url(candidate: Candidate) -> str:
    """Return where a distribution was installed from, as pip takes it, if that was no package index (PEP 610); else ""."""
    try:
        data: Any = json.loads(_read(candidate.metadata_directory, "direct_url.json") or "{}")
        url = without_password(str(data.get("url", "")))
        source = data.get("vcs_info")
        return f"{source['vcs']}+{url}@{source['commit_id']}" if url and source else url
    except (ValueError, AttributeError, TypeError, KeyError):
        return ""


def requirement_for(candidate: Candidate) -> str:
    """Return the requirement that installs just this once more: `==1.0` would take 1.0+local too."""
    url = direct_url(candidate)
    return f"{candidate.distribution} @ {url}" if url else f"{candidate.distribution}==={candidate.version}"


def statement_for(candidate: Candidate, same_name: Iterable[Candidate] = ()) -> str:
    """Return the import statement that names this version, "" where nothing can be imported.

    `same_name` are other distributions that provide the import name: then the clause has to name the distribution.
    """
    if not candidate.names:
        return ""
    own = candidate.distribution.replace("-", "_")
    name = next((name for name in candidate.names if name.lower() == own), candidate.names[0])
    version = candidate.version
    if any(other.distribution != candidate.distribution and name in other.names for other in same_name):
        return f'import {name} version "{candidate.distribution}=={version}"'
    return f"import {name} version {version}" if is_version(version) else f'import {name} version "==={version}"'


def recorded_paths(record: str) -> list[str]:
    """Return the paths that the text of a RECORD lists, as they are written."""
    try:
        return [row[0] for row in csv.reader(record.splitlines()) if row]
    except csv.Error:
        return []


def _versioned_launchers(candidate: Candidate) -> Iterable[str]:
    scripts = of_path(candidate.site).scripts
    for script in script_names(candidate.path) if scripts else ():
        path = launcher_path(scripts, script, candidate.version)
        directory, file = os.path.split(path)
        if f"launcher: {candidate.distribution}=={candidate.version} " in _read(directory, file):
            yield path


def _flat_scripts(candidate: Candidate, paths: Iterable[str]) -> Iterable[str]:
    for path in paths:
        folder = os.path.basename(os.path.dirname(path))
        if path.startswith("..") and folder in ("bin", "Scripts"):
            yield os.path.normpath(os.path.join(candidate.site, path))


def _read(directory: str, name: str) -> str:
    try:
        with open(os.path.join(directory, name), encoding="utf-8", errors="replace", newline="") as file:
            return file.read().replace("\r\n", "\n")
    except OSError:
        return ""
