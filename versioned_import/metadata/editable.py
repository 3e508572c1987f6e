"""Editable installs: which project they belong to, and which import names it has (PEP 660, and setuptools' links before)."""

from __future__ import annotations

import ast
import os
import re

from versioned_import.metadata.direct_url import direct_url, directory_of
from versioned_import.metadata.files import read_text
from versioned_import.metadata.names import MODULE_ENDINGS, names_from_record
from versioned_import.metadata.shared import joins_portions
from versioned_import.syntax.parsing import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from versioned_import.metadata.candidate import Candidate

# What stands beside the modules in the directory of a project and is no part of what it distributes.
_FOLDERS = frozenset(
    {"benchmark", "benchmarks", "build", "dist", "doc", "docs", "example", "examples", "scripts", "tools"}
)
_FILES = frozenset({"conf", "conftest", "fabfile", "noxfile", "setup", "tasks", "test", "tests"})
_DEEPEST = 4


def project_directory(candidate: Candidate) -> str:
    """Return the directory of the project that an editable install leads to; "" for every other candidate."""
    if candidate.entry:
        return ""
    if candidate.dist_info.endswith(".egg-link"):
        return os.path.realpath(_linked(os.path.join(candidate.site, candidate.dist_info)))
    direct = direct_url(candidate.metadata_directory) or {}
    return directory_of(candidate.metadata_directory) if direct.get("dir_info", {}).get("editable") else ""


def has_other_names(candidate: Candidate) -> bool:
    """Tell whether a candidate is an editable install whose import names are no longer those that it was read with."""
    if not project_directory(candidate):
        return False
    from versioned_import.metadata.layout import NotACandidate, read_flat

    try:
        return read_flat(candidate.site, candidate.dist_info, candidate.changed).names != candidate.names
    except NotACandidate:
        return True


def linked_metadata(link: str) -> str:
    """Return the `.egg-info` that an `.egg-link` file leads to; it need not exist.

    `setup.py develop` leaves such a file; its first line is the directory that has the modules and the metadata.
    """
    return os.path.join(_linked(link), f"{os.path.basename(link).removesuffix('.egg-link').replace('-', '_')}.egg-info")


def _linked(link: str) -> str:
    lines = (read_text(link) or "").split("\n")
    return os.path.join(os.path.dirname(link), lines[0].strip())


def names_of_editable(info: str, record: str, distribution: str) -> tuple[str, ...]:
    """Return the import names of an editable install whose `.dist-info` is `info`, with the text of its RECORD.

    They are what its finder maps, and the modules in the directories that its .pth files add; where neither can be read,
    the distribution's name stands in.
    """
    site = os.path.dirname(info)
    files = [line.partition(",")[0].strip('"') for line in record.split("\n")]
    # The loader that a build backend puts into the site directory is no module of the project.
    names = {name for name in names_from_record(record, site) if "editable" not in name}
    for file in files:
        if file.endswith(".py") and "editable" in file:
            names.update(_mapped(read_text(os.path.join(site, file)) or ""))
    listed = read_text(os.path.join(info, "top_level.txt"))
    tops = set(listed.split()) if listed is not None else None
    for file in files:
        if file.endswith(".pth"):
            for directory in _added(os.path.join(site, file)):
                names.update(name for name in modules_in(directory) if tops is None or name.partition(".")[0] in tops)
    guess = distribution.replace("-", "_")
    if not names and guess.isidentifier():
        names.add(guess)
    return tuple(sorted(names, key=lambda name: (name.count("."), name)))


def names_of_linked(info: str) -> tuple[str, ...]:
    """Return the import names of what an `.egg-link` leads to, whose `.egg-info` is `info`."""
    tops = set((read_text(os.path.join(info, "top_level.txt")) or "").split())
    found = {name for name in modules_in(os.path.dirname(info)) if name.partition(".")[0] in tops}
    return tuple(sorted(found or filter(str.isidentifier, tops), key=lambda name: (name.count("."), name)))


def modules_in(directory: str) -> Iterator[str]:
    """Yield the import names of a directory of sources: modules, packages, and what stands in namespace packages."""
    is_project = any(
        os.path.exists(os.path.join(directory, file)) for file in ("pyproject.toml", "setup.py", "setup.cfg")
    )
    for parts in _modules_below(directory, ()):
        if not is_project or parts[0] not in _FOLDERS | _FILES:
            yield ".".join(parts)


def _modules_below(directory: str, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    try:
        entries = sorted(os.listdir(directory))
    except OSError:
        return
    for entry in entries:
        stem = entry.partition(".")[0]
        if not stem.isidentifier() or stem in ("__init__", "__pycache__"):
            continue
        path = os.path.join(directory, entry)
        if entry != stem:
            if entry.endswith(MODULE_ENDINGS):
                yield (*above, stem)
        elif _is_regular(path):
            yield (*above, stem)
        elif len(above) < _DEEPEST and os.path.isdir(path):
            yield from _modules_below(path, (*above, stem))


def _is_regular(path: str) -> bool:
    """Tell whether a directory is a package that is no namespace package."""
    init = os.path.join(path, "__init__.py")
    if os.path.isfile(init):
        return not joins_portions(init)
    return any(os.path.isfile(f"{init.removesuffix('.py')}{ending}") for ending in (".pyc", ".pyd", ".so"))


def _mapped(finder: str) -> Iterator[str]:
    """Yield the import names that the finder of setuptools maps, from its text: it is not run for that."""
    mapping, namespaces = (_literal(finder, name) for name in ("MAPPING", "NAMESPACES"))
    for name, place in mapping.items():
        if name not in namespaces:
            yield name
        elif isinstance(place, str):
            yield from (f"{name}.{below}" for below in modules_in(place))


def _literal(text: str, name: str) -> dict[str, object]:
    found = re.search(rf"^{name}\b[^=\n]*= *(\{{.*\}})$", text, re.MULTILINE)
    try:
        value = ast.literal_eval(parse(found[1], mode="eval")) if found is not None else {}
    except (ValueError, SyntaxError):
        return {}
    return {key: place for key, place in value.items() if isinstance(key, str)}


def _added(pth: str) -> Iterator[str]:
    """Yield the directories that a .pth file adds to `sys.path`."""
    for line in (read_text(pth) or "").split("\n"):
        if line.strip() and not line.startswith(("#", "import ", "import\t")):
            yield os.path.join(os.path.dirname(pth), line.strip())


def directories_of_editable(site: str) -> list[str]:
    """Return the directories that the editable installs of a site directory add to `sys.path`, or map modules from.

    A finder that gives a module another name than its file has can't be told by directories, and is left out.
    """
    found: dict[str, None] = {}
    for file in sorted(os.listdir(site)):
        path = os.path.join(site, file)
        if file.endswith(".pth"):
            found.update(dict.fromkeys(os.path.normpath(one) for one in _added(path) if os.path.isdir(one)))
        elif file.endswith(".py") and "editable" in file:
            for name, place in _literal(read_text(path) or "", "MAPPING").items():
                if isinstance(place, str) and os.path.basename(place).partition(".")[0] == name.rpartition(".")[2]:
                    above = os.path.normpath(os.path.join(place, *[os.pardir] * (name.count(".") + 1)))
                    found[above] = None
    return list(found)


def mapped_by(finder: str) -> dict[str, str]:
    """Return what the text of a finder of setuptools maps: import name to a package's path, or a module's without `.py`."""
    return {name: place for name, place in _literal(finder, "MAPPING").items() if isinstance(place, str)}
