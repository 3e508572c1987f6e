"""Made projects: a directory with a pylock.toml over made wheels, sdists, and directories of sources."""

import hashlib
import io
import tarfile
from pathlib import Path

BACKEND = """
import base64, hashlib, os, zipfile

NAME, VERSION = {name!r}, {version!r}
INFO = f"{{NAME}}-{{VERSION}}.dist-info"


def wheel(directory, files):
    name = f"{{NAME}}-{{VERSION}}-py3-none-any.whl"
    files = {{
        **files,
        f"{{INFO}}/METADATA": f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: {{VERSION}}\\n\\n",
        f"{{INFO}}/WHEEL": "Wheel-Version: 1.0\\nGenerator: made\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }}
    rows = []
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
            rows.append(f"{{path}},sha256={{digest}},{{len(text.encode())}}")
        archive.writestr(f"{{INFO}}/RECORD", "\\n".join([*rows, f"{{INFO}}/RECORD,,", ""]))
    return name


def build_wheel(directory, settings=None, metadata=None):
    with open(os.path.join("src", NAME + ".py")) as file:
        return wheel(directory, {{NAME + ".py": file.read()}})


def build_editable(directory, settings=None, metadata=None):
    return wheel(directory, {{NAME + ".pth": os.path.abspath("src") + "\\n"}})


def build_sdist(directory, settings=None):
    raise NotImplementedError
"""
PYPROJECT = "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"


def project_files(name, version):
    return {
        "pyproject.toml": PYPROJECT,
        "backend.py": BACKEND.format(name=name, version=version),
        f"src/{name}.py": f"VERSION = {version!r}\n",
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    }


def make_project(directory, name, version="1.0"):
    """Write a directory of sources whose build backend stands in it; return the directory."""
    for path, text in project_files(name, version).items():
        place = Path(directory) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return Path(directory)


def make_sdist(directory, name, version="1.0"):
    """Write an sdist whose build backend stands in it; return its path."""
    path = Path(directory) / f"{name}-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file, text in project_files(name, version).items():
            member = tarfile.TarInfo(f"{name}-{version}/{file}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def entry(name, version, *wheels, sdist=None, lines=(), digest=None):
    """Return the text of one package of a pylock.toml with files of this machine."""
    rows = ["[[packages]]", f'name = "{name}"', *([f'version = "{version}"'] if version else []), *lines]
    files = [_file(wheel, digest) for wheel in wheels]
    rows += [f"wheels = [{', '.join(files)}]"] if files else []
    rows += [f"sdist = {_file(sdist, digest)}"] if sdist else []
    return "\n".join(rows) + "\n"


def _file(path, digest):
    return f'{{name = "{path.name}", path = "{path}", hashes = {{sha256 = "{digest or sha256(path)}"}}}}'


def make_lock(directory, *entries):
    """Write a pylock.toml and return its directory."""
    Path(directory).mkdir(exist_ok=True)
    text = "\n".join(('lock-version = "1.0"', 'created-by = "made"', *entries))
    (Path(directory) / "pylock.toml").write_text(text)
    return Path(directory)
