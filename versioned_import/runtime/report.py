"""What is selected, from where and why, as data: what `selection()` and `require()` return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from versioned_import.metadata.layout import canonical
from versioned_import.runtime.reasons import required_by, statement
from versioned_import.runtime.state import is_loaded, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from versioned_import.metadata.candidate import Candidate
    from versioned_import.runtime.state import Answered

_MOST_REASONS = 2


class Asked(NamedTuple):
    """A statement, or a call of `require`, that got a distribution."""

    statement: str
    """As a user would write it: `import requests version 2.31`."""
    where: str
    """`file:line`, or "" where it isn't known."""
    inherited: bool = False
    """Whether it was executed by the parent process, whose selection this process took over."""

    def __str__(self) -> str:
        parts = (self.where, "in the parent process" if self.inherited else "")
        place = ", ".join(filter(None, parts))
        return f"{self.statement} ({place})" if place else self.statement


class RequiredBy(NamedTuple):
    """A selected distribution that requires another one."""

    distribution: str
    version: str
    requirement: str
    """As its metadata has it, without the marker: `idna<4,>=2.5`."""

    def __str__(self) -> str:
        return f"{self.distribution} {self.version} requires {self.requirement}"


@dataclass(frozen=True, slots=True)
class Selected:
    """One distribution of a selection, at the moment it was asked for."""

    distribution: str
    """The canonical name."""
    version: str
    path: str
    """The directory that holds the modules: the versioned directory, or the site directory of a flat install."""
    kind: str
    """`versioned` or `flat`."""
    names: tuple[str, ...]
    """The import names that it provides."""
    loaded: bool
    """Whether a module of it is loaded."""
    asked_by: tuple[Asked, ...]
    required_by: tuple[RequiredBy, ...]

    @property
    def place(self) -> str:
        """The path as messages show it, which say of a flat install that it is one."""
        return f"{self.path} (flat install)" if self.kind == "flat" else f"{self.path}/"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is selected, a sentence each: first who asked for it, then what requires it."""
        return (*map(str, self.asked_by), *map(str, self.required_by))


class Selection(Mapping[str, Selected]):
    """Canonical distribution name to what is selected, in the order of the names; it never changes."""

    __slots__ = ("_by_name",)
    _by_name: dict[str, Selected]

    def __init__(self, selected: Iterable[Selected] = ()) -> None:
        """Take the members in any order."""
        ordered = sorted(selected, key=lambda one: one.distribution)
        object.__setattr__(self, "_by_name", {one.distribution: one for one in ordered})

    def __getitem__(self, name: str) -> Selected:
        """Return what is selected of a distribution, whose name may be spelled in any way. Raises KeyError."""
        if not isinstance(name, str):
            raise KeyError(name)
        found = self._by_name.get(name) or self._by_name.get(canonical(name))
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __hash__(self) -> int:
        return hash(tuple(self._by_name.values()))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Selection does not change; call versioned_import.selection() again")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (tuple(self._by_name.values()),)

    def __repr__(self) -> str:
        if not self:
            return "<Selection: nothing is selected>"
        rows = [("distribution", "version", "loaded", "from", "why")]
        rows += [
            (one.distribution, one.version, "yes" if one.loaded else "no", one.place, _why(one))
            for one in self.values()
        ]
        widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
        return "\n".join("  ".join((*map(str.ljust, row, widths), row[-1])) for row in rows)


def _why(selected: Selected) -> str:
    reasons = selected.reasons
    more = f"; {len(reasons) - _MOST_REASONS} more" if len(reasons) > _MOST_REASONS else ""
    return "; ".join(reasons[:_MOST_REASONS]) + more if reasons else "nothing asks for it any more"


def selection(only: Iterable[str] | None = None) -> Selection:
    """Return what is selected now, as `versioned_import.selection` promises; `only` names the distributions to show."""
    chosen, answered = state.selection, list(state.answered)
    requirers = required_by(answered, chosen)
    wanted = chosen if only is None else set(only)
    return Selection(
        Selected(
            distribution=distribution,
            version=one.version,
            path=one.path,
            kind="versioned" if one.entry else "flat",
            names=one.names,
            loaded=is_loaded(one),
            asked_by=(*_locked(one), *dict.fromkeys(_asked(by) for by in answered if by.distribution == distribution)),
            required_by=tuple(
                RequiredBy(by.distribution, by.version, text) for by, text in requirers.get(distribution, ())
            ),
        )
        for distribution, one in chosen.items()
        if distribution in wanted
    )


def _locked(candidate: Candidate) -> tuple[Asked, ...]:
    if state.project is None:
        return ()
    requirement = f"{candidate.distribution}=={candidate.version}"
    return (Asked(requirement, state.project.place(candidate.distribution)),)


def _asked(answered: Answered) -> Asked:
    return Asked(statement(answered), answered.where, answered.inherited)


# What pickle writes and a traceback prints is the name that programs import.
for _public in (Asked, RequiredBy, Selected, Selection):
    _public.__module__ = "versioned_import"
