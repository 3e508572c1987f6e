"""The two made distributions: mvdemo, and mvdep that it requires, each in versions 1.0 and 2.0, out of `packages/`.

In each file VERSION_TEXT and VERSION_TAG stand for the version, and a line that ends with `# only 2.0` is in 2.0 alone.
"""

import re
from pathlib import Path

from made import make_flat, make_versioned

PACKAGES = Path(__file__).parent / "packages"
VERSIONS = ("1.0", "2.0")
REQUIRES = {"mvdemo": {"1.0": ["mvdep<2"], "2.0": ["mvdep>=2"]}, "mvdep": {"1.0": [], "2.0": []}}


def install_flat(site, version):
    """Install one version of both as plain pip does."""
    for name in REQUIRES:
        make_flat(site, name, version, contents(name, version), requires=REQUIRES[name][version])


def install_versioned(site):
    """Install both versions of both in versioned directories."""
    for version in VERSIONS:
        for name in REQUIRES:
            make_versioned(site, name, version, contents(name, version), requires=REQUIRES[name][version])


def contents(name, version):
    """Return the files of a distribution: a dict of path to text."""
    files = {}
    for path in sorted((PACKAGES / name).rglob("*.*")):
        if path.is_dir() or "__pycache__" in path.parts:
            continue
        place = path.relative_to(PACKAGES / name).as_posix()
        if place == "entry_points.txt":
            place = f"{name}-{version}.dist-info/{place}"
        files[_of_version(place, version)] = _of_version(path.read_text(encoding="utf-8"), version)
    return files


def _of_version(text, version):
    lines = [line for line in text.split("\n") if re.search(r"# only (\S+)$", line) is None or line.endswith(version)]
    return "\n".join(lines).replace("VERSION_TEXT", version).replace("VERSION_TAG", version.replace(".", "_"))
