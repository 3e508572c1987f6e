"""What the stress test (tests/conformance/stress.py) found, each as a plain test."""

import pytest
from made import make_flat, make_versioned, settle

from versioned_import.errors import VersionConflictError


class TestImportLock:
    """Spec 3.11. Python asks finders with its global import lock held, and sees no deadlock that this lock is part of."""

    @pytest.mark.parametrize("statement", ["import first", "import first version 1"])
    def test_answer_while_another_thread_imports_what_the_resolver_needs(self, children, site, statement):
        make_versioned(site, "first", "1.0")
        settle(site)
        program = f"""
            import sys, threading
            barrier = threading.Barrier(2)
            def ours():
                barrier.wait()
                {statement}
            def others():
                barrier.wait()
                import ast, dataclasses, email.parser, inspect, tempfile, tokenize, typing
            sys.setswitchinterval(1e-5)
            threads = [threading.Thread(target=one, daemon=True) for one in (ours, others)]
            for one in threads: one.start()
            for one in threads: one.join(20)
            print([one.is_alive() for one in threads])
            """
        for number in range(3):
            environ = {"VERSIONED_IMPORT_CACHE_DIR": str(site.parent / f"cache{number}")}
            assert children.output(program, environ=environ) == "[False, False]"


class TestHalfDeleted:
    """Spec 3.7: a dependency whose module is missing gave its place to a flat install of another version."""

    def test_dependency_that_lacks_its_module_is_not_chosen(self, execute, site):
        make_versioned(site, "foo", "1.0", {"foo.py": "import dep\nGOT = dep.VERSION\n"}, requires=["dep>=2"])
        make_versioned(site, "dep", "2.0")
        (make_versioned(site, "dep", "2.1") / "dep.py").unlink()
        assert execute("import foo version 1")["foo"].GOT == "2.0"

    def test_only_dependency_lacks_its_module(self, execute, site, second_site, monkeypatch):
        make_versioned(site, "foo", "1.0", {"foo.py": "import dep\n"}, requires=["dep>=2"])
        (make_versioned(site, "dep", "2.1") / "dep.py").unlink()
        make_flat(second_site, "dep", "1.0")
        monkeypatch.syspath_prepend(str(second_site))
        with pytest.raises(ImportError, match=r"foo 1.0 asks for dep>=2"):
            execute("import foo version 1")

    def test_module_is_deleted_after_the_choice(self, execute, site, second_site, monkeypatch):
        make_versioned(site, "foo", "1.0", requires=["dep>=2"])
        dep = make_versioned(site, "dep", "2.1")
        make_flat(second_site, "dep", "1.0")
        monkeypatch.syspath_prepend(str(second_site))
        execute("import foo version 1")
        (dep / "dep.py").unlink()
        with pytest.raises(ModuleNotFoundError, match=r"dep 2.1 was chosen, and has no such module any more"):
            execute("import dep")


class TestLeftByAFailure:
    """Spec 3.7: what an import that failed has loaded is fixed, and so is what that requires."""

    def test_what_is_loaded_still_has_its_requirements(self, execute, site):
        make_versioned(site, "foo", "1.0", {"foo.py": "import dep\n1 / 0\n"}, requires=["dep"])
        make_versioned(site, "foo", "2.0")
        make_versioned(site, "dep", "1.0", requires=["foo<2"])
        with pytest.raises(ZeroDivisionError):
            execute("import foo version 1")
        with pytest.raises(VersionConflictError) as caught:
            execute("import foo version 2")
        assert "\n  dep 1.0 asks for foo<2; it was chosen for what is loaded already\n" in str(caught.value)

    def test_statement_of_code_that_failed_is_nobodys_wish(self, execute, site):
        asking = "# coding: versioned\nimport foo version '==1.0'\n1 / 0\n"
        make_versioned(site, "foo", "1.0", {"foo.py": "import dep\n"}, requires=["dep"])
        make_versioned(site, "foo", "2.0")
        make_versioned(site, "dep", "1.0", {"dep.py": asking}, requires=["foo==1.0"])
        with pytest.raises(ZeroDivisionError):
            execute("import foo version 1")
        assert execute("import foo version 2")["foo"].VERSION == "2.0"
