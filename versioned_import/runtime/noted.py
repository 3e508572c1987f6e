"""What this process has taken the short way, and what earlier ones have noted for it (written by `keeping_shortcuts.py`)."""

import os
import sys

from versioned_import.metadata.places import cache_directory, changed_at, kept_data, number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    class Noted(NamedTuple):
        """A candidate of a note; what a note holds is plain data, so these are tuples without names."""

        distribution: str
        path: str
        metadata: str
        names: tuple[str, ...]
        sides: tuple[str, ...]
        told: str
        site: str
        line: str

    class Taken:
        """One statement that went the short way."""

        name: str
        clause: str
        where: str
        closure: tuple[Noted, ...]
        """What it got, and what that requires."""
        thread: tuple[int, int]
        loading: bool
        handed: Any
        """What `resolve` has to know of it, once `state.py` has taken over."""

    class Short:
        """What this process has taken the short way."""

        over: bool
        """Whether the whole way is gone from now on."""
        pseudo_spec: Any
        """What answers for pseudo names."""
        placed: list[Any]
        """All finders, as they were when ours was put in its place; none as long as it isn't."""
        taken: list[Taken]
        selection: dict[str, Noted]
        providers: dict[str, Noted]
        """Top-level import name to what provides it."""
        seen: set[str]
        """The names of which a loaded module was seen to be the right one."""
        directories: tuple[str, ...]
        """The search path."""
        situation: tuple[object, ...] | None
        """As it was at the first statement."""
        notes: tuple[str, Any]
        """The pseudo name whose notes were read last, and these."""
        absent: Any
        """The situation at the first import that failed, the search path, each directory with when it changed, and the names
        that surely nothing there has."""
        missed: set[tuple[str, str]]
        """Names and clauses of statements for which nothing was noted."""


if hasattr(sys.modules.get("versioned_import.runtime.shortcut"), "short"):
    # What was taken would be forgotten, and other versions imported.
    raise ImportError(
        "versioned_import was exchanged for another version of itself while this process ran; start it again"
    )

FORMAT = "versioned_import shortcut 2"
_FIELDS = [str, str, str, tuple, tuple, str, str, str]
"""The types of the fields of `Noted`."""

PYTHONPATH = os.environ.get("PYTHONPATH", "")
"""As this process began: a child that has more of it was given that on purpose."""


namespace: "Any" = type(sys.implementation)  # a class of our own costs more than ten functions
short: "Short" = namespace(
    over=False,
    pseudo_spec=None,
    placed=[],
    taken=[],
    selection={},
    providers={},
    seen=set(),
    directories=(),
    situation=None,
    notes=("", ()),
    absent=None,
    missed=set(),
)


def situation() -> "tuple[object, ...] | None":
    """Return what every answer depends on beside the disk: this Python, its system, and what the search path is made of.

    None where something is unusual. What the environment lists is part of it as long as that names full paths.
    """
    site, flags, environ = sys.modules.get("site"), sys.flags, os.environ
    users = getattr(site, "ENABLE_USER_SITE", None)  # None as long as site is running
    if site is None or users is None or flags.no_site or flags.ignore_environment:
        return None
    own, pythonpath = environ.get("VERSIONED_IMPORT_PATH", ""), environ.get("PYTHONPATH", "")
    listed = (
        [entry for entry in f"{own}{os.pathsep}{pythonpath}".split(os.pathsep) if entry] if own or pythonpath else []
    )
    if not all(map(os.path.isabs, listed)):
        return None
    searched = [entry in sys.path for entry in listed]
    python = sys.version, sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix
    sites = users, site.USER_SITE, tuple(site.PREFIXES)
    return FORMAT, *python, *system(), *flags, *sites, own, pythonpath, PYTHONPATH, *searched


def system() -> "tuple[str, ...]":
    """Return what environment markers and platform tags read from the system."""
    if not hasattr(os, "uname"):
        return (sys.platform, os.environ.get("PROCESSOR_ARCHITECTURE", ""))
    system = os.uname()
    library = os.confstr("CS_GNU_LIBC_VERSION") if "CS_GNU_LIBC_VERSION" in os.confstr_names else ""
    return sys.platform, system.sysname, system.release, system.version, system.machine, library or ""


def asked(pseudo: str) -> "tuple[str, str, bool] | None":
    """Return import name, clause and whether the top-level package is meant, as a note says it; None if there is none.

    Whatever is wrong with the file is a miss.
    """
    try:
        whose, (name, clause, top), notes = kept_data(file_for(pseudo))
    except (OSError, ValueError, EOFError, TypeError):
        return None
    if whose != f"{FORMAT} {pseudo}" or type(name) is not str or type(clause) is not str:
        return None
    short.notes = pseudo, notes
    return name, clause, top


def recall(pseudo: str) -> "tuple[Any, ...] | None":
    """Return the closure that is noted for a statement, the answer first, the search path, and how children are addressed.

    None where nothing is noted for this situation, or something of it isn't as it was.
    """
    own = short.notes
    if own[0] != pseudo:
        asked(pseudo)
        own = short.notes
        if own[0] != pseudo:  # another thread has read its own meanwhile
            return None
    before = tuple([(one.name, one.clause) for one in short.taken])
    try:
        for seen, earlier, stamps, closure, head in own[1]:
            if seen == short.situation and earlier == before and all(stamp(one) == was for one, was in stamps):
                directories = tuple([one for one, _ in stamps])
                known = all([*map(type, one)] == _FIELDS and stamp(one[2]) != -1 for one in closure) and len(head) == 2  # noqa: PLR2004
                return (
                    (closure, directories, head)
                    if known and directories == (short.directories or directories)
                    else None
                )
    except (TypeError, ValueError):  # whole, yet no notes
        pass
    return None


def file_for(pseudo: str) -> str:
    """Return the file that holds the notes for a statement; another one's may be in it."""
    return os.path.join(cache_directory(), "shortcuts", f"{number_of(pseudo.encode()):x}")


def stamp(path: str) -> int:
    """Return when a directory or file changed; -1 if it isn't there."""
    try:
        return changed_at(os.stat(path))
    except OSError:
        return -1


def is_absent(name: str) -> bool:
    """Tell whether an earlier process has seen that nothing installed has a top-level name, and nothing has changed since."""
    if short.over:
        return False
    known = short.absent
    if known is None:
        now = short.situation if short.taken else situation()
        known = now, (), ()
        try:
            found = kept_data(absent_file(now))
            seen, _, _ = found
            if seen == now:
                known = found
        except (OSError, ValueError, EOFError, TypeError):
            pass
        short.absent = known
    try:
        _, stamps, names = known
        return name in names and all(stamp(one) == was for one, was in stamps)
    except (TypeError, ValueError):  # whole, yet something else
        return False


def absent_file(now: object) -> str:
    """Return the file that holds the names which nothing has in a situation."""
    return os.path.join(cache_directory(), "shortcuts", f"absent-{number_of(repr(now).encode()):x}")
