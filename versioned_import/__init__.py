"""Import statements that name a version, with several versions of a package installed side by side.

Nothing is imported here until it is asked for (PEP 562): the package's import is part of what each versioned import costs.

PYTEST_DONT_REWRITE: it may be imported before pytest, which would warn of that.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from versioned_import.api import activate, enable, freeze, import_module, require, selection, version_of
    from versioned_import.errors import (
        AlreadyImportedWarning,
        ClauseError,
        ImportVersionError,
        InstallError,
        LockError,
        NotLockedError,
        VersionConflictError,
        VersionedImportError,
        VersionNotFoundError,
    )
    from versioned_import.runtime.report import Asked, RequiredBy, Selected, Selection

__version__ = "0.1.0"

__all__ = [
    "AlreadyImportedWarning",
    "Asked",
    "ClauseError",
    "ImportVersionError",
    "InstallError",
    "LockError",
    "NotLockedError",
    "RequiredBy",
    "Selected",
    "Selection",
    "VersionConflictError",
    "VersionNotFoundError",
    "VersionedImportError",
    "__version__",
    "activate",
    "enable",
    "freeze",
    "import_module",
    "require",
    "selection",
    "version_of",
]
_REPORT = ("Asked", "RequiredBy", "Selected", "Selection")


def __getattr__(name: str) -> object:
    if name in __all__:
        import importlib

        home = "api" if name[0].islower() else "runtime.report" if name in _REPORT else "errors"
        return getattr(importlib.import_module(f"versioned_import.{home}"), name)
    if name in ("load_ipython_extension", "unload_ipython_extension"):
        from versioned_import import notebooks

        return getattr(notebooks, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
