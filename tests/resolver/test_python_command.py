"""How an error names the interpreter that the command is for."""

import os
import sys

import pytest

from versioned_import.resolver.story import python_command


@pytest.fixture
def interpreter(tmp_path, monkeypatch):
    """Return a function that makes an interpreter and lets this process believe that it runs in it."""

    def make(name):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o755)
        monkeypatch.setattr(sys, "executable", str(path))
        return path

    return make


@pytest.mark.parametrize("name", ["python", "python3"])
def test_what_the_shell_finds(interpreter, monkeypatch, name):
    monkeypatch.setenv("PATH", str(interpreter(f"bin/{name}").parent))
    assert python_command() == name


def test_not_the_one_that_the_shell_finds(interpreter, monkeypatch, tmp_path):
    other = interpreter("other/python")
    path = interpreter("bin/python")
    path.unlink()
    path.symlink_to(other)
    monkeypatch.setenv("PATH", str(other.parent))
    assert python_command() == str(path)
    monkeypatch.chdir(tmp_path)
    assert python_command() == os.path.join("bin", "python")


def test_a_path_with_a_blank(interpreter, monkeypatch):
    monkeypatch.setenv("PATH", "")
    path = interpreter("my programs/bin/python")
    assert python_command() == f'"{path}"'
