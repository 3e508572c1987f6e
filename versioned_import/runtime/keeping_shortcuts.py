"""Notes all that a statement comes to for later processes: the writing side of `noted.py`."""

import os
import sys

from versioned_import.metadata.candidate import STARTERS
from versioned_import.metadata.catalogue import is_settled
from versioned_import.metadata.places import kept_data
from versioned_import.metadata.store import data_to_keep, replace_file
from versioned_import.resolver.search_path import search_path
from versioned_import.runtime.noted import FORMAT, PYTHONPATH, file_for, situation, stamp
from versioned_import.runtime.state import addressee, state, told_fields, told_line
from versioned_import.syntax.pseudo import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.runtime.state import Answered

MOST_NOTES = 16
"""How many notes for one statement are kept, for one situation and what was answered before each."""


def keep(name: str, clause: str, before: "Sequence[Answered]", closure: "Sequence[Candidate]") -> None:
    """Note the closure of a statement, the answer first; where that isn't all there is to it, it isn't noted.

    The caller has seen that the closure is true for other processes.
    """
    seen = situation()
    stamps = tuple((directory, stamp(directory)) for directory in state.directories())
    if not all(map(is_settled, state.directories())):  # what has changed since the closure was found is not
        return
    if seen is None or state.leftover or not all(map(is_ordinary, closure)):
        return
    if any(one.inherited or not one.name or not one.clause for one in before) or search_path() != state.directories():
        return
    if (name, clause) in [(one.name, one.clause) for one in before]:
        return  # in a circle, where only the whole way sees that it was answered there already
    names = [top for one in closure for top in one.names]
    if len(set(names)) < len(names):
        return  # one of several goes first
    earlier = tuple((one.name, one.clause) for one in before)
    note = seen, earlier, stamps, tuple(map(noted, closure)), (addressee(), told_fields([PYTHONPATH]))
    for top in (False, True) if "." in name else (False,):
        pseudo = encode(name, clause, top=top)
        try:
            others = [other for other in notes(pseudo) if other[:2] != note[:2]]
            data = data_to_keep((f"{FORMAT} {pseudo}", (name, clause, top), [note, *others[: MOST_NOTES - 1]]))
            replace_file(file_for(pseudo), data, mode=0o600)
        except (OSError, ValueError, TypeError):
            return


def keep_loaded(
    name: str, clause: str, before: "Sequence[Answered]", selection: "dict[CanonicalName, Candidate]"
) -> None:
    """Note that what was selected already, and is loaded, is the answer to a statement, which has just been given it."""
    if len(state.answered) != len(before) + 1:
        return
    distribution = state.answered[-1].distribution
    if distribution in selection and selection[distribution].key() == state.selection[distribution].key():
        keep(name, clause, before, [selection[distribution]])


def is_ordinary(candidate: "Candidate") -> bool:
    """Tell whether a candidate is a versioned directory with top-level modules that nobody else's have to do with."""
    strange = sys.stdlib_module_names | STARTERS | {"pkg_resources"}
    return (
        bool(candidate.entry)
        and candidate.dist_info.endswith(".dist-info")
        and not any("." in name or name in strange for name in candidate.names)
        and os.path.isfile(os.path.join(candidate.metadata_directory, "METADATA"))
    )


def noted(candidate: "Candidate") -> "tuple[object, ...]":
    """Return what a note says of a candidate, in the order of `noted.Noted`."""
    sides = tuple(filter(candidate.is_side_name, candidate.names))
    metadata = os.path.join(candidate.metadata_directory, "METADATA")
    line = candidate.line()
    own = str(candidate.distribution), candidate.path, metadata, candidate.names, sides
    return *own, told_line(candidate), candidate.site, line


def notes(pseudo: str) -> "list[tuple[object, ...]]":
    """Return what is noted of a pseudo module name already."""
    try:
        whose, _, found = kept_data(file_for(pseudo))
    except (OSError, ValueError, EOFError, TypeError):
        return []
    return found if whose == f"{FORMAT} {pseudo}" else []
