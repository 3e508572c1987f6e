"""What every lock comes down to, and what of it is chosen for a Python, groups and extras."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from versioned_import.errors import LockError
from versioned_import.locks.markers import Surroundings, UnreadableError, fits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from versioned_import.libraries.packaging.utils import NormalizedName

AGAIN = {
    "pylock.toml": "Lock again with the tool that wrote the file.",
    "uv.lock": "Lock again: uv lock",
    "poetry.lock": "Lock again: poetry lock",
    "pdm.lock": "Lock again: pdm lock",
    "Pipfile.lock": "Lock again: pipenv lock",
    "requirements.txt": "Lock again: pip-compile --generate-hashes, or uv pip compile --generate-hashes",
}
"""The advice for a lock that can't be used, for each format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedFile:
    """One file of a locked distribution. `path` is absolute; url or path are "" where the lock has none.

    `hashes` are algorithm -> hex digits, which all have to fit; `where` is the place in the lock.
    """

    name: str
    url: str = ""
    path: str = ""
    hashes: Mapping[str, str] = field(default_factory=dict, hash=False)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vcs:
    """A checkout: `kind` is git, hg, svn or bzr; `commit` is "" where the lock names none."""

    kind: str
    url: str
    commit: str = ""
    subdirectory: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One locked distribution, at one version and from one source.

    `version` is normalised, and "" where the lock gives none. `marker` is what the lock says of the entry as a whole.
    `groups` and `extras` are those that name the entry, both empty where it is in by itself or only by way of others.
    `hashes` (`sha256:...`) are for formats that don't say which file has which: any of them will do. `directory` is
    absolute; with `subdirectory` for an archive whose project is not at its top.
    """

    distribution: NormalizedName
    version: str = ""
    marker: str = ""
    requires_python: str = ""
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    wheels: tuple[LockedFile, ...] = ()
    sdist: LockedFile | None = None
    archive: LockedFile | None = None
    vcs: Vcs | None = None
    directory: str = ""
    subdirectory: str = ""
    editable: bool = False
    hashes: tuple[str, ...] = ()
    index: str = ""
    where: str = ""


class Choice(Protocol):
    """How a format says what is chosen."""

    def __call__(self, lock: Lock, around: Surroundings) -> Iterable[Locked]:
        """Yield what is chosen, where one name may come twice. Raises LockError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One reason to choose an entry: a group, an extra or (both "") the project itself, and a marker that has to hold."""

    group: str = ""
    extra: str = ""
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Flat:
    """The choice of formats that say of every entry what takes it."""

    ways: tuple[tuple[Locked, tuple[Way, ...]], ...]

    def __call__(self, lock: Lock, around: Surroundings) -> Iterable[Locked]:
        """Yield the entries of which one way is open."""
        for locked, ways in self.ways:
            if any(self._is_open(way, lock, locked, around) for way in ways):
                yield locked

    @staticmethod
    def _is_open(way: Way, lock: Lock, locked: Locked, around: Surroundings) -> bool:
        if (way.group and way.group not in around.groups) or (way.extra and way.extra not in around.extras):
            return False
        return lock.holds(way.marker, around, locked.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """One lock file. `format` is a key of AGAIN; `default_groups` are what the tool itself takes when it is not told.

    The project's own requirements (`main`, `default`) are no group here: they are always chosen. Groups and extras have
    their normal names (`dev-tools` for `Dev_Tools`), but for those of pipenv, which knows none. `members` are the
    directories of the projects that the lock is of, by their names, chosen or not.
    """

    path: str
    format: str
    packages: tuple[Locked, ...]
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    default_groups: tuple[str, ...] = ()
    requires_python: str = ""
    warnings: tuple[str, ...] = ()
    members: Mapping[str, str] = field(default_factory=dict, hash=False)
    files: tuple[str, ...] = ()
    """Other files that were read with it: those that a requirements file names, and that these name."""
    variables: tuple[str, ...] = ()
    """Names of the variables of the process on which the text of a requirements file depends, set or not, sorted."""
    choice: Choice = field(repr=False, compare=False)
    always: tuple[str, ...] = ()
    """Groups that stand for the project itself in the markers of the format; no one asks for them."""
    environments: tuple[str, ...] = ()
    """Markers of which one has to hold, if there are any: what the lock was made for."""

    def chosen(
        self,
        groups: Sequence[str] = (),
        extras: Sequence[str] = (),
        default_groups: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> tuple[Locked, ...]:
        """Return what is locked for these groups and extras, sorted by distribution.

        `environment` describes another Python by the names of markers; what it leaves out is this Python's.
        Raises LockError for an unknown group or extra, a Python that the lock is not for, a marker that can't be
        evaluated, groups that exclude each other, and two entries of one name.
        """
        wanted = self._known(groups, self.groups, "group") | (set(self.default_groups) if default_groups else set())
        around = Surroundings(
            environment,
            frozenset(wanted) | frozenset(self.always),
            frozenset(self._known(extras, self.extras, "extra")),
        )
        self._check_python(self.requires_python, around, self.path, "the project")
        if self.environments and not any(self.holds(one, around, "environments") for one in self.environments):
            raise self.error("", f"the lock is for other platforms only: {'; '.join(self.environments)}")
        found: dict[str, Locked] = {}
        for locked in self.choice(self, around):
            other = found.setdefault(locked.distribution, locked)
            if other is not locked:
                self._refuse_second(other, locked)
        for locked in found.values():
            self._check_python(locked.requires_python, around, f"{self.path}: {locked.where}", locked.distribution)
        return tuple(locked for _, locked in sorted(found.items()))

    def holds(self, marker: str, around: Surroundings, where: str) -> bool:
        """Tell whether a marker that stands at `where` holds. Raises LockError when it can't be evaluated."""
        try:
            return around.hold(marker)
        except UnreadableError as error:
            raise self.error(where, f"the marker {marker!r} can't be evaluated: {error}") from None

    def error(self, where: str, reason: str, advice: str = "") -> LockError:
        """Return the error for a place of this lock ("" for the whole)."""
        request = f"{self.path}: {where}" if where else self.path
        return LockError(request, reason, f"{advice} {AGAIN[self.format]}".strip())

    def _known(self, names: Sequence[str], known: tuple[str, ...], kind: str) -> set[str]:
        from versioned_import.libraries.packaging.utils import canonicalize_name

        found = set()
        for name in [names] if isinstance(names, str) else names:
            meant = [one for one in known if canonicalize_name(one) == canonicalize_name(name)]
            if not meant:
                listed = f"it has: {', '.join(known)}" if known else "it has none"
                again = AGAIN[self.format]
                advice = (
                    f"A requirements file has no {kind}s: leave them out."
                    if self.format == "requirements.txt"
                    else again
                )
                raise LockError(self.path, f"there is no {kind} {name!r} in the lock; {listed}", advice)
            # Only pipenv takes `a_b` and `a-b` for two names.
            if len(meant) > 1 and name not in meant:
                reason = f"the {kind} {name!r} may be each of {', '.join(meant)}"
                raise LockError(self.path, reason, f"Write the {kind} as the lock does.")
            found.add(name if name in meant else meant[0])
        return found

    def _check_python(self, wanted: str, around: Surroundings, request: str, who: str) -> None:
        try:
            if not wanted or fits(around.python, wanted):
                return
        except UnreadableError as error:
            raise LockError(request, f"requires-python: {error}", AGAIN[self.format]) from None
        advice = f"Run it by a Python that fits, or lock for this one. {AGAIN[self.format]}"
        raise LockError(request, f"{who} is for Python {wanted}; this is Python {around.python}", advice)

    def _refuse_second(self, one: Locked, other: Locked) -> None:
        both = f"{one.version or 'no version'} ({one.where}) and {other.version or 'no version'} ({other.where})"
        reason = f"{one.distribution} is locked twice for what is chosen: {both}"
        raise LockError(self.path, reason, f"Choose fewer groups or extras. {AGAIN[self.format]}")
