"""The interactive session, through a pseudo terminal and through a pipe (spec 2.2)."""

import os
import select
import subprocess
import sys
import time

import pytest
from made import make_versioned

pty = pytest.importorskip("pty")


class Session:
    """A session in a pseudo terminal: type a line, read until the next prompt."""

    def __init__(self, children):
        self.terminal, inner = pty.openpty()
        environ = {**children.environ, "TERM": "dumb", "PYTHON_BASIC_REPL": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-s", "-m", "versioned_import"],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env=environ,
            cwd=children.program,
            close_fds=True,
        )
        os.close(inner)

    def read_until(self, end, seconds=30):
        text, limit = "", time.monotonic() + seconds
        while not text.endswith(end):
            ready, _, _ = select.select([self.terminal], [], [], max(0, limit - time.monotonic()))
            assert ready, f"no {end!r} after {text!r}"
            try:
                data = os.read(self.terminal, 4096)
            except OSError:
                break
            if not data:
                break
            text += data.decode().replace("\r\n", "\n")
        return text

    def type(self, line, prompt=">>> "):
        """Return what the session says to a line, up to the next prompt."""
        os.write(self.terminal, f"{line}\n".encode())
        said = self.read_until(prompt)
        return said.removeprefix(f"{line}\n").removesuffix(prompt)

    def close(self):
        os.write(self.terminal, b"\x04")
        self.read_until("\0", seconds=10)
        os.close(self.terminal)
        return self.process.wait(30)


@pytest.fixture
def session(children, site):
    make_versioned(site, "demo", "1.0")
    make_versioned(site, "demo", "2.0")
    children.write("beside.py", "import demo version 1\n")
    session = Session(children)
    yield session
    if session.process.poll() is None:
        session.process.kill()
        session.process.wait()


def test_session(session):
    assert "with versioned imports" in session.read_until(">>> ")
    assert session.type("import demo version 1") == ""
    assert session.type("demo.VERSION") == "'1.0'\n"
    assert session.type("import beside; beside.demo is demo") == "True\n"
    assert session.type("if True:", prompt="... ") == ""
    assert session.type("    from demo version 1.0 import VERSION as v", prompt="... ") == ""
    assert session.type("") == ""
    assert session.type("v, __name__") == "('1.0', '__main__')\n"
    conflict = session.type("import demo version 2")
    assert "versioned_import.VersionConflictError: import demo version 2" in conflict
    refused = session.type("import demo version 9.9.9-tweak.2")
    assert "SyntaxError" in refused
    assert "9.9.9+tweak.2" in refused
    assert "ZeroDivisionError" in session.type("1 / 0")
    assert session.type("version = 3; version") == "3\n"
    assert session.close() == 0


def test_exit_status(session):
    session.read_until(">>> ")
    os.write(session.terminal, b"import sys; sys.exit(5)\n")
    session.read_until("\0", seconds=10)
    assert session.process.wait(30) == 5


def test_standard_input_from_elsewhere(children, site):
    make_versioned(site, "demo", "1.0")
    done = children.start("-m", "versioned_import", input="import demo version 1\nprint(demo.VERSION)\n")
    assert (done.stdout, done.stderr, done.returncode) == ("1.0\n", "", 0)
