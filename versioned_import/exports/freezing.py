"""What this process has, as a lock: the selection, and what plain imports got, with all that these require.

No third-party library is imported under its own name here: a process that runs from a lock may not have it.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from versioned_import.install.engine import Planned
from versioned_import.install.lock_table import lock_of
from versioned_import.install.origins import origin_of
from versioned_import.metadata.candidate import STARTERS
from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.metadata.direct_url import direct_url
from versioned_import.metadata.layout import NotACandidate, canonical
from versioned_import.resolver.closure import dependencies, is_usable
from versioned_import.resolver.specifiers import sort_key
from versioned_import.runtime.loaded import loaded_module
from versioned_import.runtime.portions import is_namespace
from versioned_import.runtime.state import state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from versioned_import.metadata.candidate import Candidate
    from versioned_import.resolver.closure import Need

_OURSELVES = canonical("versioned-import")


def frozen_text(directory: str = "") -> tuple[str, list[str]]:
    """Return the pylock.toml of this process, and the distributions of which it knows no file, so has the version only.

    `directory` is where the lock will stand: paths of local files below it are relative.
    """
    used = _used()
    asked = {str(one.distribution) for one in state.answered}
    planned = [_planned(one, requested=one.distribution in asked) for one in used]
    roots = [f"{one.name}=={one.version}" for one in planned if one.requested]
    table = lock_of(roots, planned, directory=directory)
    return _toml(table), [f"{one.name} {one.version}" for one in planned if not one.download.get("url")]


def _used() -> list[Candidate]:
    """Return the distributions that this process uses, each once, by name."""
    names = [name for name in sys.modules if not name.startswith(("versioned_import", "_versioned_"))]
    in_force = sys.modules.get("versioned_import.projects.in_force")
    if in_force is not None and in_force.running.plan is not None:
        from versioned_import.projects.in_full import go_in_full

        go_in_full()
    chosen = {str(name): one for name, one in state.selection.items()}
    for name in names:
        top = name.partition(".")[0]
        if top in STARTERS or top in sys.stdlib_module_names or ("." in name and not _is_portion(name)):
            continue
        found = loaded_module(name)
        if found is not None and found.candidate is not None:
            chosen.setdefault(str(found.candidate.distribution), found.candidate)
    chosen.pop(_OURSELVES, None)
    for candidate in list(chosen.values()):
        _add_required(candidate, frozenset(), chosen)
    return [chosen[name] for name in sorted(chosen) if name != _OURSELVES]


def _is_portion(name: str) -> bool:
    """Tell whether a loaded module stands right below a namespace package, of which several distributions have parts."""
    above = sys.modules.get(name.rpartition(".")[0])
    return above is not None and is_namespace(above)


def _add_required(candidate: Candidate, extras: frozenset[str], chosen: dict[str, Candidate]) -> None:
    """Add what a distribution requires and nothing has been loaded of yet, with all that that requires."""
    try:
        needs = list(dependencies(candidate, extras))
    except NotACandidate:
        return
    for need in needs:
        there = chosen.get(str(need.distribution))
        if there is None:
            there = next(_installed(need), None)
            if there is None:
                continue
            chosen[str(need.distribution)] = there
            _add_required(there, need.extras, chosen)
        elif need.extras and not need.extras <= extras:
            _add_required(there, need.extras, chosen)


def _installed(need: Need) -> Iterator[Candidate]:
    """Yield what would answer a need: what a plain import finds, then versioned directories, the highest version first."""
    catalogues = [found for site in state.directories() if (found := open_catalogue(site)) is not None]
    every = [one for catalogue in catalogues for one in catalogue.by_distribution(need.distribution)]
    yield from (one for one in every if not one.entry)
    versioned = [one for one in every if one.entry and need.is_met_by(one) and is_usable(one)]
    yield from sorted(versioned, key=lambda one: sort_key(one.version), reverse=True)


def _planned(candidate: Candidate, *, requested: bool) -> Planned:
    """Return a distribution with where its file came from, as far as the installer has noted it."""
    origin = origin_of(candidate.site, candidate.entry) if candidate.entry else None
    download: Mapping[str, Any] = origin.download if origin is not None else {}
    is_direct = origin is not None and origin.is_direct
    direct = direct_url(candidate.metadata_directory)
    if origin is None and direct is not None:
        download, is_direct = direct, True
    return Planned(
        name=str(candidate.distribution),
        version=candidate.version,
        requested=requested,
        download=download,
        is_direct=is_direct,
    )


def _toml(table: Mapping[str, Any]) -> str:
    """Return a pylock.toml: a table of plain values, of tables, and of one list of tables."""
    packages = table["packages"]
    head = {key: value for key, value in table.items() if key not in ("packages", "tool")}
    if not packages:
        head["packages"] = []
    parts = ["".join(f"{key} = {_value(value)}\n" for key, value in head.items())]
    parts += [
        "[[packages]]\n" + "".join(f"{key} = {_value(value)}\n" for key, value in package.items())
        for package in packages
    ]
    parts += [
        f"[tool.{name}]\n" + "".join(f"{key} = {_value(value)}\n" for key, value in own.items())
        for name, own in table.get("tool", {}).items()
    ]
    return "\n".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} = {_value(one)}' for key, one in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return _list(value)
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for the one control character that JSON lets stand.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(values: Iterable[Any]) -> str:
    return f"[{', '.join(map(_value, values))}]"
