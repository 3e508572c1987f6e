"""Puts distributions on the disk: versioned directories and flat installs, each with METADATA, WHEEL and a true RECORD."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from portable.cases import Distribution

_EXTRA = re.compile(r"extra\s*==\s*[\"']([^\"']+)")


def install(site: Path, distribution: Distribution) -> None:
    """Install a distribution into a site directory."""
    root = site / distribution.directory
    for path, text in contents(distribution).items():
        if path not in distribution.missing:
            write(root / path, text)


def contents(distribution: Distribution) -> dict[str, str]:
    """Return all files of a distribution, its `.dist-info` included."""
    info = distribution.info
    found = dict(distribution.files)
    found[f"{info}/METADATA"] = metadata(distribution)
    found[f"{info}/WHEEL"] = wheel(distribution)
    found[f"{info}/INSTALLER"] = "conformance\n"
    if distribution.entry_points:
        found[f"{info}/entry_points.txt"] = distribution.entry_points
    rows = [f"{path},{_digest(text)},{len(text.encode())}" for path, text in found.items()]
    found[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    return found


def metadata(distribution: Distribution) -> str:
    """Return the text of METADATA; the extras are those that a requirement's marker names."""
    lines = ["Metadata-Version: 2.1", f"Name: {distribution.name}", f"Version: {distribution.version}"]
    lines += [f"Requires-Python: {distribution.requires_python}"] if distribution.requires_python else []
    extras = dict.fromkeys(extra for line in distribution.requires for extra in _EXTRA.findall(line))
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    lines += [f"Requires-Dist: {line}" for line in distribution.requires]
    return "\n".join([*lines, "", "Made for the conformance suite.", ""])


def wheel(distribution: Distribution) -> str:
    """Return the text of WHEEL."""
    lines = ["Wheel-Version: 1.0", "Generator: conformance", "Root-Is-Purelib: true"]
    return "\n".join([*lines, *(f"Tag: {tag}" for tag in distribution.tags), ""])


def write(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
