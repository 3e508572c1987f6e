"""Installed distributions out of dicts of text: versioned directories and flat installs, with a true `.dist-info`."""

import base64
import hashlib
import os
import re
import shutil
import time
from pathlib import Path

PURE = ("py3-none-any",)


def make_versioned(site, name, version, files=None, *, entry=None, **metadata):
    """Make the versioned directory of a distribution and return its path.

    `files` is a dict of path to text; without it there is one module whose VERSION says the version. `entry` is the
    directory's name where it is not the usual one. See `write_distribution` for the metadata.
    """
    path = Path(site) / (entry or f"{canonical(name)}-{version}")
    write_distribution(path, name, version, files, **metadata)
    return path


def make_flat(site, name, version, files=None, **metadata):
    """Make a flat install, as plain pip leaves it, and return the path of its `.dist-info`."""
    return write_distribution(Path(site), name, version, files, **metadata)


def write_distribution(path, name, version, files=None, *, requires=(), tags=PURE, requires_python="", record=None):
    """Write modules and `.dist-info` of one distribution into a directory; return the path of the `.dist-info`.

    `record` is the text of a RECORD that lies; the true one has the hash and size of each file.
    """
    info = f"{escaped(name)}-{version}.dist-info"
    contents = dict(one_module(name, version) if files is None else files)
    contents[f"{info}/METADATA"] = metadata_text(name, version, requires, requires_python)
    contents[f"{info}/WHEEL"] = wheel_text(tags)
    contents[f"{info}/INSTALLER"] = "made\n"
    contents[f"{info}/RECORD"] = record_text(contents, f"{info}/RECORD") if record is None else record
    for place, text in contents.items():
        write(path / place, text)
    return path / info


def one_module(name, version):
    """Return the files of a distribution with one module that knows its version."""
    return {f"{escaped(name).lower()}.py": f"VERSION = {version!r}\n"}


def one_package(name, version, **modules):
    """Return the files of a distribution with one package that knows its version, and the texts of submodules."""
    files = {f"{name}/__init__.py": f"VERSION = {version!r}\n"}
    return files | {f"{name}/{module}.py": text for module, text in modules.items()}


def metadata_text(name, version, requires, requires_python):
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Python: {requires_python}"] if requires_python else []
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    return "\n".join([*lines, "", "A description with a line like one of the above.", f"Version: not {version}", ""])


def wheel_text(tags):
    return "".join(("Wheel-Version: 1.0\nGenerator: made\nRoot-Is-Purelib: true\n", *(f"Tag: {tag}\n" for tag in tags)))


def record_text(contents, record):
    rows = [f"{place},{digest(text.encode())},{len(text.encode())}" for place, text in contents.items()]
    return "\n".join([*rows, f"{record},,", ""])


def digest(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def escaped(name):
    return re.sub(r"[-.]+", "_", name)


def write(path, text):
    """Write a text file and the folders above it; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
    return path


def settle(*directories, seconds=60):
    """Let directories look as if nothing had changed in them for a while: only then caches are kept for others."""
    for directory in directories:
        then = time.time() - seconds
        os.utime(directory, (then, then))


def remove(path):
    """Delete a versioned directory or the like."""
    shutil.rmtree(path)


def make_group(site, *roots, requested=None, **versions):
    """Write the lock of a group into a site directory and return its path; `versions` are the members by name."""
    path = (
        Path(site)
        / ".versioned_import"
        / "groups"
        / f"pylock.{re.sub(r'[^a-z0-9]+', '-', ' '.join(roots).lower())}.toml"
    )
    packages = "".join(
        f'[[packages]]\nname = "{canonical(name)}"\nversion = "{version}"\n\n' for name, version in versions.items()
    )
    names = [canonical(re.split(r"[^\w.-]", root)[0]) for root in roots] if requested is None else requested
    own = f"[tool.versioned-import]\nroots = {list(roots)!r}\nrequested = {list(names)!r}\n"
    return write(path, f'lock-version = "1.0"\ncreated-by = "made"\n\n{packages}{own}')
