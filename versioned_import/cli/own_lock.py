"""From which lock the runner runs a program: its options, the environment, the parent process, the nearest lock."""

from __future__ import annotations

import os
import sys

from versioned_import.locks.nearest import nearest_lock
from versioned_import.metadata.places import full_path
from versioned_import.projects.activate import activate
from versioned_import.projects.kept import ASKED_BY, TOLD, inherited_plan, told_here
from versioned_import.projects.options import VARIABLE, Options, from_environment, options_for, split_names
from versioned_import.projects.start import put_in_force

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from versioned_import.errors import LockError, VersionConflictError


def errors_of_locks() -> tuple[type[LockError], type[VersionConflictError]]:
    """Return the errors that a lock may end in; who meets none need not load them."""
    from versioned_import.errors import LockError, VersionConflictError

    return LockError, VersionConflictError


class OptionError(Exception):
    """An option of the runner has no value, or has one that it doesn't take."""


class Wishes:
    """What the words in front of a program say about its lock."""

    def __init__(
        self,
        project: str = "",
        groups: Iterable[str] = (),
        extras: Iterable[str] = (),
        *,
        default_groups: bool = True,
        no_project: bool = False,
        install: bool = False,
    ) -> None:
        self.project = project
        self.groups = [*groups]
        self.extras = [*extras]
        self.default_groups = default_groups
        self.no_project = no_project
        self.install = install

    def activate(self, program: list[str]) -> None:
        """Put the program's project in force, if it has one. Raises LockError, VersionConflictError, OptionError."""
        if self.no_project:
            for name in (TOLD, *ASKED_BY):
                os.environ.pop(name, None)
            return
        options = self._options(program)
        if options is None:
            if self.groups or self.extras or self.install or not self.default_groups:
                raise OptionError("there is no lock for --groups, --extras and --install: give --project DIR")
            self._go_on()
            return
        try:
            activate(options, fresh=True)
        except errors_of_locks()[:1] as error:
            if not self.install:
                raise self._told(error) from None
            self._sync(options)
            activate(options, fresh=True)

    def _options(self, program: list[str]) -> Options | None:
        wanted = self.groups, self.extras
        if self.project:
            return options_for(self.project, *wanted, default_groups=self.default_groups)
        named = from_environment()
        if named is not None:
            groups, extras = {*named.groups, *self.groups}, {*named.extras, *self.extras}
            return options_for(named.lock, groups, extras, default_groups=self.default_groups and named.default_groups)
        script = program[0] if program and not program[0].startswith("-") else ""
        lock = nearest_lock(script) if script else None
        return options_for(lock, *wanted, default_groups=self.default_groups) if lock is not None else None

    def _told(self, error: LockError) -> LockError:
        """Return the error with what helps somebody who did not ask for a lock."""
        if self.project or os.environ.get(VARIABLE):
            return error
        return type(error)(
            error.request, error.reason, f"{error.advice}\n  to run the program without its lock: --no-project"
        )

    def _go_on(self) -> None:
        """Run from the project of the parent process, if it has one."""
        told = told_here()
        if told is None or sys.flags.ignore_environment:
            return
        plan = inherited_plan(told)
        if plan is not None:
            put_in_force(plan)
        else:
            from versioned_import.projects.begin import begin

            begin(told)

    def _sync(self, options: Options) -> None:
        """Install what is missing, in a process of its own: what an installer loads is none of the program's."""
        import subprocess

        command = [sys.executable, "-m", "versioned_import", "sync", *options.words()]
        sys.stdout.flush()
        status = subprocess.call(command, stdout=sys.stderr)
        if status:
            from versioned_import.errors import LockError

            raise LockError(options.lock, f"what is missing could not be installed (exit status {status})", "")


def take_options(words: list[str]) -> tuple[Wishes, list[str]]:
    """Return what the words in front of a program say, and the rest. Raises OptionError."""
    wishes = Wishes()
    rest = list(words)
    while rest and rest[0].startswith("--"):
        name, equals, value = rest[0].partition("=")
        if name in ("--no-project", "--no-default-groups", "--install") and not equals:
            wishes.no_project |= name == "--no-project"
            wishes.default_groups &= name != "--no-default-groups"
            wishes.install |= name == "--install"
        elif name in ("--project", "--groups", "--extras"):
            if not equals:
                rest = rest[1:]
                value = rest[0] if rest else ""
            if not value:
                raise OptionError(
                    f"{name} takes {'a directory or a lock' if name == '--project' else 'names, with commas between'}"
                )
            if name == "--project":
                wishes.project = full_path(value)
            else:
                getattr(wishes, name[2:]).extend(split_names(value))
        else:
            break
        rest = rest[1:]
    if wishes.no_project and wishes.project:
        raise OptionError("--project and --no-project exclude each other")
    return wishes, rest
