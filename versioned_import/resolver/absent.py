"""Whether surely nothing installed has a name: asked first at each import that fails, so it loads and reads very little."""

import os

from versioned_import.metadata.places import changed_at
from versioned_import.metadata.store import Store, stores_of
from versioned_import.resolver.search_path import search_path

_stores: "dict[str, Store]" = {}
"""The catalogue file of each site directory that was true when it was last asked."""


_searched: "list[tuple[str, ...]]" = []


def is_absent(name: str, directories: "tuple[str, ...] | None" = None) -> bool:
    """Tell whether the catalogues of the search path say that nothing has an import name, or modules below it.

    False also where a kept catalogue is missing, broken, or older than its directory: then it takes a true look.
    Where no search path is given, it is as it was at the first such question.
    """
    return all(_lacks(site, name) for site in directories or searched())


def searched() -> "tuple[str, ...]":
    """Return the search path, as it was at the first question that named none."""
    if not _searched:
        _searched.append(search_path())
    return _searched[0]


def true_for(directories: "tuple[str, ...]") -> "tuple[tuple[str, int], ...]":
    """Return each directory with the time of its change for which the last answer was true, -1 if it wasn't there."""
    return tuple((site, _stores[site].changed if site in _stores else -1) for site in directories)


def _lacks(site: str, name: str) -> bool:
    try:
        changed = changed_at(os.stat(site))
    except (OSError, ValueError):
        return True  # there is no such directory
    store = _stores.get(site)
    if store is None or store.changed != changed:
        store = next((one for one in stores_of(site) if one.changed == changed), None)
        if store is None:
            return False
        _stores[site] = store
    try:
        return not store.has_any(f"n:{name}", f"t:{name}")
    except (OSError, ValueError):
        del _stores[site]
        return False
