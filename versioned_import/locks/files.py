"""The files of a locked distribution: names that are only names, hashes that can be checked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from versioned_import.locks.lock import LockedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from versioned_import.locks.source import Table

# Algorithm -> how many hex digits. Spelled out, because hashlib is slow to import and has more than can be checked.
DIGITS = {
    "md5": 32,
    "sha1": 40,
    "sha224": 56,
    "sha256": 64,
    "sha384": 96,
    "sha512": 128,
    "sha3_224": 56,
    "sha3_256": 64,
    "sha3_384": 96,
    "sha3_512": 128,
    "blake2b": 128,
    "blake2s": 64,
}
_SDIST_ENDINGS = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar.lzma", ".tar")
_WHEEL_PARTS = (5, 6)


def locked_file(table: Table, *, name: str = "", hashes: Mapping[str, str] | None = None) -> LockedFile:
    """Read a file from a table with `url` or `path`, and a name when these don't end in it. Raises LockError."""
    url, path = table.text("url"), table.text("path")
    name = name or os.path.basename(path.replace("\\", "/")) or unquote(_last_part(table, url))
    return LockedFile(
        name=file_name(table, name),
        url=url,
        path=table.beside(path) if path else "",
        hashes={} if hashes is None else hashes,
        where=table.where,
    )


def _last_part(table: Table, url: str) -> str:
    """Return the end of a URL's path. Raises LockError when it is none."""
    if "[" not in url and "?" not in url and "#" not in url and "/" in url:
        return url.rpartition("/")[2]  # nearly all are so, and splitting thousands of them takes its time
    try:
        return urlsplit(url).path.rpartition("/")[2]
    except ValueError as error:
        raise table.error("url", f"{url!r} is no URL: {error}") from None


def file_name(table: Table, name: str) -> str:
    """Return the name of a file once it is known that it leads nowhere. Raises LockError."""
    if not name:
        raise table.error("", "the file has no name, URL or path")
    if name in (".", "..") or not {"/", "\\", "\0", ":"}.isdisjoint(name):
        raise table.error("", f"{name!r} is no name of a file")
    return name


def one_hash(table: Table, key: str, text: str) -> dict[str, str]:
    """Read `sha256:0123...`. Raises LockError for an unknown algorithm and for what is no hash."""
    algorithm, colon, digits = text.partition(":")
    if not colon:
        raise table.error(key, f"{text!r} is no hash (ALGORITHM:HEX DIGITS)")
    return {algorithm: hex_digits(table, key, algorithm, digits)}


def hex_digits(table: Table, key: str, algorithm: str, digits: str) -> str:
    """Return the digits of a hash, in small letters. Raises LockError."""
    if algorithm not in DIGITS:
        raise table.error(key, f"the hash algorithm {algorithm!r} is not known", f"Known are {', '.join(DIGITS)}.")
    try:
        whole = len(bytes.fromhex(digits)) * 2 == len(digits) == DIGITS[algorithm]
    except ValueError:
        whole = False
    if not whole:
        raise table.error(key, f"{digits!r} are not the {DIGITS[algorithm]} hex digits of {algorithm}")
    return digits.lower()


def sorted_files(
    table: Table, files: Iterable[LockedFile], distribution: str, version: str
) -> tuple[tuple[LockedFile, ...], LockedFile | None]:
    """Divide files into wheels and the sdist; other kinds (eggs, installers) are left out. Raises LockError."""
    wheels: list[LockedFile] = []
    sdists: list[LockedFile] = []
    for file in files:
        if file.name.endswith(".whl"):
            check_wheel(table, file, distribution, version)
            wheels.append(file)
        elif file.name.endswith(_SDIST_ENDINGS):
            sdists.append(file)
    best = next((one for one in sdists if one.name.endswith(".tar.gz")), sdists[0] if sdists else None)
    return tuple(wheels), best


def check_wheel(table: Table, file: LockedFile, distribution: str, version: str) -> None:
    """See to it that a wheel's name is of the entry's distribution and version. Raises LockError."""
    parts = file.name.removesuffix(".whl").split("-")
    if len(parts) not in _WHEEL_PARTS or not file.name.endswith(".whl"):
        raise _at(table, file, f"{file.name!r} is no name of a wheel")
    if parts[0].replace("_", "-").lower() != distribution and not _same_name(parts[0], distribution):
        raise _at(table, file, f"the wheel {file.name} is not one of {distribution}")
    if version and parts[1] != version and not _same_version(parts[1], version):
        raise _at(table, file, f"the wheel {file.name} is not of version {version}")


def _at(table: Table, file: LockedFile, reason: str) -> Exception:
    from versioned_import.locks.source import Table as Other

    return Other(table.path, table.format, file.where, {}).error("", reason)


def _same_name(name: str, distribution: str) -> bool:
    from versioned_import.libraries.packaging.utils import canonicalize_name

    return canonicalize_name(name) == distribution


def _same_version(one: str, other: str) -> bool:
    from versioned_import.libraries.packaging.version import InvalidVersion, Version

    try:
        return Version(one.replace("_", "-")) == Version(other)
    except InvalidVersion:
        return False
