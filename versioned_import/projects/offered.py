"""The names that an import statement can have besides what `sys.path` shows, for the completion of names."""

from __future__ import annotations

from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.projects.in_force import running
from versioned_import.runtime.state import state


def offered_names() -> set[str]:
    """Return the top-level names of what is locked, or without a project of all versioned directories."""
    if running.plan is not None:
        names = set(running.plan.files)
    else:
        catalogues = filter(None, map(open_catalogue, state.directories()))
        names = {name for one in catalogues for found in one.everything() if found.entry for name in found.names}
    return {name.partition(".")[0] for name in names}
