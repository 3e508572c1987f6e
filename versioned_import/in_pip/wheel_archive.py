"""Looking into a wheel before anything of it is unpacked: its members' names, whose it is, and its RECORD."""

from __future__ import annotations

import base64
import configparser
import csv
import hashlib
import io
import lzma
import os
import posixpath
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from versioned_import.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Iterable

_HASHES = frozenset({"sha256", "sha384", "sha512"})  # PEP 427: sha256 or better
_SIGNATURES = ("RECORD", "RECORD.jws", "RECORD.p7s")
# What zipfile, csv and the decompressors raise for bytes that make no sense to them.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError, csv.Error)
_ENCRYPTED = 0x1  # the flag of a ZIP archive's member
_ADVICE = "Don't trust this wheel: nothing was installed."
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What is known of a wheel that may be unpacked: its .dist-info, and the script files that it ships."""

    info: str
    scripts: frozenset[str]

    @property
    def stem(self) -> str:
        """`NAME-VERSION` as the wheel spells it."""
        return self.info.removesuffix(".dist-info")


def checked(path: str, name: str, version: str) -> Archive:
    """Return what a wheel is, which must be that of a distribution (canonical name, normalised version).

    Raises InstallError for a member that would leave the directory, is no plain file or comes twice, for a .dist-info of
    another distribution where it would land at the top, for a script whose name is a path, and where the contents differ
    from the RECORD.
    """
    file = os.path.basename(path)
    try:
        with zipfile.ZipFile(path) as wheel:
            problem = _member_problem(wheel.infolist())
            if problem:
                raise InstallError(file, problem, _ADVICE)
            names = [member.filename for member in wheel.infolist() if not member.is_dir()]
            info = _info_directory(names)
            problem = (
                _identity_problem(wheel, names, info, name, version)
                or _layout_problem(names, info)
                or _script_problem(wheel, names, info)
                or _record_problem(wheel, names, info)
            )
    except _UNREADABLE as error:
        raise InstallError(file, f"the wheel can't be read: {error}", "Ask for another release.") from None
    if problem:
        raise InstallError(file, problem, _ADVICE)
    scripts = f"{info.removesuffix('.dist-info')}.data/scripts/"
    return Archive(info=info, scripts=frozenset(_below(names, scripts)))


def path_problem(path: str) -> str:
    """Return why a member's or RECORD's path could leave a directory, as the end of a sentence; "" if it can't."""
    if path.startswith("/") or _DRIVE.match(path):
        return "is absolute"
    if "\\" in path:
        return "has a backslash"
    if _CONTROL.search(path):
        return "has a control character"
    if ".." in path.split("/"):
        return "leads outside"
    if posixpath.normpath(path) != path.rstrip("/"):
        return "is no plain path"
    return ""


def _member_problem(members: Iterable[zipfile.ZipInfo]) -> str:
    seen: set[str] = set()
    for member in members:
        name = member.orig_filename
        if problem := path_problem(name):
            return f"its member {name!r} {problem}"
        kind = stat.S_IFMT(member.external_attr >> 16)
        if stat.S_ISLNK(kind):
            return f"its member {name!r} is a symbolic link"
        if kind and not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            return f"its member {name!r} is no plain file"
        if member.flag_bits & _ENCRYPTED:
            return f"its member {name!r} is encrypted"
        if name in seen:
            return f"its member {name!r} comes twice"
        seen.add(name)
    return ""


def _info_directory(names: Iterable[str]) -> str:
    found = sorted({top for top in (name.partition("/")[0] for name in names) if top.endswith(".dist-info")})
    return found[0] if len(found) == 1 else ""


def _identity_problem(wheel: zipfile.ZipFile, names: list[str], info: str, name: str, version: str) -> str:
    if not info:
        found = {name.partition("/")[0] for name in names if name.partition("/")[0].endswith(".dist-info")}
        return f"it holds {len(found)} .dist-info directories, not one"
    missing = [one for one in ("METADATA", "WHEEL", "RECORD") if f"{info}/{one}" not in names]
    if missing:
        return f"{info} has no {missing[0]}"
    headers = HeaderParser().parsestr(wheel.read(f"{info}/METADATA").decode(errors="replace").partition("\n\n")[0])
    written = str(headers.get("Name", "")).strip(), str(headers.get("Version", "")).strip()
    if not _is(name, version, *written):
        return f"its metadata speaks of {written[0]} {written[1]}, not of {name} {version}"
    own_name, _, own_version = info.removesuffix(".dist-info").partition("-")
    if not _is(name, version, own_name, own_version.replace("_", "-")):
        return f"its metadata directory is {info}, though it is {name} {version}"
    return ""


def _is(name: str, version: str, other_name: str, other_version: str) -> bool:
    try:
        return canonicalize_name(other_name) == name and Version(other_version) == Version(version)
    except InvalidVersion:
        return False


def _layout_problem(names: Iterable[str], info: str) -> str:
    """Find data directories of other distributions, and files that would land on one another."""
    own = f"{info.removesuffix('.dist-info')}.data"
    targets: set[str] = set()
    for name in names:
        top, _, rest = name.partition("/")
        if top.endswith(".data") and rest and canonicalize_name(top) != canonicalize_name(own):
            return f"its member {name!r} is in the data directory of another distribution"
        kind, _, below = rest.partition("/")
        target = below if top.endswith(".data") and kind in {"purelib", "platlib"} else name
        if target.partition("/")[0].endswith(".dist-info") and not target.startswith(f"{info}/"):
            return f"its member {name!r} is the metadata of another distribution"
        if target in targets:
            return f"its member {name!r} would overwrite another one"
        targets.add(target)
    return ""


def _script_problem(wheel: zipfile.ZipFile, names: Iterable[str], info: str) -> str:
    path = f"{info}/entry_points.txt"
    if path not in names:
        return ""
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    try:
        parser.read_string(wheel.read(path).decode())
    except configparser.Error as error:
        return f"its entry_points.txt can't be read: {str(error).splitlines()[0]}"
    for section in ("console_scripts", "gui_scripts"):
        for script in parser[section] if parser.has_section(section) else ():
            if "/" in script or path_problem(script) or script in {"", "."}:
                return f"its script {script!r} has a path for a name"
    return ""


def _record_problem(wheel: zipfile.ZipFile, names: Iterable[str], info: str) -> str:
    present = set(names)
    rows = csv.reader(io.StringIO(wheel.read(f"{info}/RECORD").decode(), newline=""))
    for row in rows:
        path, digest, size = [*row, "", "", ""][:3]
        if not path or path in {f"{info}/{one}" for one in _SIGNATURES}:
            continue
        if problem := path_problem(path):
            return f"its RECORD leads elsewhere: {path!r} {problem}"
        if path.endswith("/") or (path not in present and any(_below(present, f"{path}/"))):
            continue  # old wheels list directories too
        if path not in present:
            return f"{path} is in its RECORD but not in the wheel"
        if size and size != str(wheel.getinfo(path).file_size):
            return f"{path} has {wheel.getinfo(path).file_size} bytes, not the {size} of its RECORD"
        algorithm = digest.partition("=")[0]
        if digest and algorithm not in _HASHES:
            return f"its RECORD uses a hash that is not secure: {digest}"
        if digest and digest.rstrip("=") != _digest(wheel, path, algorithm):
            return f"{path} does not have the hash of its RECORD"
    return ""


def _digest(wheel: zipfile.ZipFile, member: str, algorithm: str) -> str:
    with wheel.open(member) as file:
        raw = hashlib.file_digest(file, algorithm).digest()  # type: ignore[arg-type]
    return f"{algorithm}={base64.urlsafe_b64encode(raw).decode().rstrip('=')}"


def _below(names: Iterable[str], directory: str) -> list[str]:
    return [name.removeprefix(directory) for name in names if name.startswith(directory)]
