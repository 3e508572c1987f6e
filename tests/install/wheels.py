"""Wheels and installed trees out of dicts of text, and the check that what is installed is what its RECORD says."""

import base64
import csv
import hashlib
import io
import zipfile
from pathlib import Path


def record_hash(data: bytes) -> str:
    digest = hashlib.sha256(data).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def metadata(name, version, requires=()):
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    return "\n".join([*lines, *(f"Requires-Dist: {requirement}" for requirement in requires)]) + "\n\n"


def record_text(files, record, *, extra_rows=()):
    """Return the RECORD for files, a dict of path to text or bytes; `extra_rows` are lines that need not be true."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for path, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        writer.writerow((path, record_hash(data), len(data)))
    writer.writerows(extra_rows)
    writer.writerow((record, "", ""))
    return out.getvalue()


def build(directory, name, version, files=None, *, requires=(), scripts=None, info_name=None, extra_rows=()):
    """Write a wheel and return its path.

    `files` is a dict of path to text; without it the wheel holds one module whose VERSION tells them apart. `scripts`
    is a dict of console script to `module:function`. `info_name` and `extra_rows` make it a lying one.
    """
    escaped = name.replace("-", "_")
    if files is None:
        files = {f"{escaped.lower()}.py": f"VERSION = {version!r}\n"}
    info = f"{info_name or escaped}-{version}.dist-info"
    contents = dict(files)
    contents[f"{info}/METADATA"] = metadata(name, version, requires)
    contents[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if scripts:
        entries = "".join(f"{script} = {target}\n" for script, target in scripts.items())
        contents[f"{info}/entry_points.txt"] = f"[console_scripts]\n{entries}"
    record = f"{info}/RECORD"
    contents[record] = record_text(contents, record, extra_rows=extra_rows)
    path = Path(directory) / f"{escaped}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for member, content in contents.items():
            wheel.writestr(member, content)
            if ".data/scripts/" in member:  # build backends mark scripts as executable, and pip keeps the mark
                wheel.getinfo(member).external_attr = 0o100755 << 16
    return path


def tree(directory, name, version, files, *, requires=(), extra_rows=(), record=None):
    """Write what `pip install --target` leaves of one distribution; keys of `files` are paths as in its RECORD."""
    info = f"{name}-{version}.dist-info"
    contents = {**files, f"{info}/METADATA": metadata(name, version, requires)}
    text = record_text(contents, f"{info}/RECORD", extra_rows=extra_rows) if record is None else record
    for path, content in {**contents, f"{info}/RECORD": text}.items():
        place = Path(directory) / path.removeprefix("../../")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)


def versioned_directories(site):
    """Return the names of the versioned directories in a site directory."""
    return sorted(path.parent.name for path in Path(site).glob("*-*/*.dist-info"))


def record_rows(directory):
    """Return the lines of the one RECORD in a versioned directory."""
    (record,) = Path(directory).glob("*.dist-info/RECORD")
    with record.open(newline="") as file:
        return [tuple(row) for row in csv.reader(file)]


def record_problems(site):
    """Return everything in which versioned directories differ from their RECORDs: it should be nothing."""
    problems = []
    for name in versioned_directories(site):
        directory = Path(site) / name
        listed = set()
        for path, digest, size in record_rows(directory):
            place = directory / path
            listed.add(path)
            if path.startswith(("/", "..")) or not place.is_file():
                problems.append(f"{name}: {path} is missing or outside")
            elif digest and (digest != record_hash(place.read_bytes()) or int(size) != place.stat().st_size):
                problems.append(f"{name}: {path} has another hash or size")
        present = {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}
        present = {path for path in present if "__pycache__" not in path}  # an import may have written there since
        problems += [f"{name}: {path} is not recorded" for path in sorted(present - listed)]
    return problems
