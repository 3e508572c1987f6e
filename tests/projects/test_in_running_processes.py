"""A lock that is put in force in a running process, and one whose first clause is met by several threads."""

import pytest
from environment import Environment
from made import one_package

ENABLED = "import versioned_import\nversioned_import.enable('mod')\n"
ACTIVATED = "import versioned_import\nversioned_import.activate({program!r})\n"
OTHER = "import demo version 1.0"


@pytest.fixture
def home(tmp_path):
    """Return an environment with two versions of one distribution, of which one is locked, and a flat install."""
    home = Environment(tmp_path / "home")
    for version in ("1.0", "2.0"):
        home.versioned("demo", version, one_package("demo", version))
    home.flat("plain", "3.0", one_package("plain", "3.0"))
    home.lock("demo==2.0", "plain==3.0")
    home.settle()
    return home


@pytest.fixture
def apart(home):
    """Return a function that writes a file into a directory that has no lock above it."""
    (home.place / "apart").mkdir()

    def write(name, text):
        path = home.place / "apart" / name
        path.write_text(text.format(program=str(home.program)))
        return path

    return write


class TestClausesAfterActivation:
    """projects.md: "Only what is locked can be imported", whichever finder of ours is there already."""

    @pytest.mark.parametrize("way", ["runner", "cookie", "enabled", "selected"])
    def test_another_version_than_the_locked_one_is_refused(self, home, apart, way):
        statement = f"{OTHER}\nprint(demo.VERSION)\n"
        if way == "enabled":
            apart("mod.py", statement)
            app = apart("app.py", f"{ENABLED}{ACTIVATED}import mod\n")
        else:
            before = "import versioned_import as us\nus.require('plain')\n" if way == "selected" else ""
            app = apart("app.py", f"{'' if way == 'runner' else '# coding: versioned'}\n{before}{ACTIVATED}{statement}")
        done = home.start(*(["-m", "versioned_import"] if way == "runner" else []), app)
        assert (done.returncode, done.stdout) == (1, "")
        assert "the lock has another version" in done.stderr
        assert "sys.meta_path" not in done.stderr

    def test_children_still_run_from_the_lock_after_a_clause(self, home, apart):
        apart("mod.py", "import demo version 2.0\n")
        work = "def work(_):\n    import plain, mod\n    return plain.VERSION, mod.demo.VERSION\n"
        pool = (
            "import multiprocessing as m\n    with m.get_context('spawn').Pool(1) as pool: print(pool.map(work, [0]))\n"
        )
        main = f"if __name__ == '__main__':\n    import mod\n    {pool}"
        app = apart("app.py", f"{ENABLED}{work}{ACTIVATED}{main}")
        assert home.output(app) == "[('3.0', '2.0')]"

    @pytest.mark.parametrize("odd", ["ModuleType('odd')", "Lazy('odd')"])
    def test_odd_modules_are_passed_over(self, home, apart, odd):
        lazy = "class Lazy(ModuleType):\n    def __getattr__(self, name): raise ImportError(name)\n"
        made = (
            f"import sys\nfrom types import ModuleType\n{lazy}odd = sys.modules['odd'] = {odd}\nodd.__path__ = None\n"
        )
        app = apart("app.py", f"{made}{ACTIVATED}import demo; print(demo.VERSION)\n")
        assert home.output(app) == "2.0"


class TestRunner:
    """architecture.md 4: a program that runs from its lock gets what answers statements with the first clause."""

    def test_threads_that_meet_the_first_clause_together(self, home):
        for number in range(30):
            home.write(f"own{number}.py", f"NUMBER = {number}\n")
        home.write("mod.py", "import demo version 2.0\nNUMBER = demo.VERSION\n")
        text = """
        from concurrent.futures import ThreadPoolExecutor
        from importlib import import_module
        names = ["mod", *(f"own{number}" for number in range(30))]
        with ThreadPoolExecutor(8) as pool:
            print([module.NUMBER for module in pool.map(import_module, names)] == ["2.0", *range(30)])
        """
        app = home.write("app.py", text)
        for _ in range(6):
            assert home.output("-m", "versioned_import", app) == "True"

    @pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
    def test_workers_know_the_program_and_the_lock(self, home, method):
        home.write("mod.py", "import demo version 2.0\nNUMBER = demo.VERSION\n")
        text = f"""
        import demo version 2.0 as locked
        import multiprocessing
        def work(_):
            import mod, plain
            return mod.NUMBER, plain.VERSION, locked.VERSION
        if __name__ == "__main__":
            with multiprocessing.get_context({method!r}).Pool(1) as pool:
                print(pool.map(work, [0]))
        """
        app = home.write("app.py", text)
        assert home.output("-m", "versioned_import", app) == "[('2.0', '3.0', '2.0')]"

    def test_what_stands_behind_the_site_directories_goes_after_what_is_locked(self, home):
        """architecture.md 4: "site-packages come last in any Python", but for what a program adds behind them."""
        (home.program / "behind").mkdir()
        home.write("demo.txt", "")  # so that the name is one of the program's tree
        home.write("behind/demo.py", "VERSION = 'own'\n")
        text = """
        import os, sys
        sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "behind"))
        import demo
        print(demo.VERSION)
        """
        app = home.write("app.py", text)
        assert home.output("-m", "versioned_import", app) == "2.0"
        assert home.output(app, environ={"VERSIONED_IMPORT_PROJECT": home.program}) == "2.0"
