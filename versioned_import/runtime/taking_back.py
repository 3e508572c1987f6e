"""What a statement whose import failed leaves selected, so that another version can be tried."""

import os
import sys

from versioned_import.runtime.state import Answered, attribute_of, file_of, is_loaded, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from versioned_import.metadata.candidate import Candidate, CanonicalName


def take_back(name: str, answers: "list[Answered]", before: "dict[CanonicalName, Candidate]") -> None:
    """Undo answers whose import failed, so that another version can be tried; `before` is what was chosen before them.

    What got loaded stays chosen, and so does what other statements rely on: other threads may have got theirs since.
    """
    if state.project is not None:
        state.answered = [one for one in state.answered if one not in answers]  # what is locked stays locked
        return
    chosen = [state.selection[one.distribution] for one in answers if one.distribution in state.selection]
    # A namespace package stays loaded, and says nothing of a portion that failed.
    packages = [one for candidate in chosen for one in candidate.names if f"{name}.".startswith(f"{one}.")]
    if not answers or any(map(_is_whole, packages)):
        return
    from versioned_import.runtime.cold import needed_for

    # What the code of a distribution asked for whose own import has failed with it is nobody's wish any more.
    failed = tuple(f"{one.path}{os.sep}" for one in state.selection.values() if one.entry and not is_loaded(one))
    others = [one for one in state.answered if one not in answers and not one.where.startswith(failed)]
    # What was chosen before may have been so for statements that have failed since.
    kept_names = {*needed_for(others), *(before.keys() - needed_for(answers))}
    loaded = [Answered("", key, "", key) for key, one in state.selection.items() if is_loaded(one)]
    # What is loaded may import later what it requires.
    required = needed_for(loaded)
    kept = {key: one for key, one in state.selection.items() if key in kept_names or key in required}
    if state.tracing:
        from versioned_import.runtime import trace

        trace.taken_back(state.selection.keys() - kept.keys(), state.selection, sys.exc_info()[1])
    dropped = [one for key, one in state.selection.items() if key not in kept_names and not is_loaded(one)]
    state.replace(kept, others)
    if any(one.entry for one in dropped):
        from versioned_import.runtime.remnants import forget

        forget(dropped)


def _is_whole(name: str) -> bool:
    """Tell whether a regular module is loaded, to its end; while it is half made, its import may fail in another thread."""
    module = sys.modules.get(name)
    if attribute_of(module, "__path__") is not None and not file_of(module):
        return False
    from versioned_import.runtime.remnants import being_loaded

    # Python takes a module that fails out of the table, then marks its spec: so the table is looked at last. Another thread
    # may fail in between, and would take back its own answer only.
    return module is not None and not being_loaded(module) and sys.modules.get(name) is module
