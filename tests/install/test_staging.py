import os
import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

from versioned_import.errors import InstallError
from versioned_import.install.engine import Planned, Staged
from versioned_import.install.staging import check_found, check_free, land, staging, sweep


def left(site):
    return os.listdir(site / ".versioned_import")


def staged(directory, text="new"):
    path = directory / "ready"
    path.mkdir()
    (path / "file").write_text(text)
    return Staged(name="a", version="1", path=str(path))


def test_it_is_inside_the_site_directory_and_gone_afterwards(tmp_path):
    site = tmp_path / "not" / "yet"
    with staging(str(site)) as directory:
        assert os.path.dirname(directory) == str(site / ".versioned_import")
        assert os.listdir(directory) == []
    assert left(site) == []


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_it_is_gone_after_any_failure(tmp_path, error):
    def fail():
        with staging(str(tmp_path)) as directory:
            os.mkdir(os.path.join(directory, "half"))
            raise error

    with pytest.raises(error):
        fail()
    assert left(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_the_status_of_the_signal(tmp_path, number):
    def wait_for_the_signal():
        with staging(str(tmp_path)):
            os.kill(os.getpid(), number)
            time.sleep(5)

    with pytest.raises(SystemExit) as caught:
        wait_for_the_signal()
    assert caught.value.code == 128 + number
    assert left(tmp_path) == []
    assert signal.getsignal(number) == signal.SIG_DFL


def test_an_ignored_signal_stays_ignored(tmp_path):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with staging(str(tmp_path)):
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_it_works_outside_the_main_thread(tmp_path):
    seen = []

    def work():
        with staging(str(tmp_path)) as directory:
            seen.append(directory)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(seen) == 1


def test_what_a_killed_installation_left_is_swept_and_a_running_one_is_not(tmp_path):
    parent = tmp_path / ".versioned_import"
    (parent / "stage-killed" / "inner").mkdir(parents=True)
    (parent / "catalogue-old").mkdir()
    with staging(str(tmp_path)) as running:
        with staging(str(tmp_path)) as another:
            assert sorted(path.name for path in parent.iterdir() if path.is_dir()) == sorted(
                ["catalogue-old", Path(running).name, Path(another).name]
            )
        assert Path(running).is_dir()
    assert left(tmp_path) == ["catalogue-old"]


def test_a_lock_without_a_directory_is_swept_unless_it_is_held(tmp_path):
    parent = tmp_path / ".versioned_import"
    parent.mkdir()
    (parent / "stage-killed.lock").touch()
    with FileLock(parent / "stage-begins.lock"), staging(str(tmp_path)):
        assert sorted(name for name in left(tmp_path) if len(name) < 20) == ["stage-begins.lock"]
    with staging(str(tmp_path)):
        pass
    assert left(tmp_path) == []


def test_stages_made_and_swept_at_once_are_never_taken_away(tmp_path):
    def stage(_):
        with staging(str(tmp_path)) as directory:
            Path(directory, "inside").touch()
            sweep(str(tmp_path / ".versioned_import"))
            return Path(directory, "inside").exists()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(stage, range(200)))
    assert left(tmp_path) == []


def test_a_site_directory_that_can_not_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InstallError, match="the staging directory can't be made"), staging(str(tmp_path / "file")):
        pass


class TestLand:
    """An install is all or nothing for each distribution and safe against others running at once."""

    def test_the_staged_directory_is_renamed(self, tmp_path):
        assert land(str(tmp_path), staged(tmp_path)) is True
        assert (tmp_path / "a-1" / "file").read_text() == "new"

    def test_what_is_there_already_stays(self, tmp_path):
        (tmp_path / "a-1").mkdir()
        (tmp_path / "a-1" / "file").write_text("old")
        assert land(str(tmp_path), staged(tmp_path)) is False
        assert (tmp_path / "a-1" / "file").read_text() == "old"

    def test_an_empty_directory_is_replaced(self, tmp_path):
        (tmp_path / "a-1").mkdir()
        assert land(str(tmp_path), staged(tmp_path)) is True

    def test_a_file_in_the_way_is_an_error(self, tmp_path):
        (tmp_path / "a-1").write_text("")
        with pytest.raises(InstallError, match="a 1: it can't be renamed into"):
            land(str(tmp_path), staged(tmp_path))


class TestCheckFree:
    def test_nothing_and_versioned_directories_and_empty_ones_are_fine(self, tmp_path):
        (tmp_path / "a-1" / "a-1.dist-info").mkdir(parents=True)
        (tmp_path / "a-2").mkdir()
        for name in ("a-1", "a-2", "a-3"):
            check_free(str(tmp_path), name)

    def test_something_else_is_an_error(self, tmp_path):
        (tmp_path / "a-1" / "other").mkdir(parents=True)
        (tmp_path / "a-2").write_text("")
        with pytest.raises(InstallError, match=r"is in the way and holds no \.dist-info\n  Move it away"):
            check_free(str(tmp_path), "a-1")
        with pytest.raises(InstallError, match="is in the way: Not a directory"):
            check_free(str(tmp_path), "a-2")

    def test_a_link_that_leads_nowhere_is_an_error(self, tmp_path):
        (tmp_path / "a-1").symlink_to(tmp_path / "nowhere")
        with pytest.raises(InstallError) as caught:
            check_free(str(tmp_path), "a-1")
        assert str(caught.value) == (
            f"a-1: {tmp_path / 'a-1'} is in the way: a link that leads nowhere\n  Move it away."
        )


class TestCheckFound:
    def test_what_no_import_would_find_is_an_error(self, tmp_path):
        for name in ("a", "b"):
            info = tmp_path / "a-1" / f"{name}-1.dist-info"
            info.mkdir(parents=True)
            (info / "METADATA").write_text(f"Name: {name}\nVersion: 1\n")
        with pytest.raises(InstallError) as caught:
            check_found(str(tmp_path), Planned(name="a", version="1"))
        assert str(caught.value) == (
            "a 1: what it unpacks to holds 2 .dist-info directories\n  Ask for another release."
        )
        shutil.rmtree(tmp_path / "a-1" / "b-1.dist-info")
        check_found(str(tmp_path), Planned(name="a", version="1"))
