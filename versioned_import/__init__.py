"""Import statements that name a version, with several versions of a package installed side by side.

Nothing is imported here until it is asked for (PEP 562): the package's import is part of what each versioned import costs.
"""

import versioned_import_startup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from versioned_import.api import enable, import_module, require, selection, version_of
    from versioned_import.errors import (
        AlreadyImportedWarning,
        ClauseError,
        ImportVersionError,
        InstallError,
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
    "RequiredBy",
    "Selected",
    "Selection",
    "VersionConflictError",
    "VersionNotFoundError",
    "VersionedImportError",
    "__version__",
    "enable",
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
    from versioned_import.runtime.finder import install
    from versioned_import.syntax.ipython import load

    install()
    load(shell)


def unload_ipython_extension(shell: object) -> None:
    """Undo it: what `%unload_ext versioned_import` calls. What cells imported stays as it is."""
    from versioned_import.syntax.ipython import unload

    unload(shell)


_WARM = (
    "syntax",
    "syntax.pseudo",
    "syntax.regions",
    "syntax.clauses",
    "syntax.rewrite",
    "syntax.codec",
    "metadata",
    "metadata.candidate",
    "runtime",
    "runtime.state",
    "runtime.pseudo_loader",
    "runtime.finder",
    "metadata.places",
    "runtime.memo",
    "runtime.resolve",
    "resolver",
    "resolver.search_path",
)
"""The modules of a warm versioned import, each behind those that it imports."""


def _load_warm_modules() -> None:
    """Load what a warm versioned import is about to need, without the search over `sys.path` and folders for each.

    That search is a quarter of what a warm import costs. All else is done as an import does it, by Python's own loader.
    """
    import sys
    from importlib import _bootstrap, _bootstrap_external  # public names would cost the import of importlib.util

    if type(__spec__.loader) is not _bootstrap_external.SourceFileLoader:
        return  # frozen, in a zip file, without sources
    home = __path__[0]
    for name in _WARM:
        full = f"{__name__}.{name}"
        if full in sys.modules:
            continue  # as when this package is reloaded: a second state would know nothing of what is selected
        folder, _, last = name.partition(".")
        place = f"{home}/{folder}"
        loader = _bootstrap_external.SourceFileLoader(full, f"{place}/{last or '__init__'}.py")
        spec = _bootstrap_external.spec_from_file_location(
            full, loader.path, loader=loader, submodule_search_locations=None if last else [place]
        )
        try:
            module = _bootstrap._load(spec)  # type: ignore[attr-defined]  # noqa: SLF001 the only way that takes the module's lock, as an import does
        except Exception:  # noqa: BLE001 another thread is at it, say; an ordinary import will find out
            return
        setattr(sys.modules[full.rpartition(".")[0]], last or folder, module)


if versioned_import_startup.warming:
    _load_warm_modules()
