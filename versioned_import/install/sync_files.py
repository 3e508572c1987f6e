"""Which file of a lock is installed for this Python, and the line by which pip gets exactly that one."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit
from urllib.request import pathname2url, url2pathname

from versioned_import.errors import InstallError
from versioned_import.libraries.packaging.tags import sys_tags
from versioned_import.libraries.packaging.utils import InvalidWheelFilename, parse_wheel_filename
from versioned_import.resolver.specifiers import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from versioned_import.libraries.packaging.tags import Tag
    from versioned_import.locks.lock import Locked, LockedFile

_STRONG = ("sha256", "sha384", "sha512")  # what pip takes
_SHOWN_TAGS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A locked distribution and how its file is got.

    `local` is the path of a wheel that is on this machine already, `url` that of one with a hash, which needs no more than
    to be got; pip can get all by `line`, together with others that have hashes (`hashed`) or with those that have none.
    `file` is the one that was chosen, None where pip chooses among those with the right hashes, and for version control
    and directories.
    """

    locked: Locked
    file: LockedFile | None = None
    local: str = ""
    url: str = ""
    line: str = ""
    hashed: bool = False

    def __str__(self) -> str:
        return f"{self.locked.distribution} {self.locked.version}".rstrip()

    @property
    def is_built_from_file(self) -> bool:
        """Whether the chosen file is no wheel itself."""
        return self.file is not None and not _is_wheel(self.file)

    @property
    def is_direct(self) -> bool:
        """Whether the lock names a place that is no file of an index."""
        return bool(self.locked.archive or self.locked.vcs or self.locked.directory)

    def hashes(self) -> dict[str, set[str]]:
        """Return the hashes by algorithm of which the file that is got must have one of each; empty if the lock has none."""
        found: dict[str, set[str]] = {}
        for kind, value in _hashes(self.locked, self.file):
            found.setdefault(kind, set()).add(value.lower())
        return found

    def download(self) -> dict[str, Any]:
        """Return where the file comes from in the form of PEP 610, as far as the lock says it."""
        locked = self.locked
        below = {"subdirectory": locked.subdirectory} if locked.subdirectory else {}
        if locked.vcs is not None:
            below = {"subdirectory": locked.vcs.subdirectory} if locked.vcs.subdirectory else below
            info = {"vcs": locked.vcs.kind, "commit_id": locked.vcs.commit, "requested_revision": locked.vcs.commit}
            return {"url": _without_kind(locked.vcs.url, locked.vcs.kind), "vcs_info": info, **below}
        if locked.directory:
            return {"url": file_url(locked.directory), "dir_info": {}, **below}
        url = "" if self.file is None else self.file.url or (file_url(self.file.path) if self.file.path else "")
        # Where the lock allows several files, nobody knows here which one it was.
        hashes = {kind: min(values) for kind, values in self.hashes().items() if len(values) == 1}
        archive: dict[str, Any] = {"hashes": hashes} if hashes else {}
        if "sha256" in hashes:
            archive["hash"] = f"sha256={hashes['sha256']}"
        return {"url": url, "archive_info": archive, **below}


def wanted(missing: Iterable[Locked], lock: str, *, by_name: bool = False) -> list[Wanted]:
    """Return how each locked distribution is got; `lock` is the lock's path.

    `by_name` looks for the files by their names and hashes where pip is told to look, whatever URLs the lock has. Raises
    InstallError where no file fits this Python, with all of these; and for hashes that pip doesn't take.
    """
    found: list[Wanted] = []
    unfit: list[str] = []
    for locked in missing:
        chosen = _chosen(locked)
        if chosen is None and locked.wheels and not _is_by_source(locked):
            unfit.append(f"{locked.distribution} {locked.version} has {', '.join(one.name for one in locked.wheels)}")
        else:
            found.append(_way(locked, chosen, lock, by_name=by_name))
    if unfit:
        tags = ", ".join(str(tag) for tag in list(_ranks())[:_SHOWN_TAGS])
        reason = "\n  ".join((f"no wheel of it is for this Python, and no sdist is locked ({tags} ...):", *unfit))
        raise InstallError(lock, reason, "Lock for this platform too, or use a Python that the lock is for.")
    return found


def is_locked_version(locked: Locked, version: str) -> bool:
    """Tell whether a version is the locked one, however its zeros are written; 1.0+local is another than 1.0."""
    return not locked.version or sort_key(version) == sort_key(locked.version)


def to_ask_again(asked: Iterable[Wanted], got: Mapping[str, str], by: str) -> list[Wanted]:
    """Return what was got in another version than the locked one, with a line that leaves this other one out.

    `==1.0` takes 1.0+local too, and an installer prefers that; `===1.0` would not take 1.0.0. `got` is distribution ->
    version ("" for nothing), `by` who got it. Raises InstallError where to ask again would not help.
    """
    again = []
    for one in asked:
        version = got.get(str(one.locked.distribution), "")
        if version and is_locked_version(one.locked, version):
            continue
        pin, other = f"{one.locked.distribution}=={one.locked.version}", f",!={version}"
        if "+" not in version or not one.line.startswith(pin) or other in one.line:
            reason = f"what {by} got for it is {version or 'nothing'}"
            raise InstallError(str(one), reason, "Lock again: the lock names another version.")
        again.append(replace(one, line=f"{pin}{other}{one.line.removeprefix(pin)}"))
    return again


def file_url(path: str) -> str:
    """Return the URL of a file or directory."""
    return f"file://{pathname2url(os.path.abspath(path))}"


def _is_by_source(locked: Locked) -> bool:
    return bool(locked.archive or locked.vcs or locked.directory or locked.hashes)


def _chosen(locked: Locked) -> LockedFile | None:
    """Return the wheel that fits best, else the sdist; None if there is none, or if the lock doesn't list files."""
    if locked.archive is not None:
        return locked.archive
    if locked.vcs is not None or locked.directory:
        return None
    fitting = [(rank, build, one) for one in locked.wheels for rank, build in _rank(one)]
    # Of wheels with the same tags the one with the higher build number, as pip has it.
    best = min(fitting, key=lambda item: (item[0], tuple(-number for number in item[1])), default=None)
    return best[2] if best is not None else locked.sdist


def _rank(file: LockedFile) -> Iterable[tuple[int, tuple[int, ...]]]:
    try:
        _, _, build, tags = parse_wheel_filename(file.name)
    except InvalidWheelFilename:
        return
    ranks = [_ranks()[tag] for tag in tags if tag in _ranks()]
    if ranks:
        yield min(ranks), (build[0],) if build else (-1,)


@cache
def _ranks() -> dict[Tag, int]:
    """Return the wheel tags that this Python takes, the best first."""
    found: dict[Tag, int] = {}
    for tag in sys_tags():
        found.setdefault(tag, len(found))
    return found


def _way(locked: Locked, file: LockedFile | None, lock: str, *, by_name: bool) -> Wanted:
    name = locked.distribution
    if locked.vcs is not None:
        url = _without_kind(locked.vcs.url, locked.vcs.kind)
        commit = f"@{locked.vcs.commit}" if locked.vcs.commit else ""
        below = _below(locked.vcs.subdirectory or locked.subdirectory)
        place = f"{locked.vcs.kind}+{url}{commit}{below}"
        if urlsplit(url).netloc:
            return Wanted(locked=locked, line=f"{name} @ {place}")
        # Older pips take no `NAME @ URL` without a host.
        return Wanted(locked=locked, line=f"{place}{'&' if below else '#'}egg={name}")
    if locked.directory:
        return Wanted(locked=locked, line=f"{name} @ {file_url(locked.directory)}{_below(locked.subdirectory)}")
    options = _options(locked, file, lock)
    local = _local(file)
    if local and not os.path.isfile(local):
        raise InstallError(f"{lock}: {file.where if file else locked.where}", f"there is no file {local}", "")
    if file is not None and (local or (file.url and (not by_name or locked.archive is not None))):
        url = file_url(local) if local else quote(file.url, safe=":/?#[]@!$&'()*+,;=%~")
        url, hashed = url.partition("#")[0], bool(options)
        line = f"{name} @ {url}{_below(locked.subdirectory)}{options}"
        # What is no wheel of this distribution for this Python is left to pip, which says so.
        is_wheel = not locked.subdirectory and _is_wheel_of(locked, file)
        far = url if is_wheel and hashed and not local and url.startswith(("https:", "http:")) else ""
        return Wanted(locked=locked, file=file, local=local if is_wheel else "", url=far, line=line, hashed=hashed)
    if not locked.version:
        advice = "Lock again."
        raise InstallError(f"{lock}: {locked.where}", f"it has neither a version nor a place of {name}", advice)
    return Wanted(locked=locked, file=file, line=f"{name}=={locked.version}{options}", hashed=bool(options))


def _options(locked: Locked, file: LockedFile | None, lock: str) -> str:
    hashes = _hashes(locked, file)
    if file is not None and file.hashes and not _agree(file, locked):
        reason = f"of {locked.distribution} it has hashes that contradict each other"
        raise InstallError(f"{lock}: {file.where or locked.where}", reason, "Lock again.")
    strong = [(kind, value) for kind, value in hashes if kind in _STRONG]
    if hashes and not strong:
        reason = f"of {locked.distribution} it has only hashes of a kind that proves nothing ({hashes[0][0]})"
        raise InstallError(f"{lock}: {file.where if file else locked.where}", reason, "Lock again, with sha256.")
    if file is not None and file.hashes:
        strong = strong[:1]  # pip takes a file that has any of the hashes; the others are checked when it is unpacked
    return "".join(f" --hash={kind}:{value}" for kind, value in strong)


def _local(file: LockedFile | None) -> str:
    if file is None:
        return ""
    if not file.path and file.url.startswith("file:"):
        return url2pathname(urlsplit(file.url).path)
    return file.path


def _is_wheel_of(locked: Locked, file: LockedFile) -> bool:
    """Tell whether a file is, by its name, a wheel of what is locked, for this Python."""
    try:
        name, version, _, tags = parse_wheel_filename(file.name)
    except InvalidWheelFilename:
        return False
    is_right = name == locked.distribution and is_locked_version(locked, str(version))
    return is_right and any(tag in _ranks() for tag in tags)


def _is_wheel(file: LockedFile) -> bool:
    return (file.name or urlsplit(file.url).path).endswith(".whl")


def _hashes(locked: Locked, file: LockedFile | None) -> list[tuple[str, str]]:
    """Return the hashes of a file: its own, or else those of the entry, of which any will do."""
    return list(file.hashes.items() if file is not None and file.hashes else _pairs(locked.hashes))


def _agree(file: LockedFile, locked: Locked) -> bool:
    """Tell whether the entry's hashes allow a file of these hashes."""
    allowed = {(kind, value.lower()) for kind, value in _pairs(locked.hashes)}
    kinds = {kind for kind, _ in allowed}
    return all((kind, value.lower()) in allowed for kind, value in file.hashes.items() if kind in kinds)


def _pairs(hashes: Iterable[str]) -> Iterable[tuple[str, str]]:
    for text in hashes:
        kind, _, value = text.partition(":")
        yield kind, value


def _below(subdirectory: str) -> str:
    return f"#subdirectory={quote(subdirectory)}" if subdirectory else ""


def _without_kind(url: str, kind: str) -> str:
    return url.removeprefix(f"{kind}+")
