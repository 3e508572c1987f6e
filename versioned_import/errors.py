"""Every exception of the project: one root, data in attributes, the message derived from them, each picklable."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class VersionedImportError(Exception):
    """The root of all errors raised by versioned_import.

    Subclasses name their data in `__match_args__`; the arguments of the constructor are these, in this order.
    """

    __match_args__: tuple[str, ...] = ()

    def __init__(self, *values: Any) -> None:
        super().__init__(*values)
        for name, value in zip(self.__match_args__, values, strict=True):
            setattr(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild from the attributes: ImportError's own way would lose them."""
        return type(self), tuple(getattr(self, name) for name in self.__match_args__)


class ClauseError(VersionedImportError, ValueError):
    """A text that is no version clause, or no requirement, was given to a function (in a source text: SyntaxError)."""

    __match_args__ = ("text", "reason")
    text: str
    reason: str
    """The rest of the sentence that begins with the text."""

    def __str__(self) -> str:
        return f"{self.text!r} {self.reason}"


class ImportVersionError(VersionedImportError, ImportError):
    """What the two errors of a versioned import have in common.

    `request` is the statement as it was asked (`import requests version 2.31`), `where` is `file:line` of the
    statement or "", and `story` the sentences that follow the first line.
    """

    __match_args__ = ("name", "request", "where", "headline", "story")
    name: str
    request: str
    where: str
    headline: str
    story: tuple[str, ...]

    def __init__(self, *values: Any) -> None:
        VersionedImportError.__init__(self, *values)
        self.msg = str(self)

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return "\n".join((f"{self.request}{place}: {self.headline}", *(f"  {line}" for line in self.story)))


class VersionNotFoundError(ImportVersionError, ModuleNotFoundError):
    """No installed candidate fits the clause (spec 3.6)."""


class VersionConflictError(ImportVersionError):
    """The name is loaded at another version, or no closure exists (spec 3.5, 3.7)."""


class NotLockedError(ImportVersionError, ModuleNotFoundError):
    """A name is imported that the lock in force doesn't provide (spec 6.1).

    `lock` is the path of the lock file. `found` says what was found nevertheless, and may be given as a function, which
    is asked once, when the message is shown or the error is pickled. The attributes of the base are derived from these.
    """

    __match_args__ = ("name", "lock", "found")
    lock: str
    _found: str | Callable[[], str]

    def __init__(self, *values: Any) -> None:
        VersionedImportError.__init__(self, *values)
        self.request = f"import {self.name}"
        self.where = ""
        self.headline = f"it is not in the lock {self.lock}"

    @property
    def found(self) -> str:
        """The sentences that follow the first line."""
        if not isinstance(self._found, str):
            self._found = self._found()
        return self._found

    @found.setter
    def found(self, found: str | Callable[[], str]) -> None:
        self._found = found

    @property
    def story(self) -> tuple[str, ...]:  # type: ignore[override]
        """`found`, line by line."""
        return tuple(self.found.splitlines())

    @property
    def msg(self) -> str:  # type: ignore[override]
        """What ImportError calls its message."""
        return str(self)


class Advised:
    """What errors have that say what was asked, why it can't be, and what helps."""

    __match_args__ = ("request", "reason", "advice")
    request: str
    reason: str
    advice: str

    def __str__(self) -> str:
        advice = f"\n  {self.advice}" if self.advice else ""
        return f"{self.request}: {self.reason}{advice}"


class LockError(Advised, VersionedImportError):
    """A lock can't be read, or what is asked of it can't be chosen from it.

    `request` is the file and the place in it (`uv.lock: packages[3].wheels[0]`, `requirements.txt: line 12`).
    """


class InstallError(Advised, VersionedImportError):
    """An installation could not be done; nothing of it is visible."""


class AlreadyImportedWarning(UserWarning):
    """`enable()` came too late for a module: it was imported before and keeps its unversioned imports."""


# What a traceback prints is the name that programs import.
for _error in [one for one in globals().values() if isinstance(one, type) and one.__module__ == __name__]:
    _error.__module__ = "versioned_import"
