"""The import of the real module behind a pseudo module name, and where the statement stands that asks for it."""

import _frozen_importlib as bootstrap  # its public name would cost the import of importlib
import _imp  # built in
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def import_both(name: str) -> "tuple[ModuleType, ModuleType]":
    """Import a module by its own name; return the top-level package and the module."""
    frozen = _freeze()
    try:
        top = _import_real(name)
    finally:
        _unfreeze(frozen)
    module = sys.modules.get(name)
    if module is None or sys.modules.get(name.partition(".")[0]) is not top:
        import importlib

        # __import__ hands over a module whose import failed in another thread meanwhile; this raises why.
        module = importlib.import_module(name)
        top = importlib.import_module(name.partition(".")[0])
    return top, module


def _freeze() -> "tuple[Any, list[object]] | None":
    """Have the garbage collector pass over what there is, while many objects are made that stay; None if it is not to.

    An import makes so many that the collector runs again and again, over all that is loaded already. What the import itself
    makes is collected as ever.
    """
    try:
        # Not by an import: if `gc` is in `sys.modules` in the end, somebody else has asked for it.
        gc = _imp.create_builtin(bootstrap.BuiltinImporter.find_spec("gc"))  # type: ignore[arg-type]
        _imp.exec_builtin(gc)
        if not gc.isenabled() or gc.get_freeze_count() > _IMMORTAL:
            return None  # the program has its own mind about it
        gc.freeze()
    except (AttributeError, ImportError):  # not CPython's
        return None
    return gc, []


_IMMORTAL = 1000
"""So many objects may count as frozen though nobody froze any: since 3.12 a collection sets immortal ones aside (375 tuples in
3.12.1), and does so again after they were unfrozen. Who calls `gc.freeze()` freezes thousands."""


def _unfreeze(frozen: "tuple[Any, list[object]] | None") -> None:
    """End that, unless the program has frozen something itself meanwhile.

    To count what is frozen would take longer than all else here. An object that is younger tells it as well.
    """
    if frozen is not None:
        gc, young = frozen
        if "gc" not in sys.modules or any(one is young for one in gc.get_objects()):
            gc.unfreeze()


def _import_real(name: str) -> "ModuleType":
    """Import a module by its own name; return the top-level package."""
    try:
        return _import_from_the_top(name) if "." in name else __import__(name)
    except RuntimeError as error:
        # In a circle, Python hands a half-made module to the thread that would wait for ever; yet if that thread had looked
        # into `sys.modules` just before the module was there, it gets an error. The second time it is there.
        if type(error).__name__ != "_DeadlockError" or name not in sys.modules:
            raise
    return __import__(name)


def _import_from_the_top(name: str) -> "ModuleType":
    """Import the packages above a module, then itself; return the top-level one.

    Python alone has the lock of `a.b` already when it loads `a`, and so can't load `a` in one thread and `a.b` in another at
    once: it ends in an error about a deadlock, or with a half-made module.
    """
    end = name.find(".")
    while end >= 0:
        __import__(name[:end])
        end = name.find(".", end + 1)
    return __import__(name)


def asking_place() -> str:
    """Return file and line of the statement that is being executed, or "": the nearest frame that is nobody's machinery."""
    frame = sys._getframe(1)  # noqa: SLF001 the one way to name the importer, as in `warnings`
    while frame is not None:
        module = f"{frame.f_globals.get('__name__', '')}."
        if not module.startswith(("versioned_import.", "importlib.", "versioned_import_startup.")):
            file = frame.f_code.co_filename
            if not file.startswith("<frozen "):
                return f"{cell_names.get(file, file)}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return ""


cell_names: "dict[str, str]" = {}
"""What the user knows as `In[3]`, by the name of the file that it was compiled as, which doesn't exist."""
