"""`export --venv` and what stands at its place and beside it: only what an export has made is ever removed."""

import errno
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from made import make_versioned, write

from versioned_import.errors import InstallError
from versioned_import.exports.replacing import MARK, put_in_place, staging_beside
from versioned_import.exports.virtual_environment import make_environment

LEFT = ".env.export-0123456789ab"
TAKEN = "something else is there already, which no export has made"


@pytest.fixture
def place(tmp_path):
    (tmp_path / "work").mkdir()
    return tmp_path / "work" / "env"


def replace(place, made="new"):
    """Let a directory with a mark take a place, as an export does."""
    with staging_beside(str(place)) as staging:
        new = os.path.join(staging, "new")
        os.mkdir(new)
        for name in (MARK, made):
            with open(os.path.join(new, name), "w", encoding="utf-8"):
                pass
        put_in_place(staging, new, str(place))


@pytest.fixture
def around_rename(monkeypatch):
    """Return a function that has something called before or after each rename to a path of some name."""
    rename = os.rename

    def watch(name, *, before=None, after=None):
        def watched(source, target):
            mine = os.path.basename(target) == name
            if mine and before:
                before()
            rename(source, target)
            if mine and after:
                after()

        monkeypatch.setattr(os, "rename", watched)

    return watch


class TestBeside:
    @pytest.mark.parametrize(
        "name", [".env.export-old", LEFT, f"{LEFT}cd", LEFT.upper(), f"{LEFT}.lock.kept", ".env2.export-0123456789ab"]
    )
    def test_a_directory_that_only_has_such_a_name_stays(self, place, name):
        precious = write(place.parent / name / "precious.txt", "precious")
        make_environment(str(place), [], {})
        assert precious.read_text() == "precious"
        assert sorted(os.listdir(place.parent)) == sorted([name, "env"])

    @pytest.mark.parametrize("text", ["mine", None])
    def test_a_lock_file_that_is_none_stays_with_its_directory(self, place, text):
        precious = write(place.parent / LEFT / "precious.txt", "precious")
        lock = place.parent / f"{LEFT}.lock"
        lock.mkdir() if text is None else lock.write_text(text)
        make_environment(str(place), [], {})
        assert precious.read_text() == "precious"
        assert lock.exists()

    @pytest.mark.parametrize("sign", [f"{LEFT}/{MARK}", f"{LEFT}.lock"])
    def test_what_a_killed_export_left_goes(self, place, sign):
        write(place.parent / LEFT / "new" / "half", "")
        write(place.parent / LEFT / "old-0" / MARK, "")
        write(place.parent / sign, "")
        make_environment(str(place), [], {})
        assert os.listdir(place.parent) == ["env"]

    def test_what_a_killed_export_took_away_from_others_stays(self, place):
        write(place.parent / LEFT / MARK, "")
        thesis = write(place.parent / LEFT / "old-0" / "thesis.txt", "mine")
        make_environment(str(place), [], {})
        assert thesis.read_text() == "mine"

    def test_a_directory_in_use_stays(self, place):
        with staging_beside(str(place)) as staging:
            replace(place)
            assert os.path.isdir(staging)
        assert os.listdir(place.parent) == ["env"]


class TestWhatCameMeanwhile:
    @pytest.mark.skipif(os.name == "nt", reason="there are no named pipes")
    def test_a_directory_that_somebody_fills_while_the_export_works_stays(self, children, site):
        scripts = make_versioned(site, "tool", "1.0", {"tool.py": "", "tool-1.0.data/scripts/shell": ""})
        pipe = scripts / "tool-1.0.data" / "scripts" / "wait"
        os.mkfifo(pipe)
        lock = write(children.program / "requirements.txt", "tool==1.0\n")
        place = children.program / "env"
        with ThreadPoolExecutor(1) as pool:
            words = ("-m", "versioned_import", "export", "--project", lock, "--venv", place)
            running = pool.submit(children.start, *words)
            writing = opened(pipe, running)
            # The export reads the script now; it goes on when that ends.
            write(place / "thesis.txt", "mine")
            os.close(writing)
            done = running.result()
        advice = "Name another directory, or remove this one."
        assert (done.returncode, done.stderr) == (1, f"error: {place}: {TAKEN}\n  {advice}\n")
        assert (place / "thesis.txt").read_text() == "mine"
        assert sorted(os.listdir(children.program)) == ["env", "requirements.txt"]

    @pytest.mark.parametrize("kind", ["directory", "file", "link"])
    def test_whatever_it_is_goes_back(self, place, kind):
        other = place.parent / "other"
        write(other / MARK, "")
        if kind == "directory":
            write(place / "thesis.txt", "mine")
        elif kind == "file":
            place.write_text("mine")
        else:
            place.symlink_to(other)
        with pytest.raises(InstallError) as caught:
            replace(place)
        assert caught.value.reason == TAKEN
        assert sorted(os.listdir(place.parent)) == ["env", "other"]
        assert place.is_symlink() == (kind == "link")
        if kind != "link":
            assert (place if kind == "file" else place / "thesis.txt").read_text() == "mine"

    @pytest.mark.parametrize("kind", ["directory", "file"])
    def test_what_cannot_go_back_stays_where_it_is_and_the_next_export_leaves_it(self, place, around_rename, kind):
        def come():
            write(place / "second.txt", "second") if kind == "directory" else place.write_text("second")

        write(place / "thesis.txt", "mine") if kind == "directory" else place.write_text("mine")
        around_rename("old-0", after=come)
        with pytest.raises(InstallError) as caught:
            replace(place)
        reason, _, where = caught.value.reason.rpartition(" ")
        assert reason == "something else came there meanwhile, and what stood there is in"
        thesis, second = (where, place) if kind == "file" else (f"{where}/thesis.txt", place / "second.txt")
        assert [read(path) for path in (thesis, second)] == ["mine", "second"]
        os.rename(place, place.parent / "away")
        replace(place)
        assert read(thesis) == "mine"

    def test_what_comes_between_the_renames_stays(self, place, around_rename):
        replace(place)
        around_rename("old-0", after=lambda: write(place / "thesis.txt", "mine"))
        with pytest.raises(InstallError) as caught:
            replace(place)
        assert caught.value.reason == TAKEN
        assert read(place / "thesis.txt") == "mine"

    def test_an_empty_directory_is_free(self, place):
        place.mkdir()
        replace(place)
        assert sorted(os.listdir(place)) == ["new", MARK]


class TestInterruptions:
    @pytest.mark.parametrize("at", [{"name": "env", "when": "before"}, {"name": "old-0", "when": "after"}])
    def test_between_the_renames_the_old_environment_comes_back(self, place, around_rename, at):
        replace(place, "first")
        once = iter([True])
        around_rename(at["name"], **{at["when"]: lambda: next(once, False) and signal.raise_signal(signal.SIGINT)})
        with pytest.raises(KeyboardInterrupt):
            replace(place, "second")
        assert sorted(os.listdir(place)) == ["first", MARK]
        assert os.listdir(place.parent) == ["env"]

    def test_after_them_the_new_one_stays(self, place, around_rename):
        replace(place, "first")
        around_rename("env", after=lambda: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            replace(place, "second")
        assert sorted(os.listdir(place)) == ["second", MARK]
        assert os.listdir(place.parent) == ["env"]

    def test_an_error_of_the_disk_brings_it_back_as_well(self, place, around_rename):
        errors = [OSError(errno.ENOSPC, "No space left on device")]

        def fail_once():
            if errors:
                raise errors.pop()

        replace(place, "first")
        around_rename("env", before=fail_once)
        with pytest.raises(OSError, match="No space left"):
            replace(place, "second")
        assert sorted(os.listdir(place)) == ["first", MARK]


def opened(pipe, running):
    """Return a named pipe for writing, as soon as somebody reads from it."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > deadline:
                raise
            assert not running.done(), running.result()
            time.sleep(0.01)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()
