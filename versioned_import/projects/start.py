"""The fast way into a project: what is locked is served from a kept plan, read in one go (docs/projects.md).

This runs at the start of Python, so it imports little. What is unusual (version clauses, namespace packages, plug-ins that
compile otherwise) is left to `in_full.find_in_full`, which brings the selection's own finder.
"""

import os
import sys

from versioned_import.projects.kept import (
    ASKED_BY,
    Plan,
    inherited_plan,
    is_exempt,
    kept_plan,
    key_of,
    say,
    tell,
    told_here,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from importlib.metadata import Distribution, DistributionFinder
    from types import ModuleType
    from typing import Any

    from _typeshed.importlib import MetaPathFinderProtocol


if TYPE_CHECKING:

    class Running:
        """The project of this process."""

        plan: Plan | None
        path_before: list[str]
        """`sys.path` as it was."""
        finders_before: list[MetaPathFinderProtocol]
        problem: str
        """Why nothing can be served; then every import of what isn't Python's or the program's own is refused."""
        full: bool
        """Whether the selection's own finder serves the project."""
        code: Any
        """The module `kept_code`, once a locked module is imported."""
        table: Any
        """Its table of this project; None if nothing is kept."""
        hosted: bool
        """Whether code was loaded before that is not of the lock, such as a notebook's kernel."""


running: "Running" = type(sys.implementation)()  # type: ignore[assignment]  # a class of our own costs more


def run_nothing() -> None:
    """Let this process have no project."""
    vars(running).update(
        plan=None, path_before=[], finders_before=[], problem="", full=False, code=None, table=None, hosted=False
    )


run_nothing()


def begin() -> None:
    """Run from the project that the environment names, or the parent process; a start of Python never fails by it."""
    try:
        plan = plan_at_start()
    except Exception as error:  # noqa: BLE001 whatever it is, this process must not go on with other versions
        from versioned_import.projects.begin import refuse_all

        refuse_all(f"{type(error).__name__}: {error}", os.environ.get(ASKED_BY[0], ""))
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
        from versioned_import.projects.begin import begin

        begin(told)
    return plan


def put_in_force(plan: Plan, *, telling: bool = True) -> None:
    """Serve what a plan has, and nothing else that is installed."""
    running.plan = plan
    ProjectFinder.shared = plan.packed[1]
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
    functions = startup.FallbackFinder.find_spec.__func__, startup.outside_import_lock, ProjectFinder.find_spec, refuse
    leave_no_frame(*functions)


def is_site_running() -> bool:
    """Tell whether `site` still adds to `sys.path`; it asks for `sitecustomize` when it is done with that."""
    frame = sys._getframe(1)  # noqa: SLF001 there is no other sign
    while frame is not None:
        if frame.f_globals.get("__name__") == "site" and frame.f_code.co_name == "main":
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def leave_site_directories() -> None:
    """Take the site directories from `sys.path`, with what their .pth files brought, and put the project's entries there.

    A program may add them again, but nothing is found in them.
    """
    plan = running.plan
    if plan is None:
        return
    if not running.path_before:
        running.path_before, running.finders_before = list(sys.path), list(sys.meta_path)
    left, stays = set(plan.dropped), set(plan.paths)
    stays.update(os.path.abspath(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry)
    sys.path[:] = [one for one in sys.path if one not in left and (one in stays or not has_installs(one, plan.lock))]
    at = place_of_sites(sys.path, plan)
    sys.path[at:at] = [entry for entry in plan.paths if entry not in sys.path]
    for place in plan.sites:
        if type(sys.path_importer_cache.get(place)) is not LeftDirectory:
            sys.path_importer_cache[place] = LeftDirectory(place)
    # The finders of editable installs; what is editable in the lock is among the plan's files and paths.
    sys.meta_path[:] = [one for one in sys.meta_path if "editable" not in str(getattr(one, "__module__", ""))]


def place_of_sites(entries: "Sequence[object]", plan: Plan) -> int:
    """Return where in `sys.path` the site directories stood: behind Python's own entries, and the project's that follow."""
    library = os.path.dirname(os.__file__)
    at = len(entries)
    while at and entries[at - 1] != library and not str(entries[at - 1]).startswith(f"{library}{os.sep}lib-"):
        at -= 1
    if not at:
        return len(entries)
    while at < len(entries) and entries[at] in plan.paths:
        at += 1
    return at


class LeftDirectory:
    """What searches a site directory for `PathFinder`: an import finds nothing there, who names the directory finds all."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.finder: Any = None

    def find_spec(self, name: str, target: "ModuleType | None" = None) -> "ModuleSpec | None":
        """Return None, unless the path finder was given this directory to search."""
        caller = sys._getframe(1)  # noqa: SLF001 it is not told in another way
        places = caller.f_locals.get("path", ()) if caller.f_code.co_name == "_get_spec" else ()
        if places is sys.path or self.place not in places:
            return None
        if self.finder is None:
            from _frozen_importlib_external import FileFinder, _get_supported_file_loaders  # type: ignore[attr-defined]

            self.finder = FileFinder(self.place, *_get_supported_file_loaders())
        found: ModuleSpec | None = self.finder.find_spec(name, target)
        return found

    def invalidate_caches(self) -> None:
        """Look at the directory anew."""
        self.finder = None


def has_installs(entry: str, lock: str) -> bool:
    """Tell whether an entry of `sys.path` is a site directory that nobody foretold, such as the code of a .pth file adds.

    What a program keeps installed in its own directory is its own.
    """
    library = os.path.dirname(os.__file__)
    home = os.path.dirname(lock)
    if not isinstance(entry, str):
        return False  # Python passes over it
    if entry in ("", library, home) or entry.startswith((f"{library}{os.sep}lib-", f"{home}{os.sep}")):
        return False
    try:
        return any(name.endswith(".dist-info") for name in os.listdir(entry))
    except OSError:
        return False


def forget_loaded(plan: Plan) -> bool:
    """Forget modules that start-up files have loaded from what leaves `sys.path`, if the lock has them otherwise.

    Return whether one stays that the lock doesn't have.
    """
    hosted = False
    for name, file in loaded_in(plan.dropped):
        top = name.partition(".")[0]
        if top in ("__main__", "_distutils_hack", "versioned_import", "versioned_import_startup"):
            continue  # ours, or nobody's
        locked = plan.file_of(top)
        if locked is None:
            hosted |= top not in sys.stdlib_module_names
        elif not locked or not file.startswith((locked, os.path.join(os.path.dirname(locked), top, ""))):
            del sys.modules[name]
    return hosted


def loaded_in(directories: "Iterable[str]", *, with_spaces: bool = True) -> "list[tuple[str, str]]":
    """Return the loaded modules that stand in some directories, each with its file.

    `with_spaces` adds the namespace packages, which have none, each with its first place.
    """
    places = tuple([os.path.join(directory, "") for directory in directories])
    plain = type(sys)
    found = []
    for name, module in list(sys.modules.items()):
        try:
            # What a plain module doesn't have would cost Python an exception.
            file = module.__dict__.get("__file__") if type(module) is plain else getattr(module, "__file__", None)
            if not file and with_spaces and type(module) is plain:
                file = next(iter(module.__dict__.get("__path__") or ()), "")
        except Exception:  # noqa: BLE001 programs put whatever they like there
            file = None
        if str(file).startswith(places):
            found.append((name, str(file)))
    return found


class ProjectFinder:
    """Finds what is locked, where neither Python nor the program has a module of that name."""

    shared: "frozenset[str]" = frozenset()
    """The top-level names of namespace packages, and of what else takes the selection's own finder."""

    seen: "list[MetaPathFinderProtocol]" = []  # noqa: RUF012
    """All finders, as they were when none of those in front compiled otherwise."""

    @staticmethod
    def find_spec(
        name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Return the spec of a locked top-level module, else None."""
        # Python asks for each module that it loads, most of which are none of ours.
        if path is not None:
            if ProjectFinder.shared and name.partition(".")[0] in ProjectFinder.shared:
                refuse_portion(name, path)
                return None
            code = running.code
            return code.spec_of(name, path) if code is not None and not running.full and is_first() else None
        plan = running.plan
        if name in sys.stdlib_module_names and not (plan is not None and is_shadowed(name, plan)):
            code = running.code
            return code.standard_spec(name, path) if code is not None and not running.full and is_first() else None
        file = plan.file_of(name) if plan is not None else None
        if plan is None or file is None:
            if name.startswith("_versioned_"):
                return in_full(name, path, target)
            if plan is not None and name in plan.others:
                return own_spec(name) or refuse(name, path)
            return at_the_end_of_site(name) if name in ("sitecustomize", "usercustomize") else None
        if running.full:
            return None
        own = own_spec(name, is_locked=True)
        if own is not None:
            return own
        unusual = (
            name == "pkg_resources"
            or os.environ.get("VERSIONED_IMPORT_TRACE", "") not in ("", "0")
            or not file
            or not is_first()
        )
        if unusual:
            return in_full(name, path, target)
        return (
            code_for(name, plan).spec_of(name, [place_of(file)]) or file_spec(name, file) or in_full(name, path, target)
        )

    @staticmethod
    def find_distributions(context: "DistributionFinder.Context | None" = None) -> "Iterator[Distribution]":
        """Return the metadata of what is locked, unless the selection's own finder does."""
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


def own_spec(name: str, *, is_locked: bool = False) -> "ModuleSpec | None":
    """Return the spec of a module of Python or the program, which goes before what is locked; no namespace package does.

    What a program adds to `sys.path` behind the place of the site directories goes after it, as in any Python.
    """
    from _frozen_importlib_external import PathFinder

    from versioned_import.metadata.places import may_have

    entries, left = list(sys.path), ()
    plan = running.plan
    if plan is not None:
        if is_locked or plan.file_of(name) is not None:
            del entries[place_of_sites(entries, plan) :]
        left = (*plan.sites, *plan.others.get(name, ()))
    library = os.path.dirname(os.__file__)
    # Python's own modules are known by name, and its directories are long lists.
    is_own = name not in sys.stdlib_module_names
    places = [
        one
        for one in entries
        if isinstance(one, str)  # Python passes over others
        and one not in left
        and not (is_own and str(one).startswith(library))
        and may_have(sys.path_importer_cache.get(one, ()), name)
    ]
    spec = PathFinder.find_spec(name, places) if places else None
    return spec if spec is not None and spec.loader is not None else None


def is_foreign(finder: object) -> bool:
    """Tell whether a finder in front compiles otherwise what the path finder finds; whoever does is not of Python or of us."""
    module = str(getattr(finder, "__module__", ""))
    return not module.startswith(("versioned_import", "_frozen_importlib", "_distutils_hack", "six"))


def is_first() -> bool:
    """Tell whether no finder in front of ours compiles otherwise what it finds."""
    if sys.meta_path == ProjectFinder.seen:
        return True
    finders = list(sys.meta_path)
    if any(map(is_foreign, finders[: finders.index(ProjectFinder)] if ProjectFinder in finders else ())):
        return False
    ProjectFinder.seen = finders
    return True


def is_shadowed(name: str, plan: Plan) -> bool:
    """Tell whether somebody else has a module under a name of Python's."""
    return name in plan.packed[2] or name in plan.others


def code_for(name: str, plan: Plan) -> "Any":
    """Return the module that has the code of locked modules, told of a top-level name."""
    if running.code is None:
        bring("kept_code")
        from versioned_import import kept_code

        kept_code.PLAIN_FINDERS.append(LeftDirectory)
        kept_code.begin("\n".join(("project", *plan.key)), (name,), with_library=True)
        running.code, running.table = kept_code, kept_code.tables.get(name)
    elif running.table is not None:
        running.code.tables[name] = running.table
    return running.code


def bring(name: str) -> None:
    """Load a module of ours out of the file that this one came from; else its import will do."""
    starting = sys.modules.get("versioned_import.starting")
    if starting is not None and starting.loading:
        starting.loading["bring"](starting, name)


def place_of(file: str) -> str:
    """Return the directory in which a top-level module is found by its name."""
    directory, _, last = file.rpartition(os.sep)
    return os.path.dirname(directory) if last.startswith("__init__.") else directory


def file_spec(name: str, file: str) -> "ModuleSpec | None":
    """Return the spec of a module's file; None if it is not there."""
    from _frozen_importlib_external import spec_from_file_location

    found: ModuleSpec | None = spec_from_file_location(name, file) if os.path.isfile(file) else None
    return found


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
    running.hosted = forget_loaded(plan) or running.hosted
    dropped = set(plan.dropped)
    places = [entry for entry in before if entry not in dropped or has_module(entry, name)]
    spec = PathFinder.find_spec(name, places)
    if spec is not None and spec.loader is not None:
        watch(spec.loader)
    return spec


def watch(loader: "Any") -> None:
    """Let the loader of `sitecustomize` leave the site directories that it adds, once it has run."""

    def exec_module(module: "ModuleType") -> None:
        del loader.exec_module
        try:
            loader.exec_module(module)
        finally:
            leave_site_directories()

    loader.exec_module = exec_module


def has_module(directory: str, name: str) -> bool:
    """Tell whether a directory may have a module of its own of that name, which few have."""
    return any(os.path.exists(os.path.join(directory, f"{name}{ending}")) for ending in (".py", "", ".pyc"))


def in_full(name: str, path: "Sequence[str] | None", target: "ModuleType | None") -> "ModuleSpec | None":
    """Return the spec that the selection's own finder has, which answers from now on."""
    from versioned_import.projects.in_full import find_in_full
    from versioned_import_startup import outside_import_lock

    return outside_import_lock(find_in_full, name, path, target)


def refuse(name: str, path: "Sequence[str] | None") -> "ModuleSpec | None":
    """Raise NotLockedError for a name that nothing has, if an import asks for it; a probe gets None."""
    from versioned_import_startup import is_import

    plan = running.plan
    if plan is None or running.hosted or running.problem:
        from versioned_import.projects import refusal

        return refusal.refuse(name, path)
    if not is_import():
        return None
    spec = from_behind(name, path)
    if spec is not None:
        return spec
    bring("errors")
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
