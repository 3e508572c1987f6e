"""Files that a user names by `-o`: links stay links, modes stay, and devices and pipes are written to."""

import os
import subprocess
import sys
import threading

import pytest

from versioned_import.install.whole_files import is_by_itself, write_named, write_whole

SELF = "import sys; from versioned_import.install.whole_files import write_named;"


def run(code, **streams):
    """Run a program that writes to a file that the user names; return the finished process."""
    return subprocess.run([sys.executable, "-c", SELF + code], check=True, **streams)


def test_a_new_file_can_be_read_by_all(tmp_path):
    write_named(str(tmp_path / "new.txt"), "é\n")
    assert (tmp_path / "new.txt").read_bytes() == "é\n".encode()
    assert (tmp_path / "new.txt").stat().st_mode & 0o777 == 0o644


def test_a_link_stays_one_and_what_it_leads_to_keeps_its_mode(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "real.txt").chmod(0o600)
    (tmp_path / "link").symlink_to("real.txt")
    write_named(str(tmp_path / "link"), b"new")
    assert os.readlink(tmp_path / "link") == "real.txt"
    assert (tmp_path / "real.txt").read_text() == "new"
    assert (tmp_path / "real.txt").stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(tmp_path)) == ["link", "real.txt"]


def test_a_link_to_nothing_makes_what_it_leads_to(tmp_path):
    (tmp_path / "link").symlink_to("new.txt")
    write_named(str(tmp_path / "link"), "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "new.txt").read_text() == "new"


def test_links_in_a_circle_stay(tmp_path):
    (tmp_path / "link").symlink_to("link")
    with pytest.raises(OSError, match="symbolic links"):
        write_named(str(tmp_path / "link"), "new")
    assert os.listdir(tmp_path) == ["link"]
    assert (tmp_path / "link").is_symlink()


def test_a_directory_is_refused_and_stays(tmp_path):
    with pytest.raises(IsADirectoryError):
        write_named(str(tmp_path), "new")
    assert tmp_path.is_dir()


def test_who_reads_a_pipe_gets_it(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()), daemon=True)
    reader.start()
    write_named(str(pipe), "new")
    reader.join(10)
    assert got == ["new"]
    assert pipe.is_fifo()


def test_the_outputs_of_the_process_are_written_to_in_order(tmp_path):
    """By a link to them, since a defect here would replace the machine's own device."""
    (tmp_path / "out").symlink_to("/proc/self/fd/1")
    code = f"print(1); write_named({str(tmp_path / 'out')!r}, '2\\n'); print(3)"
    assert run(code, stdout=subprocess.PIPE).stdout == b"1\n2\n3\n"
    with open(tmp_path / "log", "w") as log:
        run(code, stdout=log)
    assert (tmp_path / "log").read_text() == "1\n2\n3\n"
    assert (tmp_path / "out").is_symlink()


def test_an_open_file_that_was_removed_is_written_to(tmp_path):
    with open(tmp_path / "gone", "w+") as file:
        os.unlink(tmp_path / "gone")
        write_named(f"/proc/self/fd/{file.fileno()}", "new")
        assert file.read() == "new"
    assert os.listdir(tmp_path) == []


def test_what_is_no_file_by_itself(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("")
    names = ("pipe", "file", "absent")
    assert [is_by_itself(str(tmp_path / name)) for name in names] == [False, True, True]
    assert not is_by_itself(os.devnull)


def test_our_own_files_take_the_place_of_a_link(tmp_path):
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "launcher").symlink_to("theirs")
    write_whole(str(tmp_path / "launcher"), "ours")
    assert (tmp_path / "theirs").read_text() == "theirs"
    assert not (tmp_path / "launcher").is_symlink()
