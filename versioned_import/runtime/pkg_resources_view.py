"""What setuptools' `pkg_resources` sees: the chosen distributions in its working set (spec 3.9).

It reads `sys.path` once, while it is imported, and has no way to be asked for more. So the selection is written into its
tables: at the end of its import, and whenever another selection comes into force. Its own `WorkingSet.add` would put the
versioned directory on `sys.path`.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import SourceFileLoader, SourcelessFileLoader

from versioned_import.metadata.layout import canonical
from versioned_import.runtime.state import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    from versioned_import.metadata.candidate import Candidate, CanonicalName


class Written:
    """One distribution that was written into a working set, and what it took the place of: each with the entries listing it."""

    def __init__(self, candidate: Candidate, distribution: Any, hidden: list[tuple[Any, list[str]]]) -> None:
        self.candidate = candidate
        self.distribution = distribution
        self.hidden = hidden


class View:
    """What was written into one working set."""

    def __init__(self, working_set: Any) -> None:
        self.working_set = working_set
        self.written: dict[CanonicalName, Written] = {}


_view = View(None)


def watch(spec: ModuleSpec | None) -> ModuleSpec | None:
    """Return the spec of `pkg_resources`, of which the selection is shown at the end of its execution.

    Only a loader that was made for this spec is watched; an archive's is shared with other modules.
    """
    loader = spec.loader if spec is not None else None
    if isinstance(loader, (SourceFileLoader, SourcelessFileLoader)):
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            del loader.exec_module
            execute(module)
            show(at_its_end=True)

        loader.exec_module = exec_module  # type: ignore[method-assign]
    return spec


def show(*, at_its_end: bool = False) -> None:
    """Write what is selected into the working set of `pkg_resources`, and take back what no longer is.

    Nothing happens while another thread still executes it, whose end will call this with `at_its_end`; nor if it has other
    tables than all its versions had.
    """
    module = sys.modules.get("pkg_resources")
    working_set = getattr(module, "working_set", None)
    if module is None or not all(hasattr(working_set, table) for table in ("entries", "entry_keys", "by_key")):
        return
    if not at_its_end and getattr(module.__spec__, "_initializing", False):
        return
    with state.lock:
        if _view.working_set is not working_set:
            _view.working_set, _view.written = working_set, {}
        for name, written in list(_view.written.items()):
            chosen = state.selection.get(name)
            if chosen is None or chosen.key() != written.candidate.key():
                _take_back(working_set, _view.written.pop(name))
        for name, candidate in state.selection.items():
            if name not in _view.written:
                new = _write(module, working_set, candidate)
                if new is not None:
                    _view.written[name] = new


def _write(module: ModuleType, working_set: Any, candidate: Candidate) -> Written | None:
    """Write one distribution; None if it is there by itself, or can't be read: it was uninstalled meanwhile, say."""
    others = [one for one in working_set.by_key.values() if canonical(one.project_name) == candidate.distribution]
    try:
        # Like its own ones, which stand under their real paths.
        (distribution,) = module.distributions_from_metadata(os.path.realpath(candidate.metadata_directory))
        same = [one for one in others if (one.location, one.version) == (distribution.location, distribution.version)]
    except (OSError, ValueError):
        return None
    if same:
        return None
    hidden = [(one, _remove(working_set, one)) for one in others]
    # Only what stands under one of the entries is listed; each entry may list any distribution.
    entry = candidate.site if candidate.site in working_set.entries else next(iter(working_set.entries), "")
    _add(working_set, distribution, [entry])
    return Written(candidate, distribution, hidden)


def _take_back(working_set: Any, written: Written) -> None:
    distribution = written.distribution
    if working_set.by_key.get(distribution.key) is not distribution:
        return  # the program has put another one there
    _remove(working_set, distribution)
    # `pkg_resources.require` appends the place of what it returns.
    if distribution.location in working_set.entries:
        working_set.entries.remove(distribution.location)
    for other, entries in written.hidden:
        _add(working_set, other, entries)


def _add(working_set: Any, distribution: Any, entries: list[str]) -> None:
    working_set.by_key[distribution.key] = distribution
    for entry in entries:
        working_set.entry_keys.setdefault(entry, []).append(distribution.key)
    spellings = getattr(working_set, "normalized_to_canonical_keys", None)
    if spellings is not None:  # setuptools 65.4 and later find a name by its canonical form as well
        spellings[canonical(distribution.key)] = distribution.key


def _remove(working_set: Any, distribution: Any) -> list[str]:
    """Take a distribution out and return the entries that listed it."""
    del working_set.by_key[distribution.key]
    entries = [entry for entry, keys in working_set.entry_keys.items() if distribution.key in keys]
    for entry in entries:
        working_set.entry_keys[entry].remove(distribution.key)
    return entries
