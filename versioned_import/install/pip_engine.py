"""The engine that drives the user's pip by its public command line, one child process for each attempt."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from versioned_import.errors import InstallError
from versioned_import.install import wheels
from versioned_import.install.engine import Planned, ResolutionConflictError, Staged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from versioned_import.install.groups import Group

# pip has no exit status of its own for a conflict, so its words have to do; it does not translate them.
_CONFLICT_SIGNS = ("ResolutionImpossible", "conflicting dependencies", "resolution-too-deep")
# The environment of the user's pip may hold options that contradict --target, or that are decided here.
_OPTIONS_DECIDED_HERE = (
    "ALLOW_MULTIPLE BREAK_SYSTEM_PACKAGES DRY_RUN FORCE_REINSTALL PREFIX QUIET REPORT ROOT TARGET USER VERBOSE"
)
_QUIETLY = (
    "--disable-pip-version-check",
    "--no-warn-script-location",
    "--no-warn-conflicts",
    "--root-user-action=ignore",
)
_SECONDS_TO_END = 10


class PipEngine:
    """Resolves and stages with `python -m pip install` of this interpreter.

    `options` go to pip as they are. With `verbose` above 0 pip's own output is shown. `warn` gets what pip wrote to
    stderr when it succeeded.
    """

    def __init__(self, options: Sequence[str], *, verbose: int = 0, warn: Callable[[str], None]) -> None:
        self.options = tuple(options)
        self.verbose = verbose
        self.warn = warn

    def plan(self, group: Group) -> list[Planned]:
        """Return the group's closure, by a dry run that ignores what is installed."""
        with tempfile.TemporaryDirectory(prefix="versioned-import-") as directory:
            return [_planned(item) for item in self._run(group, directory, "--dry-run", "--ignore-installed")]

    def stage(self, group: Group, directory: str) -> list[Staged]:
        """Install the group into an empty directory, take it apart, and check every file against its RECORD."""
        tree = os.path.join(directory, "target")
        os.mkdir(tree, 0o755)
        items = self._run(group, directory, "--target", tree)
        found = wheels.distributions(tree)
        _check_against_report(found, items)
        ready = os.path.join(directory, "ready")
        os.mkdir(ready, 0o755)
        spoilt = self._spoilt(tree, found)
        staged = []
        for distribution in found:
            item = next(item for item in items if _key(item) == (distribution.name, distribution.version))
            if distribution in spoilt:
                staged.append(self._stage_alone(distribution, item, ready))
            else:
                staged.append(_taken_apart(tree, distribution, item, ready))
        if not spoilt and (left := wheels.left_behind(tree)):
            raise InstallError(", ".join(map(str, group)), f"no RECORD names {left[0]}", "Ask for another release.")
        return staged

    def _spoilt(self, tree: str, found: list[wheels.Distribution]) -> list[wheels.Distribution]:
        """Return the distributions that stood in each other's way in the common tree, or are broken by themselves."""
        shared = wheels.shared_files(found)
        return [one for one in found if any(file.source in shared for file in one.files) or wheels.damage(tree, one)]

    def _stage_alone(self, distribution: wheels.Distribution, item: dict[str, Any], ready: str) -> Staged:
        """Install one distribution again, into a tree of its own; raise InstallError if it isn't whole then either."""
        directory = os.path.join(ready, f"{distribution.name}-{distribution.version}.alone")
        tree = os.path.join(directory, "target")
        os.makedirs(tree, 0o755)
        line = os.path.join(directory, "exact.txt")
        with open(line, "w", encoding="utf-8") as file:
            file.write(_exact_line(item))
        items = self._pip(["-r", line, "--no-deps", "--target", tree], directory, request=str(distribution))
        found = wheels.distributions(tree)
        _check_against_report(found, items)
        if problem := wheels.damage(tree, found[0]):
            raise InstallError(str(distribution), problem, "The wheel is broken: ask for another release.")
        return _taken_apart(tree, found[0], item, ready)

    def _run(self, group: Group, directory: str, *how: str) -> list[dict[str, Any]]:
        """Run pip for a group; lines of files go through a file, since only there pip takes their options."""
        arguments = list(how)
        lines = [root.text for root in group if root.place]
        if lines:
            path = os.path.join(directory, "requirements.txt")
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
            arguments += ["-r", path]
        arguments += ["--", *(root.text for root in group if not root.place)]
        return self._pip(arguments, directory, request=", ".join(map(str, group)))

    def _pip(self, arguments: Sequence[str], directory: str, *, request: str) -> list[dict[str, Any]]:
        report = os.path.join(directory, "report.json")
        shown = ["-" + "v" * self.verbose] if self.verbose else ["--no-input"]  # a question nobody sees has no answer
        how = [*_QUIETLY, *_build_options(), *shown]
        command = [*pip_command(), "install", *how, *self.options, "--report", report, *arguments]
        status, messages = _run(command, show=bool(self.verbose))
        if status:
            conflict = any(sign in messages for sign in _CONFLICT_SIGNS)
            kind = ResolutionConflictError if conflict else InstallError
            raise kind(request, f"pip could not install it (exit status {status}):\n{messages.rstrip()}", "")
        if messages:
            self.warn(messages.rstrip())
        with open(report, encoding="utf-8") as file:
            items: list[dict[str, Any]] = json.load(file)["install"]
        return items


def pip_command() -> list[str]:
    """Return the command of this interpreter's pip. Raises InstallError if it has none."""
    if importlib.util.find_spec("pip") is None:
        raise InstallError("pip", f"{sys.executable} has no pip", f"Try {sys.executable} -m ensurepip")
    return [sys.executable, "-m", "pip"]


def _build_options() -> list[str]:
    """Return what makes an old pip build wheels always; its other way leaves no .dist-info. Later pips do it anyway."""
    return ["--use-pep517"] if Version(importlib.metadata.version("pip")) < Version("23.1") else []


def _run(command: list[str], *, show: bool) -> tuple[int, str]:
    """Run a child process; return its exit status and what it wrote to stderr. It never outlives an interruption."""
    decided = {f"PIP_{name}" for name in _OPTIONS_DECIDED_HERE.split()}
    environ = {name: value for name, value in os.environ.items() if name not in decided}
    output = None if show else subprocess.DEVNULL
    with subprocess.Popen(
        command, env=environ, stdout=output, stderr=subprocess.PIPE, encoding="utf-8", errors="replace"
    ) as child:
        try:
            _, messages = child.communicate()
        except BaseException:
            _end(child)
            raise
    return child.returncode, messages


def _end(child: subprocess.Popen[str]) -> None:
    """End a child process, first politely: pip removes its temporary files."""
    child.terminate()
    try:
        child.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        child.kill()


def _taken_apart(tree: str, distribution: wheels.Distribution, item: dict[str, Any], ready: str) -> Staged:
    path = os.path.join(ready, f"{distribution.name}-{distribution.version}")
    wheels.move_apart(tree, distribution, path)
    return Staged(
        name=distribution.name,
        version=distribution.version,
        requested=bool(item.get("requested")),
        download=item["download_info"],
        is_direct=bool(item.get("is_direct")),
        path=path,
        notices=wheels.notices(distribution),
    )


def _check_against_report(found: list[wheels.Distribution], items: list[dict[str, Any]]) -> None:
    """Raise InstallError unless the tree holds exactly what pip reported."""
    names, reported = {(one.name, one.version) for one in found}, {_key(item) for item in items}
    if names == reported and len(names) == len(found):
        return
    odd = " ".join(min(names ^ reported)) if names ^ reported else "a distribution found twice"
    raise InstallError(
        odd, "what pip installed differs from what it reported", "Don't trust it: nothing was installed."
    )


def _planned(item: dict[str, Any]) -> Planned:
    name, version = _key(item)
    return Planned(
        name=name,
        version=version,
        requested=bool(item.get("requested")),
        download=item["download_info"],
        is_direct=bool(item.get("is_direct")),
    )


def _key(item: dict[str, Any]) -> tuple[str, str]:
    metadata = item["metadata"]
    return str(canonicalize_name(metadata["name"])), str(Version(metadata["version"]))


def _exact_line(item: dict[str, Any]) -> str:
    """Return the requirement that names exactly the file that pip took for this item of its report."""
    name, download = item["metadata"]["name"], item["download_info"]
    hashes = download.get("archive_info", {}).get("hashes", {})
    pins = "".join(
        f" --hash={kind}:{value}" for kind, value in hashes.items() if kind in {"sha256", "sha384", "sha512"}
    )
    if not item.get("is_direct"):
        return f"{name}=={item['metadata']['version']}{pins}\n"
    vcs = download.get("vcs_info")
    url = f"{vcs['vcs']}+{download['url']}@{vcs['commit_id']}" if vcs else download["url"]
    subdirectory = f"#subdirectory={download['subdirectory']}" if "subdirectory" in download else ""
    return f"{name} @ {url}{subdirectory}{pins}\n"
