"""Spec 8: "Never silently another version than was asked": ways in which a reviewer got one, each closed."""

import os
import textwrap
import threading

import pytest
from made import make_flat, make_versioned, settle, write

from versioned_import.metadata import catalogue
from versioned_import.resolver.story import python_command
from versioned_import.runtime import cold
from versioned_import.runtime.finder import find_selected


class TestOrigin:
    """A module that comes from elsewhere than from the chosen candidate is refused or never found."""

    def test_programs_own_module_under_the_runner(self, children, site):
        make_flat(site, "foo", "1.0", {"foo.py": "WHERE = 'site'\n"})
        children.write("foo.py", "WHERE = 'program'\n")
        app = children.write("app.py", "import foo version 1.0\nprint(foo.WHERE)\n")
        assert children.start("-m", "versioned_import", app).stdout == "site\n"

    def test_flat_answer_from_elsewhere(self, execute, site, tmp_path, monkeypatch):
        make_flat(site, "foo", "1.0", {"foo.py": "WHERE = 'site'\n"})
        write(tmp_path / "own" / "foo.py", "WHERE = 'own'\n")
        monkeypatch.syspath_prepend(str(tmp_path / "own"))

        class Impostor:
            @staticmethod
            def find_spec(name, path=None, target=None):
                from importlib.machinery import PathFinder

                return PathFinder.find_spec(name, [str(tmp_path / "own")]) if name == "foo" else None

        monkeypatch.setattr("sys.meta_path", [Impostor, *__import__("sys").meta_path])
        with pytest.raises(ImportError, match="foo from elsewhere is loaded already"):
            execute("import foo version 1.0")

    def test_hook_asks_the_selection_first(self, execute, site, tmp_path):
        make_versioned(site, "foo", "1.0")
        foo = execute("import foo version 1.0")["foo"]
        assert find_selected("foo").origin == foo.__file__


FRONT = """
import sys
from importlib.machinery import PathFinder
class Front:
    {kept}
    def find_spec(self, name, path=None, target=None):
        spec = self.find(name, path) if name == "foo" else None
        if spec is not None:
            spec.loader_state = "rewritten"
        return spec
sys.path.append({site!r})
"""
DELEGATES = "find = PathFinder.find_spec"
HIDES = "def find(self, *asked): return PathFinder.find_spec(*asked)"


class TestDependency:
    """A dependency's plain import gets what was chosen, whichever finder serves it; else the statement is refused."""

    @pytest.fixture(autouse=True)
    def _installed(self, site):
        make_flat(site, "foo", "1.0")
        make_versioned(site, "foo", "2.0")
        make_versioned(site, "bar", "1.0", {"bar.py": "import foo\nGOT = foo\n"}, requires=["foo==2.0"])

    def test_finder_that_compiles_otherwise_what_the_path_finder_finds(self, children, site):
        front = FRONT.format(kept=DELEGATES, site=str(site))
        program = "import bar version 1\nprint(bar.GOT.VERSION, bar.GOT.__spec__.loader_state)\n"
        assert children.output(f"{front}sys.meta_path.insert(0, Front())\n{program}") == "2.0 rewritten"

    def test_such_a_finder_that_came_after_another_statement(self, children, site):
        make_versioned(site, "other", "1.0")
        front = FRONT.format(kept=DELEGATES, site=str(site))
        program = "import bar version 1\nprint(bar.GOT.VERSION, bar.GOT.__spec__.loader_state)\n"
        before = "import other version 1\nsys.meta_path.insert(0, Front())\n"
        assert children.output(f"{front}{before}{program}") == "2.0 rewritten"

    def test_other_finder_in_front(self, children, site):
        front = FRONT.format(kept=HIDES, site=str(site))
        output = children.output(
            f"""{front}
sys.meta_path.insert(0, Front())
for _ in range(2):
    try:
        import bar version 1
    except ImportError as error:
        print(error)
    print("bar" in sys.modules, "VERSIONED_IMPORT_SELECTION" in __import__("os").environ)
"""
        )
        finders = "Front, BuiltinImporter, FrozenImporter, SelectionFinder, PathFinder, FallbackFinder"
        app = children.program / "app.py"
        line = app.read_text().split("\n").index("        import bar version 1") + 1
        first, second = output.split("False False\n", 1)
        assert first.replace("DistutilsMetaFinder, ", "") == (
            f"import bar version 1 ({app}:{line}): foo from elsewhere is loaded already\n"
            f"  loaded from {site / 'foo.py'}\n"
            f"  foo 2.0 was chosen in {site / 'foo-2.0'}{os.sep}; sys.meta_path: {finders}\n"
            "  another thread or another finder has loaded it meanwhile: put the versioned import before what does that\n"
        )
        assert second.startswith(f"import bar version 1 ({app}:{line}): ")
        assert "foo 1.0 is loaded already" in second
        assert second.endswith("False False")

    def test_plain_import_of_another_thread_that_has_its_spec_already(self, children, site):
        output = children.output(
            f"""
            import sys, threading
            from importlib.machinery import SourceFileLoader
            sys.path.append({str(site)!r})
            waits, go_on = threading.Event(), threading.Event()
            def slow(self, spec):  # stands for the loading of an extension module
                if spec.name == "foo":
                    waits.set()
                    go_on.wait(20)
                elif spec.name == "bar":
                    go_on.set()
            SourceFileLoader.create_module = slow
            thread = threading.Thread(target=__import__, args=("foo",))
            thread.start()
            waits.wait(20)
            try:
                import bar version 1
            except ImportError as error:
                print(str(error).split("\\n")[0])
            thread.join()
            print("bar" in sys.modules, sys.modules["foo"].VERSION)
            """
        )
        assert output.split("\n")[-1] == "False 1.0"
        assert "foo from elsewhere is loaded already" in output

    def test_alias_for_another_module_is_no_stray(self, execute, site):
        make_versioned(site, "odd", "1.0", {"odd.py": "import sys, json\nsys.modules['odd'] = json\n"})
        make_versioned(site, "user", "1.0", {"user.py": "import odd\n"}, requires=["odd"])
        assert execute("import user version 1")["user"].odd.__name__ == "json"

    def test_two_distributions_of_one_name_are_no_strays(self, execute, site):
        for name in ("cv-one", "cv-two"):
            make_versioned(site, name, "1.0", {"cv.py": ""})
        make_versioned(site, "user", "1.0", {"user.py": "import cv\n"}, requires=["cv-one", "cv-two"])
        assert execute("import user version 1")["user"].cv


class TestNamespaces:
    """A flat folder of a namespace package holds other distributions too, which must not hide the chosen ones."""

    def test_versioned_portion_goes_before_a_flat_one(self, execute, site):
        make_flat(site, "n-x", "1.0", {"n/m/x.py": "VERSION = '1.0'\n"})
        make_flat(site, "n-y", "1.0", {"n/m/y.py": "VERSION = '1.0'\n"})
        make_versioned(site, "n-y", "3.0", {"n/m/y.py": "VERSION = '3.0'\n"})
        names = execute("import n.m.x version 1.0 as x\nimport n.m.y version 3 as y")
        assert (names["x"].VERSION, names["y"].VERSION) == ("1.0", "3.0")


class TestStaleness:
    """A directory whose modification time was put back is looked at again."""

    def test_restored_modification_time(self, process, site):
        make_versioned(site, "foo", "1.0")
        settle(site)
        then = os.stat(site).st_mtime_ns
        assert [one.version for one in catalogue.open_catalogue(str(site)).by_name("foo")] == ["1.0"]
        make_versioned(site, "foo", "1.1")
        os.utime(site, ns=(then, then))
        catalogue.forget()
        assert sorted(one.version for one in catalogue.open_catalogue(str(site)).by_name("foo")) == ["1.0", "1.1"]


class TestInstalledMeanwhile:
    """Spec 3.5: "A loaded module whose version can't be known [...] conflicts with any clause"."""

    @pytest.mark.parametrize(("says", "outcome"), [("", "conflict"), ("__version__ = '1.0'\n", "conflict")])
    def test_upgrade_under_a_loaded_module(self, children, site, says, outcome):
        info = make_flat(site, "foo", "1.0", {"foo.py": says})
        assert (
            children.output(
                f"""
            import sys, os
            sys.path.append({str(site)!r})
            import foo
            os.rename({str(info)!r}, {str(info).replace("1.0", "2.0")!r})
            metadata = {str(info).replace("1.0", "2.0")!r} + "/METADATA"
            text = open(metadata).read().replace("Version: 1.0", "Version: 2.0")
            open(metadata, "w").write(text)
            try:
                import foo version 2.0
            except ImportError as error:
                print("conflict", "was installed again after this process began" in str(error))
            """
            )
            == f"{outcome} True"
        )

    def test_install_before_the_import_in_one_process(self, children, site):
        make_flat(site, "foo", "1.0", {"foo.py": "__version__ = '1.0'\n"})
        assert (
            children.output(
                f"""
            import sys, os
            sys.path.append({str(site)!r})
            os.utime({str(site)!r} + "/foo-1.0.dist-info")
            import foo
            import foo version 1.0
            print(foo.__version__)
            """
            )
            == "1.0"
        )


UPGRADE = """
import os, sys, subprocess, importlib, importlib.metadata
sys.path.append({site!r})
def upgrade():
    os.rename({site!r} + "/foo-1.0.dist-info", {site!r} + "/foo-2.0.dist-info")
    with open({site!r} + "/foo-2.0.dist-info/METADATA", "w") as file:
        file.write("Metadata-Version: 2.1\\nName: foo\\nVersion: 2.0\\n")
    with open({site!r} + "/foo.py", "w") as file:
        file.write("VERSION = '2.0 by now'\\n")
def attempt(work):
    try:
        print(work())
    except ImportError as error:
        print(error)
"""


class TestUpgradedFlatInstall:
    """A flat install that was chosen, and that plain pip has exchanged since, serves no other version under its label."""

    def story(self, site, chosen_by="this process"):
        return (
            f"import foo: foo 1.0 was uninstalled after {chosen_by} had chosen it\n"
            f"  its flat install is gone: {site} (flat install)\n"
            "  what is loaded goes on; no other version takes the place of what isn't\n"
            f'  to install it again: {python_command()} -m versioned_import pip install --allow-multiple "foo==1.0"'
        )

    def run(self, children, site, text):
        return children.output(UPGRADE.format(site=str(site)) + textwrap.dedent(text))

    def test_lazy_import_of_a_dependant(self, children, site):
        make_flat(site, "foo", "1.0")
        files = {"bar.py": "def get():\n    import foo\n    return foo.VERSION\n"}
        make_versioned(site, "bar", "1.0", files, requires=["foo==1.0"])
        text = """
            import bar version 1
            upgrade()
            attempt(bar.get)
            found = [one.version for one in importlib.metadata.distributions() if one.name == "foo"]
            print(importlib.metadata.version("foo"), found)
            """
        assert self.run(children, site, text) == f"{self.story(site)}\n2.0 ['2.0']"

    def test_reload_and_another_statement(self, children, site):
        make_flat(site, "foo", "1.0")
        text = """
            import foo version 1
            upgrade()
            attempt(lambda: importlib.reload(foo))
            try:
                import foo version 1.0
            except ImportError as error:
                print("\\n".join(str(error).split("\\n")[:3]))
            print(foo.VERSION)
            """
        output = self.run(children, site, text)
        assert output.startswith(f"{self.story(site)}\nimport foo version 1.0 (")
        assert output.endswith(
            "): foo is loaded already\n"
            f"  loaded from {site / 'foo.py'}\n"
            "  foo 1.0 was uninstalled after it had been chosen\n1.0"
        )

    def test_child(self, children, site):
        make_flat(site, "foo", "1.0")
        statement = children.write("statement.py", "# coding: versioned\nimport foo version 1\nprint(foo.VERSION)\n")
        plain = children.write("plain.py", "try:\n    import foo\nexcept ImportError as error:\n    print(error)\n")
        text = f"""
            import foo version 1
            upgrade()
            for file in ({str(plain)!r}, {str(statement)!r}):
                done = subprocess.run([sys.executable, "-s", file], capture_output=True, text=True)
                print(done.stdout + done.stderr)
            """
        output = self.run(children, site, text)
        assert output.startswith(self.story(site, "the parent process"))
        assert "VersionNotFoundError: import foo version 1" in output
        assert "2.0 by now" not in output

    def test_child_for_which_another_version_fits(self, children, site):
        gone = make_versioned(site, "foo", "1.0")
        make_versioned(site, "foo", "1.1")
        make_versioned(site, "pin", "1.0", requires=["foo==1.0"])
        statement = children.write("statement.py", "# coding: versioned\nimport foo version 1\nprint(foo.VERSION)\n")
        text = f"""
            import foo version 1
            os.rename({str(gone)!r}, {str(gone)!r} + ".away")
            subprocess.run([sys.executable, "-s", {str(statement)!r}])
            """
        gone_too = f"""
            import pin version 1
            import foo version 1
            os.rename({str(gone)!r}, {str(gone)!r} + ".away")
            subprocess.run([sys.executable, "-s", {str(statement)!r}])
            """
        for program in (text, gone_too):
            assert self.run(children, site, program) == "1.1"
            if os.path.exists(f"{gone}.away"):
                os.rename(f"{gone}.away", gone)


class TestNameThatIsLoadedFromElsewhere:
    def test_programs_own_side_package_does_not_hold_the_parents_choice(self, children, site):
        for version in ("1.0", "2.0"):
            files = {"demo.py": f"VERSION = {version!r}\n", "tests/__init__.py": ""}
            make_versioned(site, "demo", version, files)
        children.write("tests/__init__.py", "")
        text = "# coding: versioned\nimport tests\nimport demo version 2\nprint(demo.VERSION, tests.__file__)\n"
        child = children.write("child.py", text)
        output = children.output(
            f"""
            import demo version 1
            import subprocess, sys
            subprocess.run([sys.executable, "-s", {str(child)!r}])
            """
        )
        assert output == f"2.0 {children.program / 'tests' / '__init__.py'}"


class TestOrderOfStatements:
    """Spec 3.7: "with what is already loaded as fixed", also where a plain import loaded it."""

    @pytest.mark.parametrize("before", ["", "import foo\n"])
    def test_needs_of_a_loaded_flat_install_count(self, execute, site, monkeypatch, before):
        make_flat(site, "foo", "1.0", {"foo.py": ""}, requires=["dep<2"])
        make_flat(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        make_versioned(site, "bar", "1.0", requires=["dep>=2"])
        monkeypatch.syspath_prepend(str(site))
        with pytest.raises(ImportError, match=r"foo 1.0 asks for dep<2"):
            execute(f"{before}import foo version 1.0\nimport bar version 1")


class TestThreads:
    """Spec 3.11: "one module or one clear error, never a half-made or mixed one"."""

    def test_dependency_loaded_between_choice_and_selection(self, execute, site, monkeypatch):
        make_flat(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        make_versioned(site, "bar", "1.0", requires=["dep>=2"])
        monkeypatch.syspath_prepend(str(site))
        choose = cold.choose

        def slow_choice(*arguments):
            choice = choose(*arguments)
            __import__("dep")  # what another thread may do just then
            return choice

        monkeypatch.setattr(cold, "choose", slow_choice)
        with pytest.raises(ImportError, match=r"bar 1.0 asks for dep>=2"):
            execute("import bar version 1")

    def test_statement_inside_the_package_it_names(self, children, site):
        make_versioned(
            site,
            "foo",
            "1.0",
            {
                "foo/__init__.py": "# coding: versioned\nimport time\ntime.sleep(0.3)\nimport foo.sub version 1\n",
                "foo/sub.py": "VALUE = 1\n",
            },
        )
        assert (
            children.output(
                """
            import threading, time
            errors = []
            def plain():
                try:
                    import foo
                except BaseException as error:
                    errors.append(repr(error))
            def versioned():
                time.sleep(0.1)
                try:
                    import foo.sub version 1
                except BaseException as error:
                    errors.append(repr(error))
            threads = [threading.Thread(target=plain), threading.Thread(target=versioned)]
            for one in threads: one.start()
            for one in threads: one.join(20)
            print(errors)
            """
            )
            == "[]"
        )

    def test_circle_entered_from_both_ends(self, execute, site):
        for mine, other in (("one", "two"), ("two", "one")):
            text = f"# coding: versioned\nimport time\ntime.sleep(0.05)\nimport {other} version 1\nDONE = 1\n"
            make_versioned(site, mine, "1.0", {f"{mine}.py": text})
        results = []

        def work(name):
            try:
                results.append(execute(f"import {name} version 1 as got")["got"].DONE)
            except BaseException as error:  # noqa: BLE001 it is what the thread got
                results.append(error)

        threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert results == [1, 1]


class TestMapping:
    """Spec 1.8: a mapping that can't be used never lets a file run with another version."""

    @pytest.mark.parametrize("value", ['{"foo": "banana"}', '{"foo": 1.0}', 'dict(foo="1.0")', '{"foo": "=>1"}'])
    def test_faulty_mapping_through_the_codec(self, children, site, value):
        make_versioned(site, "foo", "1.0")
        done = children.run(f"__import_versions__ = {value}\nimport foo\n")
        assert done.returncode == 1
        assert "SyntaxError: invalid syntax" in done.stderr
        assert 'app.py", line 2' in done.stderr
