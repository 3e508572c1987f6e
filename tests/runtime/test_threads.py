"""Threads: two threads that import the same name at once get one module or one clear error (spec 3.11)."""

import importlib
import importlib.metadata
import importlib.util
import sys
import threading

import pytest
from made import make_versioned

from versioned_import.errors import VersionConflictError
from versioned_import.runtime.pseudo_loader import PseudoLoader, pseudo_spec
from versioned_import.syntax.pseudo import encode
from versioned_import_startup import outside_import_lock

THREADS = 30
SLOW = "import time\nBEFORE = 1\ntime.sleep(0.002)\nVERSION = {!r}\nAFTER = 1\n"


def at_once(execute, statements):
    """Run each statement in a thread of its own, all let go together; return the modules or the exceptions they got."""
    barrier = threading.Barrier(len(statements))
    results = [None] * len(statements)

    def work(number, statement):
        barrier.wait()
        try:
            results[number] = execute(f"{statement} as got")["got"]
        except BaseException as error:  # noqa: BLE001 it is what the thread got
            results[number] = error

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(statements)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return results


@pytest.fixture(autouse=True)
def _often_switched():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def demo(site):
    for version in ("1.0", "2.0"):
        make_versioned(site, "demo", version, {"demo.py": SLOW.format(version)})


@pytest.mark.usefixtures("demo")
class TestSameName:
    def test_same_version(self, execute):
        modules = at_once(execute, ["import demo version 1"] * THREADS)
        assert set(map(id, modules)) == {id(sys.modules["demo"])}
        assert modules[0].AFTER == 1

    def test_same_version_by_different_clauses(self, execute):
        clauses = ["1", "1.0", "'<2'", "'==1.0'", "'>=1,<2'", "'demo==1.*'"]
        modules = at_once(execute, [f"import demo version {clause}" for clause in clauses] * 5)
        assert set(map(id, modules)) == {id(sys.modules["demo"])}
        assert (modules[0].__spec__.name, modules[0].__spec__.origin) == ("demo", modules[0].__file__)

    def test_different_versions(self, execute):
        results = at_once(execute, ["\nimport demo version 1", "\n\nimport demo version 2"] * (THREADS // 2))
        winner = sys.modules["demo"]
        won = 0 if winner.VERSION == "1.0" else 1
        assert all(module is winner for module in results[won::2])
        assert all(type(error) is VersionConflictError for error in results[1 - won :: 2])
        # Each loser is told of a statement that won.
        statement, place = ("import demo version 1", "app.py:2") if won == 0 else ("import demo version 2", "app.py:3")
        told = [str(error).split("\n", 1)[1] for error in results[1 - won :: 2]]
        assert all(statement in text and place in text for text in told)

    def test_plain_and_versioned(self, execute, monkeypatch, site):
        monkeypatch.setenv("VERSIONED_IMPORT_PATH", str(site))
        results = at_once(execute, ["import demo", "import demo version 1"] * 10)
        loaded = sys.modules["demo"]
        for result in results:
            assert result is loaded or isinstance(result, VersionConflictError)
        assert all(result is loaded for result in results[::2])


class TestManyNames:
    def test_thirty_threads_fifteen_modules(self, execute, site):
        for number in range(15):
            requires = [f"mod{number + 1}"] if number < 14 else []
            text = SLOW.format("1.0") + (f"import mod{number + 1}\n" if requires else "")
            make_versioned(site, f"mod{number}", "1.0", {f"mod{number}.py": text}, requires=requires)
        results = at_once(execute, [f"import mod{number % 15} version 1" for number in range(THREADS)])
        assert [result.__name__ for result in results] == [f"mod{number % 15}" for number in range(THREADS)]
        assert all(result is sys.modules[result.__name__] and result.AFTER for result in results)

    @pytest.mark.parametrize("statement", ["import demo version '>=1'", "import user version 1"])
    def test_version_that_another_thread_is_about_to_load_stays_chosen(self, execute, site, monkeypatch, statement):
        for version in ("1.0", "2.0"):
            make_versioned(site, "demo", version)
        make_versioned(site, "user", "1.0", {"user.py": "import demo\nVERSION = '1.0'\n"}, requires=["demo"])
        results = []

        class Waiting:
            """Lets another thread ask for another version when `demo` is chosen and not yet in `sys.modules`."""

            @staticmethod
            def find_spec(name, path=None, target=None):
                if name == "demo" and not results:
                    results.append(None)
                    thread = threading.Thread(target=other)
                    thread.start()
                    outside_import_lock(thread.join, 60)  # as while our own finder looks

        def other():
            try:
                execute("import demo version 1")
            except VersionConflictError as error:
                results.append(str(error))

        monkeypatch.setattr(sys, "meta_path", [Waiting, *sys.meta_path])
        execute(statement)
        assert sys.modules["demo"].VERSION == importlib.metadata.version("demo") == "2.0"
        assert "demo 2.0" in results[1]

    def test_own_statement_in_a_module_that_is_being_loaded_chooses_otherwise(self, execute, site):
        for version in ("1.0", "2.0"):
            make_versioned(site, "demo", version)
        text = "# coding: versioned\nimport demo version 1\nVERSION = '1.0'\n"
        make_versioned(site, "user", "1.0", {"user.py": text}, requires=["demo"])
        execute("import user version 1")
        assert sys.modules["demo"].VERSION == importlib.metadata.version("demo") == "1.0"

    def test_failure_of_one_takes_nothing_from_the_others(self, execute, site):
        make_versioned(site, "shared", "1.0")
        make_versioned(site, "bad", "1.0", {"bad.py": "import time\ntime.sleep(0.005)\n1 / 0\n"}, requires=["shared"])
        for number in range(10):
            text = f"{SLOW.format('1.0')}import shared\n"
            make_versioned(site, f"good{number}", "1.0", {f"good{number}.py": text}, requires=["shared"])
        statements = [f"import good{number} version 1" for number in range(10)]
        results = at_once(execute, [*statements, *["import bad version 1"] * 10])
        assert [type(result).__name__ for result in results] == ["module"] * 10 + ["ZeroDivisionError"] * 10


class TestSpecBetweenTwoThreads:
    """The loader behind the door gives the real module its own `__spec__` back, whatever another thread does meanwhile (D2)."""

    def test_two_loaders_at_once(self, execute, site):
        make_versioned(site, "demo", "1.0")
        demo = execute("import demo version 1")["demo"]
        own = demo.__spec__
        specs = [pseudo_spec(encode("demo", clause)) for clause in ("1.0", "<2")]
        stand_ins = [importlib.util.module_from_spec(spec) for spec in specs]
        assert demo not in stand_ins
        assert demo.__spec__ is own
        specs = [pseudo_spec(encode("demo", clause)) for clause in ("1.0", "<2")]
        assert [importlib._bootstrap._load(spec) for spec in specs] == [demo, demo]
        assert [sys.modules[encode("demo", clause)] for clause in ("1.0", "<2")] == [demo, demo]
        assert demo.__spec__ is own
        assert not [name for name in sys.modules if " " in name]

    def test_loader_that_made_nothing(self):
        import types

        module = types.ModuleType("demo")
        PseudoLoader("demo", "1", top=False).exec_module(module)
        assert module.__spec__ is None
