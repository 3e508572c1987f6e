"""What a warm versioned import needs is loaded at once, and exactly that (docs/architecture.md, 4)."""

import json
import os
import shutil
import textwrap

import pytest
from made import make_versioned, settle

import versioned_import_startup
from versioned_import.warm import MODULES
from versioned_import.whole import LATER

ATTRIBUTES = """
import json, sys
def described(module):
    spec = module.__spec__
    names = ("__name__", "__package__", "__file__", "__path__", "__doc__", "__cached__")
    return {
        **{name: getattr(module, name, None) for name in names},
        "spec": [spec.name, spec.origin, spec.cached, spec.has_location, spec.submodule_search_locations],
        "loader": type(module.__loader__).__name__,
        "parent has it": getattr(sys.modules[module.__name__.rpartition(".")[0]], module.__name__.rpartition(".")[2]) is module,
    }
ours = {name: described(module) for name, module in sys.modules.items() if name.startswith("versioned_import.")}
print(json.dumps(ours))
"""


@pytest.fixture
def warm(children, site, second_site):
    """Return a function that runs a text after a warm versioned import, in a child, and returns the JSON it prints."""
    make_versioned(site, "demo", "1.0")
    settle(site, second_site)
    children.output("import demo version 1")

    def run(text):
        children.output(f"import demo version 1\n{text}")  # the rewritten text is kept, too
        return json.loads(children.output(f"import demo version 1\n{text}"))

    return run


def test_just_what_a_warm_import_needs_is_loaded(warm):
    loaded = warm(
        "import json, sys; print(json.dumps([name for name in sys.modules if name.startswith('versioned_import.')]))"
    )
    # The first is loaded with `warm` and the second is the package.
    assert sorted(loaded) == sorted(f"versioned_import.{name}" for name in ("warm", *MODULES[2:]))


def test_what_goes_the_whole_way_has_the_rest_from_there(warm):
    text = """
        import json, sys
        from versioned_import import warm
        taken = []
        bring = warm.loading["bring"]
        ours = lambda: [name for name in sys.modules if name.startswith("versioned_import.")]
        warm.loading["bring"] = lambda one: (bring(one), taken.append(ours()))
        import importlib.metadata
        importlib.metadata.version("demo")
        print(json.dumps(taken[0]))
    """
    loaded = warm(textwrap.dedent(text))
    assert sorted(loaded) == sorted(f"versioned_import.{name}" for name in ("warm", "whole", *MODULES[2:], *LATER))


def test_modules_are_as_python_itself_loads_them(warm, children):
    names = ", ".join(f"versioned_import.{name}" for name in (*MODULES[2:], "warm"))
    plain = children.start("-c", f"import {names}\n{ATTRIBUTES}")
    assert warm(ATTRIBUTES) == json.loads(plain.stdout)


def test_only_a_versioned_import_loads_them(children):
    code = "import versioned_import, sys; print([name for name in sys.modules if name.startswith('versioned_import.')])"
    assert children.start("-c", code).stdout == "[]\n"


def test_threads_that_decode_at_once_see_whole_modules(children, tmp_path):
    code = """
        import sys, threading
        sys.setswitchinterval(1e-6)
        start, wrong = threading.Barrier(8), []
        def decode():
            start.wait()
            try:
                b"import demo version 1".decode("versioned")
                from versioned_import.runtime.resolve import load
                from versioned_import.runtime.finder import SelectionFinder
            except BaseException as error:
                wrong.append(error)
        threads = [threading.Thread(target=decode) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(wrong)
    """
    path = children.write("threads.py", code)
    for _ in range(5):
        assert children.start(path).stdout == "[]\n"


def test_other_optimization_levels_and_bytecode_elsewhere(children, site, tmp_path):
    make_versioned(site, "demo", "1.0")
    app = children.write("app.py", "# coding: versioned\nimport demo version 1\nprint(demo.VERSION)\n")
    for switches in (("-O",), ("-OO",), ("-X", f"pycache_prefix={tmp_path / 'elsewhere'}"), ("-B",)):
        assert children.start(*switches, app).stdout == "1.0\n"
    assert any(name.startswith("__init__") for _, _, files in os.walk(tmp_path / "elsewhere") for name in files)


def test_reloading_the_package_keeps_what_is_selected(warm):
    text = """
        import importlib, json, versioned_import
        from versioned_import.runtime.state import state
        importlib.reload(versioned_import)
        from versioned_import.runtime import state as again
        print(json.dumps([again.state is state, *versioned_import.selection()]))
    """
    assert warm(textwrap.dedent(text)) == [True, "demo"]


class TestKeptInOneFile:
    """The code of all modules is in the compiled file of `warm.py`, as long as it is that of the sources."""

    SEEN = """
        import json, sys
        from versioned_import import warm
        from versioned_import.runtime import noted
        seen = type(warm.KEPT) is tuple, "versioned_import.bundle" in sys.modules, vars(noted).get("CHANGED")
        print(json.dumps([*seen, noted.recall.__code__.co_filename, noted.__file__]))
    """

    @pytest.fixture
    def copied(self, tmp_path):
        """Return a directory with a copy of the project, nothing of it compiled."""
        package = os.path.dirname(versioned_import_startup.__file__)
        shutil.copytree(
            f"{package}/versioned_import",
            tmp_path / "copied" / "versioned_import",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        shutil.copy(versioned_import_startup.__file__, tmp_path / "copied")
        return tmp_path / "copied"

    @pytest.fixture
    def seen(self, children, site, second_site):
        """Return a function that makes a versioned import with a copy of the project and returns what is seen there."""
        make_versioned(site, "demo", "1.0")
        settle(site, second_site)
        app = children.write("app.py", f"# coding: versioned\nimport demo version 1\n{textwrap.dedent(self.SEEN)}")

        def run(copy, *switches):
            done = children.start(*switches, app, environ={"PYTHONPATH": str(copy)})
            assert done.stderr == ""
            *others, code_is_from, file = json.loads(done.stdout)
            assert code_is_from == file == str(copy / "versioned_import" / "runtime" / "noted.py")
            return others

        return run

    def test_from_the_second_process_on(self, seen, copied):
        assert [seen(copied) for _ in range(3)] == [[False, True, None], [True, False, None], [True, False, None]]

    def test_not_where_nothing_is_to_be_compiled(self, seen, copied):
        assert [seen(copied, "-B") for _ in range(2)] == [[False, False, None]] * 2

    def test_each_optimization_level_has_its_own(self, seen, copied):
        seen(copied)
        assert [seen(copied, "-O") for _ in range(2)] == [[False, True, None], [True, False, None]]

    @pytest.mark.parametrize("changed", ["runtime/noted.py", "loading.py", "syntax/__init__.py", "warm.py"])
    def test_a_changed_source_counts_at_once(self, seen, copied, changed):
        seen(copied)
        with (copied / "versioned_import" / changed).open("a", encoding="utf-8") as source:
            source.write("CHANGED = True\n")
        mark = True if changed == "runtime/noted.py" else None
        is_kept = changed != "warm.py"  # kept, but not what is loaded
        assert [seen(copied) for _ in range(2)] == [[is_kept, True, mark], [True, False, mark]]

    def test_a_changed_source_of_the_whole_way_counts_at_once(self, children, seen, copied):
        seen(copied)
        with (copied / "versioned_import" / "runtime" / "memo.py").open("a", encoding="utf-8") as source:
            source.write("CHANGED = True\n")
        text = "import importlib.metadata as m, sys\nm.version('demo')\nfrom versioned_import.runtime import memo\n"
        text = f"# coding: versioned\nimport demo version 1\n{text}"
        path = children.write("whole.py", f"{text}print(memo.CHANGED, 'versioned_import.bundle' in sys.modules)\n")
        done = [children.start(path, environ={"PYTHONPATH": str(copied)}) for _ in range(2)]
        assert [one.stderr for one in done] == ["", ""]
        said = [one.stdout for one in done]
        assert said == ["True True\n", "True False\n"]

    def test_a_moved_project_has_code_of_its_new_place(self, seen, copied):
        seen(copied)
        moved = copied.rename(copied.parent / "moved")
        assert [seen(moved) for _ in range(2)] == [[True, True, None], [True, False, None]]

    def test_what_can_not_be_kept_is_loaded_all_the_same(self, seen, copied):
        (copied / "versioned_import" / "bundle.py").rename(copied / "bundle.py")
        assert [seen(copied) for _ in range(2)] == [[False, False, None]] * 2
