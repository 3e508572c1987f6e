"""Child processes: taking over what the parent had selected, and how long that holds (spec 3.10; docs/children.md).

The parent's side is `State.tell_children`; the text between them is read by `told.py`.
"""

from __future__ import annotations

import os
import sys

from versioned_import.runtime.shortcut import VARIABLE
from versioned_import.runtime.state import Answered, has_loaded_name, is_loaded, state
from versioned_import.runtime.told import is_for_this_python, parents_pythonpath, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from versioned_import.errors import VersionConflictError
    from versioned_import.metadata.candidate import Candidate, CanonicalName

    Result = TypeVar("Result")

_SHOWN = 3
_said: set[str] = set()


def inherit() -> None:
    """Take over the selection that the environment holds, at the start of this process. It raises nothing.

    What is for another Python, and what runs pip, is passed over in silence; otherwise one line on stderr says why the
    selection isn't taken over.
    """
    text = os.environ.get(VARIABLE, "")
    try:
        if not text or not is_for_this_python(text):
            return
        if _is_installer(sys.orig_argv):
            del os.environ[VARIABLE]  # installing has to see what is flat, and so have the builds that it starts
            return
        helper = multiprocessing_helper(sys.orig_argv)
        if helper == "resource_tracker":
            return
        selection, answered = read(text)
        switch = _ignoring_switch(selection)
        if switch and not helper:  # multiprocessing hands the selection over by itself
            _say(f"this Python was started with {switch}, so it does not take over {_shown(selection, answered)}")
        if switch:
            return
        wanted = _wanted_instead(text, selection)
        if wanted is not None and not helper:
            del os.environ[VARIABLE]
            entry, name = wanted
            because = f"its PYTHONPATH has {entry}, where {name} is, and its parent's had not"
            _say(f"this Python does not take over {_shown(selection, answered)}: {because}")
            return
        problem = take_over(selection, answered)
        if problem:
            _say(f"this Python can't take over {_shown(selection, answered)}: {problem}")
    except ImportError:
        return  # half uninstalled
    except Exception as error:  # noqa: BLE001 whatever somebody put there
        os.environ.pop(VARIABLE, None)
        _say(f"{VARIABLE} can't be read ({error}), so this Python takes over no selection")


def _wanted_instead(text: str, selection: dict[CanonicalName, Candidate]) -> tuple[str, str] | None:
    """Return the entry of PYTHONPATH, and a module in it, by which whoever started this process wants another selection."""
    parents = parents_pythonpath(text)
    if os.environ.get("PYTHONPATH", "") in ("", parents):
        return None
    from versioned_import.runtime.pythonpath import wanted_instead

    return wanted_instead(parents, selection.values())


def take_over(selection: dict[CanonicalName, Candidate], answered: Sequence[Answered]) -> str:
    """Put a parent's selection in force, beside what this process relies on already.

    Return "", or in a few words why that can't be; then nothing has changed.
    """
    from versioned_import.runtime.finder import install

    install()
    with state.lock:
        before = state.selection, state.answered
        own = [one for one in state.answered if not one.inherited]
        needed = _needed_for(own) if own else set()
        kept = {name: one for name, one in state.selection.items() if name in needed or is_loaded(one)}
        for name, one in kept.items():
            other = selection.get(name)
            if other is not None and other.key() != one.key():
                return f"{name} {one.version} is in use here already: {one.place}"
        state.replace({**kept, **selection}, [*answered, *own])
        if any(map(has_loaded_name, selection.values())):
            from versioned_import.runtime.misplaced import foreign_modules

            foreign = foreign_modules(selection.values())
            if foreign:
                state.replace(*before)
                return f"{foreign[0].distribution} is loaded here already, from elsewhere than {foreign[0].place}"
    if state.tracing:
        from versioned_import.runtime import trace

        trace.inherited(selection)
    return ""


class PlainHere(Answered):
    """A plain import of what was inherited: the module stays, while the statement that had it chosen is given up."""

    def __init__(self, name: str, where: str, candidate: Candidate) -> None:
        super().__init__(name, "", where, candidate.distribution)
        self.mark = f" of {candidate.version} in {candidate.path}"


def with_or_without(resolve: Callable[[], Result]) -> Result:
    """Return what `resolve` returns; where it can't agree with what is inherited, the inheritance ends and it is tried again.

    Only statements are given up that got a distribution of which nothing is loaded in this process. Called with the state's
    lock held. Raises what `resolve` raises; then everything is as before.
    """
    from versioned_import.errors import VersionConflictError

    try:
        return resolve()
    except VersionConflictError as error:
        before = state.selection, state.answered
        if not any(one.inherited for one in state.answered):
            raise
        first = error
    try:
        if _end():
            if state.tracing:
                from versioned_import.runtime import trace

                trace.say("the parent process's selection ends: what is asked for here can't be had together with it")
            return resolve()
    except BaseException as error:
        state.replace(*before)
        if not isinstance(error, VersionConflictError):
            raise
    raise _told_here(first, resolve, before) from None


def _end() -> bool:
    """Give up the inherited statements that got what isn't loaded, and what only they needed; False if there are none."""
    kept = [one for one in state.answered if not one.inherited or _is_in_use(state.selection.get(one.distribution))]
    if len(kept) == len(state.answered):
        return False
    plain = _plain_imports(kept)
    needed = _needed_for([*kept, *plain])
    # What is loaded is as if a plain import here had chosen it: what it requires goes on holding.
    selection = {name: one for name, one in state.selection.items() if name in needed}
    state.replace(selection, [*plain, *kept])
    return True


def _told_here(
    error: VersionConflictError,
    resolve: Callable[[], Result],
    before: tuple[dict[CanonicalName, Candidate], list[Answered]],
) -> VersionConflictError:
    """Return a conflict as it is in this process: with the imports here in the place of the parent's statements."""
    from versioned_import.runtime.loaded import loaded_module
    from versioned_import.runtime.reasons import why_chosen

    selection, answered = before
    own, plain = told_apart(error.where)
    inherited = []
    for one in plain:
        loaded = loaded_module(one.name)
        if loaded is not None and loaded.candidate is not None and why_chosen(loaded.candidate):
            inherited.append(f"{one.distribution} {loaded.candidate.version} was {why_chosen(loaded.candidate)}")
    needed = _needed_for([*plain, *own])
    try:
        state.replace({name: one for name, one in selection.items() if name in needed}, [*plain, *own])
        resolve()
    except type(error) as told:
        *story, advice = told.story
        return type(error)(told.name, told.request, told.where, told.headline, (*story, *inherited, advice))
    finally:
        state.replace(selection, answered)
    return error


def told_apart(asked_at: str) -> tuple[list[Answered], list[Answered]]:
    """Return this process's own statements, and plain imports for what else is loaded of the parent's selection.

    Those are the statements that count, were one put in front of them: what is inherited would end. `asked_at` is the
    statement that asks now.
    """
    from versioned_import.runtime.importer import first_importer

    own = [one for one in state.answered if not one.inherited]
    plain = _plain_imports(own)
    for one in plain:
        one.where = first_importer(one.name, asked_at)
    return own, plain


def _plain_imports(statements: Sequence[Answered]) -> list[Answered]:
    """Return plain imports of what is loaded of the selection and not relied on by some statements."""
    found: list[Answered] = []
    for candidate in state.selection.values():
        if _is_in_use(candidate) and candidate.distribution not in _needed_for([*statements, *found]):
            loaded = [name for name in candidate.names if sys.modules.get(name) is not None]
            name = min(loaded or candidate.names, key=lambda one: candidate.is_side_name(one.partition(".")[0]))
            found.append(PlainHere(name, "", candidate))
    return found


def _is_in_use(candidate: Candidate | None) -> bool:
    """Tell whether something of a selected candidate is loaded; a module of the program's own may bear a side name of it."""
    if candidate is None:
        return False
    from versioned_import.runtime.loaded import LoadedModules

    return LoadedModules().fixed(candidate.distribution, [candidate]) is not None


def _needed_for(statements: Sequence[Answered]) -> set[CanonicalName]:
    from versioned_import.runtime.cold import needed_for

    return needed_for(statements)


def _is_installer(command: Sequence[str]) -> bool:
    """Tell whether a command line runs pip or a build that pip started: only the program counts, not its arguments."""
    program = _program(command).replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
    return program.rstrip("0123456789.") in ("pip", "ensurepip") or program in ("__pip-runner__.py", "_in_process.py")


def _program(command: Sequence[str]) -> str:
    """Return the module or the script that a command line of Python runs; "" for a text, standard input or a session."""
    words = iter(command[1:])
    for word in words:
        if not word.startswith("-") or word == "-":
            return word
        if word == "--check-hash-based-pycs":
            next(words, "")
        if word.startswith("--"):
            continue
        for at, letter in enumerate(word[1:], 2):
            if letter == "c":
                return ""
            if letter in "mWX":  # its argument follows, in the same word or the next
                argument = word[at:] or next(words, "")
                if letter == "m":
                    return argument.partition(".")[0]
                break
    return ""


def multiprocessing_helper(command: Sequence[str]) -> str:
    """Return which module of multiprocessing a process was started for, or ""."""
    for word in command:
        if word.startswith("from multiprocessing."):
            return word.split()[1].removeprefix("multiprocessing.")
    return ""


def _ignoring_switch(selection: dict[CanonicalName, Candidate]) -> str:
    """Return the switch of Python that keeps what the environment says, or what is selected, away from this process, or ""."""
    if sys.flags.no_site:
        return "-S"
    if sys.flags.isolated:
        return "-I"
    if sys.flags.ignore_environment:
        return "-E"
    if sys.flags.no_user_site:
        from site import getusersitepackages

        users = getusersitepackages()
        if any(one.site == users for one in selection.values()):
            return "-s"
    return ""


def _shown(selection: dict[CanonicalName, Candidate], answered: Sequence[Answered]) -> str:
    """Return the parent's selection in a few words: first what its statements asked for."""
    asked = [one.distribution for one in answered if one.distribution in selection]
    names = list(dict.fromkeys([*asked, *selection]))
    shown = [f"{name} {selection[name].version}" for name in names[:_SHOWN]]
    return f"the selection of its parent ({', '.join([*shown, *(['...'] if len(names) > _SHOWN else [])])})"


def _say(sentence: str) -> None:
    line = f"versioned_import: {sentence}; it runs plain\n"
    if line not in _said and sys.stderr is not None:
        _said.add(line)
        try:
            sys.stderr.write(line)
        except (OSError, ValueError):
            pass
