"""An environment with the newest IPython and Jupyter's kernel, and what is asked of kernels in it."""

import json
import os
import textwrap
import venv
from pathlib import Path

from filelock import FileLock
from made import make_versioned, one_package, write
from real_sites import OWN_VARIABLES, REPOSITORY, checked, run

WHEEL = "demo-1.0-py3-none-any.whl"
LOCK = f"""\
lock-version = "1.0"
created-by = "made"
[[packages]]
name = "demo"
version = "1.0"
wheels = [{{ name = "{WHEEL}", url = "https://index.example/{WHEEL}", hashes = {{ sha256 = "{"0" * 64}" }} }}]
"""
FILES = {
    "shop/pylock.toml": LOCK,
    "script.py": "# coding: versioned\nimport demo version 1\nprint('script', demo.VERSION)\n",
    "helper.py": "def value():\n    return 1\n",
}


def shared_jupyter(tmp_path_factory):
    """Return the environment of this run, the same in each of its workers."""
    base = tmp_path_factory.getbasetemp()
    return Jupyter((base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "jupyter")


class Jupyter:
    """An environment with the project and Jupyter's kernel, and a directory that kernels are started in."""

    def __init__(self, base):
        self.base = base
        self.python = str(base / "venv" / "bin" / "python")
        base.mkdir(exist_ok=True)
        with FileLock(base / "lock"):
            if not (base / "complete").exists():
                self.make()
                (base / "complete").touch()
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
        self.environ |= {
            "HOME": str(base),
            "IPYTHONDIR": str(base / "dot"),
            "VERSIONED_IMPORT_CACHE_DIR": str(base / "cache"),
        }
        self.environ |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PATH": f"{base}/venv/bin:{os.environ['PATH']}"}

    def make(self):
        venv.create(self.base / "venv", with_pip=True)
        words = [str(REPOSITORY), "ipykernel>=7", "ipython>=9", "nbclient"]
        checked(run([self.python, "-m", "pip", "install", "-q", "--no-compile", *words]))
        for version in ("1.0", "2.0"):
            files = one_package("demo", version, part="def fail():\n    1 / 0\n")
            make_versioned(self.base / "installed", "demo", version, files)
        make_versioned(self.base / "installed", "demonic", "1.0")
        for name, text in FILES.items():
            write(self.base / name, text)

    def driver(self, *arguments, given, **environ):
        command = [self.python, str(Path(__file__).with_name("in_kernel.py")), *arguments]
        return json.loads(checked(run(command, cwd=self.base, env={**self.environ, **environ}, input=given)))

    def ask(self, *steps):
        """Return the replies of a new kernel, which finds `demo` 1.0 and 2.0."""
        return self.driver(given=json.dumps(steps), VERSIONED_IMPORT_PATH=str(self.base / "installed"))

    def execute(self, *cells):
        """Return what a new kernel shows of each cell, and its error."""
        return self.ask(*(("execute", textwrap.dedent(cell)) for cell in cells))
