"""The systems that came before, each with click 8.1.8 installed its own way: what `seen.py` compares a warm import with.

Each function makes what its system needs in a directory and returns the script to be measured. A peer that can't be
installed, or whose script fails, is left out with a remark.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from common import environment_with, quick

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLICK = "8.1.8"


def peers(place: Path, variables: dict[str, str]) -> list[tuple[str, list[str]]]:
    """Return name and command of each peer that works here."""
    found = []
    for name, requirements, make in PEERS[:2] if quick() else PEERS:
        directory = place / name
        try:
            python = environment_with(directory, *requirements)
            target = directory / "installed"
            install = [python, "-m", "pip", "install", "-q", "--no-deps", "--target", target, f"click=={CLICK}"]
            subprocess.run(install, check=True, capture_output=True)
            script = directory / "script.py"
            script.write_text(make(directory, target))
            command = [str(python), "-W", "ignore", str(script)]
            subprocess.run(command, check=True, env=variables, capture_output=True, timeout=300)
        except (subprocess.SubprocessError, OSError) as error:
            said = (getattr(error, "stderr", None) or str(error).encode()).decode().strip().split("\n")
            print(f"{name} is left out: {said[-1]}")
            continue
        found.append((name, command))
    return found


def pkg_resources(directory: Path, target: Path) -> str:
    """Put click into a directory of the form that `easy_install --multi-version` made."""
    egg = directory / "eggs" / f"click-{CLICK}-py3.11.egg"
    shutil.copytree(target, egg)
    (egg / f"click-{CLICK}.dist-info").rename(egg / "EGG-INFO")
    (egg / "EGG-INFO" / "METADATA").rename(egg / "EGG-INFO" / "PKG-INFO")
    return (
        f"import sys\nsys.path.append({str(egg.parent)!r})\nimport pkg_resources\n"
        f'pkg_resources.require("click=={CLICK}")\nimport click\n'
    )


def localimport(_: Path, target: Path) -> str:
    return f"from localimport import localimport\nwith localimport({str(target)!r}):\n    import click\n"


def pylibimport(directory: Path, target: Path) -> str:
    return (
        "from pylibimport import VersionImporter\n"
        f"importer = VersionImporter(install_dir={str(directory / 'libraries')!r})\n"
        f'import os, shutil\nplace = importer.make_import_path("click", "{CLICK}")\n'
        f"os.path.exists(place) or shutil.copytree({str(target)!r}, place)\n"
        f'importer.import_module("click", "{CLICK}")\n'
    )


def envknit(_: Path, target: Path) -> str:
    return (
        "import pathlib\nfrom envknit.isolation import import_hook\n"
        f'import_hook.get_manager().registry.register_package("click", "{CLICK}", pathlib.Path({str(target)!r}))\n'
        f'with import_hook.use("click", "{CLICK}"):\n    import click\n'
    )


def depfix(_: Path, __: Path) -> str:
    return f'import depfix\nwith depfix.using("click=={CLICK}"):\n    import click\n'


PEERS: list[tuple[str, tuple[str, ...], Callable[[Path, Path], str]]] = [
    ("pkg_resources", ("setuptools<81",), pkg_resources),
    ("localimport", ("localimport",), localimport),
    ("pylibimport", ("pylibimport", "setuptools<81"), pylibimport),
    ("envknit", ("envknit",), envknit),
    ("depfix", ("depfix", "uv"), depfix),
]
