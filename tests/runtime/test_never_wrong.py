"""Spec 8: "Never silently another version than was asked": ways in which a reviewer got one, each closed."""

import os
import threading

import pytest
from made import make_flat, make_versioned, settle, write

from versioned_import.metadata import catalogue
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
