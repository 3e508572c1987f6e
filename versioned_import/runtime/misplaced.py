"""Modules that stand elsewhere than what was chosen for them: never the wrong version.

A warm import whose modules are all where they should be comes to none of this.
"""

import os
import sys

from versioned_import.runtime.state import attribute_of, file_of, is_no_ones

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from versioned_import.metadata.candidate import Candidate


def foreign_modules(chosen: "Iterable[Candidate]") -> "list[Candidate]":
    """Return the chosen candidates of which another thread has loaded a module from elsewhere, before they were in force."""
    strays: dict[str, list[str]] = {}
    above = tuple({f"{top}." for one in chosen if one.entry for top in one.tops if top not in sys.modules})
    for key in list(sys.modules) if above else ():
        if key.startswith(above):
            strays.setdefault(key.partition(".")[0], []).append(key)
    return [
        candidate
        for candidate in chosen
        if candidate.entry
        and any(
            not (file_of(module) or candidate.path + os.sep).startswith(candidate.path + os.sep)
            for name in candidate.names
            if not is_no_ones(name, candidate)
            for key in (name, *strays.get(name, ()))
            if (module := sys.modules.get(key)) is not None
        )
    ]


def refuse_namespace(name: str, clause: str, candidate: "Candidate") -> None:
    """Refuse a namespace package that was loaded before under the name of a regular one.

    Any folder of that name beside a program makes one. A chosen candidate's own folders are among those of a true one.
    """
    for package in candidate.names:
        module = sys.modules.get(package) if f"{name}.".startswith(f"{package}.") else None
        path = attribute_of(module, "__path__")
        if path is not None and not file_of(module):
            places = [str(place) for place in path]
            if not any(place.startswith(candidate.path + os.sep) for place in places):
                from versioned_import.runtime.cold import wrong_origin
                from versioned_import.runtime.importing import asking_place

                raise wrong_origin(name, clause, ", ".join(places), candidate, asking_place())


def check_origin(name: str, clause: str, module: "ModuleType", candidate: "Candidate") -> None:
    """Refuse a module that another finder served from elsewhere: never the wrong version."""
    if getattr(module, "__name__", name) != name:
        return  # a package's alias for another distribution's module, such as `requests.packages.urllib3`
    origin = file_of(module)
    places = [origin] if origin else [str(place) for place in getattr(module, "__path__", ())]
    if not places or any(place.startswith(candidate.path + os.sep) for place in places):
        return
    if not candidate.entry:
        # A flat install may be an editable one, whose modules stand elsewhere.
        from versioned_import.runtime.loaded import loaded_module

        found = loaded_module(name)
        if found is None or (found.candidate is not None and found.candidate.key() == candidate.key()):
            return
    from versioned_import.runtime.cold import wrong_origin
    from versioned_import.runtime.importing import asking_place

    raise wrong_origin(name, clause, places[0], candidate, asking_place())
