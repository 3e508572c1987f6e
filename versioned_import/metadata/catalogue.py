"""What one site directory offers: import name to candidates, kept on disk and checked against it (docs/architecture.md, D6)."""

from __future__ import annotations

import os

from versioned_import.metadata.candidate import Candidate, from_line
from versioned_import.metadata.places import changed_at
from versioned_import.metadata.store import PASSED_OVER, Store, stores_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from versioned_import.metadata.build import Look


class Catalogue:
    """The candidates of one site directory, by import name and by distribution."""

    def __init__(self, site: str, store: Store | None, look: Look | None) -> None:
        self.site = site
        self._store = store
        self._look = look

    @property
    def is_settled(self) -> bool:
        """Whether this is true until the directory's modification time changes."""
        return self._look is None or self._look.is_settled

    def holds(self, changed: int, *, lenient: bool) -> bool:
        """Tell whether this is true of a directory that has now a modification time; see `Look.holds`."""
        if self._look is not None:
            return self._look.holds(self.site, changed, lenient=lenient)
        return self._store is not None and self._store.changed == changed

    def by_name(self, name: str) -> list[Candidate]:
        """Return the candidates that provide exactly this import name."""
        return self.filed(f"n:{name}")

    def by_distribution(self, distribution: str) -> list[Candidate]:
        """Return the candidates of a distribution (canonical name)."""
        return self.filed(f"d:{distribution}")

    def filed(self, key: str) -> list[Candidate]:
        """Return the candidates under a key: `n:` import name, `t:` namespace package, `d:` distribution."""
        found = [from_line(self.site, line) for line in self._lines(key)]
        if any(one.dist_info.endswith(".egg-link") for one in found):
            from versioned_import.metadata.layout import is_outdated

            if any(one.dist_info.endswith(".egg-link") and is_outdated(one) for one in found):
                self._rebuild()
                found = [from_line(self.site, line) for line in self._lines(key)]
        return found

    def everything(self) -> list[Candidate]:
        """Return every candidate of the site directory."""
        lines = self._everything()
        return [from_line(self.site, line) for line in lines if not line.startswith(PASSED_OVER)]

    def passed_over(self, distribution: str) -> list[tuple[str, str]]:
        """Return the directories that look like versions of a distribution and are none, each with the reason."""
        fields = (line.split("\t") for line in self._lines(f"b:{distribution}"))
        return [(entry, reason) for _, entry, reason, _ in fields]

    def impostors(self) -> list[tuple[str, str]]:
        """Return every directory that looks like a version and is none, each with the reason."""
        fields = (line.split("\t") for line in self._everything() if line.startswith(PASSED_OVER))
        return sorted((entry, reason) for _, entry, reason, _ in fields)

    def follow_editables(self) -> bool:
        """Look at everything anew where an editable install has got or lost modules; tell whether one has.

        That leaves no mark on the site directory, and costs a look at each flat install: it is for names that nothing has.
        """
        from versioned_import.metadata.editable import has_other_names

        if not any(map(has_other_names, self.everything())):
            return False
        self._rebuild()
        return True

    def _lines(self, key: str) -> list[str]:
        if self._look is not None:
            return self._look.filed.get(key, [])
        try:
            return self._store.lines(key) if self._store is not None else []
        except (OSError, ValueError):  # a broken cache is a miss
            self._rebuild()
            return self._lines(key)

    def _everything(self) -> list[str]:
        if self._store is not None and self._look is None:
            try:
                return self._store.everything()
            except (OSError, ValueError):
                self._rebuild()
        return self._look.filed.get("", []) if self._look is not None else []

    def _rebuild(self) -> None:
        from versioned_import.metadata.build import build

        self._look = build(self.site, {})


_open: dict[str, Catalogue] = {}


def open_catalogue(site: str, *, lenient: bool = False) -> Catalogue | None:
    """Return the catalogue of a site directory, from memory, disk or a fresh look; None where there is no directory.

    A lenient caller can bear an answer that is a second old, where a directory has changed within the last two: a program
    may try many imports in vain after an installation.
    """
    try:
        changed = changed_at(os.stat(site))
    except (OSError, ValueError):
        return None
    known = _open.get(site)
    if known is not None and known.holds(changed, lenient=lenient):
        return known
    stores = list(stores_of(site))
    fresh = next((store for store in stores if store.changed == changed), None)
    if fresh is not None:
        catalogue = Catalogue(site, fresh, None)
    else:
        from versioned_import.metadata.build import build

        catalogue = Catalogue(site, None, build(site, _lines_of(stores)))
    _open[site] = catalogue
    return catalogue


def is_settled(site: str) -> bool:
    """Tell whether what is known of a site directory is true until its modification time changes."""
    catalogue = open_catalogue(site)
    return catalogue is None or catalogue.is_settled


def refresh(site: str) -> None:
    """Look at a site directory anew and write its catalogue: what an installer calls when it is done."""
    _open.pop(site, None)
    from versioned_import.metadata.build import build

    build(site, _lines_of(list(stores_of(site))))


def forget() -> None:
    """Drop what this process knows of catalogues; the files stay."""
    _open.clear()


def _lines_of(stores: list[Store]) -> dict[tuple[str, str], str]:
    """Return the lines of the first readable store by what they were read from: its name and its modification time."""
    for store in stores:
        try:
            lines = store.everything()
        except (OSError, ValueError):
            continue
        return {_origin(line): line for line in lines}
    return {}


def _origin(line: str) -> tuple[str, str]:
    fields = line.split("\t")
    name = fields[1] if fields[0] == PASSED_OVER or not fields[0] else fields[0]
    return name, fields[-1]
