"""The short way: what a statement comes to is noted, and a later process takes it from there (architecture, D12)."""

import json
import os
import subprocess
import sys
import textwrap

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import make_flat, make_versioned, one_package, remove, settle

from versioned_import.metadata.places import kept_data
from versioned_import.metadata.store import data_to_keep

WAY = "__import__('sys').modules.keys() & {'versioned_import.runtime.state'} and 'whole' or 'short'"
ABSENT = "try: import solo\nexcept ImportError as error: print(error)\nelse: print(solo.VERSION)\n"


@pytest.fixture
def run(children, site, second_site):
    """Return a function that runs statements in a new process: what `report` says there, and which way they went."""

    def go(statements, report="demo.VERSION", **options):
        text = f"{textwrap.dedent(statements)}\nway = {WAY}\nprint({report})\nprint(way)\n"
        *said, way = children.output(text, **options).split("\n")
        return "\n".join(said), way

    settle(site, second_site)
    return go


@pytest.fixture
def three(run):
    """Return a function that runs statements in three new processes, which must say the same; what, and the last one's way."""

    def go(statements, report="demo.VERSION", **options):
        first, second, third = (run(statements, report, **options) for _ in range(3))
        assert first[1] == "whole"
        assert first[0] == second[0] == third[0]
        return third

    return go


@pytest.fixture
def demo(site, second_site):
    make_versioned(
        site, "demo", "1.0", one_package("demo", "1.0", sub="import dep\nV = dep.VERSION"), requires=["dep<2"]
    )
    make_versioned(site, "demo", "2.0", one_package("demo", "2.0"), requires=["dep"])
    make_versioned(site, "dep", "1.0")
    make_versioned(site, "dep", "2.0")
    make_versioned(site, "other", "1.0", requires=["dep"])
    settle(site, second_site)


@pytest.fixture(autouse=True)
def _settled_interpreter():
    """Let the interpreter's own site-packages be settled as well: an install may have just happened there."""
    from versioned_import.metadata.catalogue import is_settled
    from versioned_import.resolver.search_path import search_path

    if not all(map(is_settled, search_path())):
        pytest.skip("something was installed into this interpreter a moment ago")


@pytest.fixture
def note(demo, run, tmp_path):
    """Return the file that holds the note of `import demo version 1`."""
    run("import demo version 1")
    (file,) = (tmp_path / "cache" / "shortcuts").iterdir()
    return file


@pytest.mark.usefixtures("demo")
class TestTaken:
    @pytest.mark.parametrize(
        ("statements", "report", "said"),
        [
            ("import demo version 1", "demo.VERSION", "1.0"),
            ("import demo version 1\nimport other version 1\nimport dep", "other.VERSION, dep.VERSION", "1.0 1.0"),
            ("import demo version 1\nimport dep\nimport dep version '>=0.5'", "dep.VERSION", "1.0"),
            ("import demo.sub version 1\nfrom demo.sub version 1.0 import V", "demo.sub.V, V", "1.0 1.0"),
            ("from demo version '>=1,<2' import VERSION as v", "v", "1.0"),
            ("import demo version 1\ntry: import demo.absent\nexcept ImportError: pass", "demo.VERSION", "1.0"),
            ("def f():\n    import demo version 1 as it\n    return it\nf()\nf()", "f().VERSION", "1.0"),
        ],
    )
    def test_by_usual_programs(self, three, statements, report, said):
        assert three(statements, report) == (said, "short")

    def test_by_modules_that_are_compiled_already(self, children, site, second_site):
        children.write("module.py", "# coding: versioned\nimport demo version 1\n")
        main = children.write("main.py", f"import module\nway = {WAY}\nprint(module.demo.VERSION, way)\n")
        settle(site, second_site)
        assert [children.start(main).stdout for _ in range(3)] == ["1.0 whole\n", "1.0 short\n", "1.0 short\n"]

    def test_by_what_a_package_asks_for_itself(self, three, site, second_site):
        make_versioned(site, "outer", "1.0", {"outer.py": "# coding: versioned\nimport demo version 1"})
        settle(site, second_site)
        assert three("import outer version 1", "outer.demo.VERSION") == ("1.0", "short")

    def test_children_have_the_selection(self, three, children):
        child = children.write("child.py", "import demo, dep; print(demo.VERSION, dep.VERSION)")
        start = f"import subprocess, sys\nsaid = subprocess.check_output([sys.executable, {str(child)!r}], text=True)"
        assert three(f"import demo version 1\n{start}", "said.strip()") == ("1.0 1.0", "short")

    @pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
    def test_workers_have_the_selection(self, children, site, second_site, method):
        if method != "spawn" and not hasattr(os, "fork"):
            pytest.skip("there is no fork here")
        children.write("work.py", "def done(_):\n    import dep\n    return dep.VERSION\n")
        main = f"""
            # coding: versioned
            import demo version 1
            import work
            if __name__ == "__main__":
                import multiprocessing
                way = {WAY}
                with multiprocessing.get_context({method!r}).Pool(1) as pool:
                    print(pool.map(work.done, [1]), way)
        """
        main = children.write("main.py", textwrap.dedent(main).lstrip())
        settle(site, second_site)
        said = [children.start(main).stdout for _ in range(3)]
        assert said == ["['1.0'] whole\n", "['1.0'] short\n", "['1.0'] short\n"]

    def test_who_asks_for_more_learns_all(self, three, children):
        text = """
            import demo version 1
            from dep version 1 import VERSION
            import importlib.metadata, pkgutil, versioned_import
            said = importlib.metadata.version("demo"), versioned_import.version_of(demo)
            names = [one.name for one in pkgutil.iter_modules() if one.name in ("demo", "dep", "other")]
        """
        told = three(text, "*said, names, versioned_import.selection()")
        first, _, table = told[0].partition("distribution")
        assert first == "1.0 1.0 ['demo', 'dep'] "
        assert f"import demo version 1 ({children.program}/app.py:3)\n" in table
        assert f"import dep version 1 ({children.program}/app.py:4); demo 1.0 requires dep<2" in table
        assert told[1] == "whole"


@pytest.mark.usefixtures("demo")
class TestNotTaken:
    @pytest.mark.parametrize(
        "first",
        [
            "import dep version 1",
            "import other",
            "import versioned_import; versioned_import.require('demo==1.0')",
            "import multiprocessing.spawn",
            "import sys; sys.meta_path.insert(0, type('Finder', (), {'find_spec': staticmethod(lambda *_: None)}))",
            "import sys, types; sys.modules['dependent'] = types.ModuleType('dependent')",
        ],
    )
    def test_after_something_else(self, run, first):
        run("import demo version 1")
        assert run("import demo version 1") == ("1.0", "short")
        assert run(f"{first}\nimport demo version 1") == ("1.0", "whole")

    def test_of_an_unusual_kind(self, three, site, second_site):
        make_flat(site, "flat", "1.0")
        make_versioned(site, "needs-flat", "1.0", requires=["flat"])
        make_versioned(site, "ns-a", "1.0", {"ns/a.py": "VERSION = '1.0'"})
        settle(site, second_site)
        assert three("import needs_flat version 1", "needs_flat.VERSION") == ("1.0", "whole")
        assert three("import ns.a version 1", "ns.a.VERSION") == ("1.0", "whole")

    def test_in_a_circle(self, three, site, second_site):
        again = "# coding: versioned\nfor _ in range(3):\n    import left version 1\n"
        make_versioned(site, "left", "1.0", {"left.py": "# coding: versioned\nimport right version 1"})
        make_versioned(site, "right", "1.0", {"right.py": again})
        settle(site, second_site)
        count = "__import__('os').environ['VERSIONED_IMPORT_SELECTION'].count('right.py:3')"
        assert three("import left version 1", count) == ("1", "whole")

    def test_what_is_installed_and_uninstalled(self, run, site, second_site):
        for version in ("1.5", "1.0", "1.5"):
            if version == "1.5":
                make_versioned(site, "demo", "1.5")
            else:
                remove(site / "demo-1.5")
            settle(site, second_site)
            assert run("import demo version 1")[0] == version
            assert run("import demo version 1") == (version, "short")

    def test_relative_search_path(self, three):
        environ = {"VERSIONED_IMPORT_PATH": os.path.join("..", "site")}
        assert three("import demo version 1", environ=environ) == ("1.0", "whole")

    def test_traced(self, run, children):
        run("import demo version 1")
        done = [children.run("import demo version 1", environ={"VERSIONED_IMPORT_TRACE": "1"}) for _ in range(2)]
        assert done[0].stderr == done[1].stderr != ""

    def test_traced_from_within(self, three, children):
        text = "import os\nos.environ['VERSIONED_IMPORT_TRACE'] = '1'\nimport demo version 1"
        said = [children.run(text).stderr for _ in range(3)]
        assert said[1] == said[2] != ""


@pytest.mark.usefixtures("demo")
class TestSearchPathOfTheProgram:
    """What a program lists itself, in its first lines, is what its statements are answered from."""

    @pytest.fixture
    def third(self, tmp_path):
        path = tmp_path / "third"
        path.mkdir()
        make_versioned(path, "demo", "1.5")
        make_versioned(path, "solo", "1.0")
        settle(path)
        return path

    def test_listed_by_the_program(self, run, third):
        listing = f"import os\nos.environ['VERSIONED_IMPORT_PATH'] = {str(third)!r}\nimport demo version 1"
        for _ in range(2):
            assert run("import demo version 1")[0] == "1.0"
            assert run(listing)[0] == "1.5"
        assert run("import demo version 1") == ("1.0", "short")
        assert run(listing) == ("1.5", "short")

    def test_name_that_is_nowhere_there(self, children, third, site):
        """That nothing has a name is noted for the search path in which it was looked for."""
        children.environ["VERSIONED_IMPORT_PATH"] = str(third)
        unused = "if 0:\n    import solo version 1\n"
        listing = f"import os\nos.environ['VERSIONED_IMPORT_PATH'] = {str(site)!r}\n{ABSENT}{unused}"
        for _ in range(3):
            assert children.output(listing) == "No module named 'solo'"
            assert children.output(ABSENT + unused) == "1.0"


class TestFailing:
    @pytest.fixture(autouse=True)
    def _failing(self, site, second_site):
        make_versioned(site, "bad", "1.0", {"bad.py": "import dep\nraise ValueError('bad')"}, requires=["dep<2"])
        make_versioned(site, "bad", "2.0", requires=["needed"])
        make_versioned(site, "needed", "1.0")
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        make_versioned(site, "other", "1.0", requires=["dep"])
        settle(site, second_site)

    def test_another_version_after_it(self, three):
        text = "try: import bad version 1\nexcept ValueError: pass\nimport bad version 2\nimport other version 1\nimport dep"
        report = "bad.VERSION, other.VERSION, dep.VERSION, *sorted(__import__('versioned_import').selection())"
        assert three(text, report) == ("2.0 1.0 1.0 bad dep needed other", "whole")

    @pytest.mark.parametrize(
        "text",
        [
            "import bad version 3",
            "import bad version 2\nimport bad version 1",
            "import other version 1\nimport dep version 3",
        ],
    )
    def test_same_words(self, children, text, site, second_site):
        settle(site, second_site)
        said = [children.run(text).stderr for _ in range(2)]
        assert said[0] == said[1]
        assert "versioned_import.Version" in said[0]


class TestThreads:
    @pytest.fixture(autouse=True)
    def _many(self, site, second_site):
        for name in "abcdef":
            make_versioned(site, f"p{name}", "1.0", requires=["common<2"])
        make_versioned(site, "common", "1.0")
        make_versioned(site, "common", "2.0")
        slow = "import threading, time\nthreading.begun.set()\ntime.sleep(0.3)\nimport common\nVERSION = '1.0'"
        make_versioned(site, "slow", "1.0", {"slow.py": slow}, requires=["common<2"])
        make_versioned(site, "slow", "2.0", requires=["common"])
        settle(site, second_site)

    def test_first_statements_of_several_threads(self, children):
        """They load our own modules at once; each has to wait for what another one is loading, and none for ever."""
        for name in "abcdef":
            children.write(f"m{name}.py", f"# coding: versioned\nimport p{name} version 1\n")
        main = """
            import importlib, sys, threading
            sys.setswitchinterval(1e-5)
            barrier, said = threading.Barrier(6), []
            def go(name):
                barrier.wait()
                try: said.append(getattr(importlib.import_module(f"m{name}"), f"p{name}").VERSION)
                except BaseException as error: said.append(repr(error))
                try: importlib.import_module(f"absent{name}")
                except ModuleNotFoundError: pass
            threads = [threading.Thread(target=go, args=(name,), daemon=True) for name in "abcdef"]
            for one in threads: one.start()
            for one in threads: one.join(20)
            import common
            print(*said, common.VERSION)
        """
        main = children.write("main.py", textwrap.dedent(main))
        assert {children.start(main).stdout for _ in range(6)} == {f"{'1.0 ' * 6}1.0\n"}

    def test_taken_over_while_another_thread_imports(self, three):
        text = """
            import threading
            threading.begun = threading.Event()
            said = {}
            def first():
                import slow version 1
                said[0] = slow.VERSION
            def second():
                threading.begun.wait(20)
                import versioned_import
                said[1] = sorted(versioned_import.selection())
                try:
                    import slow version 2
                except ImportError as error:
                    said[2] = type(error).__name__
            threads = [threading.Thread(target=one) for one in (first, second)]
            for one in threads: one.start()
            for one in threads: one.join(20)
        """
        told = three(text, "*map(said.get, range(3))")
        assert told == ("1.0 ['common', 'slow'] VersionConflictError", "whole")

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
    def test_fork_while_another_thread_imports(self, run):
        """The thread is not in the child, so nothing there is being loaded by it."""
        quiet = "-s", "-W", "ignore::DeprecationWarning"  # Python 3.12 and later warn of such a fork
        begin = "import os, threading\nthreading.begun = threading.Event()\n"
        run(f"{begin}import slow version 1", "slow.VERSION")
        text = """
            def first():
                import slow version 1
            thread = threading.Thread(target=first)
            thread.start()
            threading.begun.wait(20)
            child = os.fork()
            if not child:
                from versioned_import.runtime.state import state
                os._exit(len(state.loading) * 2 + (list(state.selection) != ["slow", "common"]))
            thread.join()
        """
        assert run(begin + textwrap.dedent(text), "os.waitpid(child, 0)[1]", switches=quiet) == ("0", "short")


class TestNote:
    def test_garbage(self, note, run):
        for garbage in (b"", note.read_bytes()[:-1], b"00000000", data_to_keep(None)):
            note.write_bytes(garbage)
            assert run("import demo version 1") == ("1.0", "whole")

    def test_of_another_release(self, note, run):
        whose, asked, notes = kept_data(str(note))
        for other in ((whose.replace("2", "1", 1), asked, notes), (whose.split()[-1], asked, [(1, 2)])):
            note.write_bytes(data_to_keep(other))
            assert run("import demo version 1") == ("1.0", "whole")
            assert run("import demo version 1") == ("1.0", "short")

    def test_whole_files_that_hold_something_else(self, note, run):
        whose, asked, notes = kept_data(str(note))
        seen, earlier, stamps, closure, head = notes[0]
        for other in (
            (whose, asked[:2], notes),
            (whose, asked, None),
            (whose, asked, [1]),
            (whose, asked, [(seen, earlier, stamps, closure)]),
            (whose, asked, [(seen, earlier, [1], closure, head)]),
            (whose, asked, [(seen, earlier, stamps, [closure[0][:4]], head)]),
            (whose, asked, [(seen, earlier, stamps, closure, ())]),
            (whose, asked, [(seen, earlier, stamps, [(*closure[0][:3], 5, *closure[0][4:])], head)]),
            (whose, (5, *asked[1:]), notes),
        ):
            note.write_bytes(data_to_keep(other))
            assert run("import demo version 1") == ("1.0", "whole")

    def test_of_another_statement_under_the_same_number(self, note, run):
        """The number of a file is short: two statements may have the same one."""
        whose, asked, notes = kept_data(str(note))
        note.write_bytes(data_to_keep((whose.replace("demo", "dep"), ("dep", *asked[1:]), notes)))
        assert run("import demo version 1") == ("1.0", "whole")

    def test_somebody_elses(self, note, run):
        if not hasattr(os, "geteuid") or os.geteuid() != 0:
            pytest.skip("only root can give files away")
        os.chown(note, 4711, 4711)
        assert run("import demo version 1") == ("1.0", "whole")

    def test_situations_have_each_their_own(self, note, run):
        for _ in range(2):
            for switches in (("-s",), ("-s", "-O"), ("-s", "-X", "utf8")):
                said = run("import demo version 1", switches=switches)
        assert said == ("1.0", "short")
        assert len(kept_data(str(note))[2]) == 3

    @pytest.mark.property
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_flipped_bytes(self, note, run, data):
        good = note.read_bytes()
        broken = bytearray(good)
        for _ in range(data.draw(st.integers(1, 3))):
            broken[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(1, 255))
        note.write_bytes(broken)
        try:
            assert run("import demo version 1")[0] == "1.0"
        finally:
            note.write_bytes(good)

    def test_threads_read_their_own(self, note, run, process, monkeypatch):
        """What was read last may be another thread's, which has no lock while it reads."""
        from versioned_import.runtime import noted

        monkeypatch.setattr(noted.short, "notes", ("", ()))
        monkeypatch.setattr(noted, "asked", lambda pseudo: setattr(noted.short, "notes", ("another", [1])))
        assert noted.recall("_versioned_demo_v1") is None


@pytest.mark.usefixtures("demo")
class TestOthersWhoLookAtTheSelection:
    """What asks whether anything is selected sees what went the short way."""

    @pytest.fixture
    def lock(self, tmp_path):
        wheel = {"url": "https://index.example/x-1-py3-none-any.whl", "hashes": {"sha256": "0" * 64}}
        packages = [("demo", "1.0"), ("dep", "2.0")]
        text = 'lock-version = "1.0"\ncreated-by = "made"\n'
        for name, version in packages:
            inline = f'name = "{name}-{version}-py3-none-any.whl", url = "{wheel["url"]}", hashes = {{ sha256 = "{"0" * 64}" }}'
            text += f'[[packages]]\nname = "{name}"\nversion = "{version}"\nwheels = [{{ {inline} }}]\n'
        (tmp_path / "pylock.toml").write_text(text)
        return tmp_path / "pylock.toml"

    def test_project_that_is_activated_later(self, three, lock):
        text = f"import demo version 1\nimport versioned_import\nversioned_import.activate({str(lock)!r})\nimport dep"
        assert three(text, "demo.VERSION, dep.VERSION") == ("1.0 2.0", "whole")

    def test_command_in_the_same_process(self, three):
        text = """
            import demo version 1
            from versioned_import.cli.commands import run_command
            run_command("list", "--json", "demo")
            import versioned_import
        """
        assert three(text, "versioned_import.selection()")[0].endswith("<Selection: nothing is selected>")

    def test_modules_without_the_short_way_say_so_too(self, run):
        report = "__import__('json').dumps(sorted(__import__('versioned_import').selection()))"
        for _ in range(3):
            assert json.loads(run("import demo version 1", report)[0]) == ["demo", "dep"]


def test_a_process_that_outlives_its_own_upgrade_gets_an_error(tmp_path):
    """Before `noted.py`, what was taken stood in `shortcut.py`; forgetting it would let other versions in."""
    program = (
        "import sys, types\n"
        "import versioned_import.runtime\n"
        "old = types.ModuleType('versioned_import.runtime.shortcut')\n"
        "old.short = types.SimpleNamespace()\n"
        "sys.modules[old.__name__] = old\n"
        "import versioned_import.runtime.whole_way\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "ImportError: versioned_import was exchanged for another version of itself" in done.stderr


def test_what_a_failed_import_has_searched_decides_nothing(three, tmp_path, site):
    """state.py: the search path is "computed at the first versioned import", in the first process as in later ones."""
    make_versioned(site, "demo", "1.0", one_package("demo", "1.0"))
    make_versioned(tmp_path / "extra", "demo", "1.5", one_package("demo", "1.5"))
    statements = f"""\
        import os
        try: import absent
        except ImportError: pass
        os.environ["VERSIONED_IMPORT_PATH"] = {str(tmp_path / "extra")!r}
        import demo version 1
    """
    assert three(statements)[0] == "1.5"
