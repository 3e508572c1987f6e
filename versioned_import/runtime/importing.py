"""The import of the real module behind a pseudo module name, and where the statement stands that asks for it."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


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


def _freeze() -> int:
    """Have the garbage collector pass over what there is, while many objects are made that stay; return how much that is.

    An import makes so many that the collector runs again and again, over all that is loaded already. What the import itself
    makes is collected as ever.
    """
    try:
        from gc import freeze, get_freeze_count, isenabled
    except ImportError:  # not CPython's
        return 0
    if not isenabled() or get_freeze_count():
        return 0  # the program has its own mind about it
    freeze()
    return get_freeze_count()


def _unfreeze(frozen: int) -> None:
    """End that, unless the program has frozen or unfrozen something itself meanwhile."""
    if frozen:
        from gc import get_freeze_count, unfreeze

        if get_freeze_count() <= frozen:
            unfreeze()


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
