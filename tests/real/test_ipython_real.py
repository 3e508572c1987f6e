"""The cells of a real IPython, an old and a new release: what they run, show and keep."""

import json
import os
import venv

import pytest
from jupyter_site import shared_jupyter
from made import make_versioned
from real_sites import OWN_VARIABLES, REPOSITORY, checked, run
from terminals import CTRL_D, UP, Terminal

pytestmark = pytest.mark.real

RELEASES = ("ipython==8.20.0", "the newest")
CELLS = """\
import json, re, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.completer import provisionalcompleter
from IPython.utils.capture import capture_output

shell = InteractiveShell.instance(colors="NoColor")
parts = {
    "transform_cell": shell.input_transformer_manager,
    "check_complete": shell.input_transformer_manager,
    "should_run_async": shell,
    "showtraceback": shell,
    "ast_parse": shell.compile,
}
before = {name: getattr(part, name) for name, part in parts.items()}

def cell(text):
    with capture_output() as shown:
        result = shell.run_cell(text, store_history=True)
    error = result.error_before_exec or result.error_in_exec
    told = f"{type(error).__name__}: {error}" if error else ""
    return [repr(result.result), re.sub("\\x1b\\[[0-9;]*m", "", shown.stdout), told]

def completed(text):
    with provisionalcompleter():
        return sorted({one.text for one in shell.Completer.completions(text, len(text))})

answers = json.load(sys.stdin)
found = {text: cell(text) for text in answers}
found["complete"] = [shell.check_complete(text) for text in (
    "import demo version 1",
    "if x:\\n    import demo version 1.0_rc1",
    "from demo version 1 import (",
    "import demo version latest",
)]
found["completed"] = completed("import demo version 1; demo.VER")
found["names"] = [name for name in shell.user_ns if name.startswith("_versioned_")]
found["In"] = "_versioned_" in repr(shell.user_ns["In"])
found["raw"] = [text for *_, text in shell.history_manager.get_range(raw=True)]
cell("%reload_ext versioned_import")
found["reloaded"] = cell("import demo version 1\\ndemo.VERSION")
cell("%unload_ext versioned_import")
found["unloaded"] = cell("import demo version 1")[2].partition(" (")[0]
found["restored"] = all(getattr(part, name) == before[name] and name not in vars(part) for name, part in parts.items())
print(json.dumps(found))
"""


@pytest.fixture(scope="module", params=RELEASES)
def ipython(request, tmp_path_factory):
    """Return a Python that has one of the releases, and the environment variables with which it finds `demo`."""
    base = tmp_path_factory.mktemp("ipython")
    if request.param == "the newest":
        python = shared_jupyter(tmp_path_factory).python
    else:
        venv.create(base / "venv", with_pip=True)
        python = str(base / "venv" / "bin" / "python")
        checked(run([python, "-m", "pip", "install", "-q", "--no-compile", str(REPOSITORY), request.param]))
    for version in ("1.0", "2.0"):
        make_versioned(
            base / "demos", "demo", version, {"demo/__init__.py": f"VERSION = {version!r}\ndef fail():\n    1 / 0\n"}
        )
    environ = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
    environ |= {"VERSIONED_IMPORT_PATH": str(base / "demos"), "IPYTHONDIR": str(base / "dot"), "HOME": str(base)}
    environ["VERSIONED_IMPORT_CACHE_DIR"] = str(base / "cache")
    return python, environ, base


@pytest.fixture(scope="module")
def answer(ipython):
    """Return a function that runs cells in one shell with the extension, and returns what came of each."""
    python, environ, base = ipython
    (base / "cells.py").write_text(CELLS)

    def ask(*cells):
        words = json.dumps(["%load_ext versioned_import", *cells])
        found = json.loads(checked(run([python, "cells.py"], cwd=base, env=environ, input=words)).splitlines()[-1])
        return {name: tuple(value) if name in cells else value for name, value in found.items()}

    return ask


def test_cells_with_clauses(answer):
    cells = {
        "import demo version 1\ndemo.VERSION": ("'1.0'", ""),
        "from demo version 1.0 import VERSION\n!echo hi\nVERSION": ("'1.0'", "hi"),
        "%%bash\ncat <<X\nimport demo version 0b1\nX": ("None", "import demo version 0b1"),
        "import demo version 1\nimport asyncio\nawait asyncio.sleep(0.01)\nprint('slept')": ("None", "slept"),
        "%time import demo version 1 as timed": ("None", "Wall time"),
        "%%time\nimport demo version 1 as timed\ntimed.VERSION": ("'1.0'", "Wall time"),
        "%timeit -n1 -r1 import demo version 1": ("None", "per loop"),
        '__import_versions__ = {"demo": "1"}\nimport demo\ndemo.VERSION': ("'1.0'", ""),
    }
    found = answer("%load_ext versioned_import ", *cells)
    for cell, (result, shown) in cells.items():
        assert found[cell][0] == result, found[cell]
        assert shown in found[cell][1]
        assert found[cell][2] == ""
    assert found["complete"] == [["complete", ""], ["incomplete", "    "], ["incomplete", ""], ["invalid", ""]]
    assert found["completed"] == ["VERSION"]
    assert found["names"] == []
    assert not found["In"]
    assert set(cells) <= set(found["raw"])
    assert found["reloaded"][0] == "'1.0'"
    assert found["unloaded"] == "SyntaxError: invalid syntax"
    assert found["restored"]


def test_errors_show_the_cell_as_written(answer):
    fails = "x = 1; import demo version 1 as k; k.fail()"
    other = "import demo version 2"
    wrong = "import demo version latest"
    idle = '__import_versions__ = {"demo": "1"}'
    found = answer("import demo version 1", fails, other, wrong, idle)
    assert f"----> 1 {fails}\n" in found[fails][1]
    assert found[fails][2] == "ZeroDivisionError: division by zero"
    assert f"----> 1 {other}\n" in found[other][1]
    assert found[other][2].startswith("VersionConflictError: import demo version 2 (")
    assert f"    {wrong}\n                        ^" in found[wrong][1]
    assert "SyntaxError: 'latest' is no version (PEP 440); leave the clause out" in found[wrong][2]
    assert "'demo' governs nothing: no import of that name follows in the same file or cell" in found[idle][2]
    assert all("_versioned_" not in shown for cell in (fails, other, wrong, idle) for shown in found[cell])


def test_in_a_terminal(ipython):
    python, environ, base = ipython
    command = [
        python,
        "-m",
        "IPython",
        "--no-banner",
        "--no-confirm-exit",
        "--colors=NoColor",
        "--ext=versioned_import",
    ]
    with Terminal(command, {**environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"}, base) as terminal:
        terminal.expect("In [1]:", seconds=60)
        terminal.type("import demo version 1; print(demo.VERSION * 2)\n")
        terminal.expect("\n1.01.0\n")
        terminal.expect("In [2]:")
        terminal.type("def f():\n")
        terminal.expect("...:")
        terminal.type("import demo version 1.0_rc1 as k\nreturn k\n\n")  # it indents by itself
        terminal.expect("In [3]:")
        terminal.type("from demo version 1 import (\n")
        terminal.expect("...:")
        terminal.type("VERSION as v)\n")
        terminal.expect("In [4]:")
        terminal.type("f()\n")
        terminal.expect("----> 2     import demo version 1.0_rc1 as k\n      3     return k\n")
        terminal.expect("\nVersionConflictError: import demo version 1.0_rc1 (In[2]:2): demo 1.0 is loaded already\n")
        terminal.expect("In [5]:")
        terminal.type("import demo version latest\n")
        terminal.expect(
            "    import demo version latest\n                        ^\nSyntaxError: 'latest' is no version"
        )
        terminal.expect("In [6]:")
        terminal.type("%time import demo version 1 as k; print(k.VERSION * 2)\n")
        terminal.expect("\n1.01.0\n")
        terminal.expect("In [7]:")
        terminal.type(UP)
        terminal.expect("%time import demo version 1 as k; print(k.VERSION * 2)")
        terminal.type("\n")
        terminal.expect("\n1.01.0\n")
        terminal.expect("In [8]:")
        terminal.type("%unload_ext versioned_import\n")
        terminal.expect("In [9]:")
        terminal.type("import demo version 1\n")
        terminal.expect("SyntaxError: invalid syntax")
        terminal.expect("In [10]:")
        terminal.type(CTRL_D)
        assert terminal.status() == 0
