"""Worker processes of multiprocessing: what the parent hands over to each one when it is started (spec 3.10).

The environment does not reach those of a fork server, which was started once. `multiprocessing.spawn` sends each
child some data before anything else; one object more among these takes the selection over while it is unpickled.
"""

from __future__ import annotations

import importlib
import os
import sys
from types import ModuleType

from versioned_import.runtime import children, program, told
from versioned_import.runtime.state import addressed, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from versioned_import.errors import VersionedImportError

# A child that can't import us (the parent may have found us where it looked by itself) goes on as without us.
_TAKE = """
try:
    from versioned_import.runtime.workers import take_over
except ImportError:
    pass
else:
    take_over(*handed)
"""


more: list[Callable[[str], object]] = []
"""What else is handed over: functions that return it for the name of a worker process, or None."""


class HandedOver:
    """What a worker process gets from its parent: unpickling it takes that over."""

    def __init__(self, text: str, own: tuple[str, str] | None, in_pool: bool) -> None:
        self.handed = text, own, in_pool

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, (_TAKE, {"handed": self.handed})


def watch(importing: str = "") -> None:
    """Let worker processes that are started from now on get what is selected, and the program's syntax.

    `importing` is the module of multiprocessing that is about to be imported, if one is: it calls what is wrapped here.
    """
    if importing and importing != "multiprocessing.popen_fork" and (state.selection or program.told):
        importlib.import_module("multiprocessing.spawn")
    spawn = sys.modules.get("multiprocessing.spawn")
    prepare = getattr(spawn, "get_preparation_data", None)
    if spawn is not None and prepare is not None and not isinstance(prepare, Preparing):
        spawn.get_preparation_data = Preparing(prepare)  # type: ignore[attr-defined]


class Preparing:
    """Stands for multiprocessing's `get_preparation_data`, and adds what we hand over, if there is anything."""

    def __init__(self, prepare: Callable[[str], dict[str, Any]]) -> None:
        self.prepare = prepare

    def __call__(self, name: str) -> dict[str, Any]:
        """Return the data for the worker process of a name."""
        data = self.prepare(name)
        if not sys.flags.no_site:
            self.add(data, name)
        return data

    @staticmethod
    def add(data: dict[str, Any], name: str) -> None:
        """Add to the data of a worker process what it takes over when it unpickles them."""
        lines, own = list(state.lines.values()), program.told[0] if program.told else None
        if own is not None and own[1] and data.get("init_main_from_path") == os.path.normpath(own[1]):
            from versioned_import.runtime.program_again import MAIN

            del data["init_main_from_path"]
            data["init_main_from_name"] = MAIN
        if lines or own is not None:
            text = addressed("\n".join(lines)) if lines else ""
            data["versioned_import"] = HandedOver(text, own, is_in_pool(name))
        for number, make in enumerate(more):
            data[f"versioned_import {number}"] = make(name)


def is_in_pool(name: str) -> bool:
    """Tell whether a worker process is a `Pool`'s, by its name."""
    return "PoolWorker" in name


def take_over(text: str, own: tuple[str, str] | None, in_pool: bool) -> None:
    """Take over, in a worker process, what its parent hands it. Ends the process with a message if that can't be.

    A worker of a `Pool` lives on and answers each task with the error: the pool would start others for ever.
    """
    if own is not None:
        from versioned_import.runtime.program_again import go_on

        go_on(*own)
    if in_pool:
        guard_pool()
    if not text or not told.is_for_this_python(text):
        return  # nothing is selected, or multiprocessing was told to start another Python
    if text.split("\n", 2)[2] == "\n".join(state.lines.values()):
        return  # taken over at the start of this process
    selection, answered = told.read(text)
    problem = children.take_over(selection, answered)
    if not problem:
        return
    from versioned_import.errors import VersionConflictError

    name = next(iter(selection))
    story = (problem, "let no preloaded module of the fork server import another version than the program does")
    error = VersionConflictError(
        name, f"import {name}", "", "a worker process can't take over the selection of its parent", story
    )
    end(error, in_pool)


def end(error: VersionedImportError, in_pool: bool) -> None:
    """End this worker with an error; one of a pool answers each task with that."""
    if sys.stderr is not None:
        sys.stderr.write(f"versioned_import: {error}\n")
    if not in_pool:
        sys.exit(1)
    _refuse_tasks(error)


def guard_pool() -> None:
    """Let a pool's worker live on that can't run the program's main module because of a versioned import."""
    from multiprocessing import spawn

    prepare = spawn.prepare

    def guarded(data: Mapping[str, Any]) -> None:
        from versioned_import.errors import ImportVersionError

        if isinstance(sys.modules["__main__"], NoMain):
            prepare({key: value for key, value in data.items() if not key.startswith("init_main")})
            return
        try:
            prepare(data)
        except ImportVersionError as error:
            sys.excepthook(type(error), error, error.__traceback__)
            _refuse_tasks(error)

    spawn.prepare = guarded


def _refuse_tasks(error: Exception) -> None:
    """Let this worker of a pool answer each task with an error, without running anything of the program."""
    import multiprocessing.pool

    def worker(inqueue: Any, outqueue: Any, *_: object, **__: object) -> None:
        inqueue._writer.close()  # noqa: SLF001 as the pool's own worker does, so that it sees the end
        outqueue._reader.close()  # noqa: SLF001
        while True:
            try:
                with inqueue._rlock:  # noqa: SLF001 `get` would unpickle what may not be there
                    data = inqueue._reader.recv_bytes()  # noqa: SLF001
            except (EOFError, OSError):
                return
            task = _number_of(data)
            if task is None:
                return
            outqueue.put((*task, (False, error)))

    multiprocessing.pool.worker = worker  # type: ignore[attr-defined]
    sys.modules["__main__"] = sys.modules["__mp_main__"] = NoMain("__main__")


class NoMain(ModuleType):
    """Stands for a main module that can't be run: an initializer may be pickled by its name there."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


def _number_of(data: bytes) -> tuple[Any, Any] | None:
    """Return job and number of a pickled task, None for the mark that there are no more."""
    import io
    import pickle

    class Blind(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> type:
            return Nothing

    task = Blind(io.BytesIO(data)).load()
    return None if task is None else task[:2]


class Nothing:
    """Stands for whatever a task is made of."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __setstate__(self, _: object) -> None:
        pass
