"""What stands in the lock of a group, and what does not."""

import tomllib

import pytest
from packaging.pylock import Pylock

from versioned_import.install.engine import Planned
from versioned_import.install.group_locks import drop_superseded, lock_text, write_group_lock
from versioned_import.install.passwords import without_password
from versioned_import.metadata.group_locks import read_group_locks

WHEEL = {"url": "https://index.example/a-1.0-py3-none-any.whl", "archive_info": {"hashes": {"sha256": "ab" * 32}}}
OLD_WHEEL = {"url": "https://index.example/a-1.0-py3-none-any.whl", "archive_info": {"hash": f"sha256={'ab' * 32}"}}


def packages(*distributions, roots=("a",)):
    table = tomllib.loads(lock_text(roots, distributions))
    Pylock.from_dict(table)
    return table["packages"]


def one(**fields):
    return Planned(**{"name": "a", "version": "1.0", **fields})


@pytest.mark.parametrize("download", [WHEEL, OLD_WHEEL])
def test_a_wheel_has_its_file_and_hash(download):
    assert packages(one(download=download)) == [
        {
            "name": "a",
            "version": "1.0",
            "wheels": [{"name": "a-1.0-py3-none-any.whl", "url": WHEEL["url"], "hashes": {"sha256": "ab" * 32}}],
        }
    ]


def test_an_sdist():
    download = {"url": "https://index.example/a-1.0.tar.gz", "archive_info": {"hashes": {"sha256": "ab" * 32}}}
    (package,) = packages(one(download=download))
    assert package["sdist"]["name"] == "a-1.0.tar.gz"
    assert package["sdist"]["hashes"] == {"sha256": "ab" * 32}


def test_what_was_named_by_its_url():
    (package,) = packages(one(download=WHEEL, is_direct=True))
    assert package["archive"] == {"url": WHEEL["url"], "hashes": {"sha256": "ab" * 32}}


def test_a_commit():
    download = {"url": "https://index.example/a.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}
    (package,) = packages(one(download=download, is_direct=True))
    assert package["vcs"] == {"type": "git", "url": "https://index.example/a.git", "commit-id": "c0ffee"}


def test_a_directory():
    (package,) = packages(one(download={"url": "file:///somewhere/a", "dir_info": {}}, is_direct=True))
    assert package["directory"] == {"path": "/somewhere/a"}


def test_no_password_is_kept():
    download = {**WHEEL, "url": "https://me:secret@index.example/a-1.0-py3-none-any.whl"}
    text = lock_text(["a @ https://me:secret@index.example/a-1.0-py3-none-any.whl"], [one(download=download)])
    assert "secret" not in text
    assert text.count("https://index.example/a-1.0-py3-none-any.whl") == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a==1.0", "a==1.0"),
        ("https://u:p@index.example/x", "https://index.example/x"),
        ("https://${TOKEN}@index.example/x", "https://${TOKEN}@index.example/x"),
        ("git+ssh://git@index.example/x", "git+ssh://git@index.example/x"),
        ("a[x] @ https://u:p@index.example/x", "a[x] @ https://index.example/x"),
        ("https://[bad", "https://[bad"),
        ("a@https://u:p@s@index.example/x@y", "a@https://index.example/x@y"),
        (
            "see https://u:p@index.example/x and https://t@index.example/",
            "see https://index.example/x and https://index.example/",
        ),
        ("./a@b/c", "./a@b/c"),
    ],
)
def test_without_password(text, expected):
    assert without_password(text) == expected


def test_the_same_roots_in_any_order_have_one_lock(tmp_path):
    a, b = one(requested=True), one(name="b", version="2.0", requested=True)
    first = write_group_lock(str(tmp_path), ("b", "a"), [b, a])
    second = write_group_lock(str(tmp_path), ("a", "b"), [a, b])
    assert first == second
    (lock,) = read_group_locks(str(tmp_path))
    assert lock.roots == ("a", "b")
    assert lock.requested == {"a", "b"}
    assert lock.versions == {"a": "1.0", "b": "2.0"}
    assert str(lock) == "a, b"


class TestSuperseded:
    """The newest lock of the same roots in the same versions is the only one."""

    def write(self, site, roots, **versions):
        given = [one(name=name, version=version, requested=name in roots) for name, version in versions.items()]
        path = write_group_lock(str(site), roots, given)
        drop_superseded(str(site), path)
        return path

    def test_another_version_of_a_requirement(self, tmp_path):
        self.write(tmp_path, ("a",), a="1", b="1")
        second = self.write(tmp_path, ("a",), a="1", b="2")
        assert [lock.path for lock in read_group_locks(str(tmp_path))] == [second]

    def test_another_version_of_a_root_is_another_group(self, tmp_path):
        first = self.write(tmp_path, ("a",), a="1", b="1")
        second = self.write(tmp_path, ("a",), a="2", b="2")
        assert {lock.path for lock in read_group_locks(str(tmp_path))} == {first, second}

    def test_one_without_requirements_stands_for_none_with_them(self, tmp_path):
        first = self.write(tmp_path, ("a",), a="1", b="1")
        second = self.write(tmp_path, ("a",), a="1")
        assert {lock.path for lock in read_group_locks(str(tmp_path))} == {first, second}
