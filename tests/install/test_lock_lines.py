"""From a pylock.toml to the lines that make pip install exactly that."""

import pytest

from versioned_import.errors import InstallError
from versioned_import.install.kept import read_pylock
from versioned_import.install.lock_lines import lines_of

SHA = "0" * 64
WHEEL = f"""
[[packages.wheels]]
name = "demo-1.0-py3-none-any.whl"
url = "https://index.example/demo-1.0-py3-none-any.whl"
hashes = {{ sha256 = "{SHA}", md5 = "x" }}
"""


@pytest.fixture
def lines(tmp_path):
    def read(*packages, head=""):
        path = tmp_path / "pylock.toml"
        texts = "".join(f"[[packages]]\n{package}" for package in packages)
        path.write_text(f'lock-version = "1.0"\ncreated-by = "t"\n{head}{texts}')
        return lines_of(read_pylock(str(path)), str(path))

    return read


def test_a_file_of_an_index_with_every_hash_that_the_lock_has(lines):
    url = 'url = "https://index.example/demo-1.0.tar.gz"'
    sdist = f'[packages.sdist]\nname = "demo-1.0.tar.gz"\n{url}\nhashes.sha256 = "{"1" * 64}"\n'
    found = lines(f'name = "demo"\nversion = "1.0"\n{WHEEL}{sdist}')
    assert found.hashed == [f"demo==1.0 --hash=sha256:{SHA} --hash=sha256:{'1' * 64}"]
    assert (found.unhashed, list(found.places), found.versions) == ([], [], {"demo": "1.0"})


def test_local_files_say_where_to_look(lines, tmp_path):
    near = WHEEL.replace('url = "https://index.example/', 'path = "wheels/')
    far = WHEEL.replace("https://index.example/", "file:///far%20away/").replace("demo-1", "other-1")
    found = lines(f'name = "demo"\nversion = "1.0"\n{near}', f'name = "other"\nversion = "1.0"\n{far}')
    assert list(found.places) == [f"{tmp_path}/wheels", "/far away"]


def test_archives_keep_their_url_and_hash(lines):
    found = lines(
        f'name = "demo"\n[packages.archive]\nurl = "https://index.example/demo.zip"\nsubdirectory = "sub"\n'
        f'hashes = {{ sha256 = "{SHA}" }}\n'
    )
    assert found.hashed == [f"demo @ https://index.example/demo.zip#subdirectory=sub --hash=sha256:{SHA}"]
    assert found.versions == {}


def test_version_control_and_directories_have_no_hash(lines, tmp_path):
    found = lines(
        'name = "a"\n[packages.vcs]\ntype = "git"\nurl = "https://git.example/a"\ncommit-id = "abc"\n',
        'name = "b"\n[packages.directory]\npath = "b c"\nsubdirectory = "sub"\n',
    )
    assert found.unhashed == ["a @ git+https://git.example/a@abc", f"b @ file://{tmp_path}/b%20c#subdirectory=sub"]


def test_markers_of_the_lock_count(lines):
    assert lines(f'name = "demo"\nversion = "1.0"\nmarker = "python_version < \'3\'"\n{WHEEL}').hashed == []


def test_a_lock_of_another_python(lines, tmp_path):
    with pytest.raises(InstallError) as raised:
        lines(f'name = "demo"\nversion = "1.0"\n{WHEEL}', head='requires-python = "<3"\n')
    assert str(raised.value).startswith(f"{tmp_path}/pylock.toml: ")
    assert str(raised.value).endswith("\n  Lock the program again with this interpreter.")


def test_a_file_without_a_hash_that_pip_takes(lines, tmp_path):
    with pytest.raises(InstallError) as raised:
        lines(f'name = "demo"\nversion = "1.0"\n{WHEEL.replace("sha256", "sha1")}')
    assert str(raised.value) == f"{tmp_path}/pylock.toml: it has no version or no hash of demo that pip takes"
