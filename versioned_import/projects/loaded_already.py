"""What a process has loaded before it runs from a lock, against what the lock has."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from versioned_import.errors import VersionConflictError
from versioned_import.metadata.candidate import STARTERS, from_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from versioned_import.metadata.candidate import Candidate
    from versioned_import.projects.kept import Plan


def refuse_loaded(plan: Plan) -> None:
    """Raise VersionConflictError if a locked name is loaded from a place where only installed distributions are."""
    lines = plan.unpacked()[0]
    candidates = [from_line(site, line) for site, line in lines]
    sites = [*plan.dropped, *dict.fromkeys(one.site for one in candidates)]
    # The name that a person knows goes first in the message: `pytest`, not `_pytest` or `pytest.collect`.
    known = sorted(sys.modules.values(), key=lambda one: _text_of(one, "__name__").count("."))
    for module in sorted(known, key=lambda one: _text_of(one, "__name__").startswith("_")):
        name, place = _text_of(module, "__name__"), _text_of(module, "__file__")
        top = name.partition(".")[0]
        file = plan.file_of(top)
        if file is None or not _is_below(place, sites) or top in STARTERS or top in sys.stdlib_module_names:
            continue
        own = [one for one in candidates if top in one.tops]
        if not _is_locked(name, place, own) and not (file and _is_flat_twin(name, place, own, plan.dropped)):
            locked = " and ".join(f"{one.distribution} {one.version}" for one in own) or top
            story = (
                f"loaded from {place}",
                f"the lock has {locked}: {file or ', '.join(one.place for one in own)}",
                "activate the project before anything of it is imported, or start the program with --project",
            )
            headline = f"{name} is loaded already, from elsewhere"
            raise VersionConflictError(name, f"activate {plan.lock}", "", headline, story)


def _text_of(module: object, attribute: str) -> str:
    """Return an attribute of whatever stands in `sys.modules`, as text; "" where it is none, or asking for it fails."""
    try:
        return str(getattr(module, attribute, None) or "")
    except Exception:  # noqa: BLE001 programs put whatever they like there
        return ""


def _is_locked(name: str, place: str, candidates: Sequence[Candidate]) -> bool:
    """Tell whether a loaded module is one of the candidates that have its top-level name."""
    for one in candidates:
        if any(f"{name}.".startswith(f"{own}.") for own in one.names):
            where = os.path.join(os.path.realpath(one.path), "")
            if os.path.realpath(place).startswith(where) and (one.entry or _is_own_of_flat(name, place, one.path)):
                return True
    return False


def _is_own_of_flat(name: str, place: str, site: str) -> bool:
    """Tell whether a module stands in a flat install itself, and not in a versioned directory beside it."""
    own = os.path.join(site, name.partition(".")[0])
    return place.startswith((f"{own}.", f"{own}{os.sep}"))


def _is_flat_twin(name: str, place: str, candidates: Sequence[Candidate], sites: Sequence[str]) -> bool:
    """Tell whether a loaded module is of a flat install of just the version whose versioned directory the plan takes."""
    infos = [one.dist_info for one in candidates if one.entry]
    return any(
        os.path.isdir(os.path.join(site, info))
        for site in sites
        if _is_own_of_flat(name, place, site)
        for info in infos
    )


def _is_below(file: str, directories: Sequence[str]) -> bool:
    """Tell whether a file stands in one of some directories, or deeper."""
    return any(file.startswith(os.path.join(directory, "")) for directory in directories)
