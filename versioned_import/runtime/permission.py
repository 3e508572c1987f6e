"""Which versioned directories an import may get that nothing else answers: it depends on whose code makes it (spec 3.8)."""

from __future__ import annotations

import os
import sys

from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.metadata.places import full_path, real_path
from versioned_import.runtime.state import file_of, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from versioned_import.libraries.packaging.requirements import Requirement
    from versioned_import.metadata.candidate import Candidate

_PROGRAMS_OWN = ("__main__", "sitecustomize", "usercustomize")
"""Modules that a user writes, wherever they stand."""

_ON_BEHALF_OF_OTHERS = (sys.stdlib_module_names | {"versioned_import", "versioned_import_startup"}) - {"__main__"}


def allowed(offered: list[Candidate]) -> list[Candidate]:
    """Return those of the offered candidates that the import may get which is being made; the program's own gets any.

    Code of a flat install gets what its metadata requires, and nothing else: it would not be there without us. Code of a
    versioned directory gets what its metadata says, under an extra too, and where that says nothing, any.
    """
    name, file = importing_module()
    if not file:
        return offered
    versioned = [one for one in state.selection.values() if one.entry and file.startswith(one.path + os.sep)]
    if versioned:
        return _mentioned(versioned[0], offered)
    folder = _site_of(file)
    owners = _claiming(file, folder) or _editable(name, file)
    if not owners and not _is_for_installs_only(folder):
        return offered
    return [one for one in offered if any(_is_required(owner, one) for owner in owners)]


def importing_module() -> tuple[str, str]:
    """Return name and file of the module whose code makes the import; the file is "" where no installed code can be it.

    The import machinery, the standard library and our own modules import on behalf of whoever called them.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 the one way to know the importer, as in `warnings`
    while frame is not None:
        name, file = _identity(frame)
        top = name.partition(".")[0]
        if name in _PROGRAMS_OWN or (file and top not in _ON_BEHALF_OF_OTHERS):
            return name, "" if name in _PROGRAMS_OWN else full_path(file)
        frame = frame.f_back
    return "__main__", ""


def _identity(frame: FrameType) -> tuple[str, str]:
    """Return name and file of the module whose code a frame runs; "" for what isn't known, as in `exec` with a dict."""
    names = frame.f_globals
    name = names.get("__name__")
    if name == "__main__":  # of `python -m`, which may be an installed module
        name = getattr(names.get("__spec__"), "name", name)
    if not isinstance(name, str):
        name = ""
    file = names.get("__file__") or file_of(sys.modules.get(name)) or frame.f_code.co_filename
    return name, file if isinstance(file, str) and not file.startswith("<") else ""


def _site_of(file: str) -> str:
    """Return the directory of the search path, or else of `sys.path`, that a file is in; the innermost, or ""."""
    entries = [*state.directories(), *(entry for entry in sys.path if isinstance(entry, str))]
    return max(
        (entry for entry in entries if entry and file.startswith(entry.rstrip(os.sep) + os.sep)), key=len, default=""
    )


def _claiming(file: str, folder: str) -> list[Candidate]:
    """Return the flat installs in a directory that have a file among their modules."""
    if not folder or (folder not in state.directories() and not _was_filled_by_an_installer(folder)):
        return []
    inside = os.path.relpath(file, folder).partition(".")[0].replace(os.sep, ".")
    return [one for one in _provide(inside, folder) if not one.entry]


def _was_filled_by_an_installer(folder: str) -> bool:
    """Tell whether an entry of `sys.path` is what `pip install --target` leaves; a build leaves `.egg-info` in a project."""
    try:
        return any(entry.endswith(".dist-info") for entry in os.listdir(folder))
    except OSError:
        return False


def _editable(name: str, file: str) -> list[Candidate]:
    """Return the editable installs of whose project a module is."""
    from versioned_import.metadata.editable import project_directory

    found = [(one, project_directory(one)) for site in state.directories() for one in _provide(name, site)]
    return [one for one, project in found if project and real_path(file).startswith(project + os.sep)]


def _provide(name: str, site: str) -> list[Candidate]:
    """Return what a site directory has that provides a module or a package above it."""
    catalogue = open_catalogue(site)
    parts = name.split(".")
    prefixes = [".".join(parts[:size]) for size in range(1, len(parts) + 1)]
    return [one for prefix in prefixes for one in catalogue.by_name(prefix)] if catalogue is not None else []


def _is_for_installs_only(folder: str) -> bool:
    """Tell whether a directory is a site directory, and not one of PYTHONPATH, where a program may have its own modules."""
    from versioned_import.resolver.search_path import reasons

    return any(directory == folder and reason != "PYTHONPATH" for directory, reason in reasons())


def _is_required(owner: Candidate, candidate: Candidate) -> bool:
    """Tell whether a flat install requires a candidate's distribution, in this version among others."""
    return _is_met(_requirements(owner, [candidate]), "", candidate)


def _mentioned(owner: Candidate, offered: list[Candidate]) -> list[Candidate]:
    """Return the candidates in whose favour the metadata of a versioned directory speaks; all where it has no word on any."""
    import re

    requirements = _requirements(owner, offered)
    extras = {
        "",
        *(extra for one in requirements for extra in re.findall(r"""extra == ["']([^"']*)""", str(one.marker))),
    }
    if not any(_holds(one, extra) for one in requirements for extra in extras):
        return offered
    return [one for one in offered if any(_is_met(requirements, extra, one) for extra in extras)]


def _requirements(owner: Candidate, candidates: Sequence[Candidate]) -> list[Requirement]:
    """Return what a distribution's metadata says of the distributions of some candidates."""
    import re

    from versioned_import.metadata.layout import NotACandidate, canonical, requirements_of

    names = {one.distribution for one in candidates}
    try:
        lines = [
            line for line in requirements_of(owner) if canonical(re.split(r"[^\w.-]", line, maxsplit=1)[0]) in names
        ]
    except NotACandidate:
        return []
    from versioned_import.libraries.packaging.requirements import InvalidRequirement, Requirement

    found = []
    for line in lines:
        try:
            found.append(Requirement(line))
        except InvalidRequirement:
            continue  # old metadata; pip has let it pass as well
    return found


def _is_met(requirements: list[Requirement], extra: str, candidate: Candidate) -> bool:
    from versioned_import.metadata.layout import canonical
    from versioned_import.resolver.specifiers import allows

    mine = [one for one in requirements if canonical(one.name) == candidate.distribution and _holds(one, extra)]
    return bool(mine) and all(allows(one.specifier, candidate.version) for one in mine)


def _holds(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})
