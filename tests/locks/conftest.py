"""The locks that the real tools wrote, and locks written for one test."""

import functools
import shutil
from pathlib import Path

import pytest

from versioned_import.locks.read import read_lock

DATA = Path(__file__).parents[1] / "data" / "locks"


@functools.cache
def read_sample(name):
    return read_lock(str(DATA / name))


@pytest.fixture
def sample():
    """Return a function that reads one of the samples, once."""
    return read_sample


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a file and reads it as lock."""

    def write(name, content, **others):
        for other, text in others.items():
            (tmp_path / other.replace("__", ".")).write_text(text)
        path = tmp_path / name
        path.write_bytes(content) if isinstance(content, bytes) else path.write_text(content)
        return read_lock(str(path))

    return write


@pytest.fixture
def copied(tmp_path):
    """Return a function that copies a sample's directory and returns the copy."""
    return lambda name: Path(shutil.copytree(DATA / name, tmp_path / name))


@pytest.fixture
def names():
    """Return a function that says what is chosen, as `name==version`."""

    def chosen(lock, groups=(), extras=(), default_groups=False, **environment):
        found = lock.chosen(groups, extras, default_groups, environment)
        return [f"{one.distribution}=={one.version}" if one.version else one.distribution for one in found]

    return chosen
