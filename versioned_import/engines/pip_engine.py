"""The engine that drives the user's pip by its public command line, one child process for each attempt."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from versioned_import.engines.apart import take_apart
from versioned_import.engines.child import run_child
from versioned_import.engines.wheels import PIP_TARGET
from versioned_import.errors import InstallError
from versioned_import.install.engine import Planned, ResolutionConflictError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from versioned_import.install.engine import Staged
    from versioned_import.install.groups import Group

# pip has no exit status of its own for a conflict, so its words have to do; it does not translate them.
_CONFLICT_SIGNS = ("ResolutionImpossible", "conflicting dependencies", "resolution-too-deep")
# The environment of the user's pip may hold options that contradict --target, or that are decided here.
_OPTIONS_DECIDED_HERE = "BREAK_SYSTEM_PACKAGES DRY_RUN FORCE_REINSTALL PREFIX QUIET REPORT ROOT TARGET USER VERBOSE"
_QUIETLY = (
    "--disable-pip-version-check",
    "--no-warn-script-location",
    "--no-warn-conflicts",
    "--root-user-action=ignore",
)


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
        plan = [_planned(item) for item in self._run(group, directory, "--target", tree)]
        return take_apart(tree, PIP_TARGET, plan, os.path.join(directory, "ready"), self._install_alone)

    def _install_alone(self, planned: Planned, directory: str) -> str:
        """Install one distribution again, into a tree of its own, which is returned."""
        tree = os.path.join(directory, "target")
        os.mkdir(tree, 0o755)
        line = os.path.join(directory, "exact.txt")
        with open(line, "w", encoding="utf-8") as file:
            file.write(_exact_line(planned))
        self._pip(["-r", line, "--no-deps", "--target", tree], directory, request=f"{planned.name} {planned.version}")
        return tree

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
        how = [*_QUIETLY, *build_options(), *shown]
        command = [*pip_command(), "install", *how, *self.options, "--report", report, *arguments]
        status, messages = run_child(command, _environ(), show=bool(self.verbose))
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


def build_options() -> list[str]:
    """Return what makes an old pip build wheels always; its other way leaves no .dist-info. Later pips do it anyway."""
    return ["--use-pep517"] if Version(importlib.metadata.version("pip")) < Version("23.1") else []


def _environ() -> dict[str, str]:
    """Return the environment without pip's own variables for what is decided here.

    Only 0 keeps a pip that knows the flag, and a configuration file that asks for it, from starting all over again.
    """
    decided = {f"PIP_{name}" for name in _OPTIONS_DECIDED_HERE.split()}
    return {name: value for name, value in os.environ.items() if name not in decided} | {"PIP_ALLOW_MULTIPLE": "0"}


def _planned(item: dict[str, Any]) -> Planned:
    """Return one item of pip's installation report."""
    return Planned(
        name=str(canonicalize_name(item["metadata"]["name"])),
        version=str(Version(item["metadata"]["version"])),
        requested=bool(item.get("requested")),
        download=item["download_info"],
        is_direct=bool(item.get("is_direct")),
    )


def _exact_line(planned: Planned) -> str:
    """Return the requirement that names exactly the file that pip took."""
    download = planned.download
    hashes = download.get("archive_info", {}).get("hashes", {})
    pins = "".join(
        f" --hash={kind}:{value}" for kind, value in hashes.items() if kind in {"sha256", "sha384", "sha512"}
    )
    if not planned.is_direct:
        return f"{planned.name}=={planned.version}{pins}\n"
    vcs = download.get("vcs_info")
    url = f"{vcs['vcs']}+{download['url']}@{vcs['commit_id']}" if vcs else download["url"]
    subdirectory = f"#subdirectory={download['subdirectory']}" if "subdirectory" in download else ""
    return f"{planned.name} @ {url}{subdirectory}{pins}\n"
