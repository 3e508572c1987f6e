"""The functions that programs call."""

from __future__ import annotations

import importlib
import sys
import warnings

from versioned_import.errors import AlreadyImportedWarning, ClauseError, ImportVersionError
from versioned_import.syntax.pseudo import encode
from versioned_import.syntax.version_text import is_quoted_clause

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import ModuleType, TracebackType
    from typing import Self

    from versioned_import.runtime.report import Selection
    from versioned_import.syntax.hook import HookFinder


def import_module(name: str, clause: str) -> ModuleType:
    """Return the module `name` of a version that the clause allows: the statement as a function.

    `clause` is what a quoted clause may hold: a version prefix ("2.31"), a specifier set (">=1.20,<2") or a requirement
    ("PyYAML>=6"). Raises ClauseError (a ValueError) for anything else, VersionNotFoundError, VersionConflictError, and
    whatever the module itself raises.
    """
    if not all(part.isidentifier() for part in name.split(".")):
        raise ClauseError(clause, f"is no version clause of an import: {name!r} is no absolute import name")
    if not is_quoted_clause(clause):
        raise ClauseError(
            clause, "is no version clause: it takes a version, a specifier set or a requirement (PEP 440, PEP 508)"
        )
    _look_at_project()
    from versioned_import.runtime.finder import install

    install()
    return importlib.import_module(encode(name, clause))


def activate(
    where: str, groups: Iterable[str] = (), extras: Iterable[str] = (), *, default_groups: bool = True
) -> None:
    """Run from a project's lock from now on, in this process and its children (docs/projects.md).

    `where` is the directory that holds the lock, or the lock; `groups` and `extras` are those of the lock, beside the groups
    that its own tool takes by default. Raises LockError if the lock can't be used, or something of it is not installed,
    VersionConflictError if something is loaded already that the lock has otherwise; then everything is as before.
    """
    from versioned_import.projects.activate import activate
    from versioned_import.projects.options import options_for

    activate(options_for(where, groups, extras, default_groups=default_groups))


def _look_at_project() -> None:
    """Let a process that runs from a lock have that as its selection: the fast way into it has none."""
    in_force = sys.modules.get("versioned_import.projects.in_force")
    if in_force is not None and in_force.running.plan is not None:
        from versioned_import.projects.in_full import go_in_full

        go_in_full()


def require(*requirements: str) -> Selection:
    """Select installed distributions by requirement, with their closures, all together; return what each one got.

    A requirement is a name with extras, specifiers and a marker (`requests[socks]>=2; python_version > "3"`); one whose
    marker does not hold here is left out. From now on plain imports get what is selected, as after a versioned import.
    Nothing is imported or installed. Raises ClauseError for a text that is no such requirement or has a URL,
    VersionNotFoundError and VersionConflictError; then nothing is selected that wasn't before.
    """
    _look_at_project()
    from versioned_import.runtime.report import selection
    from versioned_import.runtime.require import require

    try:
        return selection(candidate.distribution for candidate in require(*requirements))
    except ImportVersionError as error:
        # The story is in the message, not in our frames.
        raise error.with_traceback(None) from None


def selection() -> Selection:
    """Return what is selected in this process at this moment: distribution name to version, place and reasons.

    It also has what was loaded by a plain import and then answered a statement. It does not change afterwards, can be
    pickled, and its repr is a table.
    """
    _look_at_project()
    from versioned_import.runtime.report import selection

    return selection()


def freeze() -> str:
    """Return what this process uses as the text of a pylock.toml (PEP 751).

    It has what is selected, what plain imports got from a site directory, and all that these require and is installed. Files
    and hashes are those that the installer noted; where nobody has, as of most flat installs, the entry has the version only,
    which other tools refuse. A process that runs from a lock has all that is locked.
    """
    from versioned_import.exports.freezing import frozen_text

    return frozen_text()[0]


def version_of(module: ModuleType | str) -> str | None:
    """Return the version of the distribution that a loaded module came with, None where that can't be known.

    `module` is a module, or the name of one in `sys.modules`. A submodule has the version of its distribution, an alias
    that of the module it stands for, a vendored copy that of the distribution which ships it. None is the answer for what
    is not loaded, namespace packages, the standard library, what was made at run time, and what no metadata or that of
    several distributions claims. Nothing is imported. Raises TypeError for anything else.
    """
    _look_at_project()
    from versioned_import.runtime.version_of import version_of

    return version_of(module)


class Handle:
    """What `enable` returns: undoes it by `disable()`, or at the end of a `with` block."""

    def __init__(self, finder: HookFinder, packages: Sequence[str]) -> None:
        self._finder = finder
        self._packages = tuple(packages)

    def __repr__(self) -> str:
        on = "on" if self._finder in sys.meta_path else "off"
        return f"<versioned imports in {', '.join(self._packages)}: {on}>"

    def disable(self) -> None:
        """Take the hook away; modules it loaded stay as they are."""
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.disable()


def enable(*packages: str) -> Handle:
    """Rewrite version clauses in the named packages (and modules), from now on, without a cookie in their files.

    Returns a handle that undoes it. Warns with AlreadyImportedWarning for a package that is imported already.
    Raises TypeError without a name, ValueError for a name that is none.
    """
    if not packages:
        raise TypeError("enable() takes the name of at least one package")
    for package in packages:
        if not all(part.isidentifier() for part in package.split(".")):
            raise ValueError(f"{package!r} is no import name")
        if package in sys.modules:
            message = f"{package} was imported before enable(): its version clauses are not rewritten"
            warnings.warn(message, AlreadyImportedWarning, stacklevel=2)
    from versioned_import.runtime.finder import find_selected, install
    from versioned_import.syntax.hook import HookFinder

    prefixes = tuple(f"{package}." for package in packages)
    finder = HookFinder(lambda name: name in packages or name.startswith(prefixes), find=find_selected)
    install()
    sys.meta_path.insert(0, finder)
    return Handle(finder, packages)
