"""Notes the names that nothing installed has for later processes: the writing side of `noted.is_absent`."""

from versioned_import.metadata.store import data_to_keep, replace_file
from versioned_import.resolver.absent import true_for
from versioned_import.resolver.search_path import search_path
from versioned_import.runtime.noted import absent_file, short, situation

MOST_NAMES = 1000


def keep(name: str, directories: "tuple[str, ...]") -> None:
    """Note a top-level name of which the settled catalogues of the whole search path have just said that nothing has it."""
    now, known = situation(), short.absent
    if short.over or now is None or known is None or now != known[0] or search_path() != directories:
        return  # the program has changed what is listed
    stamps = true_for(directories)
    _, before, names = known
    names = {*names, name} if before == stamps and len(names) < MOST_NAMES else {name}
    short.absent = known = now, stamps, names
    try:
        replace_file(absent_file(now), data_to_keep(known), mode=0o600)
    except (OSError, ValueError):
        pass
