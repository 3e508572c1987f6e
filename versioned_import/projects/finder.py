"""The finder of a process that runs from a lock: what is locked is found where a kept plan says (docs/projects.md).

What is unusual (version clauses, namespace packages, plug-ins that compile otherwise) is left to `in_full.find_in_full`, which
brings the selection's own finder.
"""

import os
import sys

from versioned_import.projects.in_force import running
from versioned_import.projects.search_path import LeftDirectory, at_the_end_of_site, place_of_sites

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from importlib.metadata import Distribution, DistributionFinder
    from types import ModuleType
    from typing import Any

    from _typeshed.importlib import MetaPathFinderProtocol

    from versioned_import.projects.kept import Plan


class ProjectFinder:
    """Finds what is locked, where neither Python nor the program has a module of that name."""

    shared: "frozenset[str]" = frozenset()
    """The top-level names of namespace packages, and of what else takes the selection's own finder."""

    seen: "list[MetaPathFinderProtocol]" = []  # noqa: RUF012
    """All finders, as they were when none of those in front compiled otherwise."""

    @staticmethod
    def find_spec(
        name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Return the spec of a locked top-level module, else None."""
        # Python asks for each module that it loads, most of which are none of ours.
        if path is not None:
            if ProjectFinder.shared and name.partition(".")[0] in ProjectFinder.shared:
                refuse_portion(name, path)
                return None
            code = running.code
            return code.spec_of(name, path) if code is not None and not running.full and is_first() else None
        plan = running.plan
        if name in sys.stdlib_module_names and not (plan is not None and is_shadowed(name, plan)):
            code = running.code
            return code.standard_spec(name, path) if code is not None and not running.full and is_first() else None
        file = plan.file_of(name) if plan is not None else None
        if plan is None or file is None:
            if name.startswith("_versioned_"):
                return in_full(name, path, target)
            if plan is not None and name in plan.others:
                return own_spec(name) or refuse(name, path)
            return at_the_end_of_site(name) if name in ("sitecustomize", "usercustomize") else None
        if running.full:
            return None
        own = own_spec(name, is_locked=True)
        if own is not None:
            return own
        unusual = (
            name == "pkg_resources"
            or os.environ.get("VERSIONED_IMPORT_TRACE", "") not in ("", "0")
            or not file
            or not is_first()
        )
        if unusual:
            return in_full(name, path, target)
        return (
            code_for(name, plan).spec_of(name, [place_of(file)]) or file_spec(name, file) or in_full(name, path, target)
        )

    @staticmethod
    def find_distributions(context: "DistributionFinder.Context | None" = None) -> "Iterator[Distribution]":
        """Return the metadata of what is locked, unless the selection's own finder does."""
        if running.full:
            return iter(())
        from versioned_import.projects import metadata

        return metadata.find_distributions(context)

    @staticmethod
    def iter_modules(prefix: str = "") -> "Iterator[tuple[str, bool]]":
        """Yield the locked top-level names, each with whether it is a package: `pkgutil` asks every finder for its own."""
        plan = running.plan
        for name, file in plan.files.items() if plan is not None and not running.full else ():
            yield f"{prefix}{name}", not file or os.path.basename(file).startswith("__init__.")

    @staticmethod
    def invalidate_caches() -> None:
        """Do nothing: a plan is looked at once in a process."""


def own_spec(name: str, *, is_locked: bool = False) -> "ModuleSpec | None":
    """Return the spec of a module of Python or the program, which goes before what is locked; no namespace package does.

    What a program adds to `sys.path` behind the place of the site directories goes after it, as in any Python.
    """
    from _frozen_importlib_external import PathFinder

    from versioned_import.metadata.places import may_have

    entries, left = list(sys.path), ()
    plan = running.plan
    if plan is not None:
        if is_locked or plan.file_of(name) is not None:
            del entries[place_of_sites(entries, plan) :]
        left = (*plan.sites, *plan.others.get(name, ()))
    library = os.path.dirname(os.__file__)
    # Python's own modules are known by name, and its directories are long lists.
    is_own = name not in sys.stdlib_module_names
    places = [
        one
        for one in entries
        if isinstance(one, str)  # Python passes over others
        and one not in left
        and not (is_own and str(one).startswith(library))
        and may_have(sys.path_importer_cache.get(one, ()), name)
    ]
    spec = PathFinder.find_spec(name, places) if places else None
    return spec if spec is not None and spec.loader is not None else None


def is_first() -> bool:
    """Tell whether no finder in front of ours compiles otherwise what it finds."""
    if sys.meta_path == ProjectFinder.seen:
        return True
    finders = list(sys.meta_path)
    if any(map(is_foreign, finders[: finders.index(ProjectFinder)] if ProjectFinder in finders else ())):
        return False
    ProjectFinder.seen = finders
    return True


def is_foreign(finder: object) -> bool:
    """Tell whether a finder in front compiles otherwise what the path finder finds; whoever does is not of Python or of us."""
    module = str(getattr(finder, "__module__", ""))
    return not module.startswith(("versioned_import", "_frozen_importlib", "_distutils_hack", "six"))


def is_shadowed(name: str, plan: "Plan") -> bool:
    """Tell whether somebody else has a module under a name of Python's."""
    return name in plan.packed[2] or name in plan.others


def code_for(name: str, plan: "Plan") -> "Any":
    """Return the module that has the code of locked modules, told of a top-level name."""
    if running.code is None:
        bring("kept_code")
        from versioned_import import kept_code

        kept_code.PLAIN_FINDERS.append(LeftDirectory)
        kept_code.begin("\n".join(("project", *plan.key)), (name,), with_library=True)
        running.code, running.table = kept_code, kept_code.tables.get(name)
    elif running.table is not None:
        running.code.tables[name] = running.table
    return running.code


def bring(name: str) -> None:
    """Load a module of ours out of the file that this one came from; else its import will do."""
    starting = sys.modules.get("versioned_import.starting")
    if starting is not None and starting.loading:
        starting.loading["bring"](starting, name)


def place_of(file: str) -> str:
    """Return the directory in which a top-level module is found by its name."""
    directory, _, last = file.rpartition(os.sep)
    return os.path.dirname(directory) if last.startswith("__init__.") else directory


def file_spec(name: str, file: str) -> "ModuleSpec | None":
    """Return the spec of a module's file; None if it is not there."""
    from _frozen_importlib_external import spec_from_file_location

    found: ModuleSpec | None = spec_from_file_location(name, file) if os.path.isfile(file) else None
    return found


def in_full(name: str, path: "Sequence[str] | None", target: "ModuleType | None") -> "ModuleSpec | None":
    """Return the spec that the selection's own finder has, which answers from now on."""
    from versioned_import.projects.in_full import find_in_full
    from versioned_import_startup import outside_import_lock

    return outside_import_lock(find_in_full, name, path, target)


def refuse(name: str, path: "Sequence[str] | None") -> "ModuleSpec | None":
    """Raise NotLockedError for a name that nothing has, if an import asks for it; a probe gets None."""
    from versioned_import_startup import is_import

    plan = running.plan
    if plan is None or running.hosted or running.problem:
        from versioned_import.projects import refusal

        return refusal.refuse(name, path)
    if not is_import():
        return None
    spec = from_behind(name, path)
    if spec is not None:
        return spec
    bring("errors")
    from versioned_import.errors import NotLockedError

    raise NotLockedError(name, plan.lock, lambda: story_of(name, plan.lock))


def refuse_portion(name: str, path: "Sequence[str]") -> None:
    """Raise NotLockedError for what stands in a namespace package beside what is locked, and is not locked itself."""
    from versioned_import.projects import refusal

    refusal.refuse_portion(name, path)


def from_behind(name: str, path: "Sequence[str] | None") -> "ModuleSpec | None":
    """Return the spec of a finder that would be asked after ours: of six for `six.moves`, or the program's own."""
    startup = sys.modules["versioned_import_startup"]
    finders = list(sys.meta_path)
    at = finders.index(startup.FallbackFinder) + 1 if startup.FallbackFinder in finders else len(finders)
    for finder in finders[at:]:
        find = getattr(finder, "find_spec", None)
        spec: ModuleSpec | None = find(name, path, None) if find is not None else None
        if spec is not None:
            return spec
    return None


def story_of(name: str, lock: str) -> str:
    """Return what a user has to know of a name that isn't in a lock; most programs that try an import don't ask."""
    from versioned_import.projects import refusal

    return refusal.story(name, lock)


def leave_no_frame(*functions: "Callable[..., object]") -> None:
    """Let Python take the frames of some functions for those of its import system, and leave them out of tracebacks.

    It does so for each ImportError of an import statement. Programs tell by the depth of its traceback whether a module is
    missing or misses something itself (Flask's `--app`), so a refusal must not be deeper than Python's own.
    """
    for function in functions:
        code = function.__code__.replace(co_filename="<frozen importlib._bootstrap>")
        function.__code__ = code
