"""Which import names a distribution provides: from its RECORD, since `top_level.txt` is missing in half of all wheels."""

from __future__ import annotations

import csv
import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_MODULE_ENDINGS = (".py", ".so", ".pyd", ".pyc")


def import_names(info: str, distribution: str) -> tuple[str, ...]:
    """Return the names of a flat install whose `.dist-info` or `.egg-info` is `info`.

    An editable install lists only its own path file: then `top_level.txt` says it, or the distribution's name stands in.
    """
    record = _read(os.path.join(info, "RECORD"))
    names = names_from_record(record) if record is not None else ()
    if names:
        return names
    listed = _read(os.path.join(info, "top_level.txt"))
    if listed is not None:
        return tuple(sorted(name for name in listed.split() if name.isidentifier()))
    guess = distribution.replace("-", "_")
    return (guess,) if is_editable(info) and guess.isidentifier() else ()


def names_from_record(record: str) -> tuple[str, ...]:
    """Return the import names that the text of a RECORD lists, shortest first (PEP 376, and PEP 427 for its form)."""
    quoted = '"' in record
    rows = csv.reader(record.splitlines()) if quoted else (line.split(",", 1) for line in record.split("\n"))
    try:
        return names_from_paths(row[0].replace("\\", "/") for row in rows if row)
    except csv.Error:
        return ()


def names_from_listing(path: str, inside: Iterable[str]) -> tuple[str, ...]:
    """Return the top-level names of a directory without a RECORD; namespace packages count as one name."""
    found = set()
    for entry in inside:
        stem = entry.partition(".")[0]
        if not stem.isidentifier() or stem == "__pycache__":
            continue
        if entry.endswith(_MODULE_ENDINGS) or (stem == entry and os.path.isdir(os.path.join(path, entry))):
            found.add(stem)
    return tuple(sorted(found))


def names_from_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the shortest import names that are no namespace package, of relative paths with `/`."""
    modules: set[tuple[str, ...]] = set()
    packages: set[tuple[str, ...]] = set()
    for path in paths:
        if not path.endswith(_MODULE_ENDINGS) or "__pycache__" in path:
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
    shortest = {_shortest(parts, packages) for parts in modules | packages if parts}
    return tuple(".".join(parts) for parts in sorted(shortest, key=lambda parts: (len(parts), parts)))


def _shortest(parts: tuple[str, ...], packages: set[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the first package on the way to a module that has an `__init__`; else the module itself."""
    for depth in range(1, len(parts)):
        if parts[:depth] in packages:
            return parts[:depth]
    return parts


def is_editable(info: str) -> bool:
    """Tell whether a `.dist-info` is that of an editable install, whose modules stand elsewhere (PEP 660, PEP 610)."""
    try:
        return bool(
            json.loads(_read(os.path.join(info, "direct_url.json")) or "{}").get("dir_info", {}).get("editable")
        )
    except (ValueError, AttributeError):
        return False


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None
