"""Lets the repr of a module from a flat install name its version; a versioned directory's path names it anyway."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.machinery import ModuleSpec
    from typing import Any

    from versioned_import.metadata.candidate import Candidate


class Origin(str):
    """The origin of a module's spec: the same text as before, which a module's repr shows with the version behind it.

    Everywhere else its repr is that of the text, since people write it into generated code; a copy, and what is pickled,
    is a plain text.
    """

    __slots__ = ("distribution",)
    distribution: str

    def __repr__(self) -> str:
        plain = str.__repr__(self)
        asker = sys._getframe(1)  # noqa: SLF001 the function that makes the repr of modules
        if asker.f_globals.get("__name__") in ("importlib._bootstrap", "_frozen_importlib"):
            return f"{plain} ({self.distribution})"
        return plain

    def __reduce__(self) -> tuple[Any, ...]:
        return str, (str(self),)


def name_version(spec: ModuleSpec, candidates: Iterable[Candidate]) -> None:
    """Let a loaded module's repr name the version of the flat install among the candidates that it belongs to."""
    if not spec.has_location or type(spec.origin) is not str:
        return
    for one in candidates:
        if not one.entry and any(spec.name == name or spec.name.startswith(f"{name}.") for name in one.names):
            origin = Origin(spec.origin)
            origin.distribution = f"{one.distribution} {one.version}"
            spec.origin = origin
            return
