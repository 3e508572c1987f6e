"""Getting exactly the files that a lock names by the command line of the user's pip: one child process for many."""

from __future__ import annotations

import os
import re
import tempfile
from typing import TYPE_CHECKING

from versioned_import.engines.child import run_child
from versioned_import.errors import InstallError
from versioned_import.install.passwords import without_password
from versioned_import.install.sync_files import to_ask_again
from versioned_import.libraries.packaging.utils import InvalidWheelFilename, parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from versioned_import.install.sync_files import Wanted
    from versioned_import.locks.lock import Locked

# The environment of the user's pip may hold options that are decided here.
_DECIDED = (
    "ALLOW_MULTIPLE BREAK_SYSTEM_PACKAGES DRY_RUN FORCE_REINSTALL NO_DEPS ONLY_DEPS PREFIX QUIET REPORT REQUIREMENT"
    " REQUIRE_HASHES ROOT TARGET USER VERBOSE WHEEL_DIR"
)
_OURS = ("PROJECT", "GROUPS", "EXTRAS", "NO_DEFAULT_GROUPS", "SELECTION")
_QUIETLY = ("--disable-pip-version-check", "--no-input", "-q")
# How pip tells of a file with another hash.
_MISMATCH = re.compile(
    r"^ +(?P<what>\S.*)\n +Expected (?P<kind>\w+) (?P<expected>\w+)(?:\n +Expected +or +\w+)*\n +Got +(?P<got>\w+)",
    re.MULTILINE,
)
# Words for pip that say where files are looked for, instead of where the lock says.
_PLACES = ("--index-url", "-i", "--no-index", "--find-links", "-f")
_OFF = {"", "0", "false", "no", "off", "f", "n"}
_PLACE_VARIABLES = ("PIP_INDEX_URL", "PIP_NO_INDEX")


def says_where(words: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Tell whether the user says where files are to be looked for, which then counts more than the lock's URLs."""
    given = any(word.partition("=")[0] in _PLACES or word.startswith(("-i", "-f")) for word in words)
    return given or any(environ.get(name, "").lower() not in _OFF for name in _PLACE_VARIABLES)


def child_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of pip's processes: they run from no lock, and some of their options are decided here."""
    dropped = {f"PIP_{name}" for name in _DECIDED.split()} | {f"VERSIONED_IMPORT_{name}" for name in _OURS}
    kept = {name: value for name, value in environ.items() if name not in dropped}
    return kept | {"PIP_ALLOW_MULTIPLE": "0"}


def fetch(wanted: Sequence[Wanted], directory: str, words: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the path of a wheel for each distribution; what is none yet is built by pip.

    `directory` gets the files, `words` go to pip. Raises InstallError, also for a file whose hash is not one
    of the lock's; pip checks that before anything of a file is run.
    """
    found: dict[str, str] = {}
    for hashed in (True, False):
        lines = [one for one in wanted if one.hashed == hashed]
        while lines:
            own = tempfile.mkdtemp(dir=directory)
            _wheels(lines, own, ["--require-hashes"] if hashed else [], words, environ)
            there = _there(own)
            again = to_ask_again(lines, {name: version for name, (version, _) in there.items()}, "pip")
            found.update({str(one.locked.distribution): there[str(one.locked.distribution)][1] for one in lines})
            lines = again
    return found


def build_editable(locked: Locked, directory: str, words: Sequence[str], environ: Mapping[str, str]) -> None:
    """Build an editable member into `directory`, which is made here. Raises InstallError."""
    own = [word for word in words if word != "--compile"]
    command = [*_pip("install"), "--no-deps", "--no-compile", "--no-warn-conflicts"]
    command += ["--no-warn-script-location", "--root-user-action=ignore", *own, "--target", directory, "-e"]
    status, messages = run_child([*command, locked.directory], environ, show=False)
    if status or not os.path.isdir(directory):
        reason = f"pip could not build its editable install (exit status {status}):\n{messages.rstrip()}"
        advice = "An editable install takes pip 22.3 and a build backend that knows PEP 660 (setuptools: 64)."
        raise InstallError(f"{locked.distribution} in {locked.directory}", reason, advice)


def _pip(command: str) -> list[str]:
    from versioned_import.engines.pip_engine import build_options, pip_command  # slow to load, and seldom needed

    return [*pip_command(), command, *_QUIETLY, *build_options()]


def _wheels(
    lines: Sequence[Wanted], directory: str, how: Sequence[str], words: Sequence[str], environ: Mapping[str, str]
) -> None:
    file = os.path.join(directory, "lock.txt")
    with open(file, "w", encoding="utf-8") as opened:
        opened.write("".join(f"{one.line}\n" for one in lines))
    command = [*_pip("wheel"), "--no-deps", *how, *words, "-w", directory, "-r", file]
    status, messages = run_child(command, environ, show=False)
    if status:
        raise _error(lines, status, messages)


def _error(lines: Sequence[Wanted], status: int, messages: str) -> InstallError:
    different = _MISMATCH.search(messages)
    if different is None:
        names = ", ".join(map(str, lines[:3])) + (f" and {len(lines) - 3} more" if len(lines) > 3 else "")  # noqa: PLR2004
        return _not_got(names, status, messages.rstrip(), lines)
    kind, expected, got = different["kind"], different["expected"], different["got"]
    one = next((one for one in lines if expected.lower() in one.hashes().get(kind, ())), None)
    what = without_password(different["what"].partition(" (from -r")[0])
    if one is None:
        return InstallError(what, f"its {kind} is not what the lock says: expected {expected}, got {got}", "")
    name = one.file.name if one.file is not None and one.file.name else str(one)
    where = one.file.where if one.file is not None and one.file.where else one.locked.where
    expecting = " or ".join(sorted(one.hashes()[kind]))
    reason = f"the file's {kind} is not what the lock says ({where})\n  expected {expecting}\n  got      {got}"
    advice = "Don't trust it: nothing was installed. If the file was replaced on purpose, lock again."
    return InstallError(name, reason, advice)


def _not_got(names: str, status: int, messages: str, lines: Sequence[Wanted]) -> InstallError:
    """Return the error for what pip did not get; of a traceback, which pip prints if nobody answers, its last line."""
    before, mark, traceback = messages.partition("Traceback (most recent call last):\n")
    if not mark:
        return InstallError(names, f"pip could not get it (exit status {status}):\n{messages}", "")
    warnings = [line for line in before.splitlines() if line.startswith("WARNING: ")]
    reason = "\n".join(("pip ended with an exception:", *warnings[-1:], traceback.rpartition("\n")[2]))
    files = [one.file.url for one in lines if one.file is not None and one.file.url]
    place = f"can {without_password(files[0])} be reached" if files else "can the package index be reached"
    return InstallError(names, reason, f"Nothing was installed: {place} from here?")


def _there(directory: str) -> dict[str, tuple[str, str]]:
    """Return version and path of the wheels in a directory, by distribution. Raises InstallError for what is none."""
    there: dict[str, tuple[str, str]] = {}
    for file in sorted(os.listdir(directory)):
        if file.endswith(".whl"):
            try:
                name, number, _, _ = parse_wheel_filename(file)
            except InvalidWheelFilename as error:
                raise InstallError(file, f"pip made a wheel that is none: {error}", "") from None
            there[str(name)] = str(number), os.path.join(directory, file)
    return there
