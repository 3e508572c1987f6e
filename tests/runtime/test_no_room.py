"""A disk without room is no reason for an import to fail: what can't be kept is not kept (docs/architecture.md, 4).

Python's own compiled files are there before, since 3.11 itself keeps cut ones on a full disk (gh-126606).
"""

import os
import shutil

import pytest
from made import make_versioned, one_package, settle

import versioned_import_startup

resource = pytest.importorskip("resource")

STATEMENT = "import demo version 1"
PROGRAM = f"""
{STATEMENT}
import colorsys, demo.sub
try: import nowhere
except ImportError: pass
print(demo.VERSION, demo.sub.V)
"""


def at_most(size):
    """Return what lets a child process write only so many bytes to each file, as a full disk or a quota does."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.fixture
def run(children, site, second_site):
    """Return a function that runs the program, with the cookie or by the runner, everything of it compiled already."""
    make_versioned(
        site, "demo", "1.0", one_package("demo", "1.0", sub="import dep\nV = dep.VERSION"), requires=["dep<2"]
    )
    make_versioned(site, "dep", "1.0")
    make_versioned(site, "dep", "2.0")
    settle(site, second_site)
    programs = {
        "cookie": [children.write("cookie.py", f"# coding: versioned\n{PROGRAM}")],
        "runner": ["-m", "versioned_import", children.write("runner.py", PROGRAM)],
    }

    def go(way, **options):
        done = children.start(*programs[way], **options)
        assert (done.stdout, done.stderr, done.returncode) == ("1.0 1.0\n", "", 0)

    for way in programs:
        go(way)
        go(way)
    forget(children)
    return go


def forget(children):
    shutil.rmtree(children.environ["VERSIONED_IMPORT_CACHE_DIR"])


@pytest.mark.parametrize("way", ["cookie", "runner"])
@pytest.mark.parametrize("size", [0, 100, 1000])
def test_nothing_is_kept_and_all_works(run, children, way, size, tmp_path):
    run(way, preexec_fn=at_most(size))
    run(way, preexec_fn=at_most(size))
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert all(path.stat().st_size <= size for path in files)
    assert [path for path in files if path.suffix] == []  # what is being written has one
    run(way)
    run(way)
    run(way, preexec_fn=at_most(size))


def test_a_cache_that_nobody_can_write_to(run, tmp_path):
    (tmp_path / "cache").write_text("a file where a directory should be")
    for way in ("cookie", "cookie", "runner", "runner"):
        run(way)
    assert os.path.isfile(tmp_path / "cache")


@pytest.fixture
def copied(tmp_path, children):
    """Return a copy of the project that children use, compiled by Python alone."""
    package = os.path.dirname(versioned_import_startup.__file__)
    place = tmp_path / "copied"
    shutil.copytree(
        f"{package}/versioned_import", place / "versioned_import", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(versioned_import_startup.__file__, place)
    children.environ["PYTHONPATH"] = str(place)
    assert children.start("-m", "compileall", "-q", place).returncode == 0
    return place


@pytest.mark.parametrize(("way", "bundle"), [("cookie", "warm"), ("runner", "running")])
def test_what_is_kept_in_one_file_is_kept_whole_or_not_at_all(copied, children, site, second_site, way, bundle):
    make_versioned(site, "demo", "1.0", one_package("demo", "1.0", sub="V = VERSION = '1.0'"))
    settle(site, second_site)
    app = children.write("app.py", f"# coding: versioned\n{PROGRAM}")
    words = {"cookie": [app], "runner": ["-m", "versioned_import", app]}[way]
    folder, _, name = bundle.rpartition("/")
    (compiled,) = (copied / "versioned_import" / folder / "__pycache__").glob(f"{name}.*.pyc")
    before = compiled.read_bytes()
    said = [children.start(*words, preexec_fn=limit) for limit in (at_most(40_000), at_most(40_000))]
    assert compiled.read_bytes() == before
    said += [children.start(*words), children.start(*words)]
    assert len(compiled.read_bytes()) > 2 * len(before)
    assert [(done.stdout, done.stderr) for done in said] == [("1.0 1.0\n", "")] * 4


def test_modules_of_the_whole_way_are_loaded_without_the_file_that_has_them_all(copied, children, site, second_site):
    make_versioned(site, "demo", "1.0")
    settle(site, second_site)
    app = children.write(
        "app.py", f"# coding: versioned\n{STATEMENT}\nimport versioned_import as us\nprint(*us.selection())\n"
    )
    assert [children.start(app).stdout for _ in range(3)] == ["demo\n"] * 3
    (compiled,) = (copied / "versioned_import" / "__pycache__").glob("whole.*.pyc")
    compiled.write_bytes(compiled.read_bytes()[:1000])
    done = children.start(app)
    assert (done.stdout, done.stderr) == ("demo\n", "")


@pytest.fixture
def hooked(children, site, second_site):
    """Return a program for the runner that imports a module with a clause, and the compiled file of that module."""
    make_versioned(site, "demo", "1.0")
    settle(site, second_site)
    children.write("asking.py", f"{STATEMENT}\nprint(demo.VERSION)\n")
    app = children.write("app.py", "import asking\n")
    for _ in range(2):
        assert children.start("-m", "versioned_import", app).stdout == "1.0\n"
    (compiled,) = children.program.glob("__pycache__/asking.*versioned*.pyc")
    return app, compiled


@pytest.mark.parametrize("cut", [0, 15, 16, 40])
def test_a_compiled_file_of_ours_that_is_cut_is_a_miss(children, hooked, cut):
    app, compiled = hooked
    whole = compiled.read_bytes()
    compiled.write_bytes(whole[:cut])
    done = children.start("-m", "versioned_import", app)
    assert (done.stdout, done.stderr) == ("1.0\n", "")
    assert compiled.read_bytes() == whole


def test_a_compiled_file_of_ours_is_whole_or_counts_for_nothing(children, hooked):
    app, compiled = hooked
    compiled.unlink()
    done = children.start("-m", "versioned_import", app, preexec_fn=at_most(200))
    assert (done.stdout, done.stderr) == ("1.0\n", "")
    done = children.start("-m", "versioned_import", app)
    assert (done.stdout, done.stderr) == ("1.0\n", "")
    assert compiled.stat().st_size > 200
