"""One wheel into a directory of its own, by pip's own installer: checked before, compiled and checked afterwards."""

from __future__ import annotations

import base64
import compileall
import csv
import hashlib
import importlib.util
import inspect
import os
import stat
import sys
import warnings
from typing import TYPE_CHECKING, Any

import pip
from pip._internal.models.scheme import Scheme
from pip._internal.operations.install.wheel import install_wheel

from versioned_import.engines import wheels
from versioned_import.errors import InstallError
from versioned_import.in_pip.wheel_archive import checked, path_problem
from versioned_import.install import launchers
from versioned_import.install.engine import Staged
from versioned_import.install.staging import check_found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from versioned_import.in_pip.wheel_archive import Archive
    from versioned_import.install.engine import Planned

    Rows = dict[str, tuple[str, str]]  # path to hash and size, as in a RECORD

INSTALL_WHEEL_NEEDS = ("scheme", "req_description", "pycompile", "warn_script_location", "direct_url", "requested")


def problem() -> str:
    """Return why this pip's way to install one wheel can't be called as it is called here, or ""."""
    parameters = inspect.signature(install_wheel).parameters
    lacks = [name for name in INSTALL_WHEEL_NEEDS if name not in parameters]
    return f"pip {pip.__version__} has no install_wheel({lacks[0]}=)" if lacks else ""


def stage_wheel(requirement: Any, planned: Planned, directory: str, site: str, *, pycompile: bool) -> Staged:
    """Install the wheel that pip got for a requirement into a new directory in `directory`, to be renamed into `site`.

    Raises InstallError for a wheel that can't be trusted; whatever pip raises comes through.
    """
    wheel = requirement.local_file_path
    if not requirement.is_wheel or not wheel:
        reason = "pip made no wheel of it"
        raise InstallError(planned.directory, reason, "Leave --no-use-pep517 out, or run: pip install --upgrade pip")
    archive = checked(wheel, planned.name, planned.version)
    path = os.path.join(directory, planned.directory)
    os.mkdir(path, 0o777)  # less the umask, as pip makes its directories
    install_wheel(
        requirement.req.name,
        wheel,
        scheme=_scheme(path, archive),
        req_description=str(requirement.req),
        pycompile=False,
        warn_script_location=False,
        direct_url=requirement.download_info if planned.is_direct else None,
        requested=planned.requested,
    )
    _remove_generated_scripts(path, archive)
    rows = _rows(path, archive)
    if pycompile:
        rows.update(_compiled(path, rows, os.path.join(site, planned.directory)))
    _complete(path, rows, archive)
    check_found(directory, planned)
    return Staged(
        name=planned.name,
        version=planned.version,
        requested=planned.requested,
        download=planned.download,
        is_direct=planned.is_direct,
        path=path,
        notices=wheels.notices(_distribution(planned, archive, rows)),
    )


def _scheme(path: str, archive: Archive) -> Scheme:
    data = os.path.join(path, f"{archive.stem}.data")
    headers, scripts = os.path.join(data, "headers"), os.path.join(data, "scripts")
    return Scheme(platlib=path, purelib=path, headers=headers, scripts=scripts, data=os.path.join(data, "data"))


def _remove_generated_scripts(path: str, archive: Archive) -> None:
    """Remove the launchers that pip made of entry points: they would start what stands in site-packages."""
    scripts = os.path.join(path, f"{archive.stem}.data", "scripts")
    if not os.path.isdir(scripts):
        return
    points = launchers.entry_points(path)
    for name in os.listdir(scripts):
        # Of a script that the wheel ships under the name of an entry point pip makes a launcher too.
        if name not in archive.scripts or name in points:
            os.unlink(os.path.join(scripts, name))
    for empty in (scripts, os.path.dirname(scripts)):
        if not os.listdir(empty):
            os.rmdir(empty)


def _rows(path: str, archive: Archive) -> Rows:
    """Return what pip's RECORD says of the files that are there. Raises InstallError for a path that leads elsewhere."""
    rows: Rows = {}
    with open(os.path.join(path, archive.info, "RECORD"), encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            name, digest, size = [*row, "", "", ""][:3]
            if problem := path_problem(name):
                raise InstallError(archive.stem, f"its RECORD leads elsewhere: {name!r} {problem}", "Don't trust it.")
            if os.path.isfile(os.path.join(path, name)):
                rows[name] = digest, size
    return rows


def _compiled(path: str, rows: Rows, final: str) -> Rows:
    """Compile the modules, for the place where they will stand; return the rows of what was compiled."""
    done: Rows = {}
    if sys.pycache_prefix:
        return done  # bytecode stands elsewhere then, under the name of this directory
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in sorted(rows):
            if name.endswith(".py") and (compiled := _compile(path, name, final)):
                done[compiled] = "", ""  # as pip writes them: bytecode may be compiled again
    return done


def _compile(path: str, name: str, final: str) -> str:
    source = os.path.join(path, name)
    target = importlib.util.cache_from_source(source)
    try:
        # What can't be compiled here, say for another Python, is left as pip leaves it.
        compileall.compile_file(source, ddir=os.path.join(final, os.path.dirname(name)), force=True, quiet=2)
    except ImportError:  # of a codec, which pip forbids by now
        return ""
    return os.path.relpath(target, path).replace(os.sep, "/") if os.path.isfile(target) else ""


def _complete(path: str, rows: Rows, archive: Archive) -> None:
    """Fill in what rows lack, check the others' sizes, and write RECORD. Raises InstallError where the tree differs."""
    record = f"{archive.info}/RECORD"
    there = set(_files(path))
    if there != set(rows):
        odd = min(there ^ set(rows))
        raise InstallError(archive.stem, f"{odd} was installed, but no RECORD names it", "Ask for another release.")
    for name, (digest, size) in rows.items():
        place = os.path.join(path, name)
        status = os.lstat(place)
        if not stat.S_ISREG(status.st_mode) or (size and size != str(status.st_size)):
            raise InstallError(archive.stem, f"{name} was not installed as its RECORD says", "Run it again.")
        if not digest and name != record and not name.endswith(".pyc"):
            rows[name] = _digest(place), str(status.st_size)
    with open(os.path.join(path, record), "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows((name, *rows[name]) for name in sorted(rows))


def _files(path: str) -> Iterator[str]:
    for parent, _, names in os.walk(path):
        for name in names:
            yield os.path.relpath(os.path.join(parent, name), path).replace(os.sep, "/")


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        raw = hashlib.file_digest(file, "sha256").digest()
    return f"sha256={base64.urlsafe_b64encode(raw).decode().rstrip('=')}"


def _distribution(planned: Planned, archive: Archive, rows: Rows) -> wheels.Distribution:
    files = tuple(wheels.RecordedFile(name, name, *rows[name]) for name in sorted(rows))
    return wheels.Distribution(name=planned.name, version=planned.version, info=archive.info, files=files)
