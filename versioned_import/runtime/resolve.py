"""What a pseudo name's first import does: memory, memo, or the whole resolution; then the import itself."""

import os.path
import sys
from _thread import get_ident

from versioned_import import kept_code
from versioned_import.runtime import memo
from versioned_import.runtime.importing import asking_place, import_both
from versioned_import.runtime.noted import short
from versioned_import.runtime.state import (
    Answered,
    file_of,
    has_loaded_name,
    is_gone,
    is_loaded,
    is_no_ones,
    is_of,
    state,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from versioned_import.metadata.candidate import Candidate, CanonicalName


def load(name: str, clause: str) -> "tuple[ModuleType, ModuleType]":
    """Return the top-level package and the module `name` of a version that the clause allows, loaded.

    Raises VersionNotFoundError or VersionConflictError, or whatever the module raises; then nothing stays selected that
    wasn't before.
    """
    with state.lock:
        selection, answered = state.selection, state.answered
        candidate = select(name, clause)
        # At most one, also where the answer of a parent process was given up for it.
        mine = state.answered[-1:] if state.answered is not answered else []
        state.loading += [(get_ident(), candidate)] if candidate is not None else []
    try:
        if candidate is not None and any(one in sys.modules for one in candidate.names):
            from versioned_import.runtime.misplaced import refuse_namespace

            refuse_namespace(name, clause, candidate)
        top, module = import_both(name)
    except BaseException:
        failed(name, candidate, mine, selection)
        raise
    conclude(name, clause, module, candidate, mine, selection, answered)
    return top, module


def failed(
    name: str,
    candidate: "Candidate | None",
    mine: "list[Answered]",
    selection: "dict[CanonicalName, Candidate]",
    _: object = None,
) -> None:
    """Take back what was selected for a statement whose import has failed; `selection` is what was in force before it."""
    from versioned_import.runtime import taking_back

    with state.lock:
        state.no_longer_loading(candidate)
        taking_back.take_back(name, mine, selection)


def conclude(
    name: str,
    clause: str,
    module: "ModuleType",
    candidate: "Candidate | None",
    mine: "list[Answered]",
    selection: "dict[CanonicalName, Candidate]",
    answered: "list[Answered]",
) -> None:
    """See that what was imported is what was chosen; raises VersionConflictError. The last two were in force before."""
    state.no_longer_loading(candidate)
    if candidate is not None and not file_of(module).startswith(candidate.path + os.sep):
        from versioned_import.runtime.misplaced import check_origin

        check_origin(name, clause, module, candidate)
    if mine and state.project is None and (strays := loaded_from_elsewhere()):
        from versioned_import.runtime.strays import refuse

        with state.lock:
            refuse(name, clause, mine[0], strays, selection)
    if mine and any(_says_the_same(one, mine[0]) for one in answered):
        # While a circle is not closed, a statement comes here each time that it is executed.
        with state.lock:
            others = [one for one in state.answered if one is not mine[0]]
            # Not the answer of a thread whose import has failed since.
            if any(_says_the_same(one, mine[0]) for one in others):
                state.replace(state.selection, others)


def _says_the_same(one: "Answered", other: "Answered") -> bool:
    """Tell whether two answers are those of one statement."""
    return not one.inherited and (one.name, one.clause, one.where) == (other.name, other.clause, other.where)


def select(name: str, clause: str) -> "Candidate | None":
    """Make the selection answer a request and return the candidate; None if a loaded flat module is the answer.

    Called with the state's lock held. Raises VersionNotFoundError or VersionConflictError.
    """
    from versioned_import.runtime.finder import install

    install()
    where = asking_place()
    if state.project is not None:
        return state.project.select(name, clause, where)
    if name.partition(".")[0] in sys.modules or name in sys.modules:
        from versioned_import.runtime.loaded import is_answered_by_loaded

        before = state.selection, state.answered
        if is_answered_by_loaded(name, clause, where):
            if (name, clause) in short.missed:
                from versioned_import.runtime import keeping_shortcuts

                keeping_shortcuts.keep_loaded(name, clause, before[1], before[0])
            if state.tracing:
                from versioned_import.runtime import trace

                trace.answered_by_loaded(name, clause, where)
            return None
    same = _answer_before(name, clause)
    if same is not None:
        # In its own right: the other one may be taken back, or end with the parent's selection.
        state.replace(state.selection, [*state.answered, Answered(name, clause, where, same.distribution)])
        if state.tracing:
            from versioned_import.runtime import trace

            trace.answered(name, clause, where, same, "the same as before")
        return same
    remembered = _remembered(name, clause, where)
    if remembered is not None:
        return remembered
    from versioned_import.runtime.cold import select_cold

    return select_cold(name, clause, where)


def _remembered(name: str, clause: str, where: str) -> "Candidate | None":
    """Select what an earlier process found for a request, and return its answer; None if that doesn't hold in this one."""
    remembered = memo.recall(name, clause, state.directories(), state.answered, state.leftover)
    if remembered is None or not _agrees(remembered):
        return None
    chosen = {one.distribution: one for one in remembered}
    answered = Answered(name, clause, where, remembered[0].distribution)
    before = state.selection, state.answered
    state.replace({**state.selection, **chosen}, [*state.answered, answered])
    if _is_any_loaded(remembered) and _has_foreign(remembered):
        state.replace(*before)
        return None
    keep_code(name, remembered)
    if (name, clause) in short.missed:
        from versioned_import.runtime import keeping_shortcuts

        keeping_shortcuts.keep(name, clause, before[1], remembered)
    if state.tracing:
        from versioned_import.runtime import trace

        trace.answered(name, clause, where, remembered[0], "remembered from an earlier process")
        trace.closure(chosen, [remembered[0]], before[0])
    return remembered[0]


def keep_code(name: str, closure: "list[Candidate]") -> None:
    """Serve the kept code of the modules of a closure, the answer first."""
    tops = {top for one in closure for top in one.tops} - kept_code.tables.keys()
    if tops:
        kept_code.begin(f"{closure[0].path} {name}", tops, with_library=True)


def _answer_before(name: str, clause: str) -> "Candidate | None":
    """Return what a statement of the same name and clause got, in this process or its parent; None if there is none.

    It meets the clause still: whatever was chosen since had to agree with that statement.
    """
    for one in state.answered:
        if one.name == name and one.clause == clause:
            candidate = state.selection.get(one.distribution)
            if candidate is not None and any(name == own or name.startswith(f"{own}.") for own in candidate.names):
                # One that is gone is chosen anew, as long as nothing of it is loaded.
                return candidate if not is_gone(candidate) or is_loaded(candidate) else None
    return None


def _has_foreign(remembered: "list[Candidate]") -> bool:
    from versioned_import.runtime.misplaced import foreign_modules

    return bool(foreign_modules(remembered))


def _agrees(remembered: "list[Candidate]") -> bool:
    """Tell whether a remembered closure holds in this process: nothing of it is loaded or chosen otherwise."""
    for candidate in remembered:
        chosen = state.selection.get(candidate.distribution)
        if chosen is None:
            # Something of it may have been loaded by a plain import, from elsewhere.
            if has_loaded_name(candidate):
                return False
        elif chosen.key() != candidate.key():
            return False
    return True


def _is_any_loaded(chosen: "Iterable[Candidate]") -> bool:
    """Tell whether a module of one of the candidates' names, or one below, is in `sys.modules`, whatever it is."""
    loaded = "\n".join(("", *sys.modules))  # a look into one text, instead of one into each of hundreds of names
    return any(f"\n{name.partition('.')[0]}" in loaded for candidate in chosen for name in candidate.names)


def loaded_from_elsewhere() -> "list[tuple[str, Candidate]]":
    """Return the names of loaded modules that selected versioned directories have, and that come from elsewhere.

    Another finder may have served them, or another thread's plain import have begun before they were chosen.
    """
    found = []
    modules, seen = sys.modules, state.seen
    for candidate in state.selection.values():
        if candidate.entry:
            for name in candidate.names:
                module = modules.get(name)
                if module is None or seen.get(name) is candidate:
                    continue
                if is_of(module, name, candidate) or is_no_ones(name, candidate):
                    seen[name] = candidate
                else:
                    found.append((name, candidate))
    return found
