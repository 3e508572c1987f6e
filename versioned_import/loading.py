"""Loads several of our modules at once, their code being kept in the compiled file of `warm.py` or `starting.py`.

Python looks for each module on its own, and reads a file for each; both together are half of what a start of ours costs. So the
code of all of them is kept in the compiled file of the module that names them, beside what says whether it is still their
code (`bundle.py` puts it there). All else is done as an import does it. The code of this module comes with it.
"""

import _frozen_importlib as bootstrap  # its public name would cost the import of importlib, and that of warnings
import _frozen_importlib_external as external
import marshal  # built in, and loaded before site
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType
    from typing import Any

    Kept = tuple[str, tuple[int, int], str, CodeType]

PACKAGES = ("", "cli", "locks", "metadata", "projects", "resolver", "runtime", "syntax")
"""The names of those modules that are packages; "" is ours itself."""


def load(bundle: "Any", *, alone: bool = False) -> None:
    """Load the modules that a bundle names, if it has the code that they have now; else let it have that next time.

    What is missing or wrong is left for ordinary imports; so is all, if the package is loaded, unless the process is known to
    be `alone` with it: no other thread imports anything of ours.
    """
    home, kept = home_of(bundle), bundle.KEPT
    if type(kept) is tuple and kept[0] == home and load_all(home, kept[1], alone=alone):
        bundle.KEPT = home, (), *kept[2:]  # the memory can be used again
    else:
        _keep(bundle, home)
    package = sys.modules.get("versioned_import")
    if package is not None and "." not in bundle.__name__[len("versioned_import.") :]:
        setattr(package, bundle.__name__.rpartition(".")[2], bundle)


def bring(bundle: "Any", *names: str) -> None:
    """Load modules that a bundle has for later: those of some names, or all; other threads may be at it."""
    home, kept = home_of(bundle), bundle.KEPT
    later = kept[2] if type(kept) is tuple and kept[0] == home else None
    for *one, code in later or ():
        wanted = not names or one[0] in names
        # Each for itself, as an import would.
        if wanted and not load_all(home, ((*one, marshal.loads(code)),)):  # noqa: S302 of our own compiled file
            later = None
            break
    if later is None:
        _keep(bundle, home)
    elif not names:
        bundle.KEPT = home, (), ()


def home_of(bundle: "Any") -> str:
    """Return the directory of the package that a bundle belongs to."""
    return str(bundle.__file__)[: len("versioned_import") - len(bundle.__name__) - len(".py")]


def _keep(bundle: "Any", home: str) -> None:
    """Let later processes have the code of a bundle's modules."""
    if sys.dont_write_bytecode or not os.access(os.path.dirname(bundle.__spec__.cached or ""), os.W_OK):
        return
    try:
        from versioned_import import bundle as keeping
    except ImportError:  # half uninstalled
        return
    keeping.keep_all(bundle, home)


def load_all(home: str, kept: "Sequence[Kept]", *, alone: bool = False) -> bool:
    """Load the package and its modules, or more of these, if they are as they were kept; tell whether they are.

    `kept` has of each module its name, the status of its source, its compiled file and its code; nothing, if all are loaded.
    """
    if not kept:
        return True
    paths = [path_of(home, one[0]) for one in kept]
    try:
        if [source_status(path) for path in paths] != [one[1] for one in kept]:
            return False
    except OSError:
        return False
    if kept[0][0] == "loading":  # what runs now
        kept, paths = kept[1:], paths[1:]
    names = [f"versioned_import.{one[0]}" if one[0] else "versioned_import" for one in kept]
    with bootstrap._ModuleLockManager(names[0]):  # type: ignore[attr-defined]  # noqa: SLF001
        if alone or names[0] not in sys.modules:
            # Whoever imports one of them in another thread finds the lock that this one holds, and waits.
            locks = getattr(bootstrap, "_module_locks", {})
            own = locks.get(names[0])
            mine = [name for name in names[1:] if locks.setdefault(name, own) is own]
            try:
                _load_unlocked(names, paths, kept)
            finally:
                for name in mine:
                    del locks[name]
    return True


def path_of(home: str, name: str) -> str:
    """Return the source file of one of the modules."""
    path = f"{home}/{name.replace('.', '/')}" if name else home
    return f"{path}/__init__.py" if name in PACKAGES else f"{path}.py"


def source_status(path: str) -> tuple[int, int]:
    """Return what another content of a source file changes: its modification time, in nanoseconds, and its size."""
    status = os.stat(path)
    return status.st_mtime_ns, status.st_size


def _load_unlocked(names: "list[str]", paths: "list[str]", kept: "Sequence[Kept]") -> None:
    modules = sys.modules
    for full, path, (_, _, cached, code) in zip(names, paths, kept, strict=True):
        above, _, last = full.rpartition(".")
        if full in modules:
            continue
        if above and above not in modules:
            return  # the bundle that has it couldn't be used
        module = _new_module(full, path, cached)
        spec: Any = module.__spec__
        spec._initializing = True  # noqa: SLF001 whoever finds it waits for its lock
        modules[full] = module
        try:
            exec(code, module.__dict__)  # noqa: S102 what a loader does
        except BaseException as error:
            del modules[full]
            if isinstance(error, Exception):
                return  # an ordinary import will say what is wrong
            raise
        finally:
            spec._initializing = False  # noqa: SLF001
        if above:
            setattr(modules[above], last, module)


def _new_module(full: str, path: str, cached: str) -> "ModuleType":
    """Return an empty module with its spec; Python's own function tries out what each attribute is before, which costs."""
    spec = bootstrap.ModuleSpec(full, external.SourceFileLoader(full, path), origin=path)
    spec.has_location = True
    spec.cached = cached
    module = type(sys)(full)
    if path.endswith("/__init__.py"):
        module.__path__ = spec.submodule_search_locations = [path[:-12]]
    module.__file__, module.__spec__, module.__loader__, module.__package__ = path, spec, spec.loader, spec.parent
    if _SAYS_WHERE_COMPILED:
        module.__cached__ = cached  # type: ignore[attr-defined]
    return module


_SAYS_WHERE_COMPILED = sys.version_info < (3, 15)
"""Python 3.15 has ceased to give modules that attribute."""
