"""A Python environment of its own that has this project, and nothing else that the tests did not make."""

import os
import subprocess
import textwrap
import venv
from importlib.util import find_spec
from pathlib import Path

from made import make_flat, make_versioned, settle, write

PROJECT = Path(find_spec("versioned_import_startup").origin).parent
NEEDED = ("packaging", "resolvelib", "filelock", "rich", "tomli_w", "markdown_it", "mdurl", "pygments")
OWN_VARIABLES = ("PYTHON", "VERSIONED_IMPORT", "XDG_", "VIRTUAL_ENV")


class Environment:
    """A virtual environment without pip, whose site directory the tests fill."""

    def __init__(self, place):
        self.place = Path(place)
        venv.create(self.place, with_pip=False, symlinks=os.name != "nt")
        self.python = self.place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
        self.site = Path(
            subprocess.run([self.python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
        )
        for name in NEEDED:
            home = Path(find_spec(name).origin).parent
            (self.site / name).symlink_to(home, target_is_directory=True)
        (self.site / "versioned_import").symlink_to(PROJECT / "versioned_import", target_is_directory=True)
        (self.site / "versioned_import_startup.py").symlink_to(PROJECT / "versioned_import_startup.py")
        write(
            self.site / "versioned_import.pth", "import versioned_import_startup; versioned_import_startup.register()\n"
        )
        self.environ = {key: value for key, value in os.environ.items() if not key.startswith(OWN_VARIABLES)}
        self.environ["VERSIONED_IMPORT_CACHE_DIR"] = str(self.place / "cache")
        self.program = self.place / "program"
        self.program.mkdir()
        self.elsewhere = self.place / "elsewhere"
        self.elsewhere.mkdir()

    def flat(self, name, version, files=None, **metadata):
        return make_flat(self.site, name, version, files, **metadata)

    def versioned(self, name, version, files=None, **metadata):
        return make_versioned(self.site, name, version, files, **metadata)

    def write(self, name, text):
        """Write a file of the program and return its path."""
        return write(self.program / name, textwrap.dedent(text))

    def lock(self, *pins, name="pylock.toml", directory=None, extra=""):
        """Write a lock of `NAME==VERSION` texts and return its path."""
        packages = "".join(map(locked, pins))
        text = f'lock-version = "1.0"\ncreated-by = "made"\n{extra}\n{packages}'
        return write(Path(directory or self.program) / name, text)

    def settle(self):
        """Let everything look as if nothing had changed for a while: only then plans are kept."""
        settle(self.site)

    def start(self, *arguments, environ=None, cwd=None, **options):
        """Run this environment's Python with arguments and return the finished process."""
        return subprocess.run(
            [self.python, *map(str, arguments)],
            env={**self.environ, **{key: str(value) for key, value in (environ or {}).items()}},
            cwd=cwd or self.elsewhere,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **options,
        )

    def output(self, *arguments, **options):
        """Run Python, which must succeed quietly; return what it printed."""
        done = self.start(*arguments, **options)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return done.stdout.strip()


def locked(pin):
    """Return the table of a `NAME==VERSION` text in a pylock.toml; a pure wheel of it is all that is locked."""
    name, _, version = pin.partition("==")
    file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    hashes = f'{{ sha256 = "{"0" * 64}" }}'
    wheel = f'{{ name = "{file}", url = "https://files.index.example/{file}", hashes = {hashes} }}'
    return f'[[packages]]\nname = "{name}"\nversion = "{version}"\nwheels = [{wheel}]\n\n'
