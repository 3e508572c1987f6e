"""Answers of earlier processes: what a clause got, filed under its pseudo name, with everything the answer depended on.

An answer is used only if the interpreter, the search path, the modification time of each of its directories, the
statements answered before, and what failed ones left selected are the same to the letter. It names places relative
to the search path, so a forged file can choose only among what is installed.
"""

import os
import sys

from versioned_import.metadata.candidate import Candidate, from_line
from versioned_import.metadata.places import cache_directory, changed_at, checksum
from versioned_import.syntax.pseudo import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.runtime.state import Answered

_MAGIC = "versioned_import memo 3"
_LONGEST_NAME = 150


def recall(
    name: str, clause: str, directories: "Sequence[str]", before: "Sequence[Answered]", leftover: str = ""
) -> "list[Candidate] | None":
    """Return the closure that an earlier process found for a request, the answer first; None where none is known.

    `before` are the statements answered before this one, `leftover` says what is selected for another reason than those.
    Every candidate is looked for on the disk. Whatever is wrong with the file is a miss.
    """
    path = file_for(name, clause)
    key = key_of(directories, before, leftover)
    if path is None or key is None:
        return None
    try:
        with open(path, "rb") as file:
            if hasattr(os, "geteuid") and os.fstat(file.fileno()).st_uid != os.geteuid():
                return None
            blocks = file.read().decode().split("\n\n")
        for block in blocks:
            head, stored_checksum, *lines = block.split("\n")
            if head == key and lines:
                return _candidates(lines, directories) if stored_checksum == checksum_of(key, lines) else None
    except (OSError, ValueError, IndexError):
        pass
    return None


def _candidates(lines: "list[str]", directories: "Sequence[str]") -> "list[Candidate] | None":
    found = []
    for line in lines:
        number, _, text = line.partition(" ")
        candidate = from_line(directories[int(number)], text)
        try:
            os.stat(os.path.join(candidate.metadata_directory, "METADATA"))
        except OSError:  # an .egg-info, or inside a zip file
            from versioned_import.metadata.layout import is_still_there

            if not is_still_there(candidate):
                return None
        found.append(candidate)
    return found


def file_for(name: str, clause: str) -> "str | None":
    """Return the file in which the answers to a statement are kept, or None if it can't have one."""
    pseudo = encode(name, clause)
    # File systems end names at 255 bytes, and some fold case, so a name with capitals is marked.
    capitals = "".join("1" if character.isupper() else "0" for character in pseudo) if not pseudo.islower() else ""
    number = f"-{int(capitals, 2):x}" if capitals else ""
    if len(pseudo) > _LONGEST_NAME or not pseudo.isascii():
        return None
    return os.path.join(cache_directory(), "memo", f"{pseudo}{number}")


def checksum_of(key: str, lines: "list[str]") -> str:
    """Return what stands between an answer's key and its lines."""
    data = "\n".join((key, *lines)).encode()
    return f"{checksum(data):08x}"


def key_of(directories: "Sequence[str]", before: "Sequence[Answered]", leftover: str) -> "str | None":
    """Return, on one line, everything an answer depends on; None if that can't be said."""
    parts = [_MAGIC, sys.version, sys.platform, str(sys.flags.no_site), *_system()]
    for directory in directories:
        try:
            parts.append(f"{directory} {changed_at(os.stat(directory))}")
        except OSError:
            parts.append(f"{directory} absent")
    parts += [encode(one.name, one.clause) + one.mark for one in before]
    parts += [leftover] if leftover else []
    parts = [part.replace("\n", " ") for part in parts]  # of the compiler, in sys.version
    return "\t".join(parts) if all(map(str.isprintable, parts)) else None


def _system() -> "tuple[str, ...]":
    """Return what environment markers and platform tags read from the system."""
    if not hasattr(os, "uname"):
        return (os.environ.get("PROCESSOR_ARCHITECTURE", ""),)
    system = os.uname()
    library = os.confstr("CS_GNU_LIBC_VERSION") if "CS_GNU_LIBC_VERSION" in os.confstr_names else ""
    return system.sysname, system.release, system.version, system.machine, library or ""
