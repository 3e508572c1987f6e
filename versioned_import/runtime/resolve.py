"""What a pseudo name's first import does: memory, memo, or the whole resolution; then the import itself."""

from __future__ import annotations

import sys

from versioned_import.runtime import memo
from versioned_import.runtime.state import Answered, is_loaded, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from versioned_import.metadata.candidate import Candidate, CanonicalName


def load(name: str, clause: str) -> ModuleType:
    """Return the module `name` of a version that the clause allows, loaded.

    Raises VersionNotFoundError or VersionConflictError, or whatever the module raises; then nothing stays selected that
    wasn't before.
    """
    before = state.selection, state.answered
    with state.lock:
        candidate = select(name, clause)
    try:
        __import__(name)
    except BaseException:
        with state.lock:
            _take_back(name, *before)
        raise
    module = sys.modules[name]
    if candidate is not None and candidate.entry:
        _check_origin(name, clause, module, candidate)
    return module


def select(name: str, clause: str) -> Candidate | None:
    """Make the selection answer a request and return the candidate; None if a loaded flat module is the answer.

    Called with the state's lock held. Raises VersionNotFoundError or VersionConflictError.
    """
    from versioned_import.runtime.finder import install

    if not _anything_loaded(name):
        directories = state.directories()
        remembered = memo.recall(name, clause, directories)
        if remembered is not None and _agrees(remembered):
            install()
            state.replace(
                {**state.selection, **{one.distribution: one for one in remembered}},
                [*state.answered, Answered(name, clause, _where(), remembered[0].distribution)],
            )
            return remembered[0]
    from versioned_import.runtime.cold import select_cold

    install()
    return select_cold(name, clause, _where())


def _anything_loaded(name: str) -> bool:
    return name.partition(".")[0] in sys.modules


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


def _take_back(name: str, selection: dict[CanonicalName, Candidate], answered: list[Answered]) -> None:
    """Undo a selection whose import failed, so that another version can be tried; what got loaded stays chosen."""
    if sys.modules.get(name.partition(".")[0]) is not None:
        return
    kept = {key: candidate for key, candidate in state.selection.items() if key in selection or is_loaded(candidate)}
    state.replace({**kept, **{key: one for key, one in selection.items() if key not in kept}}, answered)


def _check_origin(name: str, clause: str, module: ModuleType, candidate: Candidate) -> None:
    """Refuse a module that another finder served from elsewhere: never the wrong version."""
    origin = getattr(module, "__file__", None)
    if origin is None or origin.startswith(candidate.path):
        return
    from versioned_import.runtime.cold import wrong_origin

    raise wrong_origin(name, clause, origin, candidate, _where())


def _where() -> str:
    """Return file and line of the statement that is being executed, or "": the nearest frame that is nobody's machinery."""
    frame = sys._getframe(1)  # noqa: SLF001 the one way to name the importer, as in `warnings`
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if not module.startswith(("versioned_import.runtime", "importlib.", "versioned_import_startup")):
            file = frame.f_code.co_filename
            if not file.startswith("<frozen "):
                return f"{file}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return ""
