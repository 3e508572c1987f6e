"""Which import names a distribution provides: from its RECORD, since `top_level.txt` is missing in half of all wheels."""

from __future__ import annotations

import csv
import json
import os

from versioned_import.metadata.files import is_directory, read_text
from versioned_import.metadata.shared import LONGEST_SHARED_INIT, joins_portions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MODULE_ENDINGS = (".py", ".so", ".pyd", ".pyc")


def import_names(info: str, distribution: str) -> tuple[str, ...]:
    """Return the names of a flat install whose `.dist-info` or `.egg-info` is `info`.

    An editable install lists only what leads to its modules: then that is followed.
    """
    record = read_text(os.path.join(info, "RECORD"))
    if record is not None and ".pth," in record and is_editable(info):
        from versioned_import.metadata.editable import names_of_editable

        return names_of_editable(info, record, distribution)
    names = names_from_record(record, os.path.dirname(info)) if record is not None else ()
    if names:
        return names
    listed = read_text(os.path.join(info, "top_level.txt"))
    return tuple(sorted(name for name in listed.split() if name.isidentifier())) if listed is not None else ()


def names_from_record(record: str, directory: str = "") -> tuple[str, ...]:
    """Return the import names that the text of a RECORD lists, shortest first (PEP 376, and PEP 427 for its form).

    With the directory that its paths start from, packages that only join portions count as namespace packages.
    """
    quoted = '"' in record
    rows = csv.reader(record.splitlines()) if quoted else (line.split(",", 1) for line in record.split("\n"))

    def is_shared(parts: tuple[str, ...]) -> bool:
        """Tell whether a package joins portions, without opening a file that RECORD says is long."""
        path = f"{'/'.join(parts)}/__init__.py"
        at = record.find(f"{path},")
        size = record[at : max(record.find("\n", at), at)].rpartition(",")[2].strip() if at >= 0 else ""
        if size.isdigit() and int(size) > LONGEST_SHARED_INIT:
            return False
        return joins_portions(os.path.join(directory, *parts, "__init__.py"))

    try:
        paths = (row[0].replace("\\", "/") for row in rows if row)
        return names_from_paths(paths, is_shared if directory else None)
    except csv.Error:
        return ()


def names_from_listing(path: str, inside: Iterable[str]) -> tuple[str, ...]:
    """Return the top-level names of a directory without a RECORD; namespace packages count as one name."""
    found = set()
    for entry in inside:
        stem = entry.partition(".")[0]
        if not stem.isidentifier() or stem == "__pycache__":
            continue
        if entry.endswith(MODULE_ENDINGS) or (stem == entry and is_directory(os.path.join(path, entry))):
            found.add(stem)
    return tuple(sorted(found))


def names_from_paths(
    paths: Iterable[str], is_shared: Callable[[tuple[str, ...]], bool] | None = None
) -> tuple[str, ...]:
    """Return the shortest import names that are no namespace package, of relative paths with `/`.

    `is_shared` tells whether a package with an `__init__` is a namespace package nevertheless.
    """
    modules: set[tuple[str, ...]] = set()
    packages: set[tuple[str, ...]] = set()
    for path in paths:
        if not path.endswith(MODULE_ENDINGS) or "__pycache__" in path:
            continue
        *folders, file = path.split("/")
        stem = file.partition(".")[0]
        if stem.startswith("__editable__") or not all(map(str.isidentifier, folders)):
            continue
        # mypyc calls the library of a group of compiled modules `85cae5375ceb5d1ca6c6__mypyc`, and they import it.
        is_mypyc = stem.endswith("__mypyc") and f"_{stem}".isidentifier() and not folders
        if not stem.isidentifier() and not is_mypyc:
            continue
        if stem == "__init__":
            packages.add(tuple(folders))
        else:
            modules.add((*folders, stem))
    # Scripts that end in .py stand in bin/ of a versioned directory; they are no modules.
    modules = {parts for parts in modules if parts[0] != "bin" or ("bin",) in packages}
    packages.discard(())
    shared = _shared(packages, is_shared) if is_shared is not None else set()
    packages -= shared
    shortest = {_shortest(parts, packages) for parts in modules | packages}
    # A distribution that has nothing but the package that all share.
    shortest |= {
        parts for parts in shared if not any(one[: len(parts)] == parts for one in shortest | shared - {parts})
    }
    return tuple(".".join(parts) for parts in sorted(shortest, key=lambda parts: (len(parts), parts)))


def _shortest(parts: tuple[str, ...], packages: set[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the first package on the way to a module that has an `__init__`; else the module itself."""
    for depth in range(1, len(parts)):
        if parts[:depth] in packages:
            return parts[:depth]
    return parts


def _shared(packages: set[tuple[str, ...]], is_shared: Callable[[tuple[str, ...]], bool]) -> set[tuple[str, ...]]:
    """Return the namespace packages among packages: those on top, and those right below such ones."""
    found: set[tuple[str, ...]] = set()
    asked: set[tuple[str, ...]] = set()
    while True:
        heads = {_shortest(parts, packages - found) for parts in packages - found} - asked
        new = {parts for parts in heads if is_shared(parts)}
        if not new:
            return found
        found |= new
        asked |= heads


def is_editable(info: str) -> bool:
    """Tell whether a `.dist-info` is that of an editable install, whose modules stand elsewhere (PEP 660, PEP 610)."""
    try:
        direct = json.loads(read_text(os.path.join(info, "direct_url.json")) or "{}")
        return bool(direct.get("dir_info", {}).get("editable"))
    except (ValueError, AttributeError):
        return False
