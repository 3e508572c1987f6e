"""The fast way into a project: what is locked is served from a kept plan, read in one go (docs/projects.md).

A start of Python that is told of a project comes here first, so this module imports nothing else. What is unusual (version
clauses, namespace packages, plug-ins that compile otherwise) is left to `activate.in_full`, which brings the selection's
own finder.
"""

import marshal  # built in, and loaded before site
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from importlib.metadata import Distribution, DistributionFinder
    from types import ModuleType
    from typing import Any

    from _typeshed.importlib import MetaPathFinderProtocol

    Key = tuple[str, ...]
    Stamp = tuple[int, int]

FORMAT = "versioned_import plan 1"
TOLD = "VERSIONED_IMPORT_SELECTION"
"""The environment variable by which child processes learn of the project; a selection without a project uses it as well."""
PROJECT = "versioned_import project"
SEARCHED_BY = ("PYTHONPATH", "VERSIONED_IMPORT_PATH", "PYTHONNOUSERSITE", "PYTHONUSERBASE", "HOME", "APPDATA")
"""The variables that decide on the search path."""
ASKED_BY = (
    "VERSIONED_IMPORT_PROJECT",
    "VERSIONED_IMPORT_GROUPS",
    "VERSIONED_IMPORT_EXTRAS",
    "VERSIONED_IMPORT_NO_DEFAULT_GROUPS",
)


class Plan:
    """What a process serves that runs from a lock. Its parts are as they are kept: plain data."""

    PARTS = ("key", "lock", "stamp", "depends", "files", "paths", "dropped", "others", "rest")
    __slots__ = PARTS

    def __init__(
        self,
        key: "Key",
        lock: str,
        stamp: str,
        depends: "dict[str, Stamp]",
        files: dict[str, str],
        paths: list[str],
        dropped: list[str],
        others: dict[str, list[str]],
        rest: bytes,
    ) -> None:
        self.key = key
        """Of which Python, search path and wishes this is the plan."""
        self.lock = lock
        self.stamp = stamp
        """What the lock was when it was read."""
        self.depends = depends
        """Files and directories by which the plan came about, each with what it was then; (0, 0) for one that wasn't there."""
        self.files = files
        """Top-level import name to the file of its module; "" where that takes the selection's own finder."""
        self.paths = paths
        """What goes on `sys.path`: members, and what .pth files of locked distributions add."""
        self.dropped = dropped
        """What leaves it: the site directories, and what their .pth files add."""
        self.others = others
        """Top-level names that distributions outside of the lock have in entries of PYTHONPATH, each with those entries."""
        self.rest = rest
        """What else there is to know, packed: the candidates' site directories and lines of their
        catalogues, the metadata directory of each distribution, and where in the lock it stands."""

    def unpacked(self) -> "tuple[list[tuple[str, str]], dict[str, str], dict[str, str]]":
        """Return what `rest` holds."""
        return marshal.loads(self.rest) if self.rest else ([], {}, {})  # noqa: S302 whole, and its own user's

    def parts(self) -> tuple[object, ...]:
        """Return the arguments that make it."""
        return tuple(getattr(self, name) for name in self.PARTS)


class Running:
    """The project of this process."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.path_before: list[str] = []
        """`sys.path` as it was."""
        self.finders_before: list[MetaPathFinderProtocol] = []
        self.problem = ""
        """Why nothing can be served; then every import of what isn't Python's or the program's own is refused."""
        self.full = False
        """Whether the selection's own finder serves the project."""
        self.hosted = False
        """Whether code was loaded before that is not of the lock, such as a notebook's kernel."""


running = Running()


def begin() -> None:
    """Run from the project that the environment names, or the parent process; a start of Python never fails by it."""
    try:
        plan = plan_at_start()
    except Exception as error:  # noqa: BLE001 whatever it is, this process must not go on with other versions
        from versioned_import.projects import activate

        activate.refuse_all(f"{type(error).__name__}: {error}", os.environ.get(ASKED_BY[0], ""))
        return
    if plan is not None:
        put_in_force(plan)


def plan_at_start() -> Plan | None:
    """Return the plan that this process has to run from; None if there is none, or if it is in force already."""
    if is_exempt(sys.orig_argv):
        return None
    told = told_here()
    if told is not None and (sys.flags.ignore_environment or sys.flags.no_site):
        switch = "-I" if sys.flags.isolated else "-E"
        say(f"this Python was started with {switch}, so it does not run from {told[1]}; it runs plain")
        return None
    asked = [os.environ.get(name, "") for name in ASKED_BY]
    if told is None and (sys.flags.ignore_environment or not asked[0]):
        return None
    plan = kept_plan(key_of(*asked)) if told is None else inherited_plan(told)
    if plan is None:
        from versioned_import.projects import activate

        activate.begin(told)
    return plan


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
        *(os.environ.get(name, "") if not sys.flags.ignore_environment else "" for name in SEARCHED_BY),
        os.path.abspath(where),
        *(",".join(sorted({name for part in text.split(",") if (name := part.strip())})) for text in (groups, extras)),
        "" if no_default_groups in ("", "0") else "1",
    )


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
    stamp, lock, place = told[:3]
    here = key_of(os.sep, "", "", "")[:-4]
    for path in (place, f"{place}-{stamp}"):
        plan = load(path)
        if plan is None or (plan.stamp, plan.lock, plan.key[:-4]) != (stamp, lock, here):
            continue
        if holds(plan, but=lock):
            return plan
    return None


def load(path: str) -> Plan | None:
    """Return the plan that a file keeps, whether it still holds or not; None if it is no such file, or somebody else's."""
    try:
        with open(path, "rb") as file:
            if hasattr(os, "geteuid") and os.fstat(file.fileno()).st_uid != os.geteuid():
                return None
            data = file.read()
        body = data[32:]
        if len(body) != int(data[:16], 16) or int(data[16:32], 16) != number_of(body):
            return None
        return Plan(*marshal.loads(body))  # noqa: S302 its own user's, and whole
    except (OSError, ValueError, EOFError, TypeError):
        return None


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


def number_of(data: bytes) -> int:
    """Return a number that another content changes; it guards against accidents only."""
    import _imp  # built in, and what importlib.util.source_hash calls

    return int.from_bytes(_imp.source_hash(0, data), "little")


def put_in_force(plan: Plan, *, telling: bool = True) -> None:
    """Serve what a plan has, and nothing else that is installed."""
    running.plan = plan
    if telling:
        tell(plan)
    place_finder()
    if sys.flags.no_site or not is_site_running():
        leave_site_directories()


def place_finder() -> None:
    """Put the finder in front of the one that searches paths."""
    from _frozen_importlib_external import PathFinder

    finders = [one for one in sys.meta_path if one is not ProjectFinder]
    finders.insert(finders.index(PathFinder) if PathFinder in finders else 0, ProjectFinder)
    sys.meta_path[:] = finders
    startup = sys.modules["versioned_import_startup"]
    leave_no_frame(startup.FallbackFinder.find_spec.__func__, startup.outside_import_lock, refuse)


def is_site_running() -> bool:
    """Tell whether `site` still adds to `sys.path`; it asks for `sitecustomize` when it is done with that."""
    frame = sys._getframe(1)  # noqa: SLF001 there is no other sign
    while frame is not None:
        if frame.f_globals.get("__name__") == "site" and frame.f_code.co_name == "main":
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def leave_site_directories() -> None:
    """Take the site directories from `sys.path`, with what their .pth files brought, and put the project's entries there."""
    plan = running.plan
    if plan is None:
        return
    if not running.path_before:
        running.path_before, running.finders_before = list(sys.path), list(sys.meta_path)
    left, stays = set(plan.dropped), set(plan.paths)
    stays.update(os.path.abspath(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry)
    sys.path[:] = [one for one in sys.path if one not in left and (one in stays or not has_installs(one, plan.lock))]
    sys.path += [entry for entry in plan.paths if entry not in sys.path]
    # The finders of editable installs; what is editable in the lock is among the plan's files and paths.
    sys.meta_path[:] = [one for one in sys.meta_path if "editable" not in str(getattr(one, "__module__", ""))]


def has_installs(entry: str, lock: str) -> bool:
    """Tell whether an entry of `sys.path` is a site directory that nobody foretold, such as the code of a .pth file adds.

    What a program keeps installed in its own directory is its own.
    """
    library = os.path.dirname(os.__file__)
    home = os.path.dirname(lock)
    if entry in ("", library, home) or entry.startswith((f"{library}{os.sep}lib-", f"{home}{os.sep}")):
        return False
    try:
        return any(name.endswith(".dist-info") for name in os.listdir(entry))
    except OSError:
        return False


def forget_loaded(plan: Plan) -> None:
    """Forget modules that start-up files have loaded from what leaves `sys.path`, if the lock has them otherwise."""
    places = tuple(os.path.join(entry, "") for entry in plan.dropped)
    for name, module in list(sys.modules.items()):
        top = name.partition(".")[0]
        file = getattr(module, "__file__", None) or str(next(iter(getattr(module, "__path__", ())), ""))
        if not file.startswith(places) or top in ("_distutils_hack", "versioned_import", "versioned_import_startup"):
            continue
        locked = plan.files.get(top)
        if locked is None:
            running.hosted = True
        elif not locked or not file.startswith((locked, os.path.join(os.path.dirname(locked), top, ""))):
            del sys.modules[name]


class ProjectFinder:
    """Finds what is locked, where neither Python nor the program has a module of that name."""

    @staticmethod
    def find_spec(
        name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Return the spec of a locked top-level module, else None."""
        plan = running.plan
        if plan is None:
            return None
        if path is not None:
            if plan.files.get(name.partition(".")[0]) == "":
                refuse_portion(name, path)
            return None
        file = plan.files.get(name)
        if file is None:
            if name.startswith("_versioned_"):
                return in_full(name, path, target)
            if name in plan.others:
                return own_spec(name) or refuse(name, path)
            return at_the_end_of_site(name) if name in ("sitecustomize", "usercustomize") else None
        if running.full:
            return None
        own = own_spec(name)
        if own is not None:
            return own
        before = sys.meta_path[: sys.meta_path.index(ProjectFinder)] if ProjectFinder in sys.meta_path else ()
        unusual = (
            name == "pkg_resources"
            or os.environ.get("VERSIONED_IMPORT_TRACE", "") not in ("", "0")
            or any(map(is_foreign, before))
        )
        if unusual or not file or not os.path.isfile(file):
            return in_full(name, path, target)
        from _frozen_importlib_external import spec_from_file_location

        return spec_from_file_location(name, file)

    @staticmethod
    def find_distributions(context: "DistributionFinder.Context | None" = None) -> "Iterator[Distribution]":
        """Return the metadata of what is locked."""
        if running.full:
            return iter(())
        from versioned_import.projects import metadata

        return metadata.find_distributions(context)

    @staticmethod
    def iter_modules(prefix: str = "") -> "Iterator[tuple[str, bool]]":
        """Yield the locked top-level names, each with whether it is a package: `pkgutil` asks every finder for its own."""
        plan = running.plan
        for name, file in plan.files.items() if plan is not None and not running.full else ():
            yield f"{prefix}{name}", not file or os.path.basename(file).startswith("__init__.")

    @staticmethod
    def invalidate_caches() -> None:
        """Do nothing: a plan is looked at once in a process."""


def refuse_portion(name: str, path: "Sequence[str]") -> None:
    """Raise NotLockedError for what stands in a namespace package beside what is locked, and is not locked itself."""
    from versioned_import.projects import refusal

    refusal.refuse_portion(name, path)


def own_spec(name: str) -> "ModuleSpec | None":
    """Return the spec of a module of Python or the program, which goes before what is locked; no namespace package does."""
    from _frozen_importlib_external import PathFinder

    plan = running.plan
    if plan is not None and sys.path and sys.path[0] in plan.dropped:
        del sys.path[0]  # of a script that stands in a site directory
    others = plan.others.get(name) if plan is not None else None
    spec = PathFinder.find_spec(name, None if others is None else [one for one in sys.path if one not in others])
    return spec if spec is not None and spec.loader is not None else None


def is_foreign(finder: object) -> bool:
    """Tell whether a finder in front compiles otherwise what the path finder finds; whoever does is not of Python or of us."""
    module = getattr(finder, "__module__", "")
    return not module.startswith(("versioned_import", "_frozen_importlib", "_distutils_hack", "six"))


def at_the_end_of_site(name: str) -> "ModuleSpec | None":
    """Return the spec of a module that `site` asks for last, from where it may stand; then leave the site directories.

    These are looked at without a list of all that they hold, which a search would make. What the module itself adds to
    `sys.path` is looked at once it has run.
    """
    from _frozen_importlib_external import PathFinder

    plan = running.plan
    if plan is None:
        return None
    before = running.path_before or list(sys.path)
    leave_site_directories()
    forget_loaded(plan)
    dropped = set(plan.dropped)
    places = [entry for entry in before if entry not in dropped or has_module(entry, name)]
    spec = PathFinder.find_spec(name, places)
    if spec is not None and spec.loader is not None:
        spec.loader = Watched(spec.loader)  # type: ignore[assignment]
    return spec


class Watched:
    """The loader of `sitecustomize`: leaves the site directories that it adds."""

    def __init__(self, loader: "Any") -> None:
        self.loader = loader

    def create_module(self, spec: "ModuleSpec") -> "ModuleType | None":
        """Return what the true loader does."""
        made: ModuleType | None = self.loader.create_module(spec)
        return made

    def exec_module(self, module: "ModuleType") -> None:
        """Run the module."""
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        try:
            self.loader.exec_module(module)
        finally:
            leave_site_directories()


def has_module(directory: str, name: str) -> bool:
    """Tell whether a directory may have a module of its own of that name, which few have."""
    return any(os.path.exists(os.path.join(directory, f"{name}{ending}")) for ending in (".py", "", ".pyc"))


def in_full(name: str, path: "Sequence[str] | None", target: "ModuleType | None") -> "ModuleSpec | None":
    """Return the spec that the selection's own finder has, which answers from now on."""
    from versioned_import.projects import activate
    from versioned_import_startup import outside_import_lock

    return outside_import_lock(activate.find_in_full, name, path, target)


def refuse(name: str, path: "Sequence[str] | None") -> "ModuleSpec | None":
    """Raise NotLockedError for a name that nothing has, if an import asks for it; a probe gets None."""
    from versioned_import_startup import is_import

    plan = running.plan
    if plan is None or running.hosted or running.problem or sys.meta_path[-1].__module__ != "versioned_import_startup":
        from versioned_import.projects import refusal

        return refusal.refuse(name, path)
    if not is_import():
        return None
    spec = from_behind(name, path)
    if spec is not None:
        return spec
    from versioned_import.errors import NotLockedError

    raise NotLockedError(name, plan.lock, lambda: story_of(name, plan.lock))


def from_behind(name: str, path: "Sequence[str] | None") -> "ModuleSpec | None":
    """Return the spec of a finder that would be asked after ours: of six for `six.moves`, or the program's own."""
    startup = sys.modules["versioned_import_startup"]
    finders = list(sys.meta_path)
    at = finders.index(startup.FallbackFinder) + 1 if startup.FallbackFinder in finders else len(finders)
    for finder in finders[at:]:
        find = getattr(finder, "find_spec", None)
        spec: ModuleSpec | None = find(name, path, None) if find is not None else None
        if spec is not None:
            return spec
    return None


def story_of(name: str, lock: str) -> str:
    """Return what a user has to know of a name that isn't in a lock; most programs that try an import don't ask."""
    from versioned_import.projects import refusal

    return refusal.story(name, lock)


def leave_no_frame(*functions: "Callable[..., object]") -> None:
    """Let Python take the frames of some functions for those of its import system, and leave them out of tracebacks.

    It does so for each ImportError of an import statement. Programs tell by the depth of its traceback whether a module is
    missing or misses something itself (Flask's `--app`), so a refusal must not be deeper than Python's own.
    """
    for function in functions:
        code = function.__code__.replace(co_filename="<frozen importlib._bootstrap>")
        function.__code__ = code


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


def say(sentence: str) -> None:
    """Write a line to standard error, where there is one."""
    try:
        sys.stderr.write(f"versioned_import: {sentence}\n")
    except (AttributeError, OSError, ValueError):
        pass
