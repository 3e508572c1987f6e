"""What can be wrong with any lock file; and locks cut anywhere."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from versioned_import.errors import LockError
from versioned_import.locks.lock import AGAIN
from versioned_import.locks.read import read_lock

SAMPLES = {
    "uv.lock": "uv/uv.lock",
    "poetry.lock": "poetry/poetry.lock",
    "pdm.lock": "pdm/pdm.lock",
    "Pipfile.lock": "pipenv/Pipfile.lock",
    "pylock.toml": "pdm/pylock.toml",
    "requirements.txt": "pip-tools/requirements.txt",
}
every = pytest.mark.parametrize("name", SAMPLES)


@every
class TestEveryFormat:
    def test_an_empty_file(self, written, tmp_path, name):
        for content in (b"", b" \n", b"\xef\xbb\xbf"):
            if content == b"\xef\xbb\xbf" and name == "requirements.txt":
                continue
            with pytest.raises(LockError) as caught:
                written(name, content)
            assert caught.value.request.startswith(str(tmp_path / name))
            assert caught.value.advice.endswith(AGAIN[name])

    def test_not_utf_8(self, written, tmp_path, name):
        with pytest.raises(LockError) as caught:
            written(name, b"# one\n# \xff\n")
        assert str(caught.value) == (
            f"{tmp_path}/{name}: line 2: the file is not UTF-8: invalid start byte\n  {AGAIN[name]}"
        )

    def test_no_file_and_a_directory(self, tmp_path, name):
        path = tmp_path / name
        with pytest.raises(LockError, match="the file can't be read: No such file or directory"):
            read_lock(str(path))
        path.mkdir()
        with pytest.raises(LockError, match="the file can't be read: Is a directory"):
            read_lock(str(path))

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_no_permission(self, written, tmp_path, name):
        (tmp_path / name).touch(mode=0)
        with pytest.raises(LockError, match="the file can't be read: Permission denied"):
            read_lock(str(tmp_path / name))

    def test_carriage_returns_and_a_byte_order_mark_change_nothing(self, written, sample, names, name):
        lock = sample(SAMPLES[name])
        with open(lock.path, "rb") as file:
            content = file.read()
        for changed in (content.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + content):
            assert names(written(name, changed)) == names(lock)

    def test_nested_too_deeply(self, written, name):
        with pytest.raises(LockError):
            written(name, "a = " + "[" * 50000)

    @pytest.mark.property
    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(data=st.data())
    def test_cut_anywhere_it_is_refused_or_names_nothing_else(self, written, sample, name, data):
        whole = sample(SAMPLES[name])
        with open(whole.path, "rb") as file:
            content = file.read()
        end = data.draw(st.integers(0, len(content)))
        known = {(one.distribution, one.version) for one in whole.packages}
        try:
            lock = written(name, content[:end])
        except LockError:
            return
        # Cut between two entries, the text of most formats is a whole lock: what it has is right, if not all.
        assert {(one.distribution, one.version) for one in lock.packages} <= known
        if name in ("uv.lock", "Pipfile.lock", "poetry.lock"):
            assert lock.chosen() == tuple(one for one in lock.chosen() if one in whole.packages)


def test_names_that_are_none_of_a_lock(tmp_path):
    with pytest.raises(LockError) as caught:
        read_lock(str(tmp_path / "setup.py"))
    assert str(caught.value) == (
        f"{tmp_path}/setup.py: its name is not that of a lock file\n  Known are pylock.toml, pylock.NAME.toml,"
        " uv.lock, poetry.lock, pdm.lock, Pipfile.lock, requirements files (*.txt)."
    )


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('version = "3.20"', 'version = "x"', "package[4].version: 'x' is no version"),
        ('name = "idna"\nversion', "name = 3\nversion", "package[4].name: it must be a text, not a whole number"),
        ('name = "idna"\nversion', 'name = "-"\nversion', "package[4].name: '-' is no name of a distribution"),
        ('name = "idna"\nversion = "3.20"', 'version = "3.20"', "package[4].name: it is missing"),
        ("sha256:ab7ae7", "sha257:ab7ae7", "hash: the hash algorithm 'sha257' is not known"),
        ("idna-3.20-py3-none-any.whl", "..%2Fidna-3.20.whl", "'../idna-3.20.whl' is no name of a file"),
        ("idna-3.20-py3-none-any.whl", "idna-3.19-py3-none-any.whl", "is not of version 3.20"),
        ("marker = \"sys_platform != 'win32'\"", 'marker = "moon"', "dependencies[0].marker: the marker can't be"),
        ('requires-python = ">=3.10"', 'requires-python = ">=x"', "requires-python: '>=x' is no version specifier"),
        ("version = 1\n", "version = true\n", "version: it must be a whole number, not true or false"),
    ],
)
def test_what_is_wrong_in_a_uv_lock_is_said_with_its_place(written, sample, old, new, place):
    with open(sample("uv/uv.lock").path) as file:
        text = file.read()
    assert old in text
    with pytest.raises(LockError) as caught:
        written("uv.lock", text.replace(old, new, 1))
    assert place in str(caught.value)
    assert caught.value.advice.endswith("Lock again: uv lock")
