"""The engine that drives uv, for those who ask for it (`--engine uv`): uv resolves into a lock and installs that lock.

The result is what pip's engine makes: the same layout, and groups with the URLs and hashes of their files. One check is
another: uv writes RECORD by itself, from the files that a wheel really holds, and compares the whole wheel with the hash
in the lock. uv's own settings (UV_*, uv.toml) count where pip's configuration says nothing.
"""

from __future__ import annotations

import glob
import os
import shutil
import sys
import sysconfig
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

from versioned_import.engines import wheels
from versioned_import.engines.apart import take_apart
from versioned_import.engines.child import run_child
from versioned_import.engines.uv_lock import planned, read_lock, write_lock
from versioned_import.engines.uv_options import configured_options, uv_options
from versioned_import.errors import InstallError
from versioned_import.install.engine import ResolutionConflictError
from versioned_import.install.requirements import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from packaging.pylock import Package

    from versioned_import.install.engine import Planned, Staged
    from versioned_import.install.groups import Group

_CONFLICT_SIGNS = ("No solution found", "conflicting URLs")
# Variables of uv that contradict what is decided here.
_DECIDED_HERE = (
    "UV_BREAK_SYSTEM_PACKAGES UV_COMPILE_BYTECODE UV_LINK_MODE UV_NO_VERIFY_HASHES UV_PYTHON UV_SYSTEM_PYTHON"
)
# A hard link is the very file of uv's cache: who edits what is installed would edit it for all later installations.
_LINKS = "--link-mode=copy"
_PRIVATE = frozenset({"uv_build.json", "uv_cache.json"})


class UvEngine:
    """Resolves and stages with `uv pip compile` and `uv pip install --prefix`, for this interpreter.

    `options` are pip's. With `verbose` above 0 uv's own output is shown. `warn` gets what uv wrote to stderr when it
    succeeded. Raises UsageError for an option that uv has not, InstallError if there is no uv.
    """

    def __init__(self, options: Sequence[str], *, verbose: int = 0, warn: Callable[[str], None]) -> None:
        self.options = uv_options([*configured_options(os.environ), *options], os.environ)
        self.command = uv_command()
        self.verbose = verbose
        self.warn = warn

    def plan(self, group: Group) -> list[Planned]:
        """Return the group's closure; what has no version before it is built, is built."""
        with tempfile.TemporaryDirectory(prefix="versioned-import-") as directory:
            packages = self._resolved(group, directory)
            unknown = [package for package in packages if package.version is None]
            versions = _versions(self._installed(unknown, directory)) if unknown else {}
            return [planned(package, group, directory, versions) for package in packages]

    def stage(self, group: Group, directory: str) -> list[Staged]:
        """Install the group into an empty directory, take it apart, and check every file against its RECORD."""
        packages = self._resolved(group, directory)
        if not packages:
            return []
        tree = self._installed(packages, directory)
        versions = _versions(tree)
        plan = [planned(package, group, directory, versions) for package in packages]
        by_name = {str(package.name): package for package in packages}

        def again(one: Planned, alone: str) -> str:
            return self._installed([by_name[one.name]], directory, alone)

        return take_apart(tree, _layout(tree), plan, os.path.join(directory, "ready"), again)

    def _resolved(self, group: Group, directory: str) -> list[Package]:
        """Return the packages of the lock that uv makes of a group, which stays in `directory`."""
        lock = _whole_lock(directory)
        request = ", ".join(map(str, group))
        arguments = ["compile", "--format=pylock.toml", f"--output-file={lock}", *self.options.resolving, "-"]
        self._uv(arguments, request, text="".join(f"{_line(root.text)}\n" for root in group))
        return read_lock(lock, hashes_of=group if self.options.require_hashes else None)

    def _installed(self, packages: Sequence[Package], directory: str, into: str = "") -> str:
        """Install packages of the lock in `directory` into a tree of their own, there or in `into`; return the tree."""
        tree = os.path.join(into or directory, "tree")
        os.makedirs(os.path.join(tree, "lib"), 0o755)
        # Where compiled modules belong into lib64, they land beside the others, as in a virtual environment.
        os.symlink("lib", os.path.join(tree, "lib64"))
        # Paths in a lock start at its directory, so the narrower one stands beside the whole.
        lock = os.path.join(directory, f"pylock.{len(os.listdir(directory))}.toml")
        write_lock(lock, packages, _whole_lock(directory))
        how = ["--compile-bytecode"] if self.options.compile else []
        request = ", ".join(f"{package.name} {package.version or ''}".rstrip() for package in packages)
        arguments = ["install", f"--prefix={tree}", _LINKS, *how, *self.options.installing, f"--requirements={lock}"]
        self._uv(arguments, request)
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(tree, ".lock"))
        return tree

    def _uv(self, arguments: Sequence[str], request: str, text: str = "") -> None:
        shown = ["-" + "v" * (self.verbose - 1)] if self.verbose > 1 else [] if self.verbose else ["--quiet"]
        command = [self.command, "pip", arguments[0], f"--python={sys.executable}", *shown, *arguments[1:]]
        environ = {name: value for name, value in os.environ.items() if name not in _DECIDED_HERE.split()}
        if self.options.certificates:
            environ["SSL_CERT_FILE"] = self.options.certificates
        status, messages = run_child(command, environ, show=bool(self.verbose), text=text)
        if status:
            kind = ResolutionConflictError if any(sign in messages for sign in _CONFLICT_SIGNS) else InstallError
            raise kind(request, f"uv could not install it (exit status {status}):\n{messages.rstrip()}", "")
        if messages:
            self.warn(messages.rstrip())


def uv_command() -> str:
    """Return the path of uv: beside this interpreter, in the user's directory, or on PATH. Raises InstallError."""
    own = sysconfig.get_path("scripts")
    places = (own, sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")), *os.get_exec_path())
    found = shutil.which("uv", path=os.pathsep.join(places))
    if found is None:
        advice = f"Install it ({sys.executable} -m pip install uv), or leave --engine out to use pip."
        raise InstallError("--engine uv", f"there is no uv in {own} or on PATH", advice)
    return found


def _line(text: str) -> str:
    """Return a requirement for uv; hashes are compared with its lock, other options are pip's alone."""
    requirement, *options = text.split(" --")
    if odd := [option for option in options if not option.startswith("hash")]:
        name = odd[0].partition("=")[0].partition(" ")[0]
        raise UsageError(requirement.strip(), f"uv has nothing like pip's --{name}", "Leave out one of the two.")
    return requirement.strip()


def _whole_lock(directory: str) -> str:
    return os.path.join(directory, "pylock.toml")


def _layout(tree: str) -> wheels.Layout:
    """Return how uv filled a tree: like a virtual environment, with RECORDs that are true."""
    found = glob.glob("lib/*/*-packages", root_dir=tree)
    if len(found) != 1:
        raise InstallError("uv", f"it filled {len(found)} site directories, not one", "Try it without --engine uv.")
    return wheels.Layout(modules=found[0], modules_at=found[0], private=_PRIVATE)


def _versions(tree: str) -> dict[str, str]:
    return {one.name: one.version for one in wheels.distributions(tree, _layout(tree))}
