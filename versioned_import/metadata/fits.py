"""Whether a versioned directory can be used by this interpreter (spec 3.4)."""

from __future__ import annotations

import functools
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from versioned_import.metadata.candidate import Candidate


def misfit(candidate: Candidate) -> str:
    """Return why this interpreter can't use a candidate, or "". A flat install is used as Python uses it: unasked."""
    if not candidate.entry:
        return ""
    if candidate.tags and not _has_compatible(candidate.tags):
        return f"is built for {', '.join(candidate.tags)}, not for this interpreter"
    if candidate.requires_python and not _admits(candidate.requires_python):
        return f"requires Python {candidate.requires_python}, this is {python_version()}"
    return ""


def python_version() -> str:
    """Return the running version as Requires-Python sees it (PEP 440 text)."""
    from versioned_import.libraries.packaging.markers import default_environment

    return default_environment()["python_full_version"]


@functools.cache
def supported_tags() -> frozenset[str]:
    """Return every wheel tag that this interpreter takes, as text (PEP 425)."""
    from versioned_import.libraries.packaging.tags import sys_tags

    return frozenset(map(str, sys_tags()))


def _has_compatible(tags: tuple[str, ...]) -> bool:
    if any(tag == "py3-none-any" or tag == f"py{sys.version_info[0]}-none-any" for tag in tags):
        return True
    from versioned_import.libraries.packaging.tags import parse_tag

    # A compressed set such as `py2.py3-none-any` stands for each of its members.
    return any(str(one) in supported_tags() for tag in tags if tag.count("-") == 2 for one in parse_tag(tag))  # noqa: PLR2004


def _admits(requires_python: str) -> bool:
    from versioned_import.libraries.packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(requires_python).contains(python_version(), prereleases=True)
    except InvalidSpecifier:
        return False
