"""The short way of a process's first statements: an earlier process has noted all that such a statement comes to (`noted.py`).

A note is used only where it says everything: versioned directories alone, none of whose names is loaded, nothing on the way
that is unusual. All else goes the whole way (`resolve.py`). Whoever needs to know what is selected imports `state.py`, which
takes over what was taken here; from then on this module only hands on (docs/architecture.md, 4).
"""

import os
import sys
from _frozen_importlib_external import PathFinder  # its public name would cost the import of importlib
from _thread import RLock, get_ident

from versioned_import import kept_code
from versioned_import.metadata.places import checksum
from versioned_import.runtime.importing import asking_place, import_both
from versioned_import.runtime.noted import namespace, recall, short, situation
from versioned_import_startup import outside_import_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from importlib.metadata import Distribution, DistributionFinder
    from types import ModuleType
    from typing import Any

    from versioned_import.runtime.noted import Noted, Taken

VARIABLE = "VERSIONED_IMPORT_SELECTION"
"""The environment variable by which child processes learn what is selected."""

LONGEST_PLAIN = 30_000
"""Longer texts are packed: Windows ends variables at 32,767 characters, Linux at 128 KiB."""

lock = RLock()
"""Held while a request is resolved, never while a module runs."""

if hasattr(os, "register_at_fork"):
    # A child that is forked while another thread has the lock would wait for it for ever.
    os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)


def begin() -> bool:
    """Put the finder in front of the one that searches paths, where no other finder is unusual; tell whether it is there."""
    if short.over or short.placed:
        return not short.over
    finders = list(sys.meta_path)
    at = finders.index(PathFinder) if PathFinder in finders else 0
    names = [getattr(one, "__module__", "") for one in finders]
    # Of others nobody knows what they find.
    usual = {"_frozen_importlib", "_frozen_importlib_external", "_distutils_hack", "versioned_import_startup"}
    if not at or not usual.issuperset(names):
        return False
    from versioned_import.runtime import pseudo_loader

    short.pseudo_spec = pseudo_loader.pseudo_spec
    finders.insert(at, ShortcutFinder)
    # At once: a thread that is going through the list passes over no finder but this one.
    sys.meta_path[:] = finders
    short.placed = finders
    return True


def load(name: str, clause: str, pseudo: str) -> "tuple[ModuleType, ModuleType]":
    """Return the top-level package and the module `name` of a version that the clause allows, loaded.

    `pseudo` is the pseudo module name of both. Raises what `resolve.load` raises; then nothing stays selected that wasn't
    before.
    """
    with lock:
        taken = take(name, clause, pseudo)
    if taken is None:
        return whole_way().resolve().load(name, clause)  # type: ignore[no-any-return]
    try:
        top, module = import_both(name)
    except BaseException:
        whole_way().resolve().failed(name, *taken.handed)
        raise
    with lock:
        taken.loading = False
        if not short.over and is_right(taken.closure[0], module) and all(map(is_seen, short.providers)):
            return top, module
    whole_way().resolve().conclude(name, clause, module, *taken.handed)
    return top, module


def take(name: str, clause: str, pseudo: str) -> "Taken | None":
    """Select what is noted for a statement; None where it can't go the short way. Called with the lock held."""
    modules = sys.modules
    top = name.partition(".")[0]
    if short.over or not short.placed or not is_undisturbed():
        return None
    if top in modules and not (top in short.providers and is_seen(top)):
        return None
    if "pkg_resources" in modules or "multiprocessing.spawn" in modules:
        return None  # both have to be told of what is selected
    if not short.taken:
        # Now, since the program may have changed what is listed in its first lines.
        tracing = os.environ.get("VERSIONED_IMPORT_TRACE", "") not in ("", "0")
        short.situation = situation() if not tracing and VARIABLE not in os.environ else None
        short.absent = None
    noted = recall(pseudo) if short.situation is not None else None
    if noted is None:
        short.missed.add((name, clause))
        return None
    closure, directories, head = noted
    if not agrees(closure):
        return None
    where = asking_place()
    said = [f"{one.name}\t{one.clause}\t{one.where}\t{one.closure[0][0]}" for one in short.taken]
    said.append(f"{name}\t{clause}\t{where}\t{closure[0][0]}")
    selection = {**short.selection, **{one[0]: one for one in closure}}
    body = "\n".join([*(one[5] for one in selection.values()), *said])
    if len(body) > LONGEST_PLAIN or not is_plain(said[-1]):
        return None
    thread = get_ident(), os.getpid()
    taken: Taken = namespace(
        name=name, clause=clause, where=where, closure=closure, thread=thread, loading=True, handed=None
    )
    short.selection, short.directories = selection, directories
    short.providers = {top: one for one in selection.values() for top in one[3]}
    short.taken.append(taken)
    path = head[1]
    os.environ[VARIABLE] = f"{head[0]}\n2 {checksum(f'{path}{body}'.encode())} {path}\n{body}"
    tops = short.providers.keys() - kept_code.tables.keys()
    if tops:
        kept_code.begin(f"{closure[0][1]} {name}", tops, with_library=True)
    return taken


def is_plain(line: str) -> bool:
    """Tell whether fields can be told to child processes as they are."""
    return line.count("\t") == 3 and line.isascii() and "%" not in line and line.replace("\t", "").isprintable()  # noqa: PLR2004


def is_undisturbed() -> bool:
    """Tell whether all finders stand as when ours was placed; more may have come to their end, where they are asked last."""
    placed, finders = short.placed, sys.meta_path
    if finders == placed:
        return True
    if finders[: len(placed)] != placed:
        return False
    short.placed = list(finders)
    return True


def agrees(closure: "Sequence[Noted]") -> bool:
    """Tell whether nothing of a closure is loaded, or chosen otherwise."""
    new: list[str] = []
    for one in closure:
        chosen = short.selection.get(one[0])
        if chosen is None:
            new += one[3]
        elif chosen[1] != one[1]:
            return False
    loaded = "\n".join(("", *sys.modules))  # a look into one text, instead of one into each of hundreds of names
    return not any(f"\n{name}" in loaded or name in short.providers for name in new)


def is_right(noted: "Noted", module: object) -> bool:
    """Tell whether a loaded module surely stands in a versioned directory."""
    file = getattr(module, "__file__", None) if type(module) is type(sys) else None
    return type(file) is str and file.startswith(f"{noted[1]}{os.sep}")


def is_seen(top: str) -> bool:
    """Tell whether the module of a name that was selected is not loaded, or surely the right one."""
    module = sys.modules.get(top)
    if module is None or top in short.seen:
        return True
    noted = short.providers[top]
    own = f"{noted[1]}{os.sep}{top}"
    if is_right(noted, module) and str(module.__file__).startswith((f"{own}.", f"{own}{os.sep}")):
        short.seen.add(top)
        return True
    return False


class ShortcutFinder:
    """Finds what was selected the short way, and pseudo names."""

    @staticmethod
    def find_spec(
        name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Return the spec of a pseudo name or of a selected module, else None."""
        top = name.partition(".")[0]
        noted = short.providers.get(top)
        if short.over:
            unknown = top != "versioned_import"  # what follows now may import modules of ours itself
        elif noted is None:
            if path is None and top.startswith("_versioned_"):
                spec: ModuleSpec | None = short.pseudo_spec(name)
                return spec
            if kept_code.is_standard(top) and not name.startswith("multiprocessing.popen_"):
                return kept_code.standard_spec(name, path) if is_undisturbed() else None
            # Both have to be told what is selected.
            unknown = name == "pkg_resources" or name.startswith("multiprocessing.popen_")
        elif path is not None:
            return kept_code.spec_of(name, path) if is_undisturbed() else None
        else:
            place = noted[1]
            # Code of a distribution may put itself there, to have something else found (OpenCV).
            unknown = any(type(entry) is str and entry.startswith(f"{place}{os.sep}") for entry in sys.path)
            if not unknown:
                if name in noted[4] and outside_import_lock(through, "is_shadowed", name):
                    return None
                spec = kept_code.spec_of(name, [place]) or PathFinder.find_spec(name, [place])
                if spec is not None and spec.loader is not None:
                    return spec
                unknown = True
        return outside_import_lock(through, "find_spec", name, path, target) if unknown else None

    @staticmethod
    def find_distributions(context: "DistributionFinder.Context | None" = None) -> "Iterator[Distribution]":
        """Return the metadata of what is selected."""
        return whole_way().finder().find_distributions(context)  # type: ignore[no-any-return]

    @staticmethod
    def iter_modules(prefix: str = "") -> "Iterator[tuple[str, bool]]":
        """Yield the selected top-level names, each with whether it is a package."""
        return whole_way().finder().iter_modules(prefix)  # type: ignore[no-any-return]


def through(function: str, *arguments: object) -> "Any":
    """Return what a function of the whole way answers."""
    return getattr(whole_way(), function)(*arguments)


def whole_way() -> "Any":
    """Return the module that hands on what was taken here."""
    from versioned_import.runtime import whole_way

    return whole_way
