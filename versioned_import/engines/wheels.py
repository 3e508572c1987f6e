"""Taking a tree that an installer filled apart: each distribution's files, by its RECORD, into a directory of its own.

That directory then holds the wheel's own tree (spec 8, D5): modules at its top, and the script, header and data files
that the wheel ships in `NAME-VERSION.data/{scripts,headers,data}`. What the installer made besides is left out: the
launchers of console scripts, which only start what stands in the tree's own place, and files for its private use.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import posixpath
import re
import stat
from collections import Counter
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib.metadata import PathDistribution
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from versioned_import.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

_SCRIPTS = "bin/"
_HEADERS = re.compile(r"include/(?:site/)?python[\d.]*/(?P<name>[^/]+)/(?P<rest>.+)")
_WITH_VERSION = re.compile(r"[.-]?\d+(\.\d+)?$")  # pip makes pip3, pip3.11 and easy_install-3.11 out of one entry point
_HASHES = frozenset({"sha256", "sha384", "sha512"})  # PEP 427: sha256 or better


@dataclass(frozen=True, slots=True)
class Layout:
    """How an installer fills a tree, as relative directories.

    Paths of a RECORD start in `modules`; what they call `modules` really stands in `modules_at` ("" is the tree itself).
    `private` are files of a .dist-info that only the installer itself has a use for.
    """

    modules: str
    modules_at: str
    private: frozenset[str] = frozenset()


# `pip install --target` fills lib/python first, and moves all up afterwards without a word in RECORD.
PIP_TARGET = Layout(modules="lib/python", modules_at="")


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """One line of a RECORD: where the file is in the tree, where in the versioned directory, its hash and size."""

    source: str
    path: str
    digest: str
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One distribution of a tree; `info` is the name of its .dist-info directory.

    `files` is what its versioned directory gets, `dropped` what the installer made besides (paths in the tree).
    """

    name: str
    version: str
    info: str
    files: tuple[RecordedFile, ...]
    dropped: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def distributions(tree: str, layout: Layout = PIP_TARGET) -> list[Distribution]:
    """Return the distributions of a tree, by name.

    Raises InstallError for a RECORD that is missing or leads outside, and for a .dist-info that bears another name than
    its metadata.
    """
    found = sorted(entry for entry in os.listdir(os.path.join(tree, layout.modules_at)) if entry.endswith(".dist-info"))
    return [_distribution(tree, info, layout) for info in found]


def shared_files(found: Iterable[Distribution]) -> set[str]:
    """Return the files of the tree that more than one distribution claims: the last one overwrote the others'."""
    counts = Counter(source for one in found for source in {file.source for file in one.files})
    return {source for source, claims in counts.items() if claims > 1}


def damage(tree: str, distribution: Distribution) -> str:
    """Return the first thing in which the tree differs from the distribution's RECORD, as a sentence; "" if none."""
    for file in distribution.files:
        try:
            status = os.lstat(os.path.join(tree, file.source))
        except OSError:
            return f"{file.path} is in its RECORD but was not installed"
        if not stat.S_ISREG(status.st_mode):
            return f"{file.path} is not a regular file"
        if file.size and file.size != str(status.st_size):
            return f"{file.path} has {status.st_size} bytes, not the {file.size} of its RECORD"
        if file.digest and file.digest != _digest(os.path.join(tree, file.source), file.digest.partition("=")[0]):
            return f"{file.path} does not have the hash of its RECORD"
    return ""


def move_apart(tree: str, distribution: Distribution, directory: str) -> None:
    """Move the files of a distribution into `directory`, which is made here, and write its RECORD anew.

    All paths of the new RECORD are relative to `directory` and inside.
    """
    os.mkdir(directory, 0o755)
    made = {directory}
    for file in distribution.files:
        place = os.path.join(directory, file.path)
        parent = os.path.dirname(place)
        if parent not in made:
            os.makedirs(parent, 0o755, exist_ok=True)
            made.add(parent)
        os.rename(os.path.join(tree, file.source), place)
    _write_record(directory, distribution)


def left_behind(tree: str, found: Iterable[Distribution]) -> list[str]:
    """Return the files that are still in the tree and that no RECORD claims."""
    files = (os.path.relpath(os.path.join(parent, file), tree) for parent, _, files in os.walk(tree) for file in files)
    return sorted(set(files) - {source for one in found for source in one.dropped})


def notices(distribution: Distribution) -> tuple[str, ...]:
    """Return sentences about files that lose their meaning in a versioned directory: .pth files and data files."""
    paths = [file.path for file in distribution.files]
    hooks = [path for path in paths if path.endswith(".pth") and "/" not in path]
    data_directory = f"{_stem(distribution.info)}.data/data/"
    data = [path for path in paths if path.startswith(data_directory)]
    sentences = [f"{distribution}: {path} is kept, but never run from a versioned directory" for path in hooks]
    if data:
        count = "1 data file" if len(data) == 1 else f"{len(data)} data files"
        example = data[0].removeprefix(data_directory)
        sentences.append(f"{distribution}: {count} kept in {data_directory}, not in sys.prefix (such as {example})")
    return tuple(sentences)


def _distribution(tree: str, info: str, layout: Layout) -> Distribution:
    infos = os.path.join(tree, layout.modules_at)
    name, version = _name_and_version(infos, info)
    rows: dict[str, RecordedFile] = {}
    for file in _recorded_files(infos, info, str(canonicalize_name(name)), layout):
        if file.source.endswith("/") or os.path.isdir(os.path.join(tree, file.source)):
            continue  # old wheels list directories too
        known = rows.get(file.source)
        # A wheel that ships bytecode lists it, and pip lists again what it compiled: the line without hash is true.
        if known is None or not file.digest:
            rows[file.source] = file
    if f"{info}/RECORD" not in {file.path for file in rows.values()}:
        raise InstallError(info, "its RECORD does not name itself", "The wheel is broken.")
    for file in list(_bytecode(tree, rows.values())):
        rows.setdefault(file.source, file)
    points = _entry_points(infos, info)
    private = {f"{info}/{file}" for file in layout.private}
    dropped = [file for file in rows.values() if file.path in private or _is_launcher(file.path, info, points)]
    return Distribution(
        name=str(canonicalize_name(name)),
        version=version,
        info=info,
        files=tuple(file for file in rows.values() if file not in dropped),
        dropped=tuple(file.source for file in dropped),
    )


def _name_and_version(tree: str, info: str) -> tuple[str, str]:
    with _opened(tree, info, "METADATA") as file:
        headers = HeaderParser().parsestr(file.read().partition("\n\n")[0])
    name, written = str(headers.get("Name", "")).strip(), str(headers.get("Version", "")).strip()
    try:
        version = str(Version(written))
    except InvalidVersion:
        raise InstallError(info, f"its version {written!r} is no version", "Ask for another release.") from None
    own_name, _, own_version = _stem(info).rpartition("-")
    if canonicalize_name(own_name) != canonicalize_name(name) or not _same_version(own_version, version):
        raise InstallError(info, f"its metadata speaks of another distribution: {name} {version}", "Don't trust it.")
    return name, version


def _recorded_files(infos: str, info: str, name: str, layout: Layout) -> Iterable[RecordedFile]:
    with _opened(infos, info, "RECORD") as file:
        rows = [row for row in csv.reader(file) if row]
    for row in rows:
        path, digest, size = [*row, "", ""][:3]
        found = _source_and_place(path, info, name, layout)
        if found is None:
            raise InstallError(info, f"its RECORD leads outside: {path}", "Don't trust it: nothing was installed.")
        if digest and digest.partition("=")[0] not in _HASHES:
            raise InstallError(info, f"its RECORD uses a hash that is not secure: {digest}", "Ask for another release.")
        yield RecordedFile(*found, digest, size)


def _source_and_place(path: str, info: str, name: str, layout: Layout) -> tuple[str, str] | None:
    """Return where in the tree a RECORD's path leads, and its place in the versioned directory; None for elsewhere."""
    full = posixpath.normpath(posixpath.join(layout.modules, path))
    if not path or path.startswith("/") or full.startswith(("..", "/")) or full == "." or "\0" in path:
        return None
    if full.startswith(f"{layout.modules}/"):
        module = full.removeprefix(f"{layout.modules}/") + ("/" if path.endswith("/") else "")
        return posixpath.join(layout.modules_at, module), module
    if not layout.modules_at and not path.startswith("../../"):
        return None  # pip moves nothing up that stands beside its modules
    return full, _data_place(full, info, name)


def _data_place(full: str, info: str, name: str) -> str:
    """Return the place of a file that is no module: where its wheel has it, and where no import name can reach it."""
    data = f"{_stem(info)}.data"
    if full.startswith(_SCRIPTS):
        return f"{data}/scripts/{full.removeprefix(_SCRIPTS)}"
    header = _HEADERS.fullmatch(full)
    if header and canonicalize_name(header["name"]) == name:
        return f"{data}/headers/{header['rest']}"
    return f"{data}/data/{full}"


def _entry_points(infos: str, info: str) -> frozenset[str]:
    """Return the names of a distribution's console and GUI scripts."""
    try:
        points = PathDistribution(Path(infos, info)).entry_points
    except (TypeError, ValueError):  # no installer makes launchers of what can't be read
        return frozenset()
    return frozenset(point.name for point in points if point.group in {"console_scripts", "gui_scripts"})


def _is_launcher(path: str, info: str, entry_points: frozenset[str]) -> bool:
    """Tell whether an installer made a file for an entry point, in place of a script file that the wheel may ship."""
    directory, _, file = path.rpartition("/")
    name = file.removesuffix(".exe")
    if directory != f"{_stem(info)}.data/scripts":
        return False
    return name in entry_points or _WITH_VERSION.sub("", name) in entry_points & {"pip", "easy_install"}


def _bytecode(tree: str, files: Iterable[RecordedFile]) -> Iterable[RecordedFile]:
    """Yield the bytecode of modules that the installer compiled, whether it lists that (pip) or not (uv)."""
    for file in files:
        if file.path.endswith(".py") and ".data/" not in file.path:
            source = cache_from_source(file.source)
            if os.path.isfile(os.path.join(tree, source)):
                yield RecordedFile(source, cache_from_source(file.path), "", "")


def _write_record(directory: str, distribution: Distribution) -> None:
    record = f"{distribution.info}/RECORD"
    with open(os.path.join(directory, record), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for one in distribution.files:
            writer.writerow((one.path, *_hash_and_size(directory, one, is_record=one.path == record)))


def _hash_and_size(directory: str, file: RecordedFile, *, is_record: bool) -> tuple[str, str]:
    if is_record or (file.path.endswith(".pyc") and not file.digest):
        return "", ""  # as pip writes them: bytecode may be compiled again
    path = os.path.join(directory, file.path)
    return file.digest or _digest(path, "sha256"), str(os.stat(path).st_size)


def _digest(path: str, algorithm: str) -> str:
    with open(path, "rb") as file:
        raw = hashlib.file_digest(file, algorithm).digest()
    return f"{algorithm}={base64.urlsafe_b64encode(raw).decode().rstrip('=')}"


def _same_version(text: str, version: str) -> bool:
    try:
        return Version(text.replace("_", "-")) == Version(version)
    except InvalidVersion:
        return False


def _stem(info: str) -> str:
    return info.removesuffix(".dist-info")


def _opened(tree: str, info: str, name: str) -> TextIO:
    try:
        return open(os.path.join(tree, info, name), encoding="utf-8", newline="")
    except OSError as error:
        raise InstallError(info, f"its {name} can't be read: {error.strerror}", "The wheel is broken.") from None
