"""The version that a loaded module belongs to, or None: never a guess, never an import."""

from __future__ import annotations

import os
import sys
from types import ModuleType, SimpleNamespace

from versioned_import.metadata.places import full_path
from versioned_import.runtime import loaded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def version_of(module: ModuleType | str) -> str | None:
    """Return the version of the distribution that a loaded module came with; see `versioned_import.version_of`."""
    if isinstance(module, str):
        found = sys.modules.get(module)
        return _version(found, module) if found is not None else None
    if not isinstance(module, ModuleType) and not any(module is one for one in list(sys.modules.values())):
        raise TypeError(f"version_of() takes a module or an import name, not {type(module).__name__}")
    return _version(module, "")


def _version(module: Any, asked: str) -> str | None:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file:
        return None  # built in, made at run time, or a namespace package, which belongs to nobody alone
    name = _own_name(module) or asked
    parts = name.split(".")
    if parts[0] in sys.stdlib_module_names and _is_in_standard_library(full_path(file)):
        return None
    for size in range(1, len(parts) + 1):
        prefix = ".".join(parts[:size])
        owner = module if size == len(parts) else _package(prefix, len(parts) - size, module, file)
        found = loaded._identified(prefix, owner) if owner is not None else None  # noqa: SLF001 the same answer as a statement's
        if found is not None and found.candidate is not None:
            return found.candidate.version
    return None


def _own_name(module: Any) -> str:
    """Return the name that a module was loaded by, which an alias in `sys.modules` does not change."""
    spec_name = getattr(getattr(module, "__spec__", None), "name", None)
    if isinstance(spec_name, str) and not spec_name.startswith("_versioned_"):
        return spec_name
    name = getattr(module, "__name__", None)
    return name if isinstance(name, str) else ""


def _package(name: str, depth: int, module: Any, file: str) -> Any:
    """Return the package `name` that holds a module `depth` levels below it; None if it is none, or another one's."""
    package: Any = sys.modules.get(name)
    if package is None:
        return _stand_in(name, depth, module, file)
    folders = getattr(package, "__path__", None)
    if folders is None or getattr(package, "__file__", None) is None:
        return None
    return package if any(file.startswith(f"{folder}{os.sep}") for folder in map(str, folders)) else None


def _stand_in(name: str, depth: int, module: Any, file: str) -> Any:
    """Return what says where a package that isn't loaded would stand, if its module's path says so.

    A submodule can be loaded without its package: by hand, or where the package was taken out of `sys.modules`.
    """
    folder = full_path(file)
    for _ in range(depth + (1 if getattr(module, "__path__", None) is not None else 0)):
        folder = os.path.dirname(folder)
    if not folder.replace(os.sep, ".").endswith(f".{name}"):
        return None
    return SimpleNamespace(__file__=os.path.join(folder, "__init__.py"), __path__=[folder])


def _is_in_standard_library(file: str) -> bool:
    """Tell it of a file; site directories may stand inside the standard library's."""
    folder = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
    inside = file.removeprefix(folder)
    return inside != file and not inside.startswith(("site-packages", "dist-packages"))
