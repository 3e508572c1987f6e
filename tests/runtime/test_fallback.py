"""Plain imports (spec 3.8)."""

import sys

import pytest
from made import make_flat, make_group, make_versioned, one_package, settle, write

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


OPTIONAL = """\
try:
    import dep
except ImportError as error:
    FOUND = f"{type(error).__name__}: {error}"
else:
    FOUND = dep.VERSION
"""
ABSENT = "ModuleNotFoundError: No module named 'dep'"


class TestWhoseCodeAsks:
    """It depends on whose code makes the import that would fail: installed code must not find what it wasn't made for."""

    @pytest.fixture(autouse=True)
    def _environment(self, site, monkeypatch):
        monkeypatch.setenv("VERSIONED_IMPORT_PATH", str(site))
        monkeypatch.syspath_prepend(str(site))
        for version in ("1.0", "2.0", "3.0"):
            make_versioned(site, "dep", version)

    @pytest.mark.parametrize(
        ("requires", "found"),
        [
            ([], ABSENT),
            (["other"], ABSENT),
            (["dep"], "3.0"),
            (["dep<3"], "2.0"),
            (["dep>=2", "dep<3"], "2.0"),
            (["Dep (<2)"], "1.0"),
            (["dep>3"], ABSENT),
            (['dep<3; extra == "more"'], ABSENT),
            (['dep<3; python_version < "3"'], ABSENT),
            (['dep<2; python_version < "3"', 'dep<3; python_version >= "3"'], "2.0"),
        ],
    )
    def test_flat_install(self, execute, site, process, requires, found):
        make_flat(site, "plain", "1.0", {"plain/__init__.py": "", "plain/inner.py": OPTIONAL}, requires=requires)
        assert execute("from plain.inner import FOUND")["FOUND"] == found
        assert [*process.selection] == ([] if found == ABSENT else ["dep"])

    def test_what_fails_in_a_flat_install_stays_free_for_the_program(self, execute, site):
        make_flat(site, "plain", "1.0", {"plain.py": OPTIONAL})
        names = execute("import plain\nimport dep version 2\nprint(plain.FOUND)")
        assert (names["plain"].FOUND, names["dep"].VERSION) == (ABSENT, "2.0")

    def test_flat_install_that_looks_first(self, execute, site, process):
        make_flat(
            site, "plain", "1.0", {"plain.py": "from importlib.util import find_spec\nFOUND = find_spec('dep')\n"}
        )
        assert execute("import plain")["plain"].FOUND is None
        assert process.selection == {}

    def test_parts_of_a_namespace_package(self, execute, site):
        make_flat(site, "space-other", "1.0", {"space/other.py": OPTIONAL})
        make_flat(site, "space-plain", "1.0", {"space/plain.py": OPTIONAL}, requires=["dep<2"])
        names = execute("from space.other import FOUND as other\nfrom space.plain import FOUND as plain")
        assert (names["other"], names["plain"]) == (ABSENT, "1.0")

    def test_flat_install_asks_for_a_namespace_package(self, execute, site):
        make_versioned(site, "away-part", "1.0", {"away/part.py": ""})
        attempt = (
            "try:\n    import away.part\nexcept ImportError as error:\n    FOUND = str(error)\nelse:\n    FOUND = ''\n"
        )
        make_flat(site, "plain", "1.0", {"plain.py": attempt})
        make_flat(site, "fitting", "1.0", {"fitting.py": attempt}, requires=["away.part==1.*"])
        names = execute("import plain\nimport fitting")
        assert (names["plain"].FOUND, names["fitting"].FOUND) == ("No module named 'away'", "")

    def test_editable_install(self, execute, site, tmp_path):
        make_editable(site, tmp_path / "project", requires=["dep<2"])
        assert execute("import plain")["plain"].FOUND == "1.0"

    def test_editable_install_that_requires_nothing(self, execute, site, tmp_path, monkeypatch):
        make_editable(site, tmp_path / "project")
        monkeypatch.syspath_prepend(str(tmp_path / "project"))
        write(tmp_path / "project" / "script.py", OPTIONAL)
        names = execute("import plain, script")
        assert (names["plain"].FOUND, names["script"].FOUND) == (ABSENT, "3.0")

    def test_module_in_site_packages_that_no_metadata_claims(self, execute, site):
        write(site / "stray.py", OPTIONAL)
        assert execute("import stray")["stray"].FOUND == ABSENT

    def test_directory_that_pip_was_told_to_fill(self, execute, tmp_path, monkeypatch):
        target = tmp_path / "target"
        make_flat(target, "plain", "1.0", {"plain.py": OPTIONAL})
        monkeypatch.syspath_prepend(str(target))
        assert execute("import plain")["plain"].FOUND == ABSENT

    def test_program_on_pythonpath(self, children):
        children.write("own.py", OPTIONAL)
        done = children.start("-c", "import own; print(own.FOUND)", environ={"PYTHONPATH": str(children.program)})
        assert (done.stdout, done.stderr) == ("3.0\n", "")

    @pytest.mark.parametrize(
        "program",
        [
            "from importlib import import_module\nFOUND = import_module('dep').VERSION",
            "import pkgutil\nFOUND = pkgutil.resolve_name('dep:VERSION')",
            "import pickle\nFOUND = pickle.loads(b'cdep\\nVERSION\\n.')",
            "import runpy\nFOUND = runpy.run_module('dep')['VERSION']",
            "import unittest\nunittest.TestLoader().loadTestsFromName('dep')\nfrom dep import VERSION as FOUND",
            "exec('from dep import VERSION', names := {})\nFOUND = names['VERSION']",
            "import concurrent.futures as c\nFOUND = c.ThreadPoolExecutor().submit(__import__, 'dep').result().VERSION",
        ],
    )
    def test_standard_library_asks_for_the_program(self, execute, program):
        assert execute(program)["FOUND"] == "3.0"

    def test_run_as_a_module(self, children, site):
        make_versioned(site, "tool", "1.0", {"tool.py": OPTIONAL + "print(FOUND)\n"}, requires=["dep<3"])
        done = children.start("-m", "tool")
        assert (done.stdout, done.stderr) == ("2.0\n", "")

    @pytest.mark.parametrize("module", [("-m", "plain"), ("-m", "versioned_import", "-m", "plain")])
    def test_flat_install_run_as_a_module(self, children, site, module):
        make_flat(site, "plain", "1.0", {"plain.py": OPTIONAL + "print(FOUND)\n"})
        done = children.start(*module, environ={"PYTHONPATH": str(site)})
        assert (done.stdout, done.stderr) == (f"{ABSENT}\n", "")

    @pytest.mark.parametrize(
        ("requires", "found"),
        [
            ([], "3.0"),
            (["other; python_version < '3'"], "3.0"),
            (['dep<3; extra == "more"'], "2.0"),
            (['dep<3; extra == "more"', 'dep<2; extra == "less"'], "2.0"),
            (['dep<3; extra == "more"', 'dep!=2.0; extra == "more"'], "1.0"),
            (['dep>3; extra == "more"'], ABSENT),
            (['dep<2; python_version < "3"'], "3.0"),
        ],
    )
    def test_versioned_directory(self, execute, site, requires, found):
        make_versioned(site, "demo", "1.0", {"demo.py": OPTIONAL}, requires=requires)
        assert found == execute("import demo version 1")["demo"].FOUND

    @pytest.mark.parametrize(("limit", "found"), [("<3", "1.0"), (">=2", "3.0"), (">=2,<3", "2.0"), (">=1,<2", "1.0")])
    def test_versioned_directory_and_its_group(self, execute, site, limit, found):
        make_versioned(site, "demo", "1.0", {"demo.py": OPTIONAL}, requires=[f'dep{limit}; extra == "more"'])
        make_group(site, "demo", "dep", demo="1.0", dep="1.0")
        assert found == execute("import demo version 1")["demo"].FOUND

    def test_which_distribution_a_versioned_directory_means(self, execute, site):
        make_versioned(site, "dep-headless", "9.0", {"dep.py": "VERSION = 'headless'"})
        make_versioned(site, "demo", "1.0", {"demo.py": OPTIONAL}, requires=['dep-headless; extra == "more"'])
        assert execute("import demo version 1")["demo"].FOUND == "headless"

    def test_answer_for_one_is_not_kept_for_another(self, children, site):
        make_versioned(site, "demo", "1.0", {"demo.py": OPTIONAL}, requires=['dep<2; extra == "more"'])
        make_flat(site, "plain", "1.0", {"plain.py": OPTIONAL}, requires=["dep<3"])
        settle(site)
        found = [
            children.output(text, environ={"PYTHONPATH": str(site)})
            for _ in range(2)
            for text in (
                "import dep\nprint(dep.VERSION)",
                "import plain\nprint(plain.FOUND)",
                "import demo version 1\nprint(demo.FOUND)",
            )
        ]
        assert found == ["3.0", "2.0", "1.0"] * 2

    def test_nobody_is_looked_for_where_nothing_is_offered(self, execute, site, monkeypatch):
        from versioned_import.runtime import permission

        monkeypatch.setattr(permission, "allowed", None)
        make_flat(site, "plain", "1.0", {"plain.py": OPTIONAL.replace("dep", "absent")})
        assert execute("import plain")["plain"].FOUND == "ModuleNotFoundError: No module named 'absent'"


def make_editable(site, project, requires=()):
    """Make an editable install of a project with one module, as setuptools leaves it."""
    info = "plain-1.0.dist-info"
    write(project / "src" / "plain.py", OPTIONAL)
    write(site / "__editable__.plain-1.0.pth", f"{project}/src\n")
    record = f"__editable__.plain-1.0.pth,,\n{info}/METADATA,,\n{info}/direct_url.json,,\n{info}/RECORD,,\n"
    make_flat(site, "plain", "1.0", {}, requires=requires, record=record)
    write(site / info / "direct_url.json", f'{{"url": "{project.as_uri()}", "dir_info": {{"editable": true}}}}')
    sys.path.append(str(project / "src"))


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
