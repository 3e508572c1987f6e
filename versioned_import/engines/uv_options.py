"""Saying to uv what the user said to pip: options of the command line, and what pip's configuration says of indexes."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from versioned_import.errors import InstallError
from versioned_import.install.requirements import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# pip's options (in the one spelling that install/requirements.py passes on) and their equivalents.
_EQUIVALENT = {
    "--build-constraint": "--build-constraints",
    "--cache-dir": "--cache-dir",
    "--config-settings": "--config-setting",
    "--constraint": "--constraints",
    "--extra-index-url": "--extra-index-url",
    "--find-links": "--find-links",
    "--index-url": "--index-url",
    "--no-binary": "--no-binary",
    "--no-build-isolation": "--no-build-isolation",
    "--no-cache-dir": "--no-cache",
    "--no-deps": "--no-deps",
    "--no-index": "--no-index",
    "--only-binary": "--only-binary",
    "--pre": "--prerelease=allow",
    "--trusted-host": "--allow-insecure-host",
    "--upgrade": "--upgrade",
    "--uploaded-prior-to": "--exclude-newer",
}
# What uv does anyway, or has no need to be told.
_WITHOUT_MEANING = frozenset(
    [
        "--compile",
        "--disable-pip-version-check",
        "--ignore-installed",
        "--no-color",
        "--no-input",
        "--no-python-version-warning",
        "--no-require-hashes",
        "--no-warn-conflicts",
        "--no-warn-script-location",
        "--progress-bar",
        "--root-user-action",
        "--upgrade-strategy",
        "--use-pep517",
    ]
)
_SEEN_TO_HERE = frozenset({"--cert", "--no-compile", "--require-hashes"})
_ONLY_TO_RESOLVE = frozenset({"--constraints", "--no-deps", "--prerelease=allow", "--upgrade", "--exclude-newer"})
_LAST_COUNTS = frozenset({"--index-url", "--cache-dir", "--exclude-newer"})
_SEVERAL_NAMES = frozenset({"--no-binary", "--only-binary"})
# Of pip's configuration, what decides which files are taken. uv reads none of it.
_CONFIGURED = {
    "cert": False,
    "constraint": True,
    "extra-index-url": True,
    "find-links": True,
    "index-url": False,
    "no-binary": False,
    "no-index": False,
    "only-binary": False,
    "pre": False,
    "require-hashes": False,
    "trusted-host": True,
}
_YES = frozenset({"1", "true", "yes", "on", "y", "t"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UvOptions:
    """Options for `uv pip compile` and `uv pip install`, and what our own code has to see to."""

    resolving: tuple[str, ...] = ()
    installing: tuple[str, ...] = ()
    compile: bool = True
    require_hashes: bool = False
    certificates: str = ""


def uv_options(options: Sequence[str], environ: Mapping[str, str]) -> UvOptions:
    """Translate options for pip.

    pip takes the best version of all its indexes, so uv is told to do the same, unless UV_INDEX_STRATEGY says otherwise.
    Raises UsageError for an option without equivalent.
    """
    single: dict[str, str] = {}
    several: list[str] = [] if "UV_INDEX_STRATEGY" in environ else ["--index-strategy=unsafe-best-match"]
    for name, value in (_split(option) for option in options):
        if name in _WITHOUT_MEANING | _SEEN_TO_HERE:
            continue
        theirs = _EQUIVALENT.get(name)
        if theirs is None:
            raise UsageError("--engine uv", f"uv has nothing like pip's {name}", "Leave out one of the two.")
        if theirs in _LAST_COUNTS:
            single[theirs] = f"{theirs}={value}"
            continue
        values = value.split(",") if theirs in _SEVERAL_NAMES else [value]
        several += [f"{theirs}={one}" if one else theirs for one in values]
    found = (*single.values(), *dict.fromkeys(several))
    names = [_split(option)[0] for option in options]
    return UvOptions(
        resolving=found,
        installing=tuple(one for one in found if not _is_one_of(one, _ONLY_TO_RESOLVE)),
        compile="--no-compile" not in names,
        require_hashes="--require-hashes" in names,
        certificates=next((value for name, value in map(_split, reversed(options)) if name == "--cert"), ""),
    )


def configured_options(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the options that pip's configuration stands for, of those that uv is told."""
    configuration = pip_configuration(environ)
    for name, is_list in _CONFIGURED.items():
        value = configuration.get(name, "").strip()
        if not value:
            continue
        if name in {"no-index", "pre", "require-hashes"}:
            if value.lower() in _YES:
                yield f"--{name}"
        else:
            yield from (f"--{name}={one}" for one in (value.split() if is_list else [value]))


def pip_configuration(environ: Mapping[str, str]) -> dict[str, str]:
    """Return pip's configuration for `install`: its files by pip itself, if there is a pip, and PIP_* of the environment.

    Of one setting the environment counts before the section `[install]`, and that before `[global]`. Raises
    InstallError if a file can't be read.
    """
    found = {key: {} for key in ("global", "install", ":env:")}  # type: dict[str, dict[str, str]]
    for line in _listed(environ):
        key, _, value = line.partition("=")
        section, _, name = key.partition(".")
        if section in found:
            found[section][name] = str(ast.literal_eval(value))
    prefix = "PIP_"
    for key, value in environ.items():
        if key.startswith(prefix) and value:
            found[":env:"][key.removeprefix(prefix).lower().replace("_", "-")] = value
    return found["global"] | found["install"] | found[":env:"]


def _listed(environ: Mapping[str, str]) -> Iterable[str]:
    if importlib.util.find_spec("pip") is None:
        return []
    command = [sys.executable, "-m", "pip", "config", "list"]
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False)
    if done.returncode:  # going on without would mean another index than the user's
        raise InstallError("--engine uv", f"pip's configuration can't be read:\n{done.stderr.rstrip()}", "Mend it.")
    return done.stdout.splitlines()


def _split(option: str) -> tuple[str, str]:
    name, _, value = option.partition("=")
    return name, os.path.abspath(value) if name == "--constraint" and "://" not in value else value


def _is_one_of(option: str, names: frozenset[str]) -> bool:
    return option in names or option.partition("=")[0] in names
