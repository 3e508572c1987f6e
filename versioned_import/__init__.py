"""Import statements that name a version, with several versions of a package installed side by side.

Nothing is imported here until it is asked for (PEP 562): the package's import is part of what each versioned import costs.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from versioned_import.api import enable, import_module
    from versioned_import.errors import (
        AlreadyImportedWarning,
        ClauseError,
        ImportVersionError,
        InstallError,
        VersionConflictError,
        VersionedImportError,
        VersionNotFoundError,
    )

__version__ = "0.1.0"

__all__ = [
    "AlreadyImportedWarning",
    "ClauseError",
    "ImportVersionError",
    "InstallError",
    "VersionConflictError",
    "VersionNotFoundError",
    "VersionedImportError",
    "__version__",
    "enable",
    "import_module",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        import importlib

        home = "api" if name[0].islower() else "errors"
        return getattr(importlib.import_module(f"versioned_import.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
