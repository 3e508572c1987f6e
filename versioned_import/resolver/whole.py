"""Whether an installed distribution has the modules that its RECORD lists: a half deleted one must be chosen by nobody."""

from __future__ import annotations

import os

from versioned_import.metadata.editable import project_directory
from versioned_import.metadata.files import listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from versioned_import.metadata.candidate import Candidate


def missing_names(candidate: Candidate, names: Iterable[str]) -> list[str]:
    """Return those of some import names that a candidate lists and has no file for; none of an editable install."""
    missing = [name for name in names if name in candidate.names and not has_file_for(candidate, name)]
    return missing if missing and not project_directory(candidate) else []


def is_whole(candidate: Candidate) -> bool:
    """Tell whether everything is there that an import could name, side names left out."""
    names = [name for name in candidate.names if not candidate.is_side_name(name.partition(".")[0])]
    return not missing_names(candidate, names)


def has_file_for(candidate: Candidate, name: str) -> bool:
    """Tell whether a candidate has a file or folder that may be the module of an import name."""
    folder, _, last = os.path.join(candidate.path, *name.split(".")).rpartition(os.sep)
    try:
        return any(entry == last or entry.startswith(f"{last}.") for entry in listing(folder))
    except OSError:
        return False
