"""From the lock that uv makes to what all engines tell of a distribution."""

import sys

import pytest

from versioned_import.engines.uv_lock import planned, read_lock, write_lock
from versioned_import.errors import InstallError
from versioned_import.install.requirements import root

HEAD = 'lock-version = "1.0"\ncreated-by = "uv"\n'
TAG = f"cp{sys.version_info[0]}{sys.version_info[1]}"
FILES = f"""
[[packages]]
name = "some-name"
version = "1.0"
sdist = {{ url = "https://index.example/some_name-1.0.tar.gz", hashes = {{ sha256 = "aa" }} }}
wheels = [
    {{ url = "https://index.example/some_name-1.0-py3-none-any.whl", hashes = {{ sha256 = "bb" }} }},
    {{ url = "https://index.example/some_name-1.0-cp27-cp27m-win32.whl", hashes = {{ sha256 = "cc" }} }},
    {{ url = "https://index.example/some_name-1.0-{TAG}-none-any.whl", hashes = {{ sha256 = "dd" }} }},
]
"""


@pytest.fixture
def lock(tmp_path):
    """Return a function that writes a lock and returns its path."""

    def lock(text):
        path = tmp_path / "pylock.toml"
        path.write_text(HEAD + text)
        return str(path)

    return lock


def told(lock, text, *roots, **versions):
    path = lock(text)
    (package,) = read_lock(path)
    one = planned(package, tuple(map(root, roots)), path.rpartition("/")[0], {"some-name": "9", **versions})
    return one.version, one.requested, one.is_direct, one.download


def test_the_file_that_fits_best_is_taken(lock):
    assert told(lock, FILES, "Some.Name<2") == (
        "1.0",
        True,
        False,
        {
            "url": f"https://index.example/some_name-1.0-{TAG}-none-any.whl",
            "archive_info": {"hashes": {"sha256": "dd"}},
        },
    )
    assert told(lock, FILES, "other")[1] is False


def test_where_no_wheel_fits_the_source_is_taken(lock):
    sdist = FILES.partition("wheels")[0]
    assert told(lock, sdist)[3]["url"] == "https://index.example/some_name-1.0.tar.gz"


def test_a_narrower_lock_holds_nothing_else(lock, tmp_path):
    path = lock(FILES)
    write_lock(str(tmp_path / "pylock.1.toml"), read_lock(path), path)
    text = (tmp_path / "pylock.1.toml").read_text()
    assert (text.count("url ="), "sdist" in text) == (1, False)


@pytest.mark.parametrize(
    ("source", "asked", "download"),
    [
        (
            'archive = { url = "https://me:secret@index.example/a.whl", hashes = { sha256 = "aa" } }',
            "https://me:secret@index.example/a.whl",
            {"url": "https://index.example/a.whl", "archive_info": {"hashes": {"sha256": "aa"}}},
        ),
        (
            'vcs = { type = "git", url = "https://index.example/a.git", requested-revision = "v1", commit-id = "abc" }',
            "git+https://index.example/a.git@v1#egg=some-name",
            {
                "url": "https://index.example/a.git",
                "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "v1"},
            },
        ),
    ],
)
def test_direct_urls(lock, source, asked, download):
    text = f'[[packages]]\nname = "some-name"\nversion = "1.0"\n{source}\n'
    assert told(lock, text, asked) == ("1.0", True, True, download)
    assert told(lock, text, "https://index.example/other")[1] is False


def test_a_directory_has_no_version_before_it_is_built(lock, tmp_path):
    text = '[[packages]]\nname = "some-name"\ndirectory = { path = "project" }\n'
    place = tmp_path / "project"
    assert told(lock, text, f"{place}[extra]") == ("9", True, True, {"url": place.as_uri(), "dir_info": {}})


class TestHashes:
    """Only files with a hash that the requirements give are taken."""

    def test_another_file_than_the_best(self, lock):
        group = (root("some-name==1.0 --hash=sha256:BB --hash=sha256:99"),)
        (package,) = read_lock(lock(FILES), hashes_of=group)
        assert [wheel.hashes for wheel in package.wheels] == [{"sha256": "bb"}]

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("some-name==1.0 --hash=sha256:99", "none of its files has a hash that the requirements give"),
            ("some-name==1.0", "hashes are required, and no requirement gives one for it"),
            ("other==1.0 --hash=sha256:bb", "hashes are required, and no requirement gives one for it"),
        ],
    )
    def test_none(self, lock, line, reason):
        with pytest.raises(InstallError) as caught:
            read_lock(lock(FILES), hashes_of=(root(line),))
        assert (caught.value.request, caught.value.reason) == ("some-name 1.0", reason)


@pytest.mark.parametrize("text", ["[[packages]]\n", "nonsense", f"{FILES}{FILES}"])
def test_a_lock_that_can_not_be_used(lock, text):
    with pytest.raises(InstallError, match="its lock can't be used"):
        read_lock(lock(text))
