"""What a pseudo name's first import does: memory, memo, or the whole resolution; then the import itself."""

from __future__ import annotations

import importlib
import os.path
import sys

from versioned_import.metadata.candidate import STARTERS
from versioned_import.runtime import memo
from versioned_import.runtime.state import Answered, is_loaded, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from versioned_import.metadata.candidate import Candidate, CanonicalName


def load(name: str, clause: str) -> tuple[ModuleType, ModuleType]:
    """Return the top-level package and the module `name` of a version that the clause allows, loaded.

    Raises VersionNotFoundError or VersionConflictError, or whatever the module raises; then nothing stays selected that
    wasn't before.
    """
    with state.lock:
        selection, answered = state.selection, state.answered
        candidate = select(name, clause)
        mine = state.answered[len(answered) :]
    try:
        top = __import__(name)
        module = sys.modules.get(name)
        if module is None or ("." not in name and module is not top):
            # __import__ hands over a module whose import failed in another thread meanwhile; this raises why.
            module = importlib.import_module(name)
            top = importlib.import_module(name.partition(".")[0])
    except BaseException:
        with state.lock:
            _take_back(name, mine, selection)
        raise
    if candidate is not None:
        _check_origin(name, clause, module, candidate)
    return top, module


def select(name: str, clause: str) -> Candidate | None:
    """Make the selection answer a request and return the candidate; None if a loaded flat module is the answer.

    Called with the state's lock held. Raises VersionNotFoundError or VersionConflictError.
    """
    from versioned_import.runtime.finder import install

    install()
    where = asking_place()
    if name.partition(".")[0] in sys.modules:
        from versioned_import.runtime.loaded import is_answered_by_loaded

        if is_answered_by_loaded(name, clause, where):
            return None
    remembered = memo.recall(name, clause, state.directories(), state.answered)
    if remembered is not None and _agrees(remembered):
        chosen = {one.distribution: one for one in remembered}
        answered = Answered(name, clause, where, remembered[0].distribution)
        before = state.selection, state.answered
        state.replace({**state.selection, **chosen}, [*state.answered, answered])
        if not foreign_modules(remembered):
            return remembered[0]
        state.replace(*before)
    from versioned_import.runtime.cold import select_cold

    return select_cold(name, clause, where)


def _agrees(remembered: list[Candidate]) -> bool:
    """Tell whether a remembered closure holds in this process: nothing of it is loaded or chosen otherwise."""
    for candidate in remembered:
        chosen = state.selection.get(candidate.distribution)
        if chosen is None:
            # Something of it may have been loaded by a plain import, from elsewhere.
            if is_loaded(candidate):
                return False
        elif chosen.key() != candidate.key():
            return False
    return True


def foreign_modules(chosen: Iterable[Candidate]) -> list[Candidate]:
    """Return the chosen candidates of which another thread has loaded a module from elsewhere, before they were in force."""
    return [
        candidate
        for candidate in chosen
        if candidate.entry
        and any(
            not str(getattr(module, "__file__", None) or candidate.path + os.sep).startswith(candidate.path + os.sep)
            for name in candidate.names
            if not _is_no_ones(name, candidate) and (module := sys.modules.get(name)) is not None
        )
    ]


def _is_no_ones(name: str, candidate: Candidate) -> bool:
    """Tell whether a name is the standard library's, or a side name: the program may well have another module of it."""
    top = name.partition(".")[0]
    return top in STARTERS or top in sys.stdlib_module_names or candidate.is_side_name(top)


def _take_back(name: str, answers: list[Answered], before: dict[CanonicalName, Candidate]) -> None:
    """Undo answers whose import failed, so that another version can be tried; `before` is what was chosen before them.

    What got loaded stays chosen, and so does what other statements rely on: other threads may have got theirs since.
    """
    if sys.modules.get(name.partition(".")[0]) is not None:
        return
    from versioned_import.runtime.cold import needed_for

    others = [one for one in state.answered if one not in answers]
    kept_names = {*before, *needed_for(others)}
    kept = {key: one for key, one in state.selection.items() if key in kept_names or is_loaded(one)}
    state.replace(kept, others)


def _check_origin(name: str, clause: str, module: ModuleType, candidate: Candidate) -> None:
    """Refuse a module that another finder served from elsewhere: never the wrong version."""
    origin = getattr(module, "__file__", None)
    # A namespace package that was loaded before: any folder of that name beside a program makes one.
    places = [origin] if origin is not None else list(getattr(module, "__path__", ()))
    if not places or any(place.startswith(candidate.path + os.sep) for place in places):
        return
    if not candidate.entry:
        # A flat install may be an editable one, whose modules stand elsewhere.
        from versioned_import.runtime.loaded import loaded_module

        found = loaded_module(name)
        if found is None or (found.candidate is not None and found.candidate.key() == candidate.key()):
            return
    from versioned_import.runtime.cold import wrong_origin

    raise wrong_origin(name, clause, places[0], candidate, asking_place())


def asking_place() -> str:
    """Return file and line of the statement that is being executed, or "": the nearest frame that is nobody's machinery."""
    frame = sys._getframe(1)  # noqa: SLF001 the one way to name the importer, as in `warnings`
    while frame is not None:
        module = f"{frame.f_globals.get('__name__', '')}."
        if not module.startswith(("versioned_import.", "importlib.", "versioned_import_startup.")):
            file = frame.f_code.co_filename
            if not file.startswith("<frozen "):
                return f"{file}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return ""
