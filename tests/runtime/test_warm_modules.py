"""What a warm versioned import needs is loaded at once, and exactly that (docs/architecture.md, 4)."""

import json
import os
import textwrap

import pytest
from made import make_versioned, settle

import versioned_import

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
        return json.loads(children.output(f"import demo version 1\n{text}"))

    return run


def test_just_what_a_warm_import_needs_is_loaded(warm):
    loaded = warm(
        "import json, sys; print(json.dumps([name for name in sys.modules if name.startswith('versioned_import.')]))"
    )
    assert sorted(loaded) == sorted(f"versioned_import.{name}" for name in versioned_import._WARM)


def test_modules_are_as_python_itself_loads_them(warm, children):
    names = ", ".join(f"versioned_import.{name}" for name in versioned_import._WARM)
    plain = children.start("-c", f"import versioned_import.runtime.resolve\nimport {names}\n{ATTRIBUTES}")
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
