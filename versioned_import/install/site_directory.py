"""Which site directory the versioned directories land in: the one that pip itself would use."""

from __future__ import annotations

import configparser
import os
import site
import sys
import sysconfig
from dataclasses import dataclass

from versioned_import.errors import InstallError

INSTALL, SYNC, GC = "pip install --allow-multiple", "versioned-import sync", "versioned-import gc"
"""The commands that choose a site directory, as errors name them."""


@dataclass(frozen=True, slots=True)
class SiteDirectory:
    """The chosen directory, where its launchers go ("" for nowhere), and a sentence for the user if there is need."""

    path: str
    scripts: str = ""
    notice: str = ""


def choose(*, user: bool | None, command: str = INSTALL) -> SiteDirectory:
    """Return the site directory for `--user` (True), `--no-user` (False) or neither (None).

    `command` is what was run, for the error. Raises InstallError if the user's directory is asked for where Python does
    not read it, or if no directory of the search path can be written.
    """
    if user:
        if in_virtual_environment() and not site.ENABLE_USER_SITE:
            advice = "Leave --user out: the environment's own site directory is used."
            raise InstallError(f"{command} --user", "this virtual environment hides the user's directory", advice)
        return of_path(site.getusersitepackages())
    own = sysconfig.get_path("purelib")
    if is_writable(own):
        return of_path(own)
    if user is None and site.ENABLE_USER_SITE:
        notice = f"installing into the user's site directory, because {own} is not writable"
        return of_path(site.getusersitepackages(), notice)
    raise InstallError(command, f"{own} is not writable", _what_helps(command))


def of_path(path: str, notice: str = "") -> SiteDirectory:
    """Return a site directory with the place of its launchers, which only this interpreter's own and the user's have."""
    if path in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        return SiteDirectory(path, sysconfig.get_path("scripts"), notice)
    if site.ENABLE_USER_SITE and path == site.getusersitepackages():
        return SiteDirectory(path, sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")), notice)
    return SiteDirectory(path, "", notice)


def check_not_managed(*, break_system_packages: bool, command: str = INSTALL) -> None:
    """Raise InstallError where the operating system's packager forbids pip to install (PEP 668), as pip itself does.

    `command` is what was run, for the error.
    """
    marker = os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
    if break_system_packages or in_virtual_environment() or not os.path.isfile(marker):
        return
    more = (
        "--break-system-packages (also with --user)" if command == INSTALL else f"{command} -- --break-system-packages"
    )
    advice = f"Use a virtual environment (python -m venv DIR), or {more}."
    reason = f"this Python is managed by its operating system ({marker})"
    message = _packager_message(marker)
    raise InstallError(command, f"{reason}\n{message}" if message else reason, advice)


def _what_helps(command: str) -> str:
    """Return what helps where no site directory can be written; what a virtual environment hides, --user can't reach."""
    as_owner = "or run it as the directory's owner."
    if command == GC:
        return f"Name another one (--site DIR), {as_owner}"
    if in_virtual_environment():
        return f"Use a virtual environment of your own (python -m venv DIR), {as_owner}"
    users = "Let Python read the user's site directory (without -s, without PYTHONNOUSERSITE), or use"
    users = "Use --user, or" if command == INSTALL else users
    return f"{users} a virtual environment (python -m venv DIR), {as_owner}"


def in_virtual_environment() -> bool:
    """Tell whether this interpreter belongs to a virtual environment."""
    return sys.prefix != sys.base_prefix


def is_writable(path: str) -> bool:
    """Tell whether a directory, or the nearest one above that exists, can be written."""
    while not os.path.isdir(path):
        parent = os.path.dirname(path)
        if parent == path:
            return False
        path = parent
    return os.access(path, os.W_OK)


def _packager_message(marker: str) -> str:
    """Return what the packager wrote for the user in the marker file, or "" if it can't be read."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(marker, encoding="utf-8")
        return parser["externally-managed"]["Error"].strip()
    except (OSError, KeyError, ValueError, configparser.Error):
        return ""
