"""Why a selected module is not to be had any more; no other version takes its place."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder

from versioned_import.runtime.state import is_gone, state


def refuse_gone(name: str) -> None:
    """Raise ImportError if a module is not found because its selected candidate lost it, or is gone as a whole.

    Otherwise a later finder might serve a module of another version. Where none does, a probe just hears that it isn't there.
    """
    error = _why_gone(name)
    if error is None:
        return
    from versioned_import_startup import is_import

    package = sys.modules.get(name.rpartition(".")[0])
    if is_import() or PathFinder.find_spec(name, getattr(package, "__path__", None)) is not None:
        raise error


def _why_gone(name: str) -> ImportError | None:
    for candidate in state.providers.get(name.partition(".")[0], ()):
        if any(name == one or name.startswith(f"{one}.") for one in candidate.names):
            if is_gone(candidate):
                from versioned_import.resolver.story import gone
                from versioned_import.runtime.cold import needed_for

                own = [one for one in state.answered if not one.inherited]
                # What is needed can't all be told any more, since metadata is gone.
                is_own = len(own) == len(state.answered) or candidate.distribution in needed_for(own)
                return gone(name, candidate, "this process" if is_own else "the parent process")
            if candidate.entry and name in candidate.names:
                from versioned_import.resolver.whole import missing_names

                if missing_names(candidate, [name]):
                    from versioned_import.resolver.story import incomplete

                    return incomplete(name, candidate)
    return None
