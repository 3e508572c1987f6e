"""Plain imports (spec 3.8)."""

import sys

import pytest
from made import make_flat, make_versioned, one_package, write

import versioned_import_startup
from versioned_import.errors import VersionNotFoundError
from versioned_import.resolver.story import python_command
from versioned_import_startup import FallbackFinder, looks_versioned


class TestPlainImport:
    """A plain `import x` that Python itself can satisfy behaves as if this project did not exist."""

    def test_flat_install_goes_before_a_higher_version(self, execute, site, monkeypatch, process):
        monkeypatch.syspath_prepend(str(site))
        make_flat(site, "demo", "1.0")
        make_versioned(site, "demo", "2.0")
        assert execute("import demo")["demo"].VERSION == "1.0"
        assert process.selection == {}

    def test_programs_own_module(self, execute, site, tmp_path, monkeypatch):
        monkeypatch.syspath_prepend(str(tmp_path / "program"))
        write(tmp_path / "program" / "demo.py", "VERSION = 'own'")
        make_versioned(site, "demo", "2.0")
        assert execute("import demo")["demo"].VERSION == "own"

    @pytest.mark.parametrize("name", ["absent", "absent.sub", "os.absent", "winreg", "_winapi"])
    def test_failure_is_pythons_own(self, execute, site, monkeypatch, name):
        monkeypatch.setenv("VERSIONED_IMPORT_PATH", str(site))
        make_versioned(site, "demo", "2.0")
        with pytest.raises(ModuleNotFoundError) as caught:
            execute(f"import {name}")
        assert type(caught.value) is ModuleNotFoundError
        assert str(caught.value).startswith("No module named '")
        assert caught.value.__cause__ is None


class TestFallback:
    """One that would fail gets the highest installed versioned directory ("no version at all")."""

    @pytest.fixture(autouse=True)
    def _environment(self, site, second_site, monkeypatch):
        monkeypatch.setenv("VERSIONED_IMPORT_PATH", f"{site}:{second_site}")

    def test_highest(self, execute, site, process):
        for version in ("1.0", "1.10", "1.9", "2.0rc1"):
            make_versioned(site, "demo", version)
        assert execute("import demo")["demo"].VERSION == "1.10"
        assert process.selection["demo"].version == "1.10"

    def test_with_its_closure(self, execute, site):
        make_versioned(site, "demo", "1.0", {"demo.py": "import dep\nSEEN = dep.VERSION\n"}, requires=["dep<2"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        assert execute("import demo")["demo"].SEEN == "1.0"

    def test_submodules_and_from(self, execute, site):
        make_versioned(site, "demo", "1.0", one_package("demo", "1.0", sub="NAME = __name__"))
        assert execute("from demo.sub import NAME")["NAME"] == "demo.sub"

    def test_later_versioned_import_that_fits(self, execute, site):
        make_versioned(site, "demo", "1.0")
        names = execute("import demo\nimport demo version 1 as again")
        assert names["again"] is names["demo"]

    def test_flat_install_without_its_module_does_not_count(self, execute, site, monkeypatch):
        monkeypatch.syspath_prepend(str(site))
        make_flat(site, "demo", "3.0")
        (site / "demo.py").unlink()
        make_versioned(site, "demo", "2.0")
        assert execute("import demo")["demo"].VERSION == "2.0"

    def test_nothing_fits_this_interpreter(self, execute, site, second_site, tmp_path):
        make_versioned(site, "demo", "1.0", tags=["py2-none-any"])
        with pytest.raises(ModuleNotFoundError) as caught:
            execute("import demo")
        assert str(caught.value) == (
            f"import demo ({tmp_path}/app.py:1): no installed version fits\n"
            f"  demo 1.0 is built for py2-none-any, not for this interpreter: {site}/demo-1.0/\n"
            f"  searched: {site}, {second_site}\n"
            f'  to install it: {python_command()} -m versioned_import pip install --allow-multiple "demo"'
        )

    def test_missing_dependency(self, execute, site):
        make_versioned(site, "demo", "1.0", requires=["absent>=2"])
        with pytest.raises(VersionNotFoundError, match=r"demo 1.0 asks for absent>=2"):
            execute("import demo")

    def test_optional_import_stays_optional(self, execute, site):
        make_versioned(site, "demo", "1.0", requires=["absent>=2"])
        assert execute("try:\n    import demo\nexcept ImportError:\n    demo = None")["demo"] is None

    def test_find_spec_asks_too(self, site, process):
        from importlib.util import find_spec

        make_versioned(site, "demo", "1.0")
        assert find_spec("demo").origin == str(site / "demo-1.0" / "demo.py")
        assert find_spec("demonstration") is None


class TestStartup:
    """What every start of Python runs imports nothing, and is asked only for imports that are about to fail (D4)."""

    @pytest.mark.parametrize(
        ("entry", "answer"),
        [
            ("demo-1.0", True),
            ("a-b-c-2024.1", True),
            ("demo-1!2.0", True),
            ("demo", False),
            ("demo-", False),
            ("demo-x", False),
            ("-1.0", True),
            ("demo-1.0.dist-info", False),
            ("demo-1.0.egg-info", False),
            ("demo-1.0-py3.11.egg", False),
            ("demo-1.0-py3-none-any.whl", False),
            ("", False),
        ],
    )
    def test_looks_versioned(self, entry, answer):
        assert looks_versioned(entry) is answer

    def test_register_twice(self):
        versioned_import_startup.register()
        versioned_import_startup.register()
        assert sys.meta_path.count(FallbackFinder) == 1
        assert sys.meta_path[-1] is FallbackFinder or FallbackFinder in sys.meta_path

    def test_listing_is_kept_until_the_directory_changes(self, site, monkeypatch):
        import os

        assert not FallbackFinder.has_versioned_directory(str(site), os)
        make_versioned(site, "demo", "1.0")
        assert FallbackFinder.has_versioned_directory(str(site), os)
        monkeypatch.setattr(os, "listdir", None)
        assert FallbackFinder.has_versioned_directory(str(site), os)

    @pytest.mark.parametrize("entry", ["/absent", "with\0null", b"bytes-are-fine", 7])
    def test_odd_entries_of_the_path(self, entry, monkeypatch):
        monkeypatch.setattr(sys, "path", [entry])
        assert not FallbackFinder.any_versioned_directory()

    def test_nothing_is_loaded_at_start_or_by_plain_imports(self, children):
        program = """\
            import sys
            # The interpreter that runs the tests may hold versioned directories, which a failing import looks at.
            sys.path = [entry for entry in sys.path if "site-packages" not in entry]
            import json
            try:
                import absent
            except ModuleNotFoundError as error:
                assert str(error) == "No module named 'absent'"
            print(sorted(name for name in sys.modules if name.startswith("versioned_import")))
            """
        done = children.start(children.write("plain.py", program), switches=("-I",))
        assert (done.stdout, done.stderr) == ("['versioned_import_startup']\n", "")
