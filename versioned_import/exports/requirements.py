"""What a lock chooses for this Python, as a requirements file for pip."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING
from urllib.request import pathname2url

from versioned_import.errors import LockError
from versioned_import.install.passwords import without_password

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from versioned_import.locks.lock import Lock, Locked, LockedFile

_HASHES = ("sha256", "sha384", "sha512")  # what pip takes
_PLAIN_PATH = re.compile(r"[\w./+@:\\-]+")


def requirements_text(lock: Lock, chosen: Sequence[Locked], *, hashed: bool = True) -> tuple[str, str]:
    """Return the text, and a sentence for the user or "".

    Each line holds for this Python, so none has a marker. pip wants hashes of all or none, so that there are none where
    anything has none: a member, a checkout. Raises LockError for what has neither a version nor a place.
    """
    bare = [one.distribution for one in chosen if not _hashes(one)]
    notice = ""
    if hashed and bare:
        names = ", ".join(bare)
        notice = f"without hashes: pip takes them for all requirements or for none, and the lock has none that fits of {names}"
    lines = [
        f"# {os.path.basename(lock.path)} for Python {sys.version_info[0]}.{sys.version_info[1]} on {sys.platform}"
    ]
    lines += [f"# {notice}"] if notice else []
    lines += [f"--find-links {_argument(place)}" for place in _places(chosen)]
    for one in chosen:
        hashes = _hashes(one) if hashed and not bare else []
        lines.append(" \\\n    ".join((_requirement(lock, one), *(f"--hash={value}" for value in hashes))))
    return "".join(f"{line}\n" for line in lines), notice


def _requirement(lock: Lock, one: Locked) -> str:
    if one.editable:
        return f"-e {_argument(one.directory)}"
    if one.directory:
        return f"{one.distribution} @ {_file_url(one.directory)}{_below(one.subdirectory)}"
    if one.vcs is not None:
        commit = f"@{one.vcs.commit}" if one.vcs.commit else ""
        url = without_password(one.vcs.url).removeprefix(f"{one.vcs.kind}+")
        return f"{one.distribution} @ {one.vcs.kind}+{url}{commit}{_below(one.vcs.subdirectory)}"
    if one.archive is not None:
        url = without_password(one.archive.url) or _file_url(one.archive.path)
        return f"{one.distribution} @ {url}{_below(one.subdirectory)}"
    if not one.version:
        raise LockError(f"{lock.path}: {one.where}", f"{one.distribution} has neither a version nor a place", "")
    return f"{one.distribution}=={one.version}"


def _hashes(one: Locked) -> list[str]:
    """Return the hashes of any file that will do, as `kind:digits`; none where pip takes none."""
    if one.editable or one.directory or one.vcs is not None:
        return []
    found = [f"{kind}:{value}" for file in _files(one) for kind, value in file.hashes.items()]
    return sorted({text for text in (*found, *one.hashes) if text.partition(":")[0] in _HASHES})


def _files(one: Locked) -> Iterable[LockedFile]:
    return (*one.wheels, *(file for file in (one.sdist, one.archive) if file is not None))


def _places(chosen: Iterable[Locked]) -> list[str]:
    """Return the directories of local files, which no package index has."""
    files: Iterator[LockedFile] = (
        file for one in chosen for file in (*one.wheels, *((one.sdist,) if one.sdist else ()))
    )
    return list(dict.fromkeys(os.path.dirname(file.path) for file in files if file.path and not file.url))


def _argument(path: str) -> str:
    return path if _PLAIN_PATH.fullmatch(path) else _file_url(path)


def _below(subdirectory: str) -> str:
    return f"#subdirectory={subdirectory}" if subdirectory else ""


def _file_url(path: str) -> str:
    return f"file://{pathname2url(path)}"
