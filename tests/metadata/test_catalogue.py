"""The catalogue of a site directory: a cache that is never trusted over the disk (D6)."""

import os
import sys
import time

import pytest
from made import make_flat, make_versioned, one_package, remove, settle, write

from versioned_import.metadata import catalogue as catalogues
from versioned_import.metadata.catalogue import forget, is_settled, open_catalogue, refresh
from versioned_import.metadata.places import OWN_DIRECTORY, cache_directory
from versioned_import.metadata.store import Store, catalogue_files

pytestmark = pytest.mark.usefixtures("process")


def versions(site, name="demo"):
    return sorted(candidate.version for candidate in open_catalogue(str(site)).by_name(name))


def by_distribution(site, name="demo"):
    return sorted(candidate.version for candidate in open_catalogue(str(site)).by_distribution(name))


def stored(site):
    """Return the path of the one catalogue file there is for a site directory."""
    (path,) = [path for path in catalogue_files(str(site)) if os.path.exists(path)]
    return path


class TestContents:
    """Import name to candidates, by name, by namespace and by distribution."""

    def test_every_key(self, site):
        make_versioned(site, "demo", "1.0")
        make_flat(site, "demo", "2.0")
        make_versioned(site, "google-thing", "3", {"google/thing/__init__.py": ""})
        catalogue = open_catalogue(str(site))
        assert versions(site) == ["1.0", "2.0"]
        assert [one.distribution for one in catalogue.by_name("google.thing")] == ["google-thing"]
        assert catalogue.by_name("google") == []
        assert [one.distribution for one in catalogue.filed("t:google")] == ["google-thing"]
        assert [one.version for one in catalogue.by_distribution("google-thing")] == ["3"]
        assert len(catalogue.everything()) == 3

    def test_damaged_directories_are_named(self, site):
        write(site / "foo-1.0" / "foo.py", "")
        make_versioned(site, "foo", "1.1", entry="foo-1.2")
        catalogue = open_catalogue(str(site))
        assert catalogue.by_name("foo") == catalogue.everything() == []
        assert sorted(catalogue.passed_over("foo")) == [
            ("foo-1.0", "holds no .dist-info"),
            ("foo-1.2", "is called foo-1.2, but its metadata says foo 1.1"),
        ]

    @pytest.mark.parametrize("entry", ["tab\there-1.0", "-1.0", "line\nbreak-1.0", "sp ace-1.0", "dé-1.0"])
    def test_odd_directory_names_harm_nobody(self, site, entry):
        (site / entry).mkdir()
        make_versioned(site, "demo", "1.0")
        for _ in range(2):
            assert versions(site) == ["1.0"]
            assert open_catalogue(str(site)).passed_over("") in ([], [("-1.0", "holds no .dist-info")])
            settle(site)
            forget()

    def test_undecodable_directory_name(self, site):
        os.mkdir(os.path.join(os.fsencode(site), b"caf\xe9-1.0"))
        make_versioned(site, "demo", "1.0")
        assert versions(site) == ["1.0"]

    def test_missing_site_directory(self, site):
        assert open_catalogue(str(site / "absent")) is None
        assert open_catalogue(str(site) + "\0") is None

    def test_file_in_the_place_of_the_site_directory(self, site):
        assert open_catalogue(str(write(site / "file", ""))).everything() == []

    def test_thousand_names_are_each_found(self, site):
        for number in range(200):
            make_versioned(site, f"demo{number}", "1.0")
        settle(site)
        open_catalogue(str(site))
        forget()
        assert all(versions(site, f"demo{number}") == ["1.0"] for number in range(200))


class TestStaleness:
    """Checked against the directory, rebuilt when stale."""

    def test_a_new_version_is_seen_at_once(self, site):
        make_versioned(site, "demo", "1.0")
        assert versions(site) == ["1.0"]
        make_versioned(site, "demo", "1.1")
        assert versions(site) == ["1.0", "1.1"]

    def test_a_removed_version_is_gone_at_once(self, site):
        make_versioned(site, "demo", "1.0")
        gone = make_versioned(site, "demo", "1.1")
        settle(site)
        assert versions(site) == ["1.0", "1.1"]
        remove(gone)
        assert versions(site) == ["1.0"]

    def test_a_change_within_the_clock_s_step_is_seen(self, site):
        make_versioned(site, "demo", "1.0")
        now = time.time_ns()
        os.utime(site, ns=(now, now))
        assert versions(site) == ["1.0"]
        make_versioned(site, "demo", "1.1")
        os.utime(site, ns=(now, now))
        assert versions(site) == ["1.0", "1.1"]
        forget()
        assert versions(site) == ["1.0", "1.1"]

    def test_another_process_reads_the_file(self, site, monkeypatch):
        make_versioned(site, "demo", "1.0")
        settle(site)
        assert versions(site) == ["1.0"]
        assert is_settled(str(site))
        forget()
        monkeypatch.setattr(os, "scandir", None)
        assert versions(site) == ["1.0"]

    def test_unchanged_directories_are_not_read_again(self, site, monkeypatch):
        make_versioned(site, "demo", "1.0")
        open_catalogue(str(site))
        make_versioned(site, "demo", "1.1")
        forget()
        reads = []
        from versioned_import.metadata import build

        read = build.read_versioned
        monkeypatch.setattr(build, "read_versioned", lambda *values: reads.append(values[1]) or read(*values))
        assert versions(site) == ["1.0", "1.1"]
        assert reads == ["demo-1.1"]

    def test_a_newer_file_of_another_layout_is_not_mixed_with_the_old_one(self, site):
        make_versioned(site, "demo", "1.0")
        settle(site)
        open_catalogue(str(site))
        forget()
        opened = open_catalogue(str(site))
        for number in range(30):
            make_versioned(site, f"demo{number}", "1.0")
        settle(site, seconds=30)
        refresh(str(site))
        assert [one.version for one in opened.by_name("demo")] == ["1.0"]
        assert [one.version for one in opened.by_name("demo29")] == ["1.0"]

    def test_cache_that_is_deleted_while_it_is_open(self, site):
        make_versioned(site, "demo", "1.0")
        settle(site)
        open_catalogue(str(site))
        forget()
        opened = open_catalogue(str(site))
        os.unlink(stored(site))
        assert [one.version for one in opened.by_name("demo")] == ["1.0"]
        assert [one.version for one in opened.everything()] == ["1.0"]


class TestWhereItStands:
    """Made by the installer; kept in the user's cache directory when the site directory can't be written."""

    def test_in_the_installers_own_directory(self, site):
        make_versioned(site, "demo", "1.0")
        (site / OWN_DIRECTORY).mkdir()
        refresh(str(site))
        assert stored(site) == str(site / OWN_DIRECTORY / "catalogue")

    def test_in_the_cache_directory(self, site):
        make_versioned(site, "demo", "1.0")
        open_catalogue(str(site))
        assert stored(site).startswith(cache_directory())

    def test_site_directories_of_one_name_have_files_of_their_own(self, tmp_path):
        for number in (1, 2):
            make_versioned(tmp_path / str(number) / "site", "demo", f"{number}.0")
            settle(tmp_path / str(number) / "site")
            open_catalogue(str(tmp_path / str(number) / "site"))
        forget()
        assert [versions(tmp_path / str(number) / "site") for number in (1, 2)] == [["1.0"], ["2.0"]]

    @pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="they have their own places")
    def test_a_relative_place_is_none(self, monkeypatch, tmp_path):
        """XDG Base Directory Specification: "All paths set in these environment variables must be absolute"."""
        monkeypatch.delenv("VERSIONED_IMPORT_CACHE_DIR", raising=False)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        assert cache_directory() == str(tmp_path / ".cache" / "versioned_import")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
        assert cache_directory() == str(tmp_path / "own" / "versioned_import")

    def test_file_in_the_place_of_the_cache_directory(self, site, tmp_path, monkeypatch):
        monkeypatch.setenv("VERSIONED_IMPORT_CACHE_DIR", str(write(tmp_path / "file", "")))
        make_versioned(site, "demo", "1.0")
        assert versions(site) == ["1.0"]

    def test_file_in_the_place_of_the_own_directory(self, site):
        make_versioned(site, "demo", "1.0")
        write(site / OWN_DIRECTORY, "")
        assert versions(site) == ["1.0"]

    def test_unwritable_own_directory_falls_back_to_the_cache(self, site):
        make_versioned(site, "demo", "1.0")
        (site / OWN_DIRECTORY / "catalogue").mkdir(parents=True)
        settle(site)
        assert versions(site) == ["1.0"]
        forget()
        assert versions(site) == ["1.0"]

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
    def test_somebody_elses_file_is_not_read(self, site):
        make_versioned(site, "demo", "1.0")
        settle(site)
        open_catalogue(str(site))
        forged = stored(site)
        os.chown(forged, 4711, 4711)
        with pytest.raises(ValueError, match="somebody else's catalogue"):
            Store(forged, str(site))
        forget()
        assert versions(site) == ["1.0"]


class TestIsSettled:
    """A flat install that is being unpacked has no RECORD yet, and its end leaves no mark on the site directory."""

    def test_no_record_yet(self, site):
        info = make_flat(site, "demo", "1.0")
        record = (info / "RECORD").read_text()
        (info / "RECORD").unlink()
        settle(site)
        assert not is_settled(str(site))
        write(info / "RECORD", record)
        assert versions(site) == ["1.0"]
        assert is_settled(str(site))

    def test_absent_directory_is(self, site):
        assert is_settled(str(site / "absent"))


def test_forget_drops_memory(site):
    open_catalogue(str(site))
    forget()
    assert not catalogues._open


def test_package_of_one_distribution_in_several_versions(site):
    for version in ("1.0", "1.10", "1.9"):
        make_versioned(site, "demo", version, one_package("demo", version))
    assert versions(site) == ["1.0", "1.10", "1.9"]


class TestBuildsOnlyWhereItMust:
    """An unsettled catalogue serves its own process as long as it can be seen to be true."""

    @pytest.fixture
    def builds(self, monkeypatch):
        from versioned_import.metadata import build

        done = []
        scan = build._scan
        monkeypatch.setattr(build, "_scan", lambda site, known: done.append(site) or scan(site, known))
        return done

    def test_while_a_flat_install_has_no_record(self, site, builds):
        (make_flat(site, "demo", "1.0") / "RECORD").unlink()
        settle(site)
        for _ in range(3):
            assert by_distribution(site) == ["1.0"]
            assert not is_settled(str(site))
        assert builds == [str(site)]

    def test_flat_install_that_changes_meanwhile(self, site, builds):
        info = make_flat(site, "demo", "1.0", {"one.py": ""})
        (info / "RECORD").unlink()
        settle(site)
        assert versions(site, "two") == []
        write(info / "top_level.txt", "two\n")
        assert versions(site, "two") == ["1.0"]
        assert len(builds) == 2

    def test_flat_install_that_gets_old_without_one(self, site):
        info = make_flat(site, "demo", "1.0")
        (info / "RECORD").unlink()
        settle(site)
        assert not is_settled(str(site))
        settle(info, seconds=3600)
        assert is_settled(str(site))

    def test_new_version_while_a_flat_install_has_no_record(self, site):
        (make_flat(site, "demo", "1.0") / "RECORD").unlink()
        settle(site)
        assert by_distribution(site) == ["1.0"]
        make_versioned(site, "demo", "2.0")
        settle(site)
        assert by_distribution(site) == ["1.0", "2.0"]

    def test_directory_that_has_just_changed(self, site, builds):
        make_versioned(site, "demo", "1.0")
        for _ in range(3):
            assert versions(site) == ["1.0"]
        assert len(builds) == 3

    def test_lenient_look_at_a_directory_that_has_just_changed(self, site, builds):
        make_versioned(site, "demo", "1.0")
        time.sleep(0.05)
        for _ in range(3):
            assert [one.version for one in open_catalogue(str(site), lenient=True).by_name("demo")] == ["1.0"]
        assert len(builds) == 1
        make_versioned(site, "demo", "2.0")
        assert len(open_catalogue(str(site), lenient=True).by_name("demo")) == 2
        assert versions(site) == ["1.0", "2.0"]
        assert len(builds) == 3
