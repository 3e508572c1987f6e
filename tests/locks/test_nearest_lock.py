"""Which lock counts."""

import os

import pytest

from versioned_import.locks.nearest import lock_in, nearest_lock
from versioned_import.locks.read import read_lock

ORDER = ["pylock.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "requirements.txt"]
HASHED = f"a==1 --hash=sha256:{'a' * 64}\n"


def test_the_order_in_one_directory(tmp_path):
    for name in reversed(ORDER):
        (tmp_path / name).write_text(HASHED)
        assert lock_in(str(tmp_path)) == str(tmp_path / name)
        assert nearest_lock(str(tmp_path / "app.py")) == str(tmp_path / name)


def test_no_lock(tmp_path):
    (tmp_path / "uv.lock").mkdir()
    (tmp_path / "requirements.txt").write_text("")
    assert lock_in(str(tmp_path)) is None
    assert lock_in(str(tmp_path / "gone")) is None


@pytest.mark.parametrize(
    ("text", "named", "above"),
    [
        (HASHED, True, True),
        ("a==1\n", True, False),
        (HASHED + "-e .\n", False, False),
        ("a>=1\n", False, False),
        ("--moon\n", False, False),
    ],
)
def test_a_requirements_file_that_is_found_has_to_carry_hashes(tmp_path, text, named, above):
    path = tmp_path / "requirements.txt"
    path.write_text(text)
    assert (lock_in(str(tmp_path)) == str(path), nearest_lock(str(tmp_path / "app.py")) == str(path)) == (named, above)


def test_the_nearest_above_the_script_and_never_the_current_directory(tmp_path, monkeypatch):
    inner = tmp_path / "project" / "deep" / "er"
    inner.mkdir(parents=True)
    (tmp_path / "uv.lock").touch()
    (tmp_path / "project" / "pdm.lock").touch()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "uv.lock").touch()
    monkeypatch.chdir(elsewhere)
    assert nearest_lock(str(inner / "app.py")) == str(tmp_path / "project" / "pdm.lock")
    assert nearest_lock(str(inner)) == str(tmp_path / "project" / "pdm.lock")


def test_links_to_the_script_are_followed(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "uv.lock").touch()
    (tmp_path / "project" / "app.py").touch()
    (tmp_path / "bin").mkdir()
    os.symlink(tmp_path / "project" / "app.py", tmp_path / "bin" / "app")
    assert nearest_lock(str(tmp_path / "bin" / "app")) == str(tmp_path / "project" / "uv.lock")


def test_another_tool_s_lock_beside_is_told(copied):
    copy = copied("uv")
    assert read_lock(str(copy / "uv.lock")).warnings == ()
    (copy / "poetry.lock").touch()
    (copy / "pylock.toml").touch()
    lock = read_lock(str(copy / "uv.lock"))
    assert lock.warnings == (f"{lock.path} is taken; {copy} has poetry.lock too",)
