"""The one mutable object of a process: what is selected, and which statements asked for it."""

import os
import sys
from _thread import get_ident

from versioned_import.metadata.candidate import STARTERS, from_line
from versioned_import.metadata.places import checksum
from versioned_import.runtime.noted import PYTHONPATH, short
from versioned_import.runtime.shortcut import LONGEST_PLAIN, VARIABLE, lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.projects.locked import LockedProject


class Answered:
    """One statement that was answered: its name, its clause's text, where it stands, and the distribution it got.

    The name is "" where `require` asked for the distribution; then the clause is the requirement.
    """

    __slots__ = ("clause", "distribution", "name", "where")

    inherited = False
    """Whether a parent process answered it (`told.Inherited`)."""

    mark = ""
    """What else later answers depended on, for the memo: of an inherited one, what was inherited with it."""

    def __init__(self, name: str, clause: str, where: str, distribution: "CanonicalName") -> None:
        self.name = name
        self.clause = clause
        self.where = where
        self.distribution = distribution

    @property
    def place(self) -> str:
        """Where the statement stands, for a sentence."""
        return self.where


class State:
    """The selection of this process. Change it with `lock` held; readers need none, since tables are replaced whole."""

    def __init__(self) -> None:
        self.lock = lock
        """Held while a request is resolved, never while a module runs."""
        self.selection: dict[CanonicalName, Candidate] = {}
        self.answered: list[Answered] = []
        self.providers: dict[str, list[Candidate]] = {}
        """Top-level import name to the selected candidates that provide it (several for a namespace package)."""
        self.below_namespaces: set[str] = set()
        """The import names of selected candidates that stand below a namespace package, and the namespaces in between."""
        self.loading: list[tuple[int, Candidate]] = []
        """In which thread statements have chosen what, whose import has not ended: another must not choose otherwise."""
        self.walled: set[str] = set()
        """The namespace packages of which a flat install was chosen whose site directory isn't on `sys.path`."""
        self.seen: dict[str, Candidate] = {}
        """Of which candidate a loaded module was seen to be: what is right need not be looked at again."""
        self.leftover = ""
        """What was selected when the statements answered last ceased to be the reason for it, for the memo; most often ""."""
        self.search_path: tuple[str, ...] | None = None
        self.tracing = not sys.flags.ignore_environment and os.environ.get("VERSIONED_IMPORT_TRACE", "") not in (
            "",
            "0",
        )
        """Whether `runtime/trace.py` tells each decision."""
        self.lines: dict[Candidate | Answered, str] = {}
        """What is selected, as child processes are told it."""
        self.project: LockedProject | None = None
        """What answers statements in a process that runs from a lock; its selection is what is locked."""

    def replace(self, selection: "dict[CanonicalName, Candidate]", answered: "list[Answered]") -> None:
        """Put another selection in force."""
        providers: dict[str, list[Candidate]] = {}
        for candidate in selection.values():
            for top in candidate.tops:
                providers.setdefault(top, []).append(candidate)
        before, below_before = self.selection, self.below_namespaces
        if not selection:
            self.leftover = ""
        elif selection is not before and (not answered or answered[: len(self.answered)] != self.answered):
            # Of an import that failed something may stay, and a child process may inherit no more than that.
            keys = sorted(one.key() for one in selection.values())
            self.leftover = f"beside {checksum(str(keys).encode())}"
        self.selection, self.providers, self.answered = selection, providers, answered
        self.below_namespaces = {part for one in selection.values() for name in one.names for part in _dotted(name)}
        if below_before or self.below_namespaces:
            # From a lock, another finder refuses what stands beside it.
            flat = [one for one in selection.values() if not one.entry and self.project is None]
            aside = [one for one in flat if one.site not in sys.path]
            self.walled = {part.rpartition(".")[0] for one in aside for name in one.names for part in _dotted(name)}
            _extend_loaded_namespaces(below_before | self.below_namespaces, before, selection)
        if sys.modules.get("pkg_resources") is not None:
            from versioned_import.runtime.pkg_resources_view import show

            show()
        self.tell_children()

    def no_longer_loading(self, candidate: "Candidate | None") -> None:
        """Note that a statement's import has ended in this thread, well or not."""
        mine = get_ident(), candidate
        if mine in self.loading:
            self.loading.remove(mine)

    def tell_children(self) -> None:
        """Put what is selected into the environment for child processes, as `told.py` reads it."""
        if self.project is not None:
            return  # they run from the lock themselves
        if not self.selection:
            self.lines = {}
            os.environ.pop(VARIABLE, None)
            return
        known = self.lines
        every: list[Candidate | Answered] = [*self.selection.values(), *self.answered]
        new = {one: told_line(one) for one in every if one not in known}
        if len(known) + len(new) == len(every):
            self.lines = {**known, **new}  # what is only made longer is packed in little time
        else:
            self.lines = {one: known.get(one) or new[one] for one in every}
        body = "\n".join(self.lines.values())
        if len(body) > LONGEST_PLAIN:
            from versioned_import.runtime import told

            body = told.packed(body)
        if body:
            os.environ[VARIABLE] = addressed(body)
        else:  # too much for any system: children run plain rather than not at all
            os.environ.pop(VARIABLE, None)
        if "multiprocessing.spawn" in sys.modules:
            from versioned_import.runtime import workers

            workers.watch()

    def reset(self) -> None:
        """Forget everything, for tests; modules that are loaded stay loaded."""
        self.selection, self.answered, self.providers, self.search_path = {}, [], {}, None
        self.below_namespaces, self.walled, self.seen, self.leftover = set(), set(), {}, ""
        self.project = None
        self.tell_children()

    def directories(self) -> "tuple[str, ...]":
        """Return the search path, computed at the first versioned import."""
        if self.search_path is None:
            from versioned_import.resolver.search_path import search_path

            self.search_path = search_path()
        return self.search_path


state = State()


def _begin_in_child() -> None:
    state.loading = []  # by threads that are not in the child


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_in_child)


def take_over_shortcut() -> None:
    """Make what was taken the short way this module's; from now on, everything goes the whole way."""
    with state.lock:
        if short.over:
            return
        short.over = True
        if not short.taken:
            return
        selection: dict[CanonicalName, Candidate] = {}
        answered: list[Answered] = []
        for taken in short.taken:
            before = selection, answered
            found = [from_line(one[6], one[7]) for one in taken.closure]
            selection = {**selection, **{one.distribution: one for one in found if one.distribution not in selection}}
            candidate = selection[found[0].distribution]
            mine = Answered(taken.name, taken.clause, taken.where, candidate.distribution)
            answered = [*answered, mine]
            taken.handed = candidate, [mine], *before
            thread, process = taken.thread
            if taken.loading and process == os.getpid():  # a fork has not the threads of its parent
                state.loading.append((thread, candidate))
        state.search_path = short.directories
        state.replace(selection, answered)


def addressee() -> str:
    """Return the line that says which Python may take a selection over: one like this."""
    return f"versioned_import {sys.implementation.cache_tag} {sys.hexversion:x} {told_fields([sys.prefix])}"


def addressed(body: str) -> str:
    """Return the whole text for child processes: for whom it is, its format, checksum and our PYTHONPATH, then the lines."""
    path = told_fields([PYTHONPATH])
    return f"{addressee()}\n2 {checksum(f'{path}{body}'.encode())} {path}\n{body}"


def told_line(one: "Candidate | Answered") -> str:
    """Return a candidate, or an answered statement, as child processes are told it."""
    if isinstance(one, Answered):
        return told_fields([one.name, one.clause, one.where, one.distribution])
    return told_fields([one.site, *one.line().split("\t")])


def told_fields(fields: "list[str]") -> str:
    """Return fields as one line of ASCII."""
    line = "\t".join(fields)
    whole = line.count("\t") == len(fields) - 1 and line.replace("\t", "").isprintable()
    if whole and line.isascii() and "%" not in line:
        return line
    from versioned_import.runtime import told

    return told.escaped(fields)


def attribute_of(module: object, name: str) -> "Any":
    """Return an attribute of a loaded module, or None; one that loads at the first look at it is not made to.

    Whatever an odd object in `sys.modules` raises, it is none of our caller's.
    """
    try:
        if type(module).__name__ == "_LazyModule":  # of importlib.util, which need not be imported
            return object.__getattribute__(module, "__dict__").get(name)
        return getattr(module, name, None)
    except Exception:  # noqa: BLE001
        return None


def file_of(module: object) -> str:
    """Return the file of a loaded module, "" for none; whoever put it into `sys.modules` by hand may have written anything."""
    file = attribute_of(module, "__file__")
    if isinstance(file, os.PathLike):
        file = os.fspath(file)
    return file if isinstance(file, str) else ""


def has_loaded_name(candidate: "Candidate") -> bool:
    """Tell whether any import name of a candidate is in `sys.modules`, wherever the module comes from."""
    return any(sys.modules.get(name) is not None for name in candidate.names if name not in STARTERS)


def is_loaded(candidate: "Candidate") -> bool:
    """Tell whether a module of a candidate itself is loaded: the program may have its own one of the same name."""
    return any(
        is_of(module, name, candidate)
        for name in candidate.names
        if name not in STARTERS and (module := sys.modules.get(name)) is not None
    )


def is_of(module: object, name: str, candidate: "Candidate") -> bool:
    """Tell whether the module that is loaded under an import name of a candidate is the candidate's."""
    file, place = file_of(module), candidate.path + os.sep
    if file.startswith(place):
        own = place + name.replace(".", os.sep)
        # A flat install's directory holds versioned directories too.
        return bool(candidate.entry) or file.startswith((f"{own}.", f"{own}{os.sep}"))
    if attribute_of(module, "__name__") != name:
        return True  # a candidate may put another module into its own one's place
    # An editable install has its modules elsewhere.
    return not (file and candidate.entry) and not is_no_ones(name, candidate)


def is_no_ones(name: str, candidate: "Candidate") -> bool:
    """Tell whether a name is the standard library's, or a side name: the program may well have another module of it."""
    top = name.partition(".")[0]
    return top in STARTERS or top in sys.stdlib_module_names or candidate.is_side_name(top)


def is_gone(candidate: "Candidate") -> bool:
    """Tell whether a candidate was uninstalled, or gave way to another version, after it had been chosen."""
    try:
        os.stat(candidate.metadata_directory)
    except OSError:
        from versioned_import.metadata.layout import is_still_there

        return not is_still_there(candidate)  # it may be inside a zip file
    return False


def _dotted(name: str) -> "list[str]":
    """Return a name below a namespace package and the packages above it, without the top-level one."""
    parts = name.split(".")
    return [".".join(parts[:size]) for size in range(2, len(parts) + 1)]


def _extend_loaded_namespaces(
    names: "set[str]", before: "dict[CanonicalName, Candidate]", after: "dict[CanonicalName, Candidate]"
) -> None:
    """Let namespace packages that are loaded see the portions of what is selected, and no longer of what was."""
    if any(name.partition(".")[0] in sys.modules for name in names):
        from versioned_import.runtime import portions

        portions.follow(before.values(), after.values())


if sys.flags.no_site and VARIABLE in os.environ and "versioned_import.runtime.children" not in sys.modules:
    from versioned_import.runtime.children import inherit

    inherit()  # it says why it can't: nothing of ours ran at the start of this process


take_over_shortcut()
