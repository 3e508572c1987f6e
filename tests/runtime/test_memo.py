"""The memo: what a clause got in an earlier process, used only if everything it depended on is the same (D6)."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import make_flat, make_versioned, one_package, remove, settle, write

from versioned_import.runtime import memo
from versioned_import.runtime.remember import remember

COLD = ["email.parser", "versioned_import.libraries.packaging", "versioned_import.libraries.resolvelib"]
HEAVY = f"import sys; print(*sorted({set(COLD)} & sys.modules.keys()), 'heavy')"


@pytest.fixture
def run(children, site, second_site, tmp_path):
    """Return a function that runs statements in a new process: what `report` says, and which heavy modules it needed.

    What was noted for the short way, which would come before the memo, is forgotten (test_shortcut.py).
    """

    def go(statements, report="demo.VERSION", **options):
        shutil.rmtree(tmp_path / "cache" / "shortcuts", ignore_errors=True)
        # The start of the process that runs the tests may load anything (coverage does): only what comes after it counts.
        text = "import sys\nfor name in [n for n in sys.modules if n.partition('.')[0] == 'email']:\n"
        text += f"    del sys.modules[name]\n{statements}\nprint({report})\n{HEAVY}\n"
        said, heavy = children.output(text, **options).split("\n")
        return said, heavy.removesuffix("heavy").split()

    settle(site, second_site)
    return go


@pytest.fixture
def demo(site, second_site):
    make_versioned(site, "demo", "1.0", one_package("demo", "1.0", sub=""), requires=["dep<2"])
    make_versioned(site, "dep", "1.0")
    make_versioned(site, "dep", "2.0")
    make_versioned(site, "other", "1.0", requires=["dep"])
    settle(site, second_site)


@pytest.fixture
def other_sites(monkeypatch):
    """Let the interpreter's own site-packages be settled as well: an install may have just happened there."""
    from versioned_import.resolver.search_path import search_path

    if not all(memo_can_be_kept(directory) for directory in search_path()):
        pytest.skip("something was installed into this interpreter a moment ago")


def memo_can_be_kept(directory):
    from versioned_import.metadata.catalogue import is_settled

    return is_settled(directory)


@pytest.mark.usefixtures("demo", "other_sites")
class TestSecondProcess:
    """A resolved statement is memoised with what it depended on, so the warm path needs no `packaging`."""

    def test_warm(self, run):
        assert run("import demo version 1") == ("1.0", COLD)
        assert run("import demo version 1") == ("1.0", [])

    def test_every_statement_of_a_program_is_warm(self, run):
        text = (
            "import demo version 1\nimport other version 1\nfrom demo.sub version 1.0 import __name__ as n\nimport dep"
        )
        report = "demo.VERSION, other.VERSION, n, dep.VERSION"
        assert run(text, report) == ("1.0 1.0 demo.sub 1.0", COLD)
        assert run(text, report) == ("1.0 1.0 demo.sub 1.0", [])

    def test_quoted_clause(self, run):
        for expected in (COLD, []):
            assert run("import demo version '>=1,<2'") == ("1.0", expected)

    def test_plain_fallback(self, run):
        for expected in (COLD, []):
            assert run("import demo") == ("1.0", expected)

    def test_closure_comes_with_it(self, run):
        for _ in range(2):
            assert run("import demo version 1\nimport dep", "dep.VERSION")[0] == "1.0"

    def test_another_order_is_answered_afresh(self, run):
        run("import demo version 1\nimport other version 1")
        assert run("import other version 1\nimport dep", "dep.VERSION")[0] == "2.0"
        assert run("import other version 1\nimport dep", "dep.VERSION") == ("2.0", [])

    def test_loaded_dependency_is_looked_at(self, run, site):
        """What another process found with nothing loaded is no answer where another version of it is loaded."""
        run("import other version 1\nimport dep", "dep.VERSION")
        text = "import dep version 1\nimport other version 1"
        assert run(text, "dep.VERSION")[0] == "1.0"


@pytest.mark.usefixtures("other_sites")
class TestAfterFailedImport:
    """What stays of an import that failed is chosen without a statement; what is answered by it is for nobody else."""

    FAIL = "try:\n    import bad version 1\nexcept ImportError:\n    pass\n"
    ASK = "import other version 1\nimport dep"

    @pytest.fixture(autouse=True)
    def _failing(self, site, second_site):
        make_versioned(site, "bad", "1.0", {"bad.py": "import dep\nraise ImportError"}, requires=["dep==1.0"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        make_versioned(site, "other", "1.0", requires=["dep"])
        settle(site, second_site)

    def test_later_process(self, run):
        for _ in range(2):
            assert run(self.FAIL + self.ASK, "dep.VERSION")[0] == "1.0"
        assert run(self.ASK, "dep.VERSION") == ("2.0", COLD)
        assert run(self.FAIL + self.ASK, "dep.VERSION")[0] == "1.0"
        assert run(self.ASK, "dep.VERSION") == ("2.0", [])

    def test_child_and_later_process(self, run, children):
        child = children.write("child.py", f"# coding: versioned\n{self.ASK}\nprint(dep.VERSION)\n{HEAVY}\n")
        start = (
            f"import subprocess\nsaid = subprocess.check_output([sys.executable, {str(child)!r}], text=True).split()"
        )
        for expected in (COLD, []):
            said, _ = run(self.FAIL + start, "*said")
            assert said.split() == ["1.0", *expected, "heavy"]
        assert run(self.ASK, "dep.VERSION") == ("2.0", COLD)

    def test_choice_that_it_changed_for_a_statement_before(self, run, site, second_site):
        make_versioned(site, "third", "1.0", requires=["dep"])
        settle(site, second_site)
        rest = "import third version 1\nimport dep"
        assert run(f"import other version 1\n{self.FAIL}{rest}", "dep.VERSION")[0] == "1.0"
        assert run(f"import other version 1\n{rest}", "dep.VERSION")[0] == "2.0"


@pytest.mark.usefixtures("demo", "other_sites")
class TestNotUsed:
    """An answer is used only if the interpreter, the search path and each directory are the same to the letter."""

    @pytest.fixture(autouse=True)
    def _warm(self, demo, other_sites, run):
        run("import demo version 1")

    def test_new_version(self, run, site):
        make_versioned(site, "demo", "1.5")
        assert run("import demo version 1", "demo.VERSION")[0] == "1.5"

    def test_removed_version(self, run, site, children):
        remove(site / "demo-1.0")
        done = children.run("import demo version 1")
        assert "VersionNotFoundError" in done.stderr

    def test_change_with_the_same_modification_time(self, run, site, children):
        """What is gone is gone, even where the directory looks untouched."""
        times = os.stat(site)
        remove(site / "demo-1.0")
        os.utime(site, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert "VersionNotFoundError" in children.run("import demo version 1").stderr

    def test_another_search_path(self, run, site, second_site, children):
        make_versioned(second_site, "demo", "1.7")
        settle(second_site, seconds=30)
        path = f"{second_site}{os.pathsep}{site}"
        assert run("import demo version 1", environ={"VERSIONED_IMPORT_PATH": path})[0] == "1.7"
        assert run("import demo version 1")[0] == "1.0"

    def test_somebody_elses_file(self, run, tmp_path):
        if os.geteuid() != 0:
            pytest.skip("only root can give files away")
        (path,) = (tmp_path / "cache" / "memo").glob("_versioned_demo_v1*")
        os.chown(path, 4711, 4711)
        assert run("import demo version 1")[1] == COLD

    def test_file_in_the_place_of_the_cache(self, run, tmp_path):
        environ = {"VERSIONED_IMPORT_CACHE_DIR": str(write(tmp_path / "file", ""))}
        assert run("import demo version 1", environ=environ) == ("1.0", COLD)

    def test_read_only_cache_and_site(self, run, site, tmp_path):
        for path in (site, tmp_path / "cache" / "memo", tmp_path / "cache"):
            path.chmod(0o555)
        try:
            assert run("import demo version 1")[0] == "1.0"
            assert run("import other version 1", "other.VERSION")[0] == "1.0"
        finally:
            for path in (tmp_path / "cache", tmp_path / "cache" / "memo", site):
                path.chmod(0o755)


class TestInThisProcess:
    """Remembering and recalling, without the start of a process."""

    def test_plain_import_first_is_not_remembered(self, execute, site, monkeypatch, second_site):
        monkeypatch.syspath_prepend(str(site))
        make_flat(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        make_versioned(site, "demo", "1.0", requires=["dep"])
        settle(site, second_site)
        execute("import dep\nimport demo version 1")
        assert memo.recall("demo", "1", (str(site), str(second_site)), ()) is None

    def test_non_ascii_directory(self, tmp_path, execute, process):
        directory = tmp_path / "répertoire de démonstration"
        make_versioned(directory, "demo", "1.0")
        settle(directory)
        process.search_path = (str(directory),)
        execute("import demo version 1")
        assert [one.version for one in memo.recall("demo", "1", (str(directory),), ())] == ["1.0"]

    def test_names_that_differ_in_case_only(self, site, execute, second_site):
        make_versioned(site, "demo", "1.0")
        make_versioned(site, "other", "1.0", {"Demo.py": ""})
        settle(site, second_site)
        execute("import demo version 1\nimport Demo version 1")
        files = os.listdir(os.path.join(os.environ["VERSIONED_IMPORT_CACHE_DIR"], "memo"))
        assert len({name.lower() for name in files}) == 2

    def test_sixteen_answers_are_kept(self, tmp_path, site, execute, process, second_site):
        make_versioned(site, "demo", "1.0")
        settle(site)
        execute("import demo version 1")
        candidate = process.selection["demo"]
        for number in range(20):
            remember("demo", "1", (str(site), str(tmp_path / f"absent{number}")), (), [candidate])
        known = [memo.recall("demo", "1", (str(site), str(tmp_path / f"absent{number}")), ()) for number in range(20)]
        assert [answer is not None for answer in known] == [False] * 4 + [True] * 16

    @pytest.mark.property
    @settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_flipped_bytes_are_a_miss(self, remembered, data):
        path, good, recall = remembered
        path.write_bytes(good)
        assert [one.version for one in recall()] == ["1.1"]
        broken = bytearray(good)
        broken[data.draw(st.integers(0, len(broken) - 1))] ^= data.draw(st.integers(1, 255))
        path.write_bytes(broken)
        assert recall() is None

    @pytest.mark.parametrize("data", [b"", b"\n\n\n", b"\xff\xfe", b"versioned_import memo 3\n\n"])
    def test_garbage_is_a_miss(self, remembered, data):
        path, _, recall = remembered
        path.write_bytes(data)
        assert recall() is None

    @pytest.fixture
    def remembered(self, site, second_site, execute, tmp_path):
        """Return path and bytes of a good memo, and a function that recalls what it says."""
        make_versioned(site, "demo", "1.0")
        make_versioned(site, "demo", "1.1")
        settle(site, second_site)
        execute("import demo version 1")
        (path,) = (tmp_path / "cache" / "memo").glob("_versioned_demo_v1*")
        return path, path.read_bytes(), lambda: memo.recall("demo", "1", (str(site), str(second_site)), ())
