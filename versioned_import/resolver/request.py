"""What one statement asks of the resolver."""

from __future__ import annotations

from versioned_import.resolver.specifiers import Wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from versioned_import.metadata.candidate import Candidate


class Request:
    """An import name, its clause, and where the statement stands.

    The name is "" where `require` asks for a distribution; then the clause is the requirement.
    """

    __slots__ = ("among", "name", "wanted", "where")

    def __init__(self, name: str, clause: str, where: str = "", among: Iterable[Candidate] = ()) -> None:
        """Parse the clause; raises ClauseError. `where` is `file:line`, or "" where it isn't known."""
        self.name = name
        self.wanted = Wanted(clause, is_requirement=not name)
        self.where = where
        self.among = frozenset(candidate.key() for candidate in among)
        """The keys of the candidates that count; all count where it is empty."""

    @property
    def statement(self) -> str:
        """The statement, or the call of `require`, as a user would write it."""
        text = self.wanted.text
        if not self.name:
            return f'require("{text}")'
        if not text:
            return f"import {self.name}"
        quote = "" if text[0].isdigit() or (text[0] in "vV" and text[1:2].isdigit()) else '"'
        return f"import {self.name} version {quote}{text}{quote}"

    @property
    def asker(self) -> str:
        """Who asks, for a sentence about a conflict."""
        return f"{self.statement} ({self.where})" if self.where else self.statement

    def prefixes(self) -> list[str]:
        """Return the import name and the packages above it, the top-level one first."""
        parts = self.name.split(".")
        return [".".join(parts[:size]) for size in range(1, len(parts) + 1)]
