"""A line of a requirements file that is a URL, a path or a checkout, and what distribution that is."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from versioned_import.errors import LockError
from versioned_import.locks.files import locked_file, one_hash
from versioned_import.locks.lock import Locked, LockedFile, Vcs
from versioned_import.locks.source import Table, canonical, toml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from versioned_import.libraries.packaging.utils import NormalizedName
    from versioned_import.locks.requirement_lines import Line

_NAMED = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*@\s*(\S.*)", re.DOTALL)
_MARKED = re.compile(r"\s;\s*")
_EXTRAS = re.compile(r"\[[^\]]*\]$")
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar")
_VCS = ("git", "hg", "svn", "bzr")


def looks_direct(text: str) -> bool:
    """Tell whether a line is a URL or a path, with or without `NAME @` before it."""
    place = _MARKED.split(text, maxsplit=1)[0]
    named = _NAMED.fullmatch(place)
    place = named[2] if named else place
    return bool(named) or "://" in place or place.startswith((".", "/", "file:")) or place.endswith(_ARCHIVES)


def direct(line: Line) -> Locked:
    """Return the entry of such a line. Raises LockError when nothing says what distribution it is."""
    place, *marked = _MARKED.split(line.text, maxsplit=1)
    named = _NAMED.fullmatch(place)
    name, url = (named[1], named[2].strip()) if named else ("", place.strip())
    url, _, fragment = url.partition("#")
    said = {key: values[0] for key, values in parse_qs(fragment).items()}
    name = name or _EXTRAS.sub("", said.get("egg", ""))
    marker = line.table.checked_marker("", marked[0].strip() if marked else "")
    kind, plus, rest = url.partition("+")
    if plus and kind in _VCS:
        return _checkout(line, name, kind, rest, said, marker)
    path = _local(line.table, url)
    if path and not path.endswith(_ARCHIVES):
        distribution = canonical(line.table, "", name) if name else _name_of(path, line.table)
        return Locked(
            distribution=distribution,
            marker=marker,
            directory=path,
            subdirectory=said.get("subdirectory", ""),
            editable=line.editable,
            hashes=line.hashes,
        )
    return _archive(line, name, url, path, said, marker)


def _checkout(line: Line, name: str, kind: str, url: str, said: Mapping[str, str], marker: str) -> Locked:
    if not name:
        raise line.table.error("", f"nothing says what distribution {line.text!r} is", "Write NAME @ before the URL.")
    address, at, commit = url.rpartition("@")
    # The @ of a user's name is before the host.
    if not at or "/" not in address.partition("://")[2]:
        address, commit = url, ""
    vcs = Vcs(kind=kind, url=address, commit=commit, subdirectory=said.get("subdirectory", ""))
    distribution = canonical(line.table, "", name)
    return Locked(distribution=distribution, marker=marker, vcs=vcs, editable=line.editable, hashes=line.hashes)


def _archive(line: Line, name: str, url: str, path: str, said: Mapping[str, str], marker: str) -> Locked:
    hashes: dict[str, str] = {}
    for algorithm in ("sha512", "sha384", "sha256", "sha224", "sha1", "md5"):
        if algorithm in said:
            hashes |= one_hash(line.table, "", f"{algorithm}:{said[algorithm]}")
    place = Table(line.table.path, line.table.format, line.table.where, {"path": path} if path else {"url": url})
    file: LockedFile = locked_file(place, hashes=hashes)
    guessed, version = _parts(file.name)
    if not name and not guessed:
        raise line.table.error("", f"nothing says what distribution {line.text!r} is", "Write NAME @ before it.")
    return Locked(
        distribution=canonical(line.table, "", name or guessed),
        version=version,
        marker=marker,
        archive=file,
        subdirectory=said.get("subdirectory", ""),
        hashes=line.hashes,
    )


def _parts(file_name: str) -> tuple[str, str]:
    """Return the name and version that the name of a file holds, "" for both when it holds none."""
    from versioned_import.libraries.packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    try:
        if file_name.endswith(".whl"):
            name, version, *_ = parse_wheel_filename(file_name)
        else:
            name, version = parse_sdist_filename(file_name)
    except (InvalidSdistFilename, InvalidWheelFilename):
        return "", ""
    return name, str(version)


def _local(table: Table, url: str) -> str:
    """Return the absolute path of a path or a file URL, "" for another URL."""
    if url.startswith("file:"):
        try:
            return table.beside(unquote(urlsplit(url).path))
        except ValueError as error:
            raise table.error("", f"{url!r} is no URL: {error}") from None
    return "" if "://" in url else table.beside(_EXTRAS.sub("", url))


def _name_of(directory: str, table: Table) -> NormalizedName:
    """Return the name that the project in a directory has, by its pyproject.toml or setup.cfg."""
    advice = "Write NAME @ and its file URL."
    if not os.path.isdir(directory):
        raise table.error("", f"there is no directory {directory}", "Check the path.")
    name = ""
    if os.path.isfile(os.path.join(directory, "pyproject.toml")):
        try:
            top = toml(os.path.join(directory, "pyproject.toml"), table.format)
            name = top.table("project").text("name") or top.table("tool").table("poetry").text("name")
        except LockError as error:
            raise table.error("", f"{error.request}: {error.reason}", advice) from None
    if not name:
        name = _name_of_setup(os.path.join(directory, "setup.cfg"))
    if not name:
        raise table.error("", f"nothing says what distribution is in {directory}", advice)
    return canonical(table, "", name)


def _name_of_setup(path: str) -> str:
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return ""
    return parser.get("metadata", "name", fallback="")
