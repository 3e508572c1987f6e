"""Child processes of a known environment, in which programs with version clauses are run."""

import os
import subprocess
import sys
import textwrap

from made import write

OWN_VARIABLES = ("PYTHON", "VERSIONED_IMPORT", "XDG_")


class Children:
    """Starts programs in processes that see the made site directories and nothing of the caller's environment."""

    def __init__(self, tmp_path, directories):
        self.tmp_path = tmp_path
        self.environ = {key: value for key, value in os.environ.items() if not key.startswith(OWN_VARIABLES)}
        self.environ["VERSIONED_IMPORT_PATH"] = os.pathsep.join(map(str, directories))
        self.environ["VERSIONED_IMPORT_CACHE_DIR"] = str(tmp_path / "cache")
        self.program = tmp_path / "program"
        self.program.mkdir()
        self.elsewhere = tmp_path / "elsewhere"
        self.elsewhere.mkdir()

    def write(self, name, text):
        """Write a file of the program and return its path."""
        return write(self.program / name, textwrap.dedent(text))

    def start(self, *arguments, python=sys.executable, switches=("-s",), environ=None, text=True, **options):
        """Run Python with arguments and return the finished process."""
        options.setdefault("cwd", self.elsewhere)
        return subprocess.run(
            [python, *switches, *map(str, arguments)],
            env={**self.environ, **(environ or {})},
            capture_output=True,
            text=text,
            timeout=60,
            check=False,
            **options,
        )

    def run(self, text, **options):
        """Run a program that has the cookie and return the finished process."""
        return self.start(self.write("app.py", f"# coding: versioned\n{textwrap.dedent(text)}"), **options)

    def output(self, text, **options):
        """Run a program that has the cookie, which must succeed quietly; return what it printed."""
        done = self.run(text, **options)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.strip()
