"""Keeps the code of a warm import's modules in the compiled file of `warm.py`, where there is a place to write it.

That file is a true one of `warm.py`, so Python reads it, replaces it when `warm.py` is newer, and an uninstallation takes
it along; only one of its constants is another.
"""

import _frozen_importlib_external as external
import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType


def keep(home: str) -> None:
    """Write the code of all modules of a warm import as they are on the disk now; where that can't be, it isn't done."""
    if sys.dont_write_bytecode:
        return
    try:
        _write(f"{home}/warm.py", home)
    except Exception:  # noqa: BLE001 no place for it, or sources that are being exchanged: the next process will see
        return


def _write(path: str, home: str) -> None:
    from versioned_import import warm

    target = external.cache_from_source(path)
    if not os.access(os.path.dirname(target), os.W_OK):
        return
    loader = external.SourceFileLoader(warm.__name__, path)
    status = loader.path_stats(path)
    codes = tuple(_kept(name, warm.path_of(home, name)) for name in warm.MODULES)
    code = loader.source_to_code(loader.get_data(path), path)
    constants = tuple((home, codes) if _is_placeholder(one) else one for one in code.co_consts)
    size, changed = int(status["size"]) & 0xFFFFFFFF, int(status["mtime"]) & 0xFFFFFFFF
    header = external.MAGIC_NUMBER + b"".join(number.to_bytes(4, "little") for number in (0, changed, size))
    loader.set_data(target, header + marshal.dumps(code.replace(co_consts=constants)))  # it renames, at the end


def _is_placeholder(constant: object) -> bool:
    return isinstance(constant, str) and constant.startswith("put here by bundle.py")


def _kept(name: str, path: str) -> "tuple[str, tuple[int, int], str, CodeType | None]":
    from versioned_import import warm

    before = warm.source_status(path)
    code = external.SourceFileLoader(f"versioned_import.{name}", path).get_code(f"versioned_import.{name}")
    return name, before, external.cache_from_source(path), code
