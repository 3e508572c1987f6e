"""Which candidate a loaded module is, whether it answers a request, and who imported it first (spec 3.5)."""

from __future__ import annotations

import os
import sys
from _thread import get_ident

from versioned_import.metadata.candidate import STARTERS
from versioned_import.metadata.places import full_path, real_path
from versioned_import.runtime.portions import is_namespace
from versioned_import.runtime.state import Answered, attribute_of, file_of, is_gone, state
from versioned_import_startup import FallbackFinder, looks_versioned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from versioned_import.errors import VersionConflictError
    from versioned_import.metadata.candidate import Candidate, CanonicalName
    from versioned_import.metadata.catalogue import Catalogue
    from versioned_import.resolver.request import Request

_NO_METADATA = "no metadata belongs to it"


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
        return file_of(self.module) if self.candidate is None else self.candidate.place

    @property
    def asked(self) -> bool:
        """Whether a versioned import was answered with this module's package."""
        top = self.name.partition(".")[0]
        return any(one.name.partition(".")[0] == top for one in state.answered if not one.inherited)

    def importer(self, asked_at: str) -> str:
        """Return `file:line` of the statement that imported the module first, as far as it can be found out.

        `asked_at` is the statement that asks now, which was not the first.
        """
        top = self.name.partition(".")[0]
        own = self.candidate.distribution if self.candidate is not None else None
        mine = [one for one in state.answered if one.name.partition(".")[0] == top and one.where and not one.inherited]
        if mine:
            from versioned_import.runtime.reasons import statement

            first = min(mine, key=lambda one: one.distribution != own)
            return f"{first.place}: {statement(first)}"
        from versioned_import.runtime.importer import first_importer

        return first_importer(self.name, asked_at)

    def why_chosen(self) -> str:
        """Return the sentence that says why the candidate is selected where no statement names it, or ""."""
        if self.candidate is None or self.asked:
            return ""
        from versioned_import.runtime.reasons import why_chosen

        return why_chosen(self.candidate)


class LoadedModules:
    """What the resolver has to know of this process: the distributions that are fixed because something of them is loaded."""

    when = "already"
    brought = "was imported first by"

    def __init__(self) -> None:
        self.had_a_say = False
        """Whether anything loaded restricted an answer, other than what the selection says already."""
        self._loading = _loading_elsewhere()

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
                return f"{name} is loaded already: {'; '.join(filter(None, (found.place, found.why_unknown)))}"
            if found.candidate.distribution != distribution:
                other = found.candidate
                return f"{name} is loaded already from {other.distribution} {other.version}: {found.place}"
            return found.candidate
        loading = self._loading.get(distribution)
        return next((one for one in candidates if loading is not None and one.key() == loading.key()), None)

    def importer(self, candidates: Sequence[Candidate], asked_at: str) -> str:
        """Return who imported something of these candidates first, as far as it can be found out, or ""."""
        for name in dict.fromkeys(name for one in candidates for name in one.names if name not in STARTERS):
            found = loaded_module(name)
            importer = found.importer(asked_at) if found is not None else ""
            if importer:
                return importer
        return ""


def _loading_elsewhere() -> dict[CanonicalName, Candidate]:
    """Return what other threads are about to load for their statements, and look for where it was chosen."""
    names = {one.distribution for thread, one in list(state.loading) if thread != get_ident()}
    if not names:
        return {}
    from versioned_import.runtime.cold import needed_for

    return {key: state.selection[key] for key in needed_for([Answered("", name, "", name) for name in names])}


def is_answered_by_loaded(name: str, clause: str, where: str) -> bool:
    """Tell whether a loaded module is the answer. Raises VersionConflictError if one is loaded that can't be (spec 3.5).

    For a module of the standard library that nothing installed provides either, it raises VersionNotFoundError: who asks
    can't know whether the interpreter, or this project, had loaded it.
    """
    found = loaded_module(name)
    if found is None:
        return False
    from versioned_import.resolver.request import Request

    request = Request(name, clause, where)
    candidate = found.candidate
    if candidate is not None and request.wanted.allows(candidate.version):
        if request.wanted.distribution in (None, candidate.distribution):
            _remember_answer(request, candidate)
            return True
        why = f"it belongs to {candidate.distribution}, not to {request.wanted.distribution}"
        raise _conflict(request, found, candidate.version, why)
    if not request.wanted.text:
        return True
    if candidate is None:
        from versioned_import.runtime.cold import refuse_standard

        refuse_standard(request, found.place)
    raise _conflict(request, found, candidate.version if candidate is not None else "", found.why_unknown)


def _conflict(request: Request, found: Loaded, version: str, why: str) -> VersionConflictError:
    from versioned_import.resolver import story
    from versioned_import.resolver.orders import advice_for_loaded
    from versioned_import.runtime.cold import earlier_needs_here

    importer = found.importer(request.where)
    chosen = found.why_chosen()
    # A file without metadata is most often one of the program's own, which hides what is installed.
    hides = found.candidate is None and bool(found.place) and found.why_unknown.endswith(_NO_METADATA)
    hint = f"if it is a file of your own that hides an installed {found.name}, rename it" if hides else ""
    return story.already_loaded(
        request,
        version,
        found.place,
        importer,
        why,
        further=[line for line in (chosen, hint) if line],
        advice=advice_for_loaded(
            request,
            state.directories(),
            earlier_needs_here(request.where),
            state.selection,
            distribution=found.candidate.distribution if found.candidate is not None else None,
            importer=importer,
        ),
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
            return _without_its_package(name, prefix) if prefix not in sys.modules else None
        if not is_namespace(module):
            return _identified(prefix, module)
    return None


def _without_its_package(name: str, package: str) -> Loaded | None:
    """Return what is loaded of a package that isn't: the module `name` itself, else the first one that has a file."""
    if sys.modules.get(name) is not None:
        return _identified(name, sys.modules[name], package)
    for key, module in list(sys.modules.items()):
        if key.startswith(f"{package}.") and file_of(module):
            return _identified(key, module, package)
    return None


def _identified(name: str, module: ModuleType, package: str = "") -> Loaded:
    """Return a module with its candidate; `package` is the one that it is part of, where that isn't loaded itself."""
    file, owner = file_of(module), package or name
    own_name = attribute_of(module, "__name__")
    for candidate in state.providers.get(name.partition(".")[0], ()):
        if file.startswith(candidate.path + os.sep) and (candidate.entry or owner in candidate.names):
            if not candidate.entry and is_gone(candidate):
                # The modules that are not loaded yet would be those of another version.
                why = f"{candidate.distribution} {candidate.version} was uninstalled after it had been chosen"
                return Loaded(name, module, None, why)
            return Loaded(name, module, candidate, "")
        if own_name != name and candidate.entry and name in candidate.names and isinstance(own_name, str):
            # What was chosen has put a module of another name, often another distribution's, into its place.
            return Loaded(name, module, candidate, "")
    if not file:
        return Loaded(name, module, None, "it is built in or was made at run time, so its version can't be known")
    base = full_path(file)
    for _ in range(name.count(".") + (2 if attribute_of(module, "__path__") is not None else 1)):
        base = os.path.dirname(base)
    found = _installed_at(base, owner)
    editable = _editable(owner, file) or ([] if found and base in state.directories() else _editable_now(owner, file))
    chosen = [one for one in editable if one.distribution in state.selection]
    # The sources of an editable install have metadata beside them too, which its build left there.
    candidates = chosen or ((found or editable) if base in state.directories() else (editable or found))
    if len(candidates) == 1 and _was_exchanged(module, candidates[0]):
        why = f"its version can't be known: {candidates[0].distribution} was installed again after this process began"
        return Loaded(name, module, None, why)
    if len(candidates) == 1:
        return Loaded(name, module, candidates[0], "")
    if candidates:
        owners = " and ".join(f"{one.distribution} {one.version}" for one in candidates)
        return Loaded(name, module, None, f"its version can't be known: {owners} both claim it")
    return Loaded(name, module, None, f"its version can't be known: {_NO_METADATA}")


def _was_exchanged(module: ModuleType, candidate: Candidate) -> bool:
    """Tell whether a flat install may have changed under a loaded module, as `pip install -U` in a running notebook does.

    What was installed after this process began is believed only if the module itself says the same version.
    """
    if candidate.entry:
        return False
    from versioned_import.metadata.files import status
    from versioned_import.metadata.layout import normal_version
    from versioned_import.metadata.places import changed_at

    try:
        changed = changed_at(status(candidate.metadata_directory))
    except OSError:
        return True
    if not FallbackFinder.started:  # a copy of this project from which no .pth file was run
        from versioned_import.runtime.beginning import process_began

        FallbackFinder.started = process_began()
    if changed <= FallbackFinder.started or not FallbackFinder.started:
        return False
    said = attribute_of(module, "__version__")
    return not isinstance(said, str) or normal_version(said) != candidate.version


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
    found = [
        candidate
        for catalogue in _catalogues()
        for candidate in catalogue.by_name(name)
        if _is_of_project(file, candidate)
    ]
    # What a lock names is in no site directory's catalogue.
    return found or [one for one in state.providers.get(name.partition(".")[0], ()) if _is_of_project(file, one)]


def _editable_now(name: str, file: str) -> list[Candidate]:
    """Return the same where the module is newer than what a catalogue knows of the project."""
    stale = [
        catalogue
        for catalogue in _catalogues()
        if any(_is_of_project(file, candidate) for candidate in catalogue.everything()) and catalogue.follow_editables()
    ]
    return _editable(name, file) if stale else []


def _is_of_project(file: str, candidate: Candidate) -> bool:
    from versioned_import.metadata.editable import project_directory

    project = project_directory(candidate)
    return bool(project) and real_path(file).startswith(project + os.sep)


def _catalogues() -> list[Catalogue]:
    from versioned_import.metadata.catalogue import open_catalogue

    # Python passes over entries of sys.path that are no text.
    sites = dict.fromkeys(entry for entry in (*state.directories(), *sys.path) if isinstance(entry, str))
    return [catalogue for site in sites if (catalogue := open_catalogue(site)) is not None]
