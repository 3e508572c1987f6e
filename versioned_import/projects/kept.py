"""The plan of a project as it is kept, when it still holds, and how a process learns which one it runs from.

A start of Python that is told of a project comes here first, so this module imports next to nothing.
"""

import marshal  # built in, and loaded before site
import os
import sys

from versioned_import.metadata.places import number_of, own_data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    Key = tuple[str, ...]
    Stamp = tuple[int, int]
    Files = tuple[str, frozenset[str], frozenset[str], tuple[bytes, ...]]

FORMAT = "versioned_import plan 3"
TOLD = "VERSIONED_IMPORT_SELECTION"
"""The environment variable by which child processes learn of the project; a selection without a project uses it as well."""
PROJECT = "versioned_import project"
SEARCHED_BY = ("PYTHONNOUSERSITE", "PYTHONUSERBASE", "HOME", "APPDATA")
"""The variables that decide on the search path, beside those that list directories."""
ASKED_BY = (
    "VERSIONED_IMPORT_PROJECT",
    "VERSIONED_IMPORT_GROUPS",
    "VERSIONED_IMPORT_EXTRAS",
    "VERSIONED_IMPORT_NO_DEFAULT_GROUPS",
)


class Plan:
    """What a process serves that runs from a lock. Its parts are as they are kept: plain data."""

    PARTS = ("key", "lock", "stamp", "depends", "packed", "paths", "dropped", "sites", "others", "rest", "rest_number")

    def __init__(self, *parts: "Any") -> None:
        self.__dict__.update(zip(self.PARTS, parts, strict=True))
        self.opened = {}

    if TYPE_CHECKING:
        key: Key
        """Of which Python, search path and wishes this is the plan."""
        lock: str
        stamp: str
        """What the lock was when it was read."""
        depends: dict[str, Stamp]
        """Files and directories by which the plan came about, each with what it was then; (0, 0) for one that wasn't there."""
        packed: Files
        """The files of modules (`file_of`): a directory that most are in, the names that take the selection's own finder,
        those that Python has a module of too, and what `buckets.packed` made of all."""
        paths: list[str]
        """What goes on `sys.path`: members, and what .pth files of locked distributions add."""
        dropped: list[str]
        """What leaves it: the site directories, and what their .pth files add."""
        sites: list[str]
        """The site directories, in every usual spelling: nothing is found there either if a program adds them again."""
        others: dict[str, list[str]]
        """Top-level names that distributions outside of the lock have in entries of PYTHONPATH, each with those entries."""
        rest: bytes
        """What else there is to know, packed: the candidates' site directories and lines of their
        catalogues, the metadata directory of each distribution, and where in the lock it stands."""
        rest_number: int
        opened: dict[int, dict[str, str]]
        """The buckets that were looked into."""

    def file_of(self, name: str) -> str | None:
        """Return the file of a top-level module; "" where it takes the selection's own finder, None if it is not locked."""
        below, _, _, buckets = self.packed
        at = number_of(name.encode("utf-8", "surrogatepass")) % len(buckets)
        bucket = self.opened.get(at)
        if bucket is None:
            bucket = self.opened[at] = marshal.loads(buckets[at])  # noqa: S302 whole, and its own user's
        file: str | None = bucket.get(name)
        return os.path.join(below, file) if file else file

    @property
    def files(self) -> dict[str, str]:
        """The file of each top-level module."""
        below, _, _, buckets = self.packed
        found: dict[str, str] = {}
        for bucket in buckets:
            found.update(marshal.loads(bucket))  # noqa: S302 whole, and its own user's
        return {name: os.path.join(below, file) if file else file for name, file in found.items()}

    def unpacked(self) -> "tuple[list[tuple[str, str]], dict[str, str], dict[str, str]]":
        """Return what `rest` holds. Raises LockError where that is broken, and the lock is not as it was."""
        if number_of(self.rest) != self.rest_number:
            from versioned_import.projects.plan import rest_again

            self.rest, self.rest_number = rest_again(self)
        return marshal.loads(self.rest) if self.rest else ([], {}, {})  # noqa: S302 whole, and its own user's

    def parts(self) -> tuple[object, ...]:
        """Return the arguments that make it."""
        return tuple(getattr(self, name) for name in self.PARTS)


def key_of(where: str, groups: str, extras: str, no_default_groups: str) -> "Key":
    """Return all that tells one plan from another, beside what is on the disk; the arguments are as in the environment."""
    return (
        FORMAT,
        sys.version,
        sys.prefix,
        sys.exec_prefix,
        sys.base_prefix,
        # What `site` makes of them is not the same before and after it is done.
        f"{sys.flags.no_site} {sys.flags.no_user_site}",
        *(listed() if not sys.flags.ignore_environment else ("", "")),
        *(os.environ.get(name, "") if not sys.flags.ignore_environment else "" for name in SEARCHED_BY),
        os.path.abspath(where),
        *(",".join(sorted({name for part in text.split(",") if (name := part.strip())})) for text in (groups, extras)),
        "" if no_default_groups in ("", "0") else "1",
    )


def listed() -> tuple[str, str]:
    """Return the directories that variables list, as `search_path` has them: what is relative depends on where one is."""
    searched = (entry for entry in _entries("PYTHONPATH") if entry in sys.path)
    return os.pathsep.join(searched), os.pathsep.join(_entries("VERSIONED_IMPORT_PATH"))


def _entries(variable: str) -> "Iterator[str]":
    for entry in os.environ.get(variable, "").split(os.pathsep) if os.environ.get(variable) else ():
        place = os.path.abspath(entry)
        # Else each directory that a program is started in would have a plan of its own, by what isn't there.
        if entry and (os.path.isabs(entry) or os.path.isdir(place)):
            yield place


def kept_at(key: "Key") -> str:
    """Return the file that keeps the plan of a key; two keys may share one, so the file has its key in it."""
    from versioned_import.metadata.places import cache_directory

    return os.path.join(cache_directory(), "projects", f"{number_of(repr(key).encode()):x}")


def kept_plan(key: "Key") -> Plan | None:
    """Return the plan that is kept for a key, if it still holds; None for every doubt."""
    plan = load(kept_at(key))
    return plan if plan is not None and plan.key == key and holds(plan) else None


def inherited_plan(told: "Sequence[str]") -> Plan | None:
    """Return the plan that the parent process runs from, if it still holds but for its lock, which may have changed since."""
    return next((plan for plan in told_plans(told) if holds(plan, but=told[1])), None)


def told_plans(told: "Sequence[str]") -> "Iterator[Plan]":
    """Yield what is kept of the parent's plan, for a process that has the parent's Python and search path."""
    stamp, lock, place = told[:3]
    here = key_of(os.sep, "", "", "")[:-4]
    for path in (place, f"{place}-{stamp}"):
        plan = load(path)
        if plan is not None and (plan.stamp, plan.lock, plan.key[:-4]) == (stamp, lock, here):
            yield plan


def load(path: str) -> Plan | None:
    """Return the plan that a file keeps, whether it still holds or not; None if it is no such file, or somebody else's.

    Of `rest`, which stands behind what each start needs, only the length is looked at.
    """
    try:
        data = own_data(path)
        end = 48 + int(data[:16], 16)
        body = data[48:end]
        if len(data) != end + int(data[32:48], 16) or int(data[16:32], 16) != number_of(body):
            return None
        *parts, rest_number = marshal.loads(body)  # noqa: S302 its own user's, and whole
        return Plan(*parts, data[end:], rest_number)
    except (OSError, ValueError, EOFError, TypeError):
        return None


def file_with(plan: Plan) -> bytes:
    """Return the file that keeps a plan. Raises ValueError for what can't be kept."""
    *parts, _, rest_number = plan.parts()
    body = marshal.dumps([*parts, rest_number])
    return b"%016x%016x%016x%s%s" % (len(body), number_of(body), len(plan.rest), body, plan.rest)


def holds(plan: Plan, but: str = "") -> bool:
    """Tell whether everything that a plan depends on is as it was; the file `but` may have changed."""
    return all(stamp_of(path) == stamp for path, stamp in plan.depends.items() if path != but)


def stamp_of(path: str) -> "Stamp":
    """Return what a file or directory is now, in two numbers: when it changed, as nobody can set back, and its size.

    Of a path that ends like a directory's it says which one it is, whatever is done in it.
    """
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return 0, 0
    if path.endswith(os.sep):
        return status.st_dev, status.st_ino
    return (status.st_mtime_ns if os.name == "nt" else status.st_ctime_ns), status.st_size


def stamp_text(path: str) -> str:
    """Return the stamp of a file as a text that can be a part of a file's name."""
    changed, size = stamp_of(path)
    return f"{changed:x}-{size:x}"


def is_exempt(command: "Sequence[str]") -> bool:
    """Tell whether a command line is ours, which finds the project by itself, or pip's, which has to see what is flat.

    What pip starts (builds) has to see that too, so the variables go.
    """
    program = program_of(command)
    if program in ("versioned_import", "versioned-import"):
        return True
    if program.rstrip("0123456789.") in ("pip", "ensurepip") or program in ("__pip-runner__.py", "_in_process.py"):
        for name in (TOLD, *ASKED_BY):
            os.environ.pop(name, None)
        return True
    return False


def program_of(command: "Sequence[str]") -> str:
    """Return the module that a command line of Python runs, or the last part of its script's path; "" for neither."""
    words = iter(command[1:])
    for word in words:
        if not word.startswith("-"):
            return word.replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
        # `-Im pip` and `-mpip` are `-I -m pip`; the value of another option is no script.
        letter = next((one for one in word if one in "cmWX"), "") if word[1:2] != "-" else ""
        if letter == "c" or word == "-":
            return ""
        if letter or word == "--check-hash-based-pycs":
            value = (word.partition(letter)[2] if letter else "") or next(words, "")
            if letter == "m":
                return value
    return ""


def told_here() -> list[str] | None:
    """Return what a parent process told: stamp, lock, its plan's file, groups, extras, whether without default groups.

    None where it told of no project, where it was another Python, and where the environment names another project since.
    """
    kind, tag, version, prefix, *fields = [*os.environ.get(TOLD, "").split("\n"), "", "", "", ""]
    if (kind, tag, version) != (PROJECT, sys.implementation.cache_tag, f"{sys.hexversion:x}"):
        return None
    if os.path.realpath(prefix) != os.path.realpath(sys.prefix):
        return None
    asked = [os.environ.get(name, "") for name in ASKED_BY]
    return fields[:6] if not asked[0] or fields[6 : 6 + len(asked)] == asked else None


def tell(plan: Plan) -> None:
    """Put the project into the environment, for child processes."""
    name_in_full()
    asked = [os.environ.get(name, "") for name in ASKED_BY]
    fields = [plan.stamp, plan.lock, kept_at(plan.key), *plan.key[-3:], *asked]
    os.environ[TOLD] = "\n".join(
        (PROJECT, sys.implementation.cache_tag or "", f"{sys.hexversion:x}", sys.prefix, *fields)
    )


def name_in_full() -> None:
    """Let the environment name its project by the full path: children may be started in other directories."""
    where = os.environ.get(ASKED_BY[0])
    if where and not os.path.isabs(where):
        os.environ[ASKED_BY[0]] = os.path.abspath(where)


def say(sentence: str) -> None:
    """Write a line to standard error, where there is one."""
    try:
        sys.stderr.write(f"versioned_import: {sentence}\n")
    except (AttributeError, OSError, ValueError):
        pass
