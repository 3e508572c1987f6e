"""`pip install --allow-multiple` from inside pip: pip collects, resolves, downloads and builds; its last step is ours.

pip 26.3 forbids every import once installing has begun, so all that is needed is imported here.
"""

from __future__ import annotations

import importlib
import inspect
import json
import logging
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pip
from pip._internal.cli.status_codes import ERROR
from pip._internal.exceptions import CommandError, InstallationError
from pip._internal.locations import get_scheme
from pip._internal.models.installation_report import InstallationReport
from pip._internal.operations.install.wheel import install_wheel
from pip._internal.req.req_set import RequirementSet
from pip._internal.utils.misc import write_output

import versioned_import.in_pip.preload  # noqa: F401 see above
from versioned_import.errors import InstallError
from versioned_import.in_pip.flag import FLAG, fall_back
from versioned_import.in_pip.grouping import Found, GroupingResolver, download_of, planned_groups
from versioned_import.in_pip.roots import Roots
from versioned_import.in_pip.stage import INSTALL_WHEEL_NEEDS, stage_wheel
from versioned_import.install import site_directory
from versioned_import.install.engine import Staged
from versioned_import.install.landing import land_groups, lines, planned
from versioned_import.install.passwords import without_password
from versioned_import.install.staging import staging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from versioned_import.install.landing import Installation

# As a value, because its names are replaced, and are not pip's promise to anybody.
pip_install: Any = importlib.import_module("pip._internal.commands.install")
_OLDEST = (22, 3)
_COMMAND_NEEDS = ("get_requirements", "make_resolver", "_determine_conflicts")
_logger = logging.getLogger(__name__)


class _PipDiffersError(Exception):
    """pip lacks something that is needed from inside it; the argument says what."""


def run(command: Any, options: Any, args: list[str], *, asked: bool) -> int:
    """Run pip's own `install` with three of its steps replaced; return the exit status.

    `asked` says that the flag is on the command line. Raises pip's own errors, which pip tells.
    """
    try:
        check_inside(command)
        with _replaced(command, options, asked=asked):
            status: int = pip_install.InstallCommand.run(command, options, args)
    except _PipDiffersError as difference:
        return fall_back(command.given, str(difference))
    except InstallError as error:
        raise InstallationError(str(error)) from error
    except SystemExit as stop:  # pip would print a traceback
        _logger.critical("Stopped by a signal; nothing was left half installed")
        return stop.code if isinstance(stop.code, int) else ERROR
    return status


def check_inside(command: Any) -> None:
    """Raise _PipDiffersError unless pip has what is replaced and called here; InstallError for a pip that is too old."""
    if _version() < _OLDEST:
        advice = "Run: python -m pip install --upgrade pip"
        raise InstallError(f"pip install {FLAG}", f"pip {pip.__version__} is too old, it takes 22.3", advice)
    missing = [f"InstallCommand.{name}" for name in _COMMAND_NEEDS if not hasattr(command, name)]
    if not hasattr(pip_install, "install_given_reqs"):
        missing.append("install_given_reqs")
    missing += [f"install_wheel({name}=)" for name in _lacks(install_wheel, INSTALL_WHEEL_NEEDS)]
    missing += [f"get_scheme({name}=)" for name in _lacks(get_scheme, ("user", "isolated"))]
    if not isinstance(getattr(RequirementSet(), "requirements", None), dict):
        missing.append("RequirementSet.requirements")
    if missing:
        raise _PipDiffersError(f"pip {pip.__version__} has no {missing[0]}")


@contextmanager
def _replaced(command: Any, options: Any, *, asked: bool) -> Iterator[None]:
    """Let one run of the command form groups, ignore what is installed flat, and install side by side."""
    installing = _Installing(command, options, asked=asked)
    original = pip_install.install_given_reqs
    names = ("get_requirements", "make_resolver", "_determine_conflicts")
    command.get_requirements = installing.get_requirements
    command.make_resolver = installing.make_resolver
    command._determine_conflicts = installing.determine_conflicts  # noqa: SLF001 one place, checked above
    pip_install.install_given_reqs = installing.install
    try:
        yield
    finally:
        pip_install.install_given_reqs = original
        for name in names:
            command.__dict__.pop(name, None)


class _Installing:
    """One installation, in the order in which pip calls the methods."""

    def __init__(self, command: Any, options: Any, *, asked: bool) -> None:
        self.command = command
        self.kind = type(command)
        self.options = options
        self.asked = asked
        self.plain = False
        self.report = ""
        self.resolver: GroupingResolver | None = None
        self.plain_install = pip_install.install_given_reqs
        # An old pip with neither `wheel` nor this leaves no wheel, but runs setup.py itself.
        if getattr(options, "use_pep517", True) is None:
            options.use_pep517 = True

    def get_requirements(self, *args: Any, **kwargs: Any) -> Any:
        """Return pip's requirements. Editable ones, of a file, make it a plain installation or are refused."""
        found = self.kind.get_requirements(self.command, *args, **kwargs)
        editable = next((one for one in found if one.editable), None)
        if editable is not None and self.asked:
            reason = "an editable install has no version of its own"
            raise CommandError(f"Can not combine '{FLAG}' and '{without_password(str(editable))}': {reason}")
        self.plain = editable is not None
        return found

    def make_resolver(self, *args: Any, **kwargs: Any) -> Any:
        """Return a resolver that forms groups."""
        if self.plain:
            return self.kind.make_resolver(*args, **kwargs)
        resolver = self.kind.make_resolver(*args, **{**kwargs, "ignore_installed": True})
        if not (hasattr(resolver, "_result") and hasattr(getattr(resolver, "factory", None), "preparer")):
            raise _PipDiffersError(f"the resolver of pip {pip.__version__} is another one")
        # pip's own report knows no groups.
        self.report, self.options.json_report_file = self.options.json_report_file or "", None
        user, isolated = self.options.use_user_site, self.options.isolated_mode
        self.site = site_directory.of_path(get_scheme("", user=user, isolated=isolated).purelib)
        self.resolver = GroupingResolver(
            resolver,
            self.site.path,
            roots_of=_roots,
            resolved=self.resolved,
            dry_run=self.options.dry_run,
            whole=bool(self.report),
        )
        return self.resolver

    def resolved(self, resolver: GroupingResolver) -> None:
        """Say and report what is planned. Called when the groups are known."""
        done = planned(self.site, planned_groups(resolver.groups), hashed=self.options.require_hashes)
        if self.options.dry_run:
            _say(done)
        if self.report:
            _write_report(self.report, _report(resolver, done))

    def determine_conflicts(self, to_install: list[Any]) -> Any:
        """Return pip's finding on what is installed flat, which versioned directories don't touch."""
        return self.kind._determine_conflicts(self.command, to_install) if self.plain else None  # noqa: SLF001

    def install(self, requirements: list[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Stage what pip has downloaded and built, and land it; return nothing for pip to sum up."""
        if self.resolver is None:
            result: list[Any] = self.plain_install(requirements, *args, **kwargs)
            return result
        each = self.resolver.each()
        if not each:
            return []
        with staging(self.site.path) as directory:
            staged = {
                name: self._staged(one, directory, new=any(one.requirement is new for new in requirements))
                for name, one in each.items()
            }
            done = land_groups(
                self.site,
                [
                    (group, [replace(staged[one.planned.directory], **_asked(one)) for one in found])
                    for group, found in self.resolver.groups
                ],
                hashed=self.options.require_hashes,
            )
        _say(done)
        return []

    def _staged(self, found: Found, directory: str, *, new: bool) -> Staged:
        # By now pip knows the hash of what it downloaded.
        plan = replace(found.planned, **_asked(found))
        if new:
            return stage_wheel(found.requirement, plan, directory, self.site.path, pycompile=self.options.compile)
        return Staged(
            name=plan.name,
            version=plan.version,
            requested=plan.requested,
            download=plan.download,
            is_direct=plan.is_direct,
            path="",
        )


def _asked(found: Found) -> dict[str, Any]:
    """Return what another group may have asked for otherwise of the same version, as the fields of Planned."""
    plan = found.planned
    return {"requested": plan.requested, "download": download_of(found.requirement), "is_direct": plan.is_direct}


def _roots(requirements: list[Any]) -> Roots:
    roots = Roots(requirements)
    for one in roots.ignored:
        _logger.info("Ignoring %s: markers '%s' don't match your environment", one.name, one.markers)
    return roots


def _report(resolver: GroupingResolver, done: Installation) -> dict[str, Any]:
    """Return pip's own report of all distributions, with the groups beside it."""
    each = list(resolver.each().values())
    for one in each:
        one.requirement.user_supplied = one.planned.requested  # pip's word is that of the group that came first
    report: dict[str, Any] = InstallationReport([one.requirement for one in each]).to_dict()
    groups = [
        {
            "roots": [str(root) for root in group.roots],
            "distributions": [
                {"name": one.distribution.name, "version": one.distribution.version, "outcome": one.outcome}
                for one in group.landed
            ],
        }
        for group in done.groups
    ]
    return {**report, "versioned_import": {"site": done.site, "groups": groups}}


def _write_report(path: str, report: dict[str, Any]) -> None:
    text = json.dumps(report, indent=2, ensure_ascii=False)
    if path == "-":
        print(text, flush=True)  # noqa: T201 it is asked for on standard output, also with -q
        return
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _say(done: Installation) -> None:
    for line in lines(done):
        write_output("%s", line)
    for notice in done.notices:
        _logger.warning("%s", notice)


def _lacks(function: Any, names: tuple[str, ...]) -> list[str]:
    parameters = inspect.signature(function).parameters
    return [name for name in names if name not in parameters]


def _version() -> tuple[int, int]:
    numbers = [*pip.__version__.split("."), "0"]
    return int(numbers[0]), int("".join(filter(str.isdigit, numbers[1])) or 0)
