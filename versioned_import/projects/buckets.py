"""How the files of a plan are kept: by the numbers of their names, so a start reads none, an import few."""

import marshal
import os
import sys

from versioned_import.metadata.places import number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from versioned_import.projects.kept import Files

_IN_ONE = 8
_MOST = 128


def packed(files: "Mapping[str, str]", site: str = "") -> "Files":
    """Return the files of top-level import names as a plan has them; those below `site` are kept without it."""
    count = 1
    while count < _MOST and count * _IN_ONE < len(files):
        count *= 2
    found: list[dict[str, str]] = [{} for _ in range(count)]
    below = os.path.join(site, "") if site else ""
    for name, file in files.items():
        shortened = file.removeprefix(below) if below else file
        found[number_of(name.encode("utf-8", "surrogatepass")) % count][name] = shortened
    shared = frozenset(name for name, file in files.items() if not file)
    buckets = tuple(marshal.dumps(one, 2) for one in found)  # what later formats write depends on who else has a string
    return below, shared, frozenset(files) & sys.stdlib_module_names, buckets
