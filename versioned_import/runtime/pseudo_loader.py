"""What loads a pseudo module name: the real module of a version that the clause allows (docs/architecture.md, D2)."""

import _frozen_importlib as bootstrap  # its public name would cost the import of importlib
import sys

from versioned_import.runtime import noted, shortcut
from versioned_import_startup import outside_import_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


def pseudo_spec(name: str) -> "ModuleSpec | None":
    """Return the spec of a pseudo module name, or None for a name that only begins like one."""
    asked = noted.asked(name) or outside_import_lock(_decoded, name)
    return PseudoSpec(name, PseudoLoader(*asked)) if asked is not None else None  # type: ignore[arg-type]


def _decoded(name: str) -> "tuple[str, str, bool] | None":
    from versioned_import.syntax.pseudo import decode

    return decode(name)


class PseudoSpec(bootstrap.ModuleSpec):
    """The spec of a pseudo name; it is told by Python when the import is done, still under the pseudo name's lock."""

    @property
    def _initializing(self) -> bool:
        return _is_loading(self)

    @_initializing.setter
    def _initializing(self, value: bool) -> None:
        vars(self)["_initializing"] = value
        if not value and isinstance(self.loader, PseudoLoader):
            self.loader.finish(self)


class PseudoLoader:
    """Loads the real module under a pseudo name; a second import of that name is one look into `sys.modules`.

    A half-made module, as in a circle, does not get the pseudo name: Python would wait for it by that name's lock, which
    says nothing about the module. The next execution of the statement goes the whole way, and waits as a plain import does.
    For the same reason no module bears a pseudo name's spec, not for a moment. Python gives that to a stand-in, which it
    keeps under a name that nobody asks for.
    """

    def __init__(self, name: str, clause: str, top: bool) -> None:
        self.name = name
        self.clause = clause
        self.top = top
        self.pseudo = ""
        self.real: ModuleType | None = None
        self.is_whole = False

    def create_module(self, spec: "ModuleSpec") -> "ModuleType":
        """Load the real module and return its stand-in.

        Raises VersionNotFoundError, VersionConflictError, or what the module raises. Python calls it once for each pseudo
        name, twice at most where threads or a circle come to it.
        """
        lock = _let_go(spec.name)
        try:
            top, module = shortcut.load(self.name, self.clause, spec.name)
        except ImportError as error:
            if not hasattr(error, "story"):  # not one of ours, whose module a good import need not load
                raise
            from versioned_import.runtime.state import state

            if state.tracing:
                from versioned_import.runtime import trace

                trace.refused(error)  # type: ignore[arg-type]
            # The story is in the message, not in our frames; Python leaves out this last one (see below).
            raise error.with_traceback(None) from None
        finally:
            if lock is not None:
                lock.acquire()
        self.real = top if self.top else module
        self.is_whole = all(
            sys.modules.get(key) is one and not _is_loading(getattr(one, "__spec__", None))
            for key, one in ((self.name.partition(".")[0], top), (self.name, module))
        )
        self.pseudo = spec.name
        spec.name = f"{spec.name} {id(self):x}"
        return type(sys)(spec.name)

    def exec_module(self, module: "ModuleType") -> None:
        """Put the real module in its stand-in's place; nothing is left to run."""
        spec = module.__spec__
        if self.real is None or spec is None:
            return
        own = getattr(self.real, "__spec__", None)
        if noted.short.over and own is not None:  # the short way leads to versioned directories only
            from versioned_import.runtime.state import state  # another thread may be loading it

            flat = [one for one in state.providers.get(self.name.partition(".")[0], ()) if not one.entry]
            if flat:
                from versioned_import.runtime.origin import name_version

                name_version(own, flat)
        sys.modules[spec.name] = self.real

    def finish(self, spec: "ModuleSpec") -> None:
        """Give the real module its pseudo name, if it is whole."""
        if self.real is not None:
            done = sys.modules.pop(spec.name, None)
            if done is self.real and self.is_whole:
                sys.modules[self.pseudo] = done


# Python takes it for a function of its import system, whose frames it leaves out of an ImportError's traceback.
_create = PseudoLoader.create_module
_create.__code__ = _create.__code__.replace(co_filename="<frozen importlib._bootstrap>")


def _let_go(pseudo: str) -> "Any":
    """Let go of the lock that Python's import system holds on a pseudo name while it is loaded; return it if it was held.

    The lock is private to importlib, and it must not be held while the real module loads: another thread that has the real
    module's lock and comes to the same statement would wait for it, which Python sees as a deadlock. Two threads that load
    one pseudo name at once end with the same module, because the real name has its own lock.
    """
    find = getattr(bootstrap, "_get_module_lock", None)
    lock = find(pseudo) if find is not None else None
    try:
        if lock is not None:
            lock.release()
    except RuntimeError:  # nobody holds it: the loader was called by hand
        return None
    return lock


def _is_loading(spec: "ModuleSpec | None") -> bool:
    """Tell whether the module that has a spec of its own is half made; without asking the spec, which might wait."""
    return bool(getattr(spec, "__dict__", {}).get("_initializing"))
