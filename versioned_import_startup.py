"""What every start of Python runs because versioned_import is installed: called by its .pth (or .start, PEP 829) file.

It imports nothing. It registers the search function of the `versioned` codec and puts one finder at the end of
`sys.meta_path`, which is asked only for imports that are about to fail; where the command line speaks of pip, one more
waits for pip's table of commands. The module's name and `register` are a contract: a .pth file of an older release may
call them (docs/architecture.md, D4).

PYTEST_DONT_REWRITE: pytest would warn that a module of a plug-in's distribution is imported before it.
"""

import sys
import time  # built in, and loaded before site

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codecs import CodecInfo
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any, TypeVar

    Result = TypeVar("Result")


def register() -> None:
    """Switch the codec and the fallback finder on; calling it again changes nothing."""
    if FallbackFinder not in sys.meta_path:
        FallbackFinder.started = time.time_ns()
        import _codecs  # built in, and loaded before site; `codecs` would do, but costs an attribute walk at each start

        _codecs.register(search_codec)
        known = getattr(sys.modules.get("encodings"), "_cache", None)
        if type(known) is dict:
            known.setdefault("versioned", None)  # else Python's own search would look for a module of that name first
        sys.meta_path.append(FallbackFinder)
        for word in sys.orig_argv:
            if "pip" in word:
                watch_for_pip()
                break
        os = sys.modules.get("os")  # `site` has loaded it; without it, state.py has its own look
        if os is not None and ("VERSIONED_IMPORT_SELECTION" in os.environ or "VERSIONED_IMPORT_PROJECT" in os.environ):
            inherit(os.environ)


def inherit(environ: "Mapping[str, str]") -> None:
    """Run from the project that is asked for, or take over what the parent process had selected (spec 6.1, 3.10).

    A start of Python never fails by it.
    """
    project = environ.get("VERSIONED_IMPORT_SELECTION", "").startswith("versioned_import project")
    if project or "VERSIONED_IMPORT_PROJECT" in environ:
        try:
            load_at_once("starting")
            from versioned_import.projects import in_force, start
        except ImportError:
            return  # half uninstalled
        start.begin()
        if project or in_force.running.plan is not None:
            return
    try:
        from versioned_import.runtime import children
    except Exception:  # noqa: BLE001 half uninstalled, say
        return
    children.inherit()


def load_at_once(bundle: str) -> None:
    """Load many modules of ours without a search for them over `sys.path`; the package stands beside this module."""
    if "versioned_import" in sys.modules:
        from _frozen_importlib import _lock_unlock_module  # type: ignore[attr-defined]

        _lock_unlock_module("versioned_import")  # another thread may be loading them
        return
    from _frozen_importlib import _load  # type: ignore[attr-defined]
    from _frozen_importlib_external import spec_from_file_location

    path = f"{__file__.removesuffix('_startup.py')}/{bundle}.py"
    try:
        loaded = _load(spec_from_file_location(f"versioned_import.{bundle}", path))
        loading_of(loaded)["load"](loaded)
    except Exception:  # noqa: BLE001 ordinary imports will do
        return


def loading_of(bundle: "Any") -> "dict[str, Any]":
    """Return the functions of `versioned_import/loading.py`, whose code comes with the bundle, or else by an import."""
    if not bundle.loading:
        if type(bundle.KEPT) is tuple:
            exec(bundle.KEPT[1][0][3], bundle.loading)  # noqa: S102 what a loader does
        else:
            from versioned_import import loading

            bundle.loading.update(vars(loading))
    functions: dict[str, Any] = bundle.loading
    return functions


def watch_for_pip() -> None:
    """Let pip's `install`, once pip is imported, know --allow-multiple; plain pip must never get worse by it."""
    try:
        from versioned_import.in_pip import watch
    except Exception:  # noqa: BLE001 half uninstalled, say
        return
    watch.begin()


def search_codec(name: str) -> "CodecInfo | None":
    """Return the codec for `versioned` and `versioned-BASE`; None for every other name.

    Python calls it once for each unknown spelling, lower-cased, with `-` (3.15) or `_` (before) between words.
    """
    if not name.startswith("versioned"):
        return None
    load_at_once("warm")
    from versioned_import.runtime.texts import rewritten
    from versioned_import.syntax import codec

    return codec.lookup(name, rewritten)


class FallbackFinder:
    """Asked last, for a name that no other finder knows (spec 3.8)."""

    listings: "dict[str, tuple[int, bool]]" = {}  # noqa: RUF012 typing.ClassVar would cost an import at each start

    started = 0
    """When this process began to be able to import, in nanoseconds since the epoch: what was installed later may be newer
    than a module that is loaded."""

    starting = True
    """Whether `site` may still run the start-up files of other distributions."""

    @classmethod
    def find_spec(
        cls, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Return the spec of a pseudo module name, or of the highest installed versioned directory for a name, or None.

        Python calls it for each import that failed everywhere else. As long as no directory of the search path has a
        versioned directory, that costs a stat for each of them.
        """
        if name.startswith("_versioned_"):
            return outside_import_lock(find_pseudo, name)
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in ("sitecustomize", "usercustomize"):
            return None  # modules of other platforms, codecs, and what site asks for at each start
        if path is not None and is_in_one_place(sys.modules.get(name.rpartition(".")[0])):
            short = getattr(sys.modules.get("versioned_import.runtime.noted"), "short", None)
            if short is not None and (short.over or top in short.providers):
                outside_import_lock(refuse_gone, name)
            return None  # a regular package has its modules in one place
        if cls.starting and runs_start_up_files():
            return None  # optional imports at each start would load the catalogue at each start
        cls.starting = False
        # Another thread may be loading it.
        running = getattr(sys.modules.get("versioned_import.projects.in_force"), "running", None)
        if getattr(running, "plan", None) is not None:
            project: Any = sys.modules["versioned_import.projects.finder"]
            refused: ModuleSpec | None = outside_import_lock(project.refuse, name, path)
            return refused
        noted: Any = sys.modules.get("versioned_import.runtime.noted")
        # What is noted spares a look into all directories. Another thread may be loading the module, `absent_file` comes last.
        if path is None and hasattr(noted, "absent_file") and noted.is_absent(name):
            return None
        if runs_pip():
            return None  # its optional imports, and those of what it builds, are none of ours
        if not cls.any_versioned_directory():
            return None
        return outside_import_lock(find_any, name, path, target)

    @classmethod
    def any_versioned_directory(cls) -> bool:
        """Tell whether any entry of `sys.path` or VERSIONED_IMPORT_PATH holds a directory called NAME-VERSION."""
        import os

        extra = "" if sys.flags.ignore_environment else os.environ.get("VERSIONED_IMPORT_PATH", "")
        entries = [*sys.path, *extra.split(os.pathsep)] if extra else sys.path
        return any(entry and cls.has_versioned_directory(entry, os) for entry in entries)

    @classmethod
    def has_versioned_directory(cls, entry: str, os: "ModuleType") -> bool:
        """Answer for one directory, from memory while its modification time is the same."""
        try:
            changed = os.stat(entry).st_mtime_ns
            known = cls.listings.get(entry)
            if known is None or known[0] != changed:
                known = changed, any(map(looks_versioned, os.listdir(entry)))
                cls.listings[entry] = known
        except (OSError, TypeError, ValueError):
            return False
        return known[1]


def is_in_one_place(package: "ModuleType | None") -> bool:
    """Tell whether a loaded package is surely no namespace package, of which any distribution may have a portion.

    One of the old kind has an `__init__` too; pkgutil gives it another `__path__`, and pkg_resources lists it.
    """
    if getattr(package, "__file__", None) is None:
        return False
    place = getattr(getattr(package, "__spec__", None), "submodule_search_locations", None)
    listed = getattr(sys.modules.get("pkg_resources"), "_namespace_packages", ())
    return getattr(package, "__path__", None) is place and getattr(package, "__name__", "") not in listed


def outside_import_lock(function: "Callable[..., Result]", *arguments: object) -> "Result":
    """Call a function without Python's global import lock, which every finder is called with; then take it again.

    Our finders import modules and wait for the lock on the selection. Another thread may hold the lock of such a module, or
    that one, and need the global lock next: neither would ever go on, and Python sees no deadlock in it.
    """
    import _imp  # built in, and what importlib itself uses

    levels = 0
    while _imp.lock_held():
        try:
            _imp.release_lock()
        except RuntimeError:  # another thread holds it
            break
        levels += 1
    try:
        return function(*arguments)
    finally:
        for _ in range(levels):
            _imp.acquire_lock()


def is_import() -> bool:
    """Tell whether a finder of ours was called for an import, and not by a probe such as `importlib.util.find_spec`."""
    frame = sys._getframe(1)  # noqa: SLF001 finders are not told
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith("versioned_import"):
        frame = frame.f_back  # type: ignore[assignment]
    if frame is None or frame.f_globals.get("__name__") not in ("importlib._bootstrap", "_frozen_importlib"):
        return False
    caller = frame.f_back
    return caller is not None and caller.f_code.co_name == "_find_and_load_unlocked"


def find_pseudo(name: str) -> "ModuleSpec | None":
    """Return the spec of a pseudo module name, in a process in which no finder of ours is asked first yet."""
    load_at_once("warm")
    from versioned_import.runtime import pseudo_loader, shortcut

    if not shortcut.begin():
        shortcut.whole_way().finder()
    return pseudo_loader.pseudo_spec(name)


def refuse_gone(name: str) -> None:
    """Raise ImportError if a module of what is selected is not found because that is gone."""
    from versioned_import.runtime import whole_way

    whole_way.refuse_gone(name)


def find_any(name: str, path: "Sequence[str] | None", target: "ModuleType | None") -> "ModuleSpec | None":
    """Return the spec of a name that no statement asked for, from a versioned directory."""
    if "versioned_import.runtime.state" not in sys.modules:
        # Most programs try some import that nothing installed has, and need nothing else of us.
        noted = sys.modules.get("versioned_import.runtime.noted")
        if not hasattr(noted, "absent_file"):
            noted = None  # another thread is loading it
        from versioned_import.resolver import absent

        directories = (noted.short.directories if noted is not None else ()) or absent.searched()
        if absent.is_absent(name, directories):
            if noted is not None and path is None:
                from versioned_import.runtime import keeping_absent

                keeping_absent.keep(name, directories)
            return None
    from versioned_import.runtime import fallback

    return fallback.find_spec(name, path, target)


def looks_versioned(entry: str) -> bool:
    """Tell whether a file name has the form NAME-VERSION, `.dist-info` and its like excluded."""
    version = entry.rpartition("-")[2]
    return version != entry and version[:1].isdigit() and not entry.endswith(("-info", ".egg", ".egg-link", ".whl"))


def runs_start_up_files() -> bool:
    """Tell whether `site` works on .pth and .start files; not for `sitecustomize`, which a user wrote."""
    frame = sys._getframe(1)  # noqa: SLF001 there is no other sign that site has not come to its end
    while frame is not None:
        if frame.f_globals.get("__name__") == "site":
            function = frame.f_code.co_name
            if function == "main":
                return True
            if function in ("execsitecustomize", "execusercustomize"):
                return False
        frame = frame.f_back  # type: ignore[assignment]
    return False


def runs_pip() -> bool:
    """Tell whether this process is pip, or a build that it started."""
    main = sys.modules.get("__main__")
    file = str(getattr(main, "__file__", None) or "").replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
    return (
        getattr(main, "__package__", None) == "pip" or file.rstrip("0123456789.") == "pip" or file == "_in_process.py"
    )
