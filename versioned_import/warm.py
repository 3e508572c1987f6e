"""Loads what a warm versioned import needs: all its modules at once, most often out of one file.

Python looks for each module on its own, and reads one file for each. Both together are half of what a warm import costs. So the
code of all of them is kept in this module's own compiled file, beside what says whether it is still their code
(`bundle.py` puts it there). All else is done as an import does it, under Python's own module locks.
"""

import _frozen_importlib as bootstrap  # its public name would cost the import of importlib, and that of warnings
import _frozen_importlib_external as external
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

MODULES = (
    "syntax",
    "syntax.pseudo",
    "syntax.regions",
    "syntax.clauses",
    "syntax.rewrite",
    "syntax.codec",
    "metadata",
    "metadata.candidate",
    "metadata.places",
    "runtime",
    "runtime.state",
    "runtime.pseudo_loader",
    "runtime.finder",
    "runtime.memo",
    "runtime.resolve",
    "resolver",
    "resolver.search_path",
)
"""The modules of a warm versioned import, each behind those that it imports."""

KEPT: "Any" = (
    "put here by bundle.py: the package's directory; of each module its name, `source_status`, compiled file and code"
)


def load_all() -> None:
    """Load the modules; what is wrong is left for an ordinary import to find out."""
    home = os.path.dirname(__file__)
    kept = _kept(home)
    for name, _, cached, code in kept or [(name, (0, 0), "", None) for name in MODULES]:
        full, folder = f"versioned_import.{name}", name.partition(".")[0]
        last = name[len(folder) + 1 :]
        loader = external.SourceFileLoader(full, path_of(home, name))
        try:
            # Taken as an import takes it: another thread may be at this module.
            with bootstrap._ModuleLockManager(full):  # type: ignore[attr-defined]  # noqa: SLF001
                if full in sys.modules:
                    continue  # as when this package is reloaded: a second state would know nothing of what is selected
                module = _load(full, loader, None if last else f"{home}/{folder}", cached, code)
        except Exception:  # noqa: BLE001
            return
        setattr(sys.modules[full.rpartition(".")[0]], last or folder, module)
    if kept is None:
        try:
            from versioned_import import bundle
        except ImportError:  # half uninstalled
            return
        bundle.keep(home)


def path_of(home: str, name: str) -> str:
    """Return the source file of one of the modules."""
    folder, _, last = name.partition(".")
    return f"{home}/{folder}/{last or '__init__'}.py"


def source_status(path: str) -> tuple[int, int]:
    """Return what another content of a source file changes: its modification time, in nanoseconds, and its size."""
    status = os.stat(path)
    return status.st_mtime_ns, status.st_size


def _kept(home: str) -> "Iterable[tuple[str, tuple[int, int], str, CodeType | None]] | None":
    """Return what is kept of each module, if all of it is that of the sources as they are now."""
    if type(KEPT) is not tuple or KEPT[0] != home:
        return None
    try:
        for name, status, _, _ in KEPT[1]:
            if source_status(path_of(home, name)) != status:
                return None
    except OSError:
        return None
    return KEPT[1]  # type: ignore[no-any-return]


def _load(full: str, loader: "Any", folder: "str | None", cached: str, code: "CodeType | None") -> object:
    """Load one module as Python does, its code being known or not. Called with the module's lock held."""
    spec = bootstrap.ModuleSpec(full, loader, origin=loader.path, is_package=folder is not None)
    spec.has_location = True
    if folder is not None:
        spec.submodule_search_locations = [folder]
    if code is None:
        return bootstrap._load_unlocked(spec)  # type: ignore[attr-defined]  # noqa: SLF001
    spec.cached = cached
    module = _new_module(spec)
    spec._initializing = True  # type: ignore[attr-defined]  # noqa: SLF001 whoever finds it waits for its lock
    sys.modules[full] = module
    try:
        exec(code, module.__dict__)  # noqa: S102 what a loader does
    except BaseException:
        del sys.modules[full]
        raise
    finally:
        spec._initializing = False  # type: ignore[attr-defined]  # noqa: SLF001
    return module


def _new_module(spec: "ModuleSpec") -> "ModuleType":
    """Return the empty module of a spec; Python's own function tries out what each attribute is before, which costs."""
    module = type(sys)(spec.name)
    module.__file__, module.__spec__, module.__loader__ = spec.origin, spec, spec.loader
    module.__package__ = spec.parent
    if spec.submodule_search_locations is not None:
        module.__path__ = spec.submodule_search_locations
    if _SAYS_WHERE_COMPILED:
        module.__cached__ = spec.cached  # type: ignore[attr-defined]
    return module


_SAYS_WHERE_COMPILED = "__cached__" in globals()
"""Python 3.15 has ceased to give modules that attribute."""


load_all()
