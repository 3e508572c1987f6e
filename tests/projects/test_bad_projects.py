"""Projects that can't be run from: each says why, in every way to ask for one, and nothing else is imported or changed instead."""

import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from environment import Environment, locked
from made import digest, one_package, write

HEAD = 'lock-version = "1.0"\ncreated-by = "made"\n\n'
AGAIN = "Lock again with the tool that wrote the file."
SHOW = "import demo; print(demo.VERSION)"
MEMBER = '[[packages]]\nname = "part"\n\n[packages.directory]\npath = "part"\neditable = true\n'
UV = """\
version = 1
requires-python = ">=3.8"

[manifest]
members = ["demo-app", "one", "two"]
"""


@dataclass(frozen=True)
class Bad:
    """A project that can't be run from, what is said of it, and how it is asked for."""

    message: str
    """With LOCK for the file, HERE for the directory, SITE for the site directory."""
    files: dict[str, str | bytes] = field(default_factory=dict)
    where: str = "pylock.toml"
    groups: str = ""
    extras: str = ""


def pylock(*parts, head=HEAD):
    return {"pylock.toml": head + "".join(parts)}


def marked(marker):
    return locked("demo==1.0").replace("wheels", f"marker = {marker}\nwheels")


ONE = locked("demo==1.0")
INSTALLED = "demo 1.0 in SITE/demo-1.0/"
CASES = {
    "half written": Bad("?", pylock(ONE, ONE[:60])),
    "half of a Pipfile.lock": Bad("?", {"Pipfile.lock": '{"_meta": {"pipfile-spec": 6}, "default": {"demo": '}, "Pipfile.lock"),
    "half of a uv.lock": Bad("?", {"uv.lock": 'version = 1\nrequires-python = ">=3.8"\n[[package]]\nname = "app"\nversion = "1"\nsource = { virtual = "." }\ndependencies = [{ name = "demo" }]\n'}, "uv.lock"),
    "not UTF-8": Bad("?", {"pylock.toml": HEAD.encode() + b'x = "\xff"\n' + ONE.encode()}),
    "empty": Bad("?", {"pylock.toml": ""}),
    "a name twice": Bad("?", pylock(ONE, locked("Demo==2.0"))),
    "no marker": Bad("?", pylock(marked("'moon'"))),
    "a marker that can't be evaluated": Bad("?", pylock(marked("\"python_version ~= 'new'\""))),
    "another file": Bad("?", pylock(locked("origin==1.0"))),
    "a version that isn't installed": Bad("?", pylock(ONE, locked("dep==1.5"))),
    "not installed at all": Bad("?", pylock(ONE, locked("nowhere==1.0"))),
    "a flat install of another version": Bad("?", pylock(locked("stray==2.0"))),
    "built for another platform": Bad("?", pylock(locked("foreign==1.0"))),
    "an unknown group": Bad("?", pylock(ONE), groups="dev"),
    "an unknown extra": Bad("?", pylock(ONE, head=f'extras = ["socks"]\n{HEAD}'), extras="sock"),
    "a newer format": Bad("?", pylock(ONE, head=HEAD.replace("1.0", "2.0"))),
    "no format": Bad("?", pylock(ONE, head='created-by = "made"\n')),
    "another Python": Bad("?", pylock(ONE, head=f'requires-python = "<3.8"\n{HEAD}')),
    "an entry for another Python": Bad("?", pylock(ONE.replace("wheels", 'requires-python = "<3.8"\nwheels'))),
    "another platform": Bad("?", pylock(ONE, head=f"environments = [\"sys_platform == 'moon'\"]\n{HEAD}")),
    "no lock": Bad("?", {"app.txt": ""}, "."),
    "unpinned requirements": Bad("?", {"requirements.txt": "demo>=1.0\n"}, "."),
    "requirements without an end": Bad("?", {"requirements.txt": "dep==1.0\ndemo==1.0"}, "."),
    "no file": Bad("?", {}, "pylock.toml"),
    "no directory": Bad("?", {}, "gone"),
    "no name of a lock": Bad("?", {"setup.cfg": ""}, "setup.cfg"),
    "a member that is gone": Bad("?", pylock(ONE, MEMBER)),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return an environment of which no test changes anything."""
    home = Environment(tmp_path_factory.mktemp("bad") / "home")
    for version in ("1.0", "2.0"):
        home.versioned("demo", version, one_package("demo", version))
        home.versioned("dep", version)
    home.flat("demo", "3.0", one_package("demo", "3.0"))
    home.flat("stray", "1.0")
    home.versioned("foreign", "1.0", tags=("cp38-cp38-win_amd64",))
    came_from(home.versioned("origin", "1.0"), "ab" * 32)
    home.write("app.py", SHOW)
    return home


def came_from(directory, sha256):
    """Note the hash of the file that a versioned directory was installed from, as the installer does."""
    record = next(directory.glob("*.dist-info/RECORD")).read_bytes()
    import hashlib
    note = {
        "record": hashlib.sha256(record).hexdigest(),
        "download": {"url": "https://files.index.example/x.whl", "archive_info": {"hashes": {"sha256": sha256}}},
        "is_direct": False,
    }
    write(directory.parent / ".versioned_import" / "origins" / f"{directory.name}.json", json.dumps(note))


@pytest.mark.parametrize("case", CASES)
def test_probe(home, case, tmp_path):
    bad = CASES[case]
    for name, text in bad.files.items():
        p = tmp_path / name
        p.write_bytes(text if isinstance(text, bytes) else text.encode())
    where = tmp_path if bad.where == "." else tmp_path / bad.where
    words = ["--project", where, *([f"--groups={bad.groups}"] if bad.groups else []), *([f"--extras={bad.extras}"] if bad.extras else [])]
    done = home.start("-m", "versioned_import", *words, home.program / "app.py")
    err = done.stderr.replace(str(where), "LOCK").replace(str(tmp_path), "HERE").replace(str(home.site), "SITE")
    with open("/tmp/j4/probe.txt", "a") as f:
        print(f"{case}: {done.returncode} {done.stdout!r}\n    {err!r}", file=f)
