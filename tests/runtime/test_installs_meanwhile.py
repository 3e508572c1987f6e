"""Versions that come and go while a process runs, and what the next process sees."""

import sys
import time
from pathlib import Path

import packaging
import pytest
from made import make_flat, make_versioned, remove, settle

import versioned_import
from versioned_import.errors import VersionConflictError, VersionNotFoundError
from versioned_import.metadata.catalogue import forget
from versioned_import.runtime.beginning import process_began


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


class TestWithoutStartUp:
    """Where no .pth file of ours was run, as with a copy on PYTHONPATH, the system says when the process began."""

    PROGRAM = """\
        import os, sys
        sys.path[:0] = {paths!r}
        import demo
        {meanwhile}
        from versioned_import.runtime.loaded import is_answered_by_loaded
        from versioned_import_startup import FallbackFinder
        assert FallbackFinder.started == 0
        print(is_answered_by_loaded("demo", "1", "app.py:1"))
        """

    @pytest.fixture
    def run(self, children, site):
        info = make_flat(site, "demo", "1.0", {"demo.py": ""})
        time.sleep(0.05)  # more than a tick of the clock that tells when a process began
        paths = [
            str(site),
            *dict.fromkeys(str(Path(one.__file__).parent.parent) for one in (versioned_import, packaging)),
        ]

        def go(meanwhile):
            program = children.write("app.py", self.PROGRAM.format(paths=paths, meanwhile=meanwhile.format(info=info)))
            return children.start("-S", program)

        return go

    def test_flat_install(self, run):
        done = run("")
        assert (done.stdout, done.stderr) == ("True\n", "")

    @pytest.mark.skipif(sys.platform != "linux", reason="no other system says it")
    def test_flat_upgrade(self, run):
        done = run("os.rename('{info}', '{info}.old'); os.rename('{info}.old', '{info}')")
        assert "its version can't be known: demo was installed again after this process began" in done.stderr

    def test_elsewhere(self, execute, site, monkeypatch):
        monkeypatch.setattr("versioned_import.runtime.beginning.process_began", lambda: 0)
        monkeypatch.setattr("versioned_import_startup.FallbackFinder.started", 0)
        monkeypatch.syspath_prepend(str(site))
        make_flat(site, "demo", "1.0")
        names = execute("import demo\nimport demo version 1 as same")
        assert names["demo"] is names["same"]

    def test_beginning(self):
        assert process_began() == 0 or 0 <= time.time_ns() - process_began() < time.monotonic_ns()


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
