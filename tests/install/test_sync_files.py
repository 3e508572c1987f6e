import pytest

from versioned_import.errors import InstallError
from versioned_import.install.sync_files import wanted
from versioned_import.locks.lock import Locked, LockedFile, Vcs

A, B = "a" * 64, "b" * 64


def wheel(name, **fields):
    return LockedFile(name=name, **{"url": f"https://files.index.example/{name}", "hashes": {"sha256": A}} | fields)


def line_of(**fields):
    (found,) = wanted(
        [Locked(**{"distribution": "one", "version": "1.0", "where": "packages[0]"} | fields)], "/shop/uv.lock"
    )
    return found.line


def test_a_wheel_with_a_url_is_asked_for_by_it():
    text = f"one @ https://files.index.example/one-1.0-py3-none-any.whl --hash=sha256:{A}"
    assert line_of(wheels=(wheel("one-1.0-py3-none-any.whl"),)) == text


def test_a_url_is_quoted():
    url = "https://files.index.example/a b/one-1.0%2Bcpu-py3-none-any.whl"
    text = "https://files.index.example/a%20b/one-1.0%2Bcpu-py3-none-any.whl"
    assert line_of(wheels=(wheel("one-1.0+cpu-py3-none-any.whl", url=url),)).split()[2] == text


def test_of_equal_tags_the_higher_build_number_wins():
    wheels = [wheel(f"one-1.0{build}-py3-none-any.whl") for build in ("-1", "-10", "", "-9")]
    assert "one-1.0-10-py3" in line_of(wheels=tuple(wheels))


def test_a_better_tag_wins_over_the_order_of_the_lock():
    assert "py3-none" in line_of(wheels=(wheel("one-1.0-py2.py3-none-any.whl"), wheel("one-1.0-py3-none-any.whl")))


def test_a_file_without_a_url_is_asked_for_by_version_and_hash():
    file = wheel("one-1.0-py3-none-any.whl", url="", hashes={"md5": "f" * 32, "sha256": A})
    assert line_of(wheels=(file,)) == f"one==1.0 --hash=sha256:{A}"


def test_hashes_that_no_file_is_named_for_are_all_given():
    assert line_of(hashes=(f"sha256:{A}", f"sha256:{B}")) == f"one==1.0 --hash=sha256:{A} --hash=sha256:{B}"


def test_checkouts_and_archives():
    vcs = Vcs(kind="git", url="https://code.index.example/one", commit="c" * 40, subdirectory="part")
    assert line_of(vcs=vcs) == f"one @ git+https://code.index.example/one@{'c' * 40}#subdirectory=part"
    archive = wheel("one.zip")
    text = f"one @ https://files.index.example/one.zip#subdirectory=part --hash=sha256:{A}"
    assert line_of(archive=archive, subdirectory="part") == text


def test_urls_do_not_count_where_the_user_says_where_to_look():
    locked = Locked(distribution="one", version="1.0", wheels=(wheel("one-1.0-py3-none-any.whl"),))
    (found,) = wanted([locked], "/shop/uv.lock", by_name=True)
    assert found.line == f"one==1.0 --hash=sha256:{A}"


def test_a_hash_that_proves_nothing_is_refused():
    with pytest.raises(InstallError) as caught:
        line_of(wheels=(wheel("one-1.0-py3-none-any.whl", hashes={"md5": "f" * 32}, where="packages[0].wheels[0]"),))
    assert str(caught.value) == (
        "/shop/uv.lock: packages[0].wheels[0]: of one it has only hashes of a kind that proves nothing (md5)\n"
        "  Lock again, with sha256."
    )


def test_a_local_file_that_is_not_there_is_refused(tmp_path):
    file = wheel(
        "one-1.0-py3-none-any.whl", url="", path=f"{tmp_path}/one-1.0-py3-none-any.whl", where="packages[0].wheels[0]"
    )
    with pytest.raises(InstallError) as caught:
        line_of(wheels=(file,))
    assert str(caught.value) == f"/shop/uv.lock: packages[0].wheels[0]: there is no file {file.path}"
