"""What a project does to `sys.path`: the site directories leave it, and the project's own entries come in their place."""

import os
import sys

from versioned_import.projects.in_force import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    from versioned_import.projects.kept import Plan


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


def place_of_sites(entries: "Sequence[object]", plan: "Plan") -> int:
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


def forget_loaded(plan: "Plan") -> bool:
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
