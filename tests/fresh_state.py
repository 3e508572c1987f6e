"""Putting back what imports leave in this process."""

import sys

import versioned_import_startup
from versioned_import.metadata import catalogue
from versioned_import.runtime.finder import install
from versioned_import.runtime.state import state


def start_afresh(*directories):
    """Put the process's state back as at its start, with a given search path."""
    state.reset()
    catalogue.forget()
    versioned_import_startup.FallbackFinder.listings.clear()
    state.search_path = tuple(map(str, directories))
    versioned_import_startup.register()
    install()


def forget_modules(directory):
    """Drop the modules that stand below a directory, and every pseudo name."""
    doomed = [name for name, module in list(sys.modules.items()) if stands_below(module, directory)]
    # All of them at once at the end: a namespace package's path looks for its parent.
    for name in [*doomed, *(name for name in sys.modules if name.startswith("_versioned_"))]:
        sys.modules.pop(name, None)


def stands_below(module, directory):
    places = [getattr(module, "__file__", None) or "", *(getattr(module, "__path__", None) or ())]
    return any(str(place).startswith(str(directory)) for place in places)
