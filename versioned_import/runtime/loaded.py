"""Which candidate a loaded module is, whether it answers a request, and who imported it first (spec 3.5)."""

from __future__ import annotations

import os
import sys

from versioned_import.metadata.candidate import STARTERS
from versioned_import.runtime.state import Answered, state
from versioned_import_startup import FallbackFinder, looks_versioned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.resolver.request import Request


class Loaded:
    """A loaded module, with the candidate it comes from where that can be known."""

    def __init__(self, name: str, module: ModuleType, candidate: Candidate | None, why_unknown: str) -> None:
        self.name = name
        self.module = module
        self.candidate = candidate
        self.why_unknown = why_unknown

    @property
    def place(self) -> str:
        """Where the module was loaded from."""
        return getattr(self.module, "__file__", None) or "" if self.candidate is None else self.candidate.place

    @property
    def asked(self) -> bool:
        """Whether a versioned import was answered with this module's package."""
        top = self.name.partition(".")[0]
        return any(answered.name.partition(".")[0] == top for answered in state.answered)

    def importer(self, asked_at: str) -> str:
        """Return `file:line` of the statement that imported the module first, as far as it can be found out.

        `asked_at` is the statement that asks now, which was not the first.
        """
        for answered in state.answered:
            if answered.name.partition(".")[0] == self.name.partition(".")[0] and answered.where:
                return answered.where
        from versioned_import.runtime.importer import first_importer

        return first_importer(self.name, asked_at)


class LoadedModules:
    """What the resolver has to know of this process: the distributions that are fixed because something of them is loaded."""

    def __init__(self) -> None:
        self.had_a_say = False
        """Whether anything loaded restricted an answer, other than what the selection says already."""

    def fixed(self, distribution: CanonicalName, candidates: Sequence[Candidate]) -> Candidate | None | str:
        """Return the loaded candidate of a distribution, None if nothing of it is loaded, or why it can't be known."""
        owners = {name: candidate for candidate in reversed(candidates) for name in candidate.names}
        for name in sorted(owners):
            found = loaded_module(name) if name not in STARTERS else None
            if found is None:
                continue
            if found.candidate is None or found.candidate.distribution != distribution:
                top = name.partition(".")[0]
                # Plain imports get the standard library's or the program's own module of that name as well.
                if top in sys.stdlib_module_names or owners[name].is_side_name(top):
                    continue
            chosen = state.selection.get(distribution)
            if chosen is None or found.candidate is None or chosen.key() != found.candidate.key():
                self.had_a_say = True
            if found.candidate is None:
                return f"{name} is loaded already: {found.place}; {found.why_unknown}"
            if found.candidate.distribution != distribution:
                other = found.candidate
                return f"{name} is loaded already from {other.distribution} {other.version}: {found.place}"
            return found.candidate
        return None


def is_answered_by_loaded(name: str, clause: str, where: str) -> bool:
    """Tell whether a loaded module is the answer. Raises VersionConflictError if one is loaded that can't be (spec 3.5)."""
    found = loaded_module(name)
    if found is None:
        return False
    from versioned_import.resolver import story
    from versioned_import.resolver.request import Request

    request = Request(name, clause, where)
    candidate = found.candidate
    if candidate is not None and request.wanted.allows(candidate.version):
        if request.wanted.distribution in (None, candidate.distribution):
            _remember_answer(request, candidate)
            return True
        why = f"it belongs to {candidate.distribution}, not to {request.wanted.distribution}"
        raise story.already_loaded(
            request, candidate.version, found.place, found.importer(where), why, asked=found.asked
        )
    if not request.wanted.text:
        return True
    version = candidate.version if candidate is not None else ""
    raise story.already_loaded(
        request, version, found.place, found.importer(where), found.why_unknown, asked=found.asked
    )


def _remember_answer(request: Request, candidate: Candidate) -> None:
    """Note that a statement relies on a loaded module, so that later closures keep to it."""
    answered = Answered(request.name, request.wanted.text, request.where, candidate.distribution)
    state.replace({**state.selection, candidate.distribution: candidate}, [*state.answered, answered])


def loaded_module(name: str) -> Loaded | None:
    """Return what is loaded for an import name or the first package above it that is no namespace package."""
    parts = name.split(".")
    for size in range(1, len(parts) + 1):
        prefix = ".".join(parts[:size])
        module = sys.modules.get(prefix)
        if module is None:
            return None
        if not _is_namespace(module):
            return _identified(prefix, module)
    return None


def _is_namespace(module: ModuleType) -> bool:
    return getattr(module, "__file__", None) is None and getattr(module, "__path__", None) is not None


def _identified(name: str, module: ModuleType) -> Loaded:
    file = getattr(module, "__file__", None)
    for candidate in state.providers.get(name.partition(".")[0], ()):
        if file and file.startswith(candidate.path + os.sep) and (candidate.entry or name in candidate.names):
            return Loaded(name, module, candidate, "")
    if not file:
        return Loaded(name, module, None, "it is built in or was made at run time, so its version can't be known")
    base = os.path.abspath(file)
    for _ in range(name.count(".") + (2 if getattr(module, "__path__", None) is not None else 1)):
        base = os.path.dirname(base)
    candidates = _installed_at(base, name) or _editable(name, file)
    if len(candidates) == 1 and _was_exchanged(module, candidates[0]):
        why = f"its version can't be known: {candidates[0].distribution} was installed again after this process began"
        return Loaded(name, module, None, why)
    if len(candidates) == 1:
        return Loaded(name, module, candidates[0], "")
    if candidates:
        owners = " and ".join(f"{one.distribution} {one.version}" for one in candidates)
        return Loaded(name, module, None, f"its version can't be known: {owners} both claim it")
    return Loaded(name, module, None, "its version can't be known: no metadata belongs to it")


def _was_exchanged(module: ModuleType, candidate: Candidate) -> bool:
    """Tell whether a flat install may have changed under a loaded module, as `pip install -U` in a running notebook does.

    What was installed after this process began is believed only if the module itself says the same version.
    """
    if candidate.entry:
        return False
    from versioned_import.metadata.layout import normal_version
    from versioned_import.metadata.places import changed_at

    try:
        changed = changed_at(os.stat(candidate.metadata_directory))
    except OSError:
        return True
    said = getattr(module, "__version__", None)
    same = isinstance(said, str) and normal_version(said) == candidate.version
    return changed > FallbackFinder.started and not same


def _installed_at(base: str, name: str) -> list[Candidate]:
    """Return the candidates that have a module in the directory `base`, itself a versioned or a site directory."""
    from versioned_import.metadata.catalogue import open_catalogue
    from versioned_import.metadata.layout import NotACandidate, read_versioned

    parent, entry = os.path.split(base)
    if looks_versioned(entry):
        try:
            return [read_versioned(parent, entry, 0)]
        except NotACandidate:
            pass  # a site directory that only has such a name
    catalogue = open_catalogue(base)
    return [one for one in catalogue.by_name(name) if not one.entry] if catalogue is not None else []


def _editable(name: str, file: str) -> list[Candidate]:
    """Return the editable installs whose project directory holds a file (PEP 660, direct_url.json of PEP 610)."""
    from versioned_import.metadata.catalogue import open_catalogue

    found = []
    # Python passes over entries of sys.path that are no text.
    for site in dict.fromkeys(entry for entry in (*state.directories(), *sys.path) if isinstance(entry, str)):
        catalogue = open_catalogue(site)
        for candidate in catalogue.by_name(name) if catalogue is not None else ():
            project = _project_directory(candidate)
            if not candidate.entry and project and os.path.realpath(file).startswith(project + os.sep):
                found.append(candidate)
    return found


def _project_directory(candidate: Candidate) -> str:
    import json
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        with open(os.path.join(candidate.metadata_directory, "direct_url.json"), encoding="utf-8") as file:
            direct = json.load(file)
        if not direct["dir_info"]["editable"]:
            return ""
        return os.path.realpath(url2pathname(urlsplit(direct["url"]).path))
    except (OSError, ValueError, KeyError, TypeError):
        return ""
