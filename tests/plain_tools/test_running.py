"""Running a tool: what it prints comes whole, however slowly it is read."""

import subprocess
import sys

import pytest

from versioned_import.plain_tools.running import run_tool

CHILD = """
import sys
from versioned_import.plain_tools import running
running._PATIENCE = 0.1
tool = [sys.executable, "-c", "import sys; sys.stdout.write(('x' * 99 + chr(10)) * 3000); sys.exit(3)"]
sys.exit(running.run_tool(tool, ".", {}, lambda line: line))
"""


def test_slow_reader_gets_all():
    with subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE) as child:
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(timeout=1.5)  # the pipe is full
        assert len(child.stdout.read()) == 300_000
    assert child.returncode == 3


def test_output_that_cannot_be_written_is_an_error():
    with subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.close()
        assert child.stderr.read().endswith(b"BrokenPipeError: [Errno 32] Broken pipe\n")


def test_lines_that_are_held_back(tmp_path):
    held = []
    tool = [sys.executable, "-c", "print('a'); print('b')"]
    assert run_tool(tool, str(tmp_path), {}, str.upper, held) == 0
    assert [line.rstrip() for line in held] == ["A", "B"]
