"""Whether a marker holds, and whether a Python fits: for this Python or a described one, with any groups and extras."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from versioned_import.libraries.packaging.markers import Marker
    from versioned_import.libraries.packaging.specifiers import SpecifierSet

# Tools write `extra == "x"` and mean: x is one of the extras. Several may be chosen, so it is asked of the set of them.
_EXTRA_FIRST = re.compile(r"""\bextra\s*(==|!=)\s*("[^"]*"|'[^']*')""")
_EXTRA_LAST = re.compile(r"""("[^"]*"|'[^']*')\s*(==|!=)\s*extra\b(?!\s*['"])""")
_WORDS = {"==": "in", "!=": "not in"}
_SYSTEMS = {"win32": ("Windows", "nt"), "darwin": ("Darwin", "posix"), "linux": ("Linux", "posix")}


class UnreadableError(ValueError):
    """A marker or a version specifier is none, or can't be evaluated; the text says why."""


class Surroundings:
    """What markers are evaluated in: a description of a Python, and the names of groups and extras."""

    def __init__(self, environment: Mapping[str, str] | None, groups: frozenset[str], extras: frozenset[str]) -> None:
        self.groups = groups
        self.extras = extras
        self.environment = described(environment)
        self._known: dict[str, bool] = {"": True}

    def hold(self, marker: str) -> bool:
        """Tell whether a marker holds ("" does). Raises UnreadableError."""
        if marker not in self._known:
            self._known[marker] = self._evaluate(marker)
        return self._known[marker]

    def with_extras(self, extras: frozenset[str]) -> Surroundings:
        """Return the same for the requirements of a distribution that was asked for with `extras`."""
        return Surroundings(self.environment, self.groups, extras)

    @property
    def python(self) -> str:
        """The version of the Python, complete."""
        return self.environment["python_full_version"]

    def _evaluate(self, text: str) -> bool:
        from versioned_import.libraries.packaging.markers import UndefinedComparison, UndefinedEnvironmentName

        values = {**self.environment, "extras": self.extras, "dependency_groups": self.groups}
        try:
            return parsed(text).evaluate(values, context="lock_file")  # type: ignore[arg-type]
        except (UndefinedComparison, UndefinedEnvironmentName) as error:
            raise UnreadableError(str(error)) from None


def described(environment: Mapping[str, str] | None) -> dict[str, str]:
    """Return a whole description: this Python's, with what `environment` says and what follows from that."""
    given = dict(environment or {})
    if "python_full_version" in given:
        given.setdefault("python_version", ".".join(given["python_full_version"].split(".")[:2]))
    elif "python_version" in given:
        given["python_full_version"] = f"{given['python_version']}.0"
    if "python_full_version" in given:
        given.setdefault("implementation_version", given["python_full_version"])
    if given.get("sys_platform") in _SYSTEMS:
        system, name = _SYSTEMS[given["sys_platform"]]
        given.setdefault("platform_system", system)
        given.setdefault("os_name", name)
    whole = {**_of_this_python(), **given}
    # A Python built from a checkout calls itself 3.14.0+; that is no version.
    whole["python_full_version"] = whole["python_full_version"].removesuffix("+")
    return whole


@lru_cache(maxsize=4096)
def parsed(text: str) -> Marker:
    """Parse a marker, of which `extra ==` means the set of extras. Raises UnreadableError."""
    from versioned_import.libraries.packaging.markers import InvalidMarker, Marker

    if "extra" in text:
        text = _EXTRA_FIRST.sub(lambda found: f"{found[2]} {_WORDS[found[1]]} extras", text)
        text = _EXTRA_LAST.sub(lambda found: f"{found[1]} {_WORDS[found[2]]} extras", text)
    try:
        return Marker(text)
    except InvalidMarker as error:
        raise UnreadableError(f"{text!r} is no marker: {_first_line(error)}") from None
    except RecursionError:
        raise UnreadableError("the marker is nested too deeply") from None


def fits(version: str, wanted: str) -> bool:
    """Tell whether a version is one of those wanted: PEP 440 or poetry's own form. Raises UnreadableError."""
    return any(one.contains(version, prereleases=True) for one in alternatives(wanted))


@lru_cache(maxsize=1024)
def alternatives(text: str) -> tuple[SpecifierSet, ...]:
    """Read a version constraint, of which one alternative has to fit.

    Accepted are PEP 440 and what poetry adds to it: `^3.8`, `~3.8`, `3.8`, `3.*`, `*` and `||`. Raises UnreadableError.
    """
    from versioned_import.libraries.packaging.specifiers import InvalidSpecifier, SpecifierSet

    found = []
    for alternative in re.split(r"\|\|?", text):
        terms = re.sub(r"([<>=!~^])\s+", r"\1", alternative).replace(",", " ").split()
        try:
            found.append(SpecifierSet(",".join(specifier for term in terms for specifier in _specifiers(term))))
        except (InvalidSpecifier, ValueError):
            raise UnreadableError(f"{text!r} is no version specifier") from None
    return tuple(found)


def _specifiers(term: str) -> list[str]:
    if term == "*":
        return []
    if term.startswith("^"):
        return [f">={term[1:]}", f"<{_next(term[1:], _caret_place(term[1:]))}"]
    if term.startswith("~") and not term.startswith("~="):
        return [f">={term[1:]}", f"<{_next(term[1:], min(1, len(_release(term[1:])) - 1))}"]
    return [f"=={term}" if term[0].isdigit() else term]


def _release(version: str) -> tuple[int, ...]:
    from versioned_import.libraries.packaging.version import Version

    return Version(version).release


def _caret_place(version: str) -> int:
    """Return which number of a version `^` lets not change: the first that is not zero, or the last."""
    release = _release(version)
    return next((place for place, number in enumerate(release) if number), len(release) - 1)


def _next(version: str, place: int) -> str:
    release = _release(version)
    return ".".join(map(str, (*release[:place], release[place] + 1)))


@lru_cache(maxsize=1)
def _of_this_python() -> dict[str, str]:
    from versioned_import.libraries.packaging.markers import default_environment

    return dict(default_environment())  # type: ignore[arg-type]


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
