"""The text of a lock, and its tables with the place of each: what is asked of them is there and of the right type."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

from versioned_import.errors import LockError
from versioned_import.locks.lock import AGAIN
from versioned_import.locks.markers import UnreadableError, alternatives, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from versioned_import.libraries.packaging.utils import NormalizedName

_T = TypeVar("_T")
_NAMES = {str: "a text", bool: "true or false", list: "a list", dict: "a table", int: "a whole number"}


def text_of(path: str, format_name: str) -> str:
    """Return what a lock file says. Raises LockError when it can't be read, is empty or not UTF-8."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        reason = f"the file can't be read: {error.strerror or error}"
        raise LockError(path, reason, "Name a lock file, or a directory that holds one.") from None
    except ValueError as error:  # a zero character in the path
        raise LockError(path, f"the file can't be read: {error}", "Check the path.") from None
    if not content.strip():
        raise LockError(path, "the file is empty", AGAIN[format_name])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LockError(f"{path}: line {line}", f"the file is not UTF-8: {error.reason}", AGAIN[format_name]) from None


def toml(path: str, format_name: str) -> Table:
    """Return the top table of a lock that is TOML. Raises LockError."""
    import tomllib

    text = text_of(path, format_name)
    try:
        return Table(path, format_name, "", tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        reason = f"the file is no TOML, or only half of it is written: {error}"
        raise LockError(path, reason, AGAIN[format_name]) from None


class Table:
    """One table of a lock. Every method raises LockError, with the place, for what is missing or of a wrong type."""

    __slots__ = ("data", "format", "path", "where")

    def __init__(self, path: str, format_name: str, where: str, data: Mapping[str, Any]) -> None:
        self.path = path
        self.format = format_name
        self.where = where
        self.data = data

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def error(self, key: str, reason: str, advice: str = "") -> LockError:
        """Return the error for what stands under a key ("" for the table itself)."""
        place = self.place(key)
        request = f"{self.path}: {place}" if place else self.path
        return LockError(request, reason, f"{advice} {AGAIN[self.format]}".strip())

    def place(self, key: str) -> str:
        """Return where a key stands: `packages[3].wheels`."""
        return ".".join(filter(None, (self.where, key)))

    def get(self, key: str, kind: type[_T], default: _T) -> _T:
        """Return what stands under a key, or the default when nothing does."""
        value = self.data.get(key)
        if value is None:
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(key, f"it must be {_NAMES[kind]}, not {_kind_of(value)}")
        return value

    def text(self, key: str) -> str:
        """Return the text under a key, "" when there is none."""
        return self.get(key, str, "")

    def need(self, key: str) -> str:
        """Return the text under a key, which has to be there and not be empty."""
        value = self.get(key, str, "")
        if not value:
            raise self.error(key, "it is missing" if key not in self.data else "it is empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list, none when it is not there."""
        found = self.get(key, list, [])
        for at, value in enumerate(found):
            if not isinstance(value, str):
                raise self.error(f"{key}[{at}]", f"it must be a text, not {_kind_of(value)}")
        return tuple(found)

    def table(self, key: str) -> Table:
        """Return the table under a key, an empty one when it is not there."""
        return Table(self.path, self.format, self.place(key), self.get(key, dict, {}))

    def tables(self, key: str) -> Iterator[Table]:
        """Yield the tables of a list."""
        for at, value in enumerate(self.get(key, list, [])):
            place = f"{key}[{at}]"
            if not isinstance(value, dict):
                raise self.error(place, f"it must be a table, not {_kind_of(value)}")
            yield Table(self.path, self.format, self.place(place), value)

    def items(self) -> Iterator[tuple[str, Table]]:
        """Yield each key with its table."""
        for key in self.data:
            yield key, self.table(key)

    def name(self, key: str = "name") -> NormalizedName:
        """Return the name of a distribution, canonical."""
        return canonical(self, key, self.need(key))

    def version(self, key: str = "version") -> str:
        """Return a version, normalised, "" when it is not there."""
        value = self.text(key)
        return normal_version(self, key, value) if value else ""

    def marker(self, key: str) -> str:
        """Return a marker, which can be parsed, "" when it is not there."""
        return self.checked_marker(key, self.text(key))

    def checked_marker(self, key: str, text: str) -> str:
        """Return a marker that stands under a key, once it is known that it can be parsed."""
        try:
            if text:
                parsed(text)
        except UnreadableError as error:
            raise self.error(key, f"the marker can't be evaluated: {error}") from None
        return text

    def python(self, key: str) -> str:
        """Return which Pythons fit, "" for all."""
        text = self.text(key)
        try:
            alternatives(text)
        except UnreadableError as error:
            raise self.error(key, str(error)) from None
        return "" if text == "*" else text

    def beside(self, path: str) -> str:
        """Return a path of the lock, absolute: it starts from the lock's directory."""
        if "\0" in path:
            raise self.error("", f"{path!r} is no path")
        return os.path.normpath(os.path.join(os.path.dirname(self.path), path.replace("\\", "/")))


def canonical(table: Table, key: str, name: str) -> NormalizedName:
    """Return a name of a distribution or an extra in its canonical form."""
    from versioned_import.libraries.packaging.utils import InvalidName, canonicalize_name

    try:
        return canonicalize_name(name, validate=True)
    except InvalidName:
        raise table.error(key, f"{name!r} is no name of a distribution") from None


def normal_name(name: str) -> str:
    """Return the name of a group or an extra as it is compared: `Dev_Tools` and `dev.tools` both mean `dev-tools`."""
    from versioned_import.libraries.packaging.utils import canonicalize_name

    return canonicalize_name(name)


def normal_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of groups or extras as they are compared, each once."""
    return tuple(dict.fromkeys(map(normal_name, names)))


def normal_version(table: Table, key: str, version: str) -> str:
    """Return a version in its normal form."""
    from versioned_import.libraries.packaging.version import InvalidVersion, Version

    try:
        return str(Version(version))
    except InvalidVersion:
        raise table.error(key, f"{version!r} is no version") from None


def check_format(table: Table, key: str, found: str, known: tuple[int, int], oldest: tuple[int, int]) -> list[str]:
    """Compare the version of the format with the newest one known: tell of a newer minor one, refuse a newer major one.

    Raises LockError for a version that is none, newer than `known` by its first number, or older than `oldest`.
    """
    numbers = found.split(".")
    if not all(number.isdecimal() and number.isascii() for number in numbers):
        raise table.error(key, f"{found!r} is no version of the format")
    version = (int(numbers[0]), int(numbers[1]) if numbers[1:] else 0)
    newest = ".".join(map(str, known))
    if version[0] > known[0]:
        advice = "A newer versioned_import may know it."
        raise table.error(key, f"version {found} of the format is newer than what is known here, {newest}", advice)
    if version < oldest:
        least = ".".join(map(str, oldest))
        raise table.error(key, f"version {found} of the format is too old; the oldest that can be read is {least}")
    if version > known:
        return [f"{table.path}: version {found} of the format is newer than what is known here, {newest}"]
    return []


def _kind_of(value: object) -> str:
    return _NAMES.get(type(value), type(value).__name__)
