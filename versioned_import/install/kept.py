"""Which versioned directories locks and programs need, as data: what `gc` leaves alone."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.pylock import Pylock, PylockUnsupportedVersionError, PylockValidationError

from versioned_import.errors import InstallError, VersionConflictError, VersionNotFoundError
from versioned_import.locks.read import read_lock
from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.resolver.choose import choose
from versioned_import.resolver.closure import NothingLoaded
from versioned_import.resolver.request import Request
from versioned_import.resolver.specifiers import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from versioned_import.install.program import Program
    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.metadata.group_locks import GroupLock
    from versioned_import.resolver.closure import Need


@dataclass(slots=True)
class Kept:
    """What is needed: versions of distributions, distributions in every version, and sentences about what was not found."""

    versions: set[tuple[str, object]] = field(default_factory=set)
    """Distribution and the key of its version: a lock may say 2.0.0 where what is installed says 2.0."""
    distributions: set[str] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)

    def holds(self, candidate: Candidate) -> bool:
        """Tell whether a versioned directory is needed."""
        name = str(candidate.distribution)
        return name in self.distributions or (name, sort_key(candidate.version)) in self.versions

    def add(self, name: str, version: str) -> None:
        """Keep one version of a distribution (canonical name), however its zeros are written."""
        self.versions.add((name, sort_key(version)))

    def add_groups(self, locks: Iterable[GroupLock]) -> None:
        """Keep what the locks of groups hold; one whose roots are all removed keeps nothing."""
        for lock in locks:
            if lock.requested:
                for name, version in lock.versions.items():
                    self.add(name, version)

    def add_lock(self, path: str) -> None:
        """Keep what a lock of any format holds, whichever of its markers, groups and extras apply here.

        Raises InstallError for one that ends in .toml, LockError for the others.
        """
        if path.endswith(".toml"):
            named = [
                (str(one.name), "" if one.version is None else str(one.version)) for one in read_pylock(path).packages
            ]
        else:
            named = [(str(one.distribution), one.version) for one in read_lock(path).packages]
        for name, version in named:
            if version:
                self.add(name, version)
            else:
                self.distributions.add(name)

    def add_programs(self, programs: Sequence[Program], sites: Sequence[str]) -> None:
        """Keep what the imports of programs get now, with the closures.

        Each statement counts by itself, the statements of each file together, and those of all files together, since
        one process may run any of these. Raises InstallError for a statement whose closure can't be told.
        """
        everything = [statement for program in programs for statement in program.statements]
        for statement in everything:
            self._add_alone(statement, sites)
        for statements in (*(program.statements for program in programs), everything):
            self._add_together(statements, sites)
        for name in dict.fromkeys(name for program in programs for name in program.plain):
            self._add_plain(name, sites)

    def _add_alone(self, statement: Request, sites: Sequence[str]) -> None:
        try:
            self._add_closure(choose(statement, sites, (), NothingLoaded(), {}).closure)
        except VersionNotFoundError as error:
            self.notices.append(f"{statement.asker} needs nothing that is installed: {error.headline}")
        except VersionConflictError as error:
            reason = "\n  ".join((f"what it needs can't be told: {error.headline}", *error.story))
            raise InstallError(statement.asker, reason, "Nothing was removed.") from None

    def _add_together(self, statements: Sequence[Request], sites: Sequence[str]) -> None:
        earlier: list[Need] = []
        selection: dict[CanonicalName, Candidate] = {}
        for statement in statements:
            try:
                choice = choose(statement, sites, earlier, NothingLoaded(), selection)
            except (VersionNotFoundError, VersionConflictError):
                continue
            earlier.append(choice.need)
            selection.update(choice.closure)
        self._add_closure(selection)

    def _add_plain(self, name: str, sites: Sequence[str]) -> None:
        """Keep what a plain import gets where Python itself has nothing: the highest versioned directory (spec 3.8)."""
        request = Request(name, "")
        if name.partition(".")[0] in sys.stdlib_module_names:
            return
        catalogues = [catalogue for site in sites if (catalogue := open_catalogue(site)) is not None]
        found = [one for catalogue in catalogues for prefix in request.prefixes() for one in catalogue.by_name(prefix)]
        if not found or not all(one.entry for one in found):
            return
        try:
            self._add_closure(choose(request, sites, (), NothingLoaded(), {}).closure)
        except (VersionNotFoundError, VersionConflictError):
            self.distributions.update(str(one.distribution) for one in found)

    def _add_closure(self, closure: dict[CanonicalName, Candidate]) -> None:
        for one in closure.values():
            self.add(str(one.distribution), one.version)


def read_pylock(path: str) -> Pylock:
    """Return a valid pylock.toml (PEP 751). Raises InstallError."""
    try:
        with open(path, "rb") as file:
            return Pylock.from_dict(tomllib.load(file))
    except OSError as error:
        raise InstallError(path, f"it can't be read: {error.strerror}", "") from None
    except (ValueError, PylockValidationError, PylockUnsupportedVersionError) as error:
        raise InstallError(path, f"it is no pylock.toml (PEP 751): {error}", "") from None
