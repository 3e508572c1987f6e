"""Finds modules of selected distributions by what was kept of them: their code, beside all that says that it still is theirs.

So it does for what they import of the standard library.

Python lists a module's directory, tries names, and reads a compiled file for each. Here one file holds what processes have
imported of a package (`keeping_code.py` writes it), and what is found is to the letter what Python's path finder finds.
"""

import _frozen_importlib as bootstrap  # its public name would cost the import of importlib, and that of warnings
import _imp  # this and the next are built in
import marshal
import os
import sys
from _frozen_importlib_external import FileFinder, SourceFileLoader

from versioned_import.metadata.places import cache_directory, may_have, own_data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

FORMAT = "versioned_import code 1"
MOST = 1 << 26
"""So many bytes at most are kept under one identity."""


if TYPE_CHECKING:

    class Table:
        """What is kept under one identity, in blocks: one for each package, and for each top-level module that is none."""

        key: str
        """All that tells it from others. It stands in the file, as the file's name is only a number of it."""
        data: str
        """The path of the file that has the blocks; "" before anything was read."""
        blocks: dict[str, tuple[int, int]]
        """Where in that file a block stands that wasn't needed yet."""
        known: dict[str, Any]
        """Module name to what is kept of it (`keeping_code.Kept`), from the blocks that were needed; () once it was used."""
        missed: dict[str, str]
        """What could not be served, each with the directory that it was looked for in."""


def new_table(identity: str) -> "Table":
    """Return a table of which nothing is read yet."""
    key = f"{FORMAT}\n{identity}\n{sys.version}\n{sys.implementation.cache_tag}\n{sys.flags.optimize}"
    # A class of our own costs more than all else in this module.
    namespace: Any = type(sys.implementation)
    return namespace(key=key, data="", blocks={}, known={}, missed={})  # type: ignore[no-any-return]


def path_of(table: "Table") -> str:
    """Return the file that says which blocks there are, and in which file they stand."""
    number = _imp.source_hash(0, table.key.encode(errors="surrogatepass")).hex()
    return os.path.join(cache_directory(), "code", number)


def read_table(table: "Table") -> None:
    """Read which blocks there are; whatever is wrong with the file, there are none."""
    path = table.data = path_of(table)
    try:
        key, name, blocks = marshal.loads(own_data(path))  # noqa: S302 its own user's
        if key == table.key and type(blocks) is dict:
            table.data, table.blocks = os.path.join(os.path.dirname(path), name), blocks
    except _BROKEN:
        pass


def look_up(table: "Table", name: str) -> "Any":
    """Return what is kept of a module whose block may not have been needed yet; () if nothing is."""
    if not table.data:
        read_table(table)
    for block in (name, name.rpartition(".")[0], ""):
        where = table.blocks.pop(block, None)
        if where is not None:
            try:
                table.known.update(marshal.loads(own_data(table.data, *where)))  # noqa: S302 its own user's
            except _BROKEN:
                pass
    return table.known.get(name, ())


tables: "dict[str, Table]" = {}
"""Top-level name to the table that its modules are in; "" to that of the standard library's."""

PLAIN_FINDERS = [type(None), FileFinder]
"""What may stand for a directory in `sys.path_importer_cache`: another finder may find something else there."""


def begin(identity: str, tops: "Iterable[str]", *, with_library: bool = False) -> None:
    """Serve what is kept under an identity for some top-level names; what is missed is added when the process ends.

    The identity says which distributions the names are of. Nothing is read before the first of them is asked for.
    `with_library` adds the standard library's, unless another identity has them: most of what a distribution loads is that.
    """
    if not sys.flags.verbose and len(sys.path_hooks) == 2:  # noqa: PLR2004 Python's own: for zip files and directories
        _hooks[:] = sys.path_hooks
        table = new_table(identity)
        tables.update(dict.fromkeys(tops, table))
        if with_library and LIBRARY:
            tables.setdefault("", table)


def table_of(top: str) -> "Table | None":
    """Return the table that the modules of a top-level name are in."""
    return tables.get(top) or (tables.get("") if top in sys.stdlib_module_names else None)


def is_standard(top: str) -> bool:
    """Tell whether modules of a top-level name are served as the standard library's."""
    return "" in tables and top in sys.stdlib_module_names


def standard_spec(name: str, path: "Sequence[str] | None") -> "ModuleSpec | None":
    """Return the spec of a module of the standard library as the path finder would find it; None if unknown.

    `path` is that of its package, None for a top-level one: whatever stands before the library on `sys.path` goes first.
    """
    if path is not None:
        return spec_of(name, path) if path and str(path[0]).startswith(LIBRARY) else None
    for entry in sys.path:
        if not isinstance(entry, str):
            continue  # as Python does
        if entry == LIBRARY:
            return spec_of(name, (LIBRARY,))
        if has(sys.path_importer_cache.get(entry, tables), name):
            return None
    return None


def has(finder: "Any", name: str) -> bool:
    """Tell whether what searches an entry of `sys.path` has a module, or could have one that only it knows of."""
    if type(finder) is not FileFinder:
        return finder is not None
    found = finder.find_spec(name) if may_have(finder, name) else None
    return found is not None and found.loader is not None


LIBRARY = os.path.dirname(getattr(os, "__file__", ""))
"""The directory of the standard library's modules; "" where they stand elsewhere."""


def spec_of(name: str, places: "Sequence[str]") -> "ModuleSpec | None":
    """Return the spec of a module as the path finder would find it in `places`, with its code at hand; None if unknown."""
    table = table_of(name.partition(".")[0])
    if table is None or len(places) != 1 or sys.path_hooks != _hooks or sys.pycache_prefix is not None:
        return None
    place = places[0]
    try:
        directory, changed, source, cached, parent, parent_changed = (table.known.get(name) or look_up(table, name))[:6]
        if place != (parent or directory) or time_of(directory) != changed:
            return miss(table, name, place)
        if parent and time_of(parent) != parent_changed:
            return miss(table, name, place)
    except _BROKEN:  # it is not kept, or not there any more
        return miss(table, name, place)
    if not source or type(source) is not str or type(sys.path_importer_cache.get(place)) not in PLAIN_FINDERS:
        return None
    loader = SourceFileLoader(name, source)
    # Methods, as copies and pickles of a method have the function of that name which their own loader has.
    loader.create_module = _Method(create_module, loader)  # type: ignore[method-assign]
    loader.get_code = _Method(get_code, loader)  # type: ignore[method-assign]
    spec = bootstrap.ModuleSpec(name, loader, origin=source)
    spec._set_fileattr = True  # type: ignore[attr-defined]  # noqa: SLF001 what `has_location` sets
    spec.cached = cached
    if parent:
        spec.submodule_search_locations = [directory]
    return spec


def create_module(loader: "SourceFileLoader", spec: "ModuleSpec") -> "ModuleType | None":
    """Return the empty module of a spec, as the loader's first `create_module`; else None, for Python's own way.

    That tries out what each attribute is before it sets it, which costs.
    """
    loader.__dict__.pop("create_module", None)
    if spec.loader is not loader or not spec.has_location:
        return None  # another spec, or somebody has changed it
    module = type(sys)(spec.name)
    module.__package__, module.__loader__ = spec.parent, loader
    if spec.submodule_search_locations is not None:
        module.__path__ = spec.submodule_search_locations
    module.__file__ = spec.origin
    if _SAYS_WHERE_COMPILED:
        module.__cached__ = spec.cached  # type: ignore[attr-defined]
    return module


def get_code(loader: "SourceFileLoader", fullname: str) -> "CodeType | None":
    """Return the kept code if the source is as it was, as the loader's first `get_code`; it is plain from then on."""
    loader.__dict__.pop("get_code", None)
    table = table_of(fullname.partition(".")[0])
    if table is not None and fullname == loader.name and SourceFileLoader.get_code is _get_code:
        try:
            _, _, source, _, _, _, changed, size, kept = table.known[fullname]
            table.known[fullname] = ()
            status = os.stat(source)
            if source == loader.path and status.st_mtime_ns == changed and status.st_size == size:
                data = kept if type(kept) is bytes else own_data(table.data, *kept)
                code: CodeType = marshal.loads(data)  # noqa: S302 its own user's
                _imp._fix_co_filename(code, source)  # type: ignore[attr-defined]  # noqa: SLF001 no code: a TypeError
                return code
        except _BROKEN:
            pass
    return loader.get_code(fullname)


def miss(table: "Table", name: str, place: str) -> "ModuleSpec | None":
    """Note a module that is not kept, and return None; what is loaded of all these in the end will be kept."""
    if not table.missed and not sys.dont_write_bytecode:
        import atexit  # built in

        atexit.register(add, table, os.getpid())
    table.missed[name] = place
    return None


def add(table: "Table", process: int) -> None:
    """Keep what was missed, at the end of the process that missed it; a fork of it adds nothing."""
    if process != os.getpid() or sys.dont_write_bytecode or sys.pycache_prefix is not None:
        return
    if sys.modules.keys().isdisjoint(table.missed) and sys.stdlib_module_names.isdisjoint(table.missed):
        return  # a try to import what isn't there
    try:
        from versioned_import import keeping_code

        keeping_code.add(table)
    except Exception:  # noqa: BLE001, S110 the next process may
        pass


def time_of(directory: str) -> int:
    """Return when something in a directory was last added or removed. Raises OSError."""
    status = os.stat(directory)
    return status.st_mtime_ns if _IS_WINDOWS else status.st_ctime_ns


_Method = type(new_table.__get__(sys))
_hooks: "list[Any]" = []
_get_code = SourceFileLoader.get_code
_BROKEN = OSError, EOFError, ValueError, TypeError, KeyError
_IS_WINDOWS = os.name == "nt"
_SAYS_WHERE_COMPILED = "__cached__" in globals()
"""Python 3.15 has ceased to give modules that attribute."""
