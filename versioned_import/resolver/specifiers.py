"""From the text of a clause to what it matches (spec 1.3, 1.4, 3.1). Digits and dots are compared without `packaging`."""

from __future__ import annotations

from versioned_import.errors import ClauseError
from versioned_import.syntax.version_text import is_quoted_clause, is_set, is_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from versioned_import.libraries.packaging.specifiers import SpecifierSet
    from versioned_import.metadata.candidate import CanonicalName


class Wanted:
    """What one clause asks for: a specifier set, and the distribution where the clause names it."""

    __slots__ = ("_prefix", "_specifiers", "distribution", "extras", "text")

    def __init__(self, text: str, *, is_requirement: bool = False) -> None:
        """Parse a clause; raises ClauseError. The empty text asks for any version (spec 3.8).

        `is_requirement` says that it is known to be one, which may then be a mere name.
        """
        self.text = text
        self.distribution: CanonicalName | None = None
        self.extras: tuple[str, ...] = ()
        self._prefix: list[int] | None = None
        self._specifiers: SpecifierSet | None = None
        if is_requirement:
            self._read_requirement()
            return
        if text and not is_quoted_clause(text):
            raise ClauseError(
                text, "is no version clause: it takes a version, a specifier set or a requirement (PEP 440, PEP 508)"
            )
        if text.replace(".", "").isdigit():
            self._prefix = [int(part) for part in text.split(".")]
        elif not is_version(text) and not is_set(text) and text:
            self._read_requirement()

    def _read_requirement(self) -> None:
        from versioned_import.libraries.packaging.requirements import Requirement
        from versioned_import.libraries.packaging.utils import canonicalize_name

        requirement = Requirement(self.text)
        self.distribution = canonicalize_name(requirement.name)  # type: ignore[assignment]
        self.extras = tuple(sorted(requirement.extras))
        self._specifiers = requirement.specifier

    @property
    def specifiers(self) -> SpecifierSet:
        """The clause as a PEP 440 specifier set: a bare release is a prefix, any other bare version is exact."""
        from versioned_import.libraries.packaging.specifiers import SpecifierSet

        if self._specifiers is None:
            text = self.text.strip()
            if is_version(text):
                text = f"=={text}" if text.endswith(".*") or not _is_release(text) else f"=={text}.*"
            self._specifiers = SpecifierSet(text)
        return self._specifiers

    def allows(self, version: str) -> bool:
        """Tell whether a version satisfies the clause, pre-releases included."""
        if self._prefix is not None and version.replace(".", "").isdigit():
            release = [int(part) for part in version.split(".")]
            release += [0] * (len(self._prefix) - len(release))
            return release[: len(self._prefix)] == self._prefix
        return not self.text or allows(self.specifiers, version)

    @property
    def names_prerelease(self) -> bool:
        """Whether the clause itself names a pre-release."""
        return self._prefix is None and bool(self.text) and bool(self.specifiers.prereleases)


def allows(specifiers: SpecifierSet, version: str) -> bool:
    """Tell whether a version is in a set, pre-releases included; only `===` finds a text that is no version."""
    from versioned_import.libraries.packaging.version import InvalidVersion

    try:
        return specifiers.contains(version, prereleases=True)
    except InvalidVersion:
        return any(one.operator == "===" and one.version.lower() == version.lower() for one in specifiers)


def is_prerelease(version: str) -> bool:
    """Tell whether a version is a pre-release or development release (PEP 440)."""
    if version.replace(".", "").isdigit():
        return False
    return _parsed(version, lambda parsed: parsed.is_prerelease, default=False)


def sort_key(version: str) -> tuple[bool, object]:
    """Return a key that sorts versions as PEP 440 does; texts that are no versions come first."""
    from versioned_import.libraries.packaging.version import InvalidVersion, Version

    try:
        return True, Version(version)
    except InvalidVersion:
        return False, version


def _is_release(text: str) -> bool:
    return _parsed(
        text,
        lambda parsed: parsed.pre is None and parsed.post is None and parsed.dev is None and parsed.local is None,
        default=False,
    )


def _parsed(version: str, ask: Callable[..., bool], *, default: bool) -> bool:
    from versioned_import.libraries.packaging.version import InvalidVersion, Version

    try:
        return ask(Version(version))
    except InvalidVersion:
        return default
