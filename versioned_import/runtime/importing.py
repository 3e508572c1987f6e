"""The import of the real module behind a pseudo module name, and where the statement stands that asks for it."""

import _frozen_importlib as bootstrap  # its public name would cost the import of importlib
import _imp  # built in
import sys
from _thread import _count  # the other threads

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


def _freeze() -> "tuple[Any, object] | None":
    """Have the garbage collector pass over what there is, while many objects are made that stay; None if it is not to.

    An import makes so many that the collector runs again and again, over all that is loaded already. What the import itself
    makes is collected as ever. A program that has imported `gc` may have its own mind about all that, and is left alone.
    """
    if paused or "gc" in sys.modules:
        return None
    try:
        # Not by an import: if `gc` is in `sys.modules` in the end, somebody else has asked for it.
        gc = _imp.create_builtin(bootstrap.BuiltinImporter.find_spec("gc"))  # type: ignore[arg-type]
        _imp.exec_builtin(gc)
        gc.freeze()
    except (AttributeError, ImportError):  # not CPython's
        return None
    young: list[object] = []
    paused.append(young)
    return gc, young


paused: list[object] = []
"""An object that is younger than what the collector passes over, as long as it does."""


def _unfreeze(frozen: "tuple[Any, object] | None") -> None:
    """End that, unless the program has frozen something itself meanwhile.

    To count what is frozen would take longer than all else here. An object that is younger tells it as well.
    """
    if frozen is not None:
        gc, young = frozen
        paused.remove(young)
        try:
            # What another thread drops while the list of all objects holds it would be finalized here.
            as_before = "gc" not in sys.modules or _count() > 0 or any(one is young for one in gc.get_objects())
        except Exception:  # noqa: BLE001 an audit hook may raise whatever it likes
            as_before = True
        if as_before:
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
