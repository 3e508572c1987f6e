"""Import statements that name a version, with several versions of a package installed side by side.

Nothing is imported here until it is asked for (PEP 562): the package's import is part of what each versioned import costs.

PYTEST_DONT_REWRITE: it may be imported before pytest, which would warn of that.
"""

import versioned_import_startup

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
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__


def load_ipython_extension(shell: object) -> None:
    """Let the cells of IPython and Jupyter have version clauses: what `%load_ext versioned_import` calls."""
    from versioned_import.projects.offered import offered_names
    from versioned_import.runtime.finder import install
    from versioned_import.runtime.resolve import cell_names
    from versioned_import.syntax.ipython import load

    install()
    load(shell, cell_names, offered_names)


def unload_ipython_extension(shell: object) -> None:
    """Undo it: what `%unload_ext versioned_import` calls. What cells imported stays as it is."""
    from versioned_import.syntax.ipython import unload

    unload(shell)


def _load_warm_modules() -> None:
    """Load what a warm versioned import is about to need, without a search for it over folders."""
    import _frozen_importlib_external as external  # its public name would cost the import of importlib
    from _frozen_importlib import _load  # type: ignore[attr-defined]

    if type(__spec__.loader) is not external.SourceFileLoader:
        return  # frozen, in a zip file, without sources
    full = f"{__name__}.warm"
    spec = external.spec_from_file_location(full, f"{__path__[0]}/warm.py")
    try:
        globals()["warm"] = _load(spec)  # as an import would
    except Exception:  # noqa: BLE001 ordinary imports will do
        return


if versioned_import_startup.warming:
    _load_warm_modules()
