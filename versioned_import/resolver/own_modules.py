"""What a program has of its own under the name of what it asks for: the error says so before it names a command.

On a package index, such a name is most often a stranger's project.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

from versioned_import.metadata.editable import project_directory
from versioned_import.metadata.places import full_path, real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from versioned_import.resolver.choose import Survey
    from versioned_import.resolver.request import Request


def module_without_version(request: Request, survey: Survey, search_path: Sequence[str]) -> str:
    """Return the sentence on the module that a plain import would get and that belongs to no distribution, or ""."""
    top = request.name.partition(".")[0]
    if not request.wanted.text or top in sys.stdlib_module_names:
        return ""
    file = _found(top, os.path.dirname(request.where.rpartition(":")[0]))
    installed = [one for one, _ in survey.passed_over if top in one.tops]
    places = [one.path if one.entry else project_directory(one) or one.site for one in installed]
    if not file or _is_in(real_path(file), map(os.path.realpath, places)):
        return ""
    whose = "belongs to no distribution" if _is_in(file, search_path) else "is the program's own"
    return f"{file} {whose} and has no version: to import it, leave the clause out"


def _found(top: str, folder: str) -> str:
    """Return the file of a top-level module; a script's own directory counts too, which a command does not have on its path."""
    own = [folder] if folder and not os.path.exists(os.path.join(folder, "__init__.py")) else []
    spec = PathFinder.find_spec(top, [*own, *(entry for entry in sys.path if isinstance(entry, str))])
    return full_path(spec.origin) if spec is not None and spec.loader is not None and spec.origin else ""


def _is_in(file: str, directories: Iterable[str]) -> bool:
    return any(file.startswith(os.path.join(directory, "")) for directory in directories)


def projects(survey: Survey) -> list[str]:
    """Return a sentence for each editable install that was passed over: its version is whatever its project says."""
    found = {f"{one.distribution} {one.version}": project_directory(one) for one, _ in survey.passed_over}
    return [f"{name} is the project in {place}, which says its version" for name, place in found.items() if place]
