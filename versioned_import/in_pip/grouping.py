"""What pip gets in place of its resolver: it resolves in groups, and hands on what has to be installed."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version
from pip._internal.exceptions import PipError
from pip._internal.req.req_set import RequirementSet
from pip._internal.utils.direct_url_helpers import direct_url_from_link

from versioned_import.errors import InstallError
from versioned_import.install.engine import Planned, ResolutionConflictError
from versioned_import.install.groups import without_direct_conflicts
from versioned_import.install.install import form_groups
from versioned_import.install.staging import check_free
from versioned_import.metadata.layout import NotACandidate, read_versioned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from versioned_import.in_pip.roots import Roots
    from versioned_import.install.groups import Group

_TALKATIVE = "pip._internal.resolution.resolvelib.factory"


@dataclass(frozen=True, slots=True)
class Found:
    """A distribution of a group's closure, and pip's own object for it."""

    planned: Planned
    requirement: Any


class GroupingResolver:
    """Resolves by one of pip's own resolvers, whose memory makes further groups cheap.

    `roots_of` makes roots of what pip wants to have resolved; `resolved` is called once with this object, when all
    groups are known. With `dry_run` nothing is handed on for installing; with `whole` pip has every file by then that
    telling all about a distribution takes.
    """

    def __init__(
        self,
        resolver: Any,
        site: str,
        *,
        roots_of: Callable[[Any], Roots],
        resolved: Callable[[GroupingResolver], None],
        dry_run: bool,
        whole: bool,
    ) -> None:
        self.resolver = resolver
        self.site = site
        self.roots_of = roots_of
        self.resolved = resolved
        self.dry_run = dry_run
        self.whole = whole
        self.groups: list[tuple[Group, list[Found]]] = []

    def resolve(self, root_reqs: list[Any], check_supported_wheels: bool) -> RequirementSet:
        """Form the groups; return what of them is not there yet. pip calls it once; it raises pip's own errors."""
        self.roots = self.roots_of(root_reqs)
        self.check = check_supported_wheels
        held = _HeldBack()
        with held, self._downloads_later() as waiting:
            try:
                self.groups = list(form_groups(tuple(self.roots.of_root), self._closure(held), self._resolves(held)))
            except ResolutionConflictError as conflict:
                held.tell()
                raise conflict.__cause__ or conflict from None
        each = self.each()
        new = {name: one.requirement for name, one in each.items() if not self.is_there(one.planned)}
        self._download([one.requirement for one in each.values()] if self.whole else [*new.values()], waiting)
        self.resolved(self)
        result = RequirementSet(check_supported_wheels=check_supported_wheels)
        result.requirements.update({} if self.dry_run else new)
        return result

    def get_installation_order(self, req_set: RequirementSet) -> list[Any]:
        """Return what has to be installed; each goes its own way, so the order means nothing."""
        return list(req_set.requirements.values())

    def each(self) -> dict[str, Found]:
        """Return each distribution of the groups once, by the name of its versioned directory."""
        result: dict[str, Found] = {}
        for _, found in self.groups:
            for one in found:
                known = result.setdefault(one.planned.directory, one)
                if one.planned.requested and not known.planned.requested:
                    result[one.planned.directory] = one
        return result

    def is_there(self, planned: Planned) -> bool:
        """Tell whether the site directory has a versioned directory that is what it is called.

        Raises InstallError if something else stands in its place, which a rename could not replace.
        """
        check_free(self.site, planned.directory)
        place = os.path.join(self.site, planned.directory)
        try:
            if not os.listdir(place):
                return False
            read_versioned(self.site, planned.directory, 0)
        except FileNotFoundError:
            return False
        except NotACandidate as doubt:
            raise InstallError(planned.directory, f"{place} is in the way: it {doubt}", "Move it away.") from None
        return True

    def _closure(self, held: _HeldBack) -> Callable[[Group], list[Found]]:
        def closure(group: Group) -> list[Found]:
            with held.anew():
                if self.roots.hashed and (more := self._companions(group)):
                    try:
                        return self._resolve(group, more)
                    except ResolutionConflictError:
                        held.forget()
                return self._resolve(group, ())

        return closure

    def _resolves(self, held: _HeldBack) -> Callable[[Group], bool]:
        closure = self._closure(held)

        def resolves(group: Group) -> bool:
            try:
                closure(group)
            except ResolutionConflictError:
                return False
            return True

        return resolves

    def _companions(self, group: Group) -> Group:
        """Return the roots of other groups that a group may need: with hashes, what isn't a root can't be taken."""
        others = [root for root in self.roots.of_root if root not in group]
        together, _ = without_direct_conflicts([*group, *others])
        return together[len(group) :]

    def _resolve(self, group: Group, companions: Group) -> list[Found]:
        """Return the closure of a group. Raises ResolutionConflictError, caused by pip's own error."""
        try:
            found = self.resolver.resolve(self.roots.for_pip((*group, *companions)), self.check)
        except PipError as error:
            if not _is_conflict(error):
                raise
            raise ResolutionConflictError(", ".join(map(str, group)), str(error), "") from error
        result = self.resolver._result  # noqa: SLF001 pip hands out versions nowhere else
        roots = _project_names(result.graph.iter_children(None))
        requested = roots - self._names(companions) | (roots & self._names(group))
        wanted = _reachable(result.graph, requested)
        versions = {canonicalize_name(one.project_name): str(one.version) for one in result.mapping.values()}
        return [
            Found(_planned(one, versions[canonicalize_name(name)], requested), one)
            for name, one in found.requirements.items()
            if canonicalize_name(name) in wanted
        ]

    def _names(self, group: Group) -> set[str]:
        return {canonicalize_name(one.name) for root in group if (one := self.roots.of_root[root]).name}

    @contextmanager
    def _downloads_later(self) -> Iterator[dict[int, Any]]:
        """Keep pips before 25 from downloading all of each group that resolves; collect what they were about to get."""
        preparer = self.resolver.factory.preparer
        waiting: dict[int, Any] = {}

        def later(requirements: Any, *_: Any, **__: Any) -> None:
            waiting.update({id(one): one for one in requirements if one.needs_more_preparation})

        preparer.prepare_linked_requirements_more = later
        try:
            yield waiting
        finally:
            del preparer.prepare_linked_requirements_more

    def _download(self, requirements: list[Any], waiting: dict[int, Any]) -> None:
        """Download what pips before 25 would have by now; later ones do it themselves."""
        if self.dry_run and not self.whole:
            return
        now = [one for one in requirements if id(one) in waiting]
        for one in now:
            one.needs_more_preparation = True
        if now:
            self.resolver.factory.preparer.prepare_linked_requirements_more(now)
        for one in now:
            one.needs_more_preparation = False


class _HeldBack(logging.Filter):
    """Holds back what pip's resolver says of an attempt until it is known whether the attempt counts."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def __enter__(self) -> None:
        logging.getLogger(_TALKATIVE).addFilter(self)

    def __exit__(self, *_: object) -> None:
        logging.getLogger(_TALKATIVE).removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep a message that a user would see; logging calls it for each."""
        if record.levelno < logging.INFO:
            return True
        self.records.append(record)
        return False

    @contextmanager
    def anew(self) -> Iterator[None]:
        """Forget what earlier attempts said; what a conflict says stays held back, all else is told."""
        self.forget()
        try:
            yield
        except ResolutionConflictError:
            raise
        except BaseException:
            self.tell()
            raise
        self.tell()

    def forget(self) -> None:
        """Drop what is held back."""
        self.records.clear()

    def tell(self) -> None:
        """Say what is held back."""
        logger = logging.getLogger(_TALKATIVE)
        logger.removeFilter(self)
        for record in self.records:
            logger.handle(record)
        self.forget()
        logger.addFilter(self)


def _is_conflict(error: BaseException) -> bool:
    """Tell whether fewer roots may help: not where a root by itself has no candidate."""
    causes = getattr(error.__cause__, "causes", None)
    if causes is None:
        return type(error).__name__ == "ResolutionTooDeepError"
    return len(causes) > 1 or any(parent is not None for _, parent in causes)


def _planned(one: Any, version: str, requested: set[str]) -> Planned:
    name = str(canonicalize_name(one.name))
    return Planned(
        name=name,
        version=str(Version(version)),
        requested=name in requested,
        download=download_of(one),
        is_direct=bool(getattr(one, "is_direct", one.original_link)),  # pips before 23 have the link alone
    )


def download_of(one: Any) -> dict[str, Any]:
    """Return where a requirement's file comes from, in the form of PEP 610."""
    if one.download_info is None:
        one.download_info = direct_url_from_link(one.link, one.source_dir)
    info = one.download_info
    result: dict[str, Any] = info.to_dict_compat() if hasattr(info, "to_dict_compat") else info.to_dict()
    return result


def _project_names(keys: Any) -> set[str]:
    """Return the distributions among a graph's keys, which may bear extras; "<Python ...>" is none."""
    return {str(canonicalize_name(key.partition("[")[0])) for key in keys if key and not key.startswith("<")}


def _reachable(graph: Any, names: set[str]) -> set[str]:
    """Return the distributions that these need, and they themselves."""
    waiting = [key for key in graph if _project_names([key]) & names]
    seen = set(waiting)
    while waiting:
        for key in graph.iter_children(waiting.pop()):
            if key not in seen:
                seen.add(key)
                waiting.append(key)
    return _project_names(seen)


def planned_groups(groups: Sequence[tuple[Group, Sequence[Found]]]) -> list[tuple[Group, list[Planned]]]:
    """Return the groups without what only pip knows."""
    return [(group, [one.planned for one in found]) for group, found in groups]
