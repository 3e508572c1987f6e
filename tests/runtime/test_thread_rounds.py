"""Threads, again and again in a child process (spec 3.11): import locks, circles, failing imports, asyncio."""

from pathlib import Path

import pytest
from made import make_flat, make_versioned

ROUNDS = Path(__file__).with_name("rounds.py")
BEFORE = "import time\nBEFORE = 1\ntime.sleep(0.0005)\n"
COOKIE = "# coding: versioned\n"


@pytest.fixture
def program(children, site):
    """Return a function that runs a program with the cookie, and beside it `rounds`; it must print what is given."""
    children.write("rounds.py", ROUNDS.read_text(encoding="utf-8"))

    def run(text, output="", **options):
        done = children.run(text, **options)
        assert (done.returncode, done.stderr, done.stdout.strip()) == (0, "", output)

    return run


def distribution(site, name, body, version="1.0", **metadata):
    """Install a module that takes its time, and then has AFTER and its VERSION."""
    text = f"{COOKIE}{BEFORE}{body}\nVERSION = {version!r}\nAFTER = 1\n"
    make_versioned(site, name, version, {f"{name}.py": text}, **metadata)


class TestImportLocks:
    def test_two_modules_that_import_each_other_from_both_sides(self, program, site):
        distribution(site, "left", "import right version 1\ndef other(): return right.AFTER", requires=["right"])
        distribution(site, "right", "import left version 1\ndef other(): return left.AFTER", requires=["left"])
        program("""
            from rounds import rounds
            def left():
                import left version 1
                return left.AFTER, left.VERSION, left.__spec__.name
            def right():
                import right version 1
                return right.AFTER, right.VERSION, right.__spec__.name
            def check(got):
                assert got == [(1, "1.0", "left"), (1, "1.0", "right")] * 3, got
                import left, right
                assert left.other() == right.other() == 1
                assert not left.__spec__._initializing
            rounds(50, ("left", "right"), *[left, right] * 3, check=check)
            """)

    def test_circle_of_three_by_different_clauses(self, program, site):
        distribution(site, "one", "import two version '<2'", requires=["two"])
        distribution(site, "two", "import three version 1.0", requires=["three"])
        distribution(site, "three", "import one version '>=1'", requires=["one"])
        program("""
            from rounds import rounds
            def one():
                import one version 1
                return one.AFTER, one.two
            def two():
                import two version 1
                return two.AFTER, two.three
            def three():
                import three version 1
                return three.AFTER, three.one
            def check(got):
                import one, two, three
                assert got == [(1, two), (1, three), (1, one)] * 2, got
            rounds(50, ("one", "two", "three"), *[one, two, three] * 2, check=check)
            """)

    def test_thread_that_missed_the_name_before_a_circle_had_it(self, program, site, children):
        # It looks again when it has the lock, and Python then asks no spec whether the module is whole.
        children.write("events.py", "import threading\nmissed, met = threading.Event(), threading.Event()\n")
        distribution(site, "left", "import right version 1\nimport events\nevents.met.set()\ntime.sleep(0.1)")
        distribution(site, "right", "import left version 1\nHALF = not hasattr(left, 'AFTER')")
        program("""
            import events, threading
            from importlib import _bootstrap
            got = []
            def late():
                import left version 1
                got.append((left.AFTER, left.__spec__.name))
            real = _bootstrap._ModuleLockManager.__enter__
            def enter(self):
                if self._name.startswith("_versioned_left") and threading.current_thread() is thread and not got:
                    events.missed.set()
                    assert events.met.wait(20)
                return real(self)
            _bootstrap._ModuleLockManager.__enter__ = enter
            thread = threading.Thread(target=late)
            thread.start()
            assert events.missed.wait(20)
            import left version 1
            thread.join(20)
            assert got == [(1, "left")] and left.right.HALF, got
            """)

    @pytest.mark.parametrize("statement", ["import demo.sub version 1", "from demo.sub version 1 import BEFORE"])
    def test_half_made_module_does_not_stay_under_a_pseudo_name(self, program, site, children, statement):
        text = (
            f"import sys\n{statement}\nFOUND = [name for name in sys.modules if name.startswith('_versioned_demo')]\n"
        )
        children.write("mine.py", f"{COOKIE}{text}")
        files = {"demo/__init__.py": "", "demo/sub.py": f"{BEFORE}import mine\nAFTER = 1\n"}
        make_versioned(site, "demo", "1.0", files)
        program(f"""
            import sys
            {statement}
            import demo, mine
            assert mine.FOUND == []
            assert [name for name in sys.modules if name.startswith("_versioned_demo")]
            for one in (demo, demo.sub):
                assert one.__spec__.name == one.__name__ and not one.__spec__._initializing
                assert type(one.__spec__).__name__ == "ModuleSpec"
            """)

    def test_package_and_its_submodule(self, program, site):
        # Python's own statements end in errors about a deadlock here.
        files = {
            "demo/__init__.py": f"{BEFORE}from demo import sub\nAFTER = 1",
            "demo/sub.py": f"{BEFORE}import demo\nV = 1",
        }
        make_versioned(site, "demo", "1.0", files)
        program("""
            from rounds import rounds
            def package():
                import demo version 1
                return demo.AFTER, demo.sub.V
            def submodule():
                import demo.sub version 1
                return demo.AFTER, demo.sub.V
            def name():
                from demo.sub version 1 import V, demo
                return demo.AFTER, V
            def check(got):
                assert got == [(1, 1)] * 6, got
            rounds(50, ("demo",), *[package, submodule, name] * 2, check=check)
            """)

    def test_program_whose_modules_are_in_the_circle(self, program, site, children):
        distribution(site, "host", "import plugin_of_mine\ndef other(): return plugin_of_mine.AFTER")
        children.write("plugin_of_mine.py", f"{COOKIE}{BEFORE}import host version 1\nAFTER = 1\n")
        program("""
            from rounds import rounds
            def host():
                import host version 1
                return host.AFTER
            def plugin():
                import plugin_of_mine
                return plugin_of_mine.AFTER
            def check(got):
                assert got == [1] * 6, got
                import host
                assert host.other() == 1
            rounds(50, ("host", "plugin_of_mine"), *[host, plugin] * 3, check=check)
            """)

    def test_lazy_parts_of_versioned_import_itself(self, program, site):
        # In a process that has imported nothing of it before, all threads come to it at once.
        for version in ("1.0", "2.0"):
            distribution(site, "demo", "", version)
        program("""
            import sys, threading
            sys.setswitchinterval(1e-5)
            barrier, got = threading.Barrier(8), []
            def work(number):
                barrier.wait()
                try:
                    if number % 2:
                        import demo version 1
                    else:
                        import demo version 2
                    got.append(demo.VERSION)
                except ImportError as error:
                    got.append(type(error).__name__)
            threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join(40)
            import demo
            assert sorted(got) == sorted([demo.VERSION] * 4 + ["VersionConflictError"] * 4), got
            """)


class TestDifferentVersions:
    def test_one_wins_whole(self, program, site):
        for version, dep in (("1.0", "dep<2"), ("2.0", "dep>=2")):
            distribution(site, "demo", "import dep", version, requires=[dep])
            distribution(site, "dep", "", version)
        program("""
            import sys
            from importlib.metadata import version
            from versioned_import import VersionConflictError
            from rounds import rounds
            def first():
                import demo version 1
                return demo.VERSION, demo.dep.VERSION, demo.dep.AFTER
            def second():
                import demo version 2
                return demo.VERSION, demo.dep.VERSION, demo.dep.AFTER
            def third():
                import dep version 2
                return dep.VERSION, dep.VERSION, dep.AFTER
            def check(got):
                won = sys.modules["dep"].VERSION
                for number, one in enumerate(got):
                    if isinstance(one, VersionConflictError):
                        assert (number % 3 == 0) == (won == "2.0"), got
                        assert f"{__file__}:" in str(one).split("\\n", 1)[1], one
                    else:
                        assert one == (won, won, 1), got
                if "demo" in sys.modules:
                    assert version("demo") == version("dep") == won
            rounds(50, ("demo", "dep"), *[first, second, third] * 2, check=check)
            """)

    def test_flat_and_versioned(self, program, site):
        text = f"{BEFORE}VERSION = {{!r}}\nAFTER = 1\n"
        make_flat(site, "demo", "2.0", {"demo.py": text.format("2.0")})
        make_versioned(site, "demo", "1.0", {"demo.py": text.format("1.0")})
        program(
            """
            import sys
            from versioned_import import VersionConflictError
            from rounds import rounds
            def plain():
                import demo
                return demo.VERSION
            def first():
                import demo version 1
                return demo.VERSION
            def second():
                import demo version 2
                return demo.VERSION
            def check(got):
                won = sys.modules["demo"].VERSION
                assert all(one == won or isinstance(one, VersionConflictError) for one in got), got
                assert got[0] == got[3] == won, got
            rounds(50, ("demo",), *[plain, first, second] * 2, check=check)
            """,
            environ={"PYTHONPATH": str(site)},
        )


class TestFailures:
    def test_a_version_that_fails_beside_one_that_does_not(self, program, site):
        for version, text in (("1.0", "1 / 0"), ("2.0", "")):
            files = {"demo/__init__.py": f"from demo.sub import V\n{BEFORE}{text}\nVERSION = V\n"}
            make_versioned(site, "demo", version, {**files, "demo/sub.py": f"{BEFORE}V = {version!r}\n"})
        program("""
            import sys
            from versioned_import import VersionConflictError
            from rounds import rounds
            def first():
                import demo version 1
            def second():
                import demo version 2
                return demo.VERSION, demo.sub.V
            def check(got):
                assert all(isinstance(one, (ZeroDivisionError, VersionConflictError)) for one in got[::2]), got
                assert all(one == ("2.0", "2.0") or isinstance(one, VersionConflictError) for one in got[1::2]), got
                assert second() == ("2.0", "2.0")
                assert not [one for one in sys.modules.values() if "demo-1.0" in str(getattr(one, "__file__", ""))]
            rounds(50, ("demo",), *[first, second] * 3, check=check)
            """)

    def test_a_thread_fails_while_another_one_takes_its_answer_back(self, program, site, children):
        # The second one seems to have loaded the module, when the first one looks, and fails right then.
        make_versioned(site, "demo", "1.0", {"demo.py": "import events\nevents.fail()\n"})
        make_versioned(site, "demo", "2.0", {"demo.py": "VERSION = '2.0'\n"})
        children.write(
            "events.py",
            """
            import threading, time
            from versioned_import.runtime.state import state
            looked = threading.Event()
            def until(condition):
                end = time.monotonic() + 20
                while not condition():
                    assert time.monotonic() < end
                    time.sleep(0.001)
            def fail():
                if threading.current_thread() is threading.main_thread():
                    other.start()
                    until(lambda: len(state.answered) == 2)
                else:
                    assert looked.wait(20)
                1 / 0
            """,
        )
        program("""
            import events, sys, threading
            from versioned_import.runtime import remnants, taking_back
            def first():
                try:
                    import demo version 1
                except ZeroDivisionError:
                    pass
            take_back, being_loaded = taking_back.take_back, remnants.being_loaded
            def take_back_late(*arguments):
                if threading.current_thread() is threading.main_thread():
                    events.until(lambda: "demo" in sys.modules)
                take_back(*arguments)
            def look_late(module):
                if threading.current_thread() is threading.main_thread() and not events.looked.is_set():
                    events.looked.set()
                    events.until(lambda: not being_loaded(module))
                return being_loaded(module)
            taking_back.take_back, remnants.being_loaded = take_back_late, look_late
            events.other = threading.Thread(target=first)
            first()
            events.other.join(20)
            assert events.looked.is_set() and events.state.answered == [], events.state.answered
            import demo version 2
            assert demo.VERSION == "2.0"
            """)

    def test_all_fail_and_then_none_does(self, program, site, children):
        children.write("failing.py", "NOW = True\n")
        files = {
            "demo/__init__.py": f"from demo.sub import V\nimport failing\n{BEFORE}if failing.NOW: 1 / 0\nVERSION = V\n"
        }
        make_versioned(site, "demo", "1.0", {**files, "demo/sub.py": f"{BEFORE}V = '1.0'\n"})
        program("""
            import failing, sys
            from rounds import at_once, rounds
            def work():
                import demo version 1
                return demo.VERSION
            def submodule():
                import demo.sub version '>=1'
                return demo.VERSION
            def check(got):
                assert all(isinstance(one, ZeroDivisionError) for one in got), got
                failing.NOW = False
                assert at_once(work, submodule, work) == ["1.0"] * 3
                failing.NOW = True
            rounds(50, ("demo",), *[work, submodule] * 3, check=check)
            """)


class TestAsyncio:
    def test_tasks_and_threads_of_a_loop(self, program, site):
        for version in ("1.0", "2.0"):
            distribution(site, "demo", "import dep version 1", version, requires=["dep"])
        distribution(site, "dep", "")
        program("""
            import asyncio, sys
            from versioned_import import VersionConflictError
            from rounds import rounds
            def work(number):
                if number % 2:
                    import demo version 1
                else:
                    import demo version 2
                return demo.VERSION, demo.dep.AFTER
            async def task(number):
                await asyncio.sleep(0)
                return work(number)
            async def everything():
                threads = [asyncio.to_thread(work, number) for number in range(4)]
                return await asyncio.gather(*threads, *map(task, range(4)), return_exceptions=True)
            def check(got):
                (results,) = got
                won = sys.modules["demo"].VERSION
                assert [one for one in results if type(one) is tuple] == [(won, 1)] * 4, results
                assert all(isinstance(one, (tuple, VersionConflictError)) for one in results), results
            rounds(50, ("demo", "dep"), lambda: asyncio.run(everything()), check=check)
            """)


class TestCircles:
    """A circular import through a versioned statement, in one thread: as with plain statements."""

    @pytest.mark.parametrize("first", ["import mine", "import theirs version 1"])
    def test_module_of_the_program_and_a_distribution(self, program, site, children, first):
        distribution(site, "theirs", "import mine\ndef other(): return mine.AFTER")
        text = "import theirs version 1\nAFTER = 1\ndef other(): return theirs.AFTER\n"
        children.write("mine.py", f"{COOKIE}{text}")
        program(f"{first}\nimport mine, theirs\nprint(mine.other(), theirs.other(), mine.theirs is theirs)", "1 1 True")

    def test_module_that_the_hook_loads(self, program, site, children):
        distribution(site, "theirs", "import mine\ndef other(): return mine.AFTER")
        children.write("mine.py", "import theirs version 1\nAFTER = 1\ndef other(): return theirs.AFTER\n")
        program(
            """
            import versioned_import
            with versioned_import.enable("mine"):
                import mine
            import theirs
            print(mine.other(), theirs.other(), mine.theirs is theirs, theirs.__spec__.name)
            """,
            "1 1 True theirs",
        )

    def test_module_that_the_runner_runs(self, site, children):
        distribution(site, "theirs", "import mine\ndef other(): return mine.AFTER")
        children.write("mine.py", "import theirs version 1\nAFTER = 1\ndef other(): return theirs.AFTER\n")
        script = children.write("app.py", "import mine\nprint(mine.other(), mine.theirs.other())\n")
        done = children.start("-m", "versioned_import", script)
        assert (done.returncode, done.stderr, done.stdout) == (0, "", "1 1\n")

    def test_a_name_that_is_not_there_yet_is_told_as_always(self, site, children):
        distribution(site, "theirs", "from mine import AFTER")
        children.write("mine.py", f"{COOKIE}from theirs version 1 import VERSION\nAFTER = 1\n")
        done = children.run("import mine")
        error = "ImportError: cannot import name 'AFTER' from partially initialized module 'mine' (most likely due to a"
        assert error in done.stderr

    def test_the_same_of_a_versioned_statement(self, site, children):
        distribution(site, "theirs", "import mine")
        children.write("mine.py", f"{COOKIE}from theirs version 1 import VERSION\nAFTER = 1\n")
        done = children.run("import theirs version 1")
        error = (
            "ImportError: cannot import name 'VERSION' from partially initialized module 'theirs' (most likely due to a"
        )
        assert error in done.stderr
