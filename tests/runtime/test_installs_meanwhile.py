"""Versions that come and go while a process runs, and what the next process sees."""

import sys
import time

import pytest
from made import make_flat, make_versioned, remove, settle

from versioned_import.errors import VersionConflictError, VersionNotFoundError
from versioned_import.metadata.catalogue import forget


class TestWhileAProcessRuns:
    def test_new_version(self, execute, site):
        make_versioned(site, "demo", "1.0")
        settle(site)
        with pytest.raises(VersionNotFoundError):
            execute("import demo version 2")
        make_versioned(site, "demo", "2.0")
        assert execute("import demo version 2")["demo"].VERSION == "2.0"

    def test_first_version_in_an_empty_directory(self, execute, site, monkeypatch):
        monkeypatch.setenv("VERSIONED_IMPORT_PATH", str(site))
        settle(site)
        with pytest.raises(ModuleNotFoundError, match=r"^No module named 'demo'$"):
            execute("import demo")
        make_versioned(site, "demo", "2.0")
        assert execute("import demo")["demo"].VERSION == "2.0"

    def test_site_directory_that_is_made_later(self, execute, tmp_path, process):
        process.search_path = (str(tmp_path / "later"),)
        with pytest.raises(VersionNotFoundError):
            execute("import demo version 1")
        make_versioned(tmp_path / "later", "demo", "1.0")
        assert execute("import demo version 1")["demo"].VERSION == "1.0"

    def test_removal_of_what_is_not_loaded(self, execute, site):
        make_versioned(site, "demo", "1.0")
        gone = make_versioned(site, "demo", "1.1")
        make_versioned(site, "other", "1.0")
        settle(site)
        execute("import other version 1")
        remove(gone)
        assert execute("import demo version 1")["demo"].VERSION == "1.0"

    def test_removal_of_what_was_chosen_and_not_loaded(self, execute, site):
        """A dependency that was chosen, and is removed before its import, is chosen anew or missed, never mixed."""
        make_versioned(site, "demo", "1.0", requires=["dep"])
        make_versioned(site, "dep", "1.0")
        gone = make_versioned(site, "dep", "1.1")
        make_versioned(site, "other", "1.0", requires=["dep"])
        execute("import demo version 1")
        remove(gone)
        assert execute("import other version 1\nimport dep")["dep"].VERSION == "1.0"

    def test_removal_of_what_is_loaded(self, execute, site):
        gone = make_versioned(site, "demo", "1.0")
        demo = execute("import demo version 1")["demo"]
        remove(gone)
        make_versioned(site, "demo", "2.0")
        assert execute("import demo version 1")["demo"] is demo
        assert execute("import demo version 1.0 as again")["again"] is demo
        with pytest.raises(VersionConflictError, match=r"demo 1.0 is loaded already"):
            execute("import demo version 2")

    def test_flat_upgrade(self, execute, site, monkeypatch):
        monkeypatch.syspath_prepend(str(site))
        info = make_flat(site, "demo", "1.0")
        settle(site)
        with pytest.raises(VersionNotFoundError):
            execute("import demo version 2")
        remove(info)
        make_flat(site, "demo", "2.0")
        assert execute("import demo version 2")["demo"].VERSION == "2.0"


class TestNextProcess:
    def test_sees_what_was_installed_and_removed(self, children, site, second_site):
        program = "import demo version 1\nprint(demo.VERSION)"
        make_versioned(site, "demo", "1.0")
        settle(site, second_site)
        assert [children.output(program) for _ in range(2)] == ["1.0", "1.0"]
        newer = make_versioned(site, "demo", "1.1")
        assert children.output(program) == "1.1"
        settle(site, seconds=30)
        assert [children.output(program) for _ in range(2)] == ["1.1", "1.1"]
        remove(newer)
        assert children.output(program) == "1.0"

    def test_change_while_a_process_waits(self, children, site):
        program = children.write(
            "waiting.py",
            """\
            # coding: versioned
            import sys
            try:
                import demo version 2
            except ImportError:
                print("not yet", flush=True)
            sys.stdin.readline()
            import demo version 2
            print(demo.VERSION)
            """,
        )
        import subprocess

        make_versioned(site, "demo", "1.0")
        with subprocess.Popen(
            [sys.executable, "-s", program],
            env=children.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as running:
            assert running.stdout.readline() == "not yet\n"
            time.sleep(0.02)
            make_versioned(site, "demo", "2.0")
            assert running.communicate("\n", timeout=60)[0] == "2.0\n"
        assert running.returncode == 0


def test_read_only_site_directory(children, site, second_site):
    make_versioned(site, "demo", "1.0")
    settle(site, second_site)
    before = sorted(path.name for path in site.iterdir())
    site.chmod(0o555)
    try:
        for _ in range(2):
            assert children.output("import demo version 1\nprint(demo.VERSION)") == "1.0"
    finally:
        site.chmod(0o755)
    assert sorted(path.name for path in site.iterdir()) == before


def test_catalogue_of_a_process_is_forgotten_in_tests(site, process, execute):
    make_versioned(site, "demo", "1.0")
    execute("import demo version 1")
    forget()
    assert execute("import demo version '>=1'")["demo"].VERSION == "1.0"
