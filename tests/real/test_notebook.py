"""A real kernel, asked as Jupyter asks it, and the notebook in examples/, whose outputs have to be the true ones."""

import json
import sys

import pytest
from jupyter_site import shared_jupyter
from real_sites import REPOSITORY

pytestmark = pytest.mark.real

NOTEBOOK = REPOSITORY / "examples" / "side_by_side.ipynb"
LOAD = "%load_ext versioned_import"


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    return shared_jupyter(tmp_path_factory)


class TestNotebook:
    """examples/side_by_side.ipynb."""

    def test_the_outputs_are_those_of_today(self, jupyter):
        text = NOTEBOOK.read_text()
        executed = jupyter.driver("notebook", given=text)
        assert [outputs(cell) for cell in executed["cells"]] == [outputs(cell) for cell in json.loads(text)["cells"]]

    def test_nothing_of_a_machine_is_in_it(self):
        notebook = json.loads(NOTEBOOK.read_text())
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        assert notebook["metadata"] == {"kernelspec": kernel, "language_info": {"name": "python"}}
        assert [cell["metadata"] for cell in notebook["cells"]] == [{}] * len(notebook["cells"])
        counts = [cell["execution_count"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
        assert counts == list(range(1, len(counts) + 1))
        assert "/" not in "".join(text for cell in notebook["cells"] for text in outputs(cell))
        assert NOTEBOOK.read_text() == json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def outputs(cell):
    """Return the texts that a cell shows; a `!` command ends its lines as a terminal does."""
    texts = [one.get("text") or one["data"]["text/plain"] for one in cell.get("outputs", ())]
    return ["".join(text).replace("\r\n", "\n") for text in texts]


COMPLETENESS = {
    "import demo version 1": "complete",
    "import demo version 1.0_rc1 as k; k": "complete",
    "import demo version '>=1'": "complete",
    "from demo version 1 import (\n    VERSION,\n)": "complete",
    "from demo version 1 import (": "incomplete",
    "from demo version 1 import (\n    VERSION,": "incomplete",
    "import demo version 1 \\": "incomplete",
    "if x:\n    import demo version 1.0_rc1": "incomplete",
    "if x:\n    import demo version 1.0_rc1\n": "complete",
    "def f():\n    import demo version 0b1\n    return demo": "incomplete",
    "await x; import demo version 1": "complete",
    "async def f():\n    await x\nimport demo version 1": "complete",
    "'''import demo version 1": "incomplete",
    "%time import demo version 1.0_rc1": "complete",
    "%%time\nimport demo version 0b1": "incomplete",
    "%%time\nimport demo version 0b1\n\n": "complete",
    "!ls\nimport demo version 1.0_rc1": "complete",
    "import demo version 1.0_rc1\ndemo?": "complete",
    "x = !ls {a}\nimport demo version 1\n%matplotlib inline": "complete",
    "for x in y:\n    %time import demo version 1": "incomplete",
    "__import_versions__ = {'demo': '1'}\nimport demo": "complete",
    "__import_versions__ = {": "incomplete",
    "import demo version": "invalid",
    "import demo version latest": "invalid",
    "import demo version '>=1": "invalid",
    "import demo version 1 version 2": "invalid",
    "lazy import demo version 1": "complete" if sys.version_info >= (3, 15) else "invalid",
}


def test_completeness_of_every_shape(jupyter):
    _, *replies = jupyter.ask(("execute", LOAD), *(("is_complete", code) for code in COMPLETENESS))
    assert {code: reply["status"] for code, reply in zip(COMPLETENESS, replies, strict=True)} == COMPLETENESS


def test_errors_end_at_the_cell_as_typed(jupyter):
    _, _, fails, _, called, other, nested, wrong, led = jupyter.execute(
        LOAD,
        "import demo version 1\nfrom demo.part version 1 import fail",
        "x = 1\nimport demo version 1 as k; 1 / 0",
        "def f():\n    import demo version 2.0 as k\n    return k",
        "f()",
        "import demo version 2",
        "import demo version 1\nfail()",
        "import demo version latest",
        "try:\n    import demo version 2\nexcept ImportError as error:\n    raise ValueError from error",
    )
    assert fails["shown"].endswith(
        "      1 x = 1\n----> 2 import demo version 1 as k; 1 / 0\n\nZeroDivisionError: division by zero"
    )
    conflict = (
        "VersionConflictError: import demo version {} (In[{}]:{}): demo 1.0 is loaded already\n"
        f"  loaded from {jupyter.base}/installed/demo-1.0/\n"
        "  imported first by In[2]:1: import demo version 1\n"
        "  no installed versions fit all of them, in any order: ask for others, or run the two parts in processes of "
        "their own"
    )
    assert called["shown"].partition("\n")[2].partition("\n")[2] == (
        "Cell In[5], line 1\n----> 1 f()\n\n"
        "Cell In[4], line 2, in f()\n"
        "      1 def f():\n----> 2     import demo version 2.0 as k\n      3     return k\n\n"
        + conflict.format("2.0", 4, 2)
    )
    assert called["error"] == conflict.format("2.0", 4, 2)
    assert other["shown"].endswith("Cell In[6], line 1\n----> 1 import demo version 2\n\n" + conflict.format("2", 6, 1))
    assert "----> 2     1 / 0\n\nZeroDivisionError: division by zero" in nested["shown"]
    assert wrong["shown"].strip() == (
        "Cell In[8], line 1\n    import demo version latest\n                        ^\n"
        "SyntaxError: 'latest' is no version (PEP 440); leave the clause out to get the highest that is installed"
    )
    assert conflict.format("2", 9, 2) in led["shown"]
    assert "pseudo_loader" not in led["shown"]


def test_cells_run_as_ever(jupyter):
    cells = {
        "import demo version 1\ndemo.VERSION": "'1.0'",
        "from demo version 1.0 import (\n    VERSION as v)\nv": "'1.0'",
        "x = !echo hi\nfrom demo version 1 import VERSION as v\nx, v": "(['hi'], '1.0')",
        "%time import demo version 1 as timed": "Wall time",
        "%%time\nimport demo version 1 as k\nk.VERSION": "Wall time",
        "import demo version 1\n%run script.py": "script 1.0",
        "%%python3\nprint('a child')": "a child",
        "import asyncio\nimport demo version 1 as k\nawait asyncio.sleep(0.01)\nk.VERSION": "'1.0'",
        "%%capture told\nimport demo version 1 as k\nprint(k.VERSION)": "",
        "In[2], _ih[3], _i": (
            "('import demo version 1\\ndemo.VERSION',\n"
            " 'from demo version 1.0 import (\\n    VERSION as v)\\nv',\n"
            " '%%capture told\\nimport demo version 1 as k\\nprint(k.VERSION)')"
        ),
        "%history 5": "%time import demo version 1 as timed",
        "%rerun 2": "'1.0'",
        "%load_ext autoreload\n%autoreload 2\nimport demo version 1, helper\nhelper.value()": "1",
        "open('helper.py', 'a').write('    # changed\\n\\ndef value():\\n    return 22\\n')": "",
        "import demo version 1.0 as k\nhelper.value()": "22",
        "def f():\n    import demo version 1 as k\n    return k\nimport inspect; inspect.getsource(f)": "version 1 as k",
    }
    _, *answers = jupyter.execute(LOAD, *cells)
    for (cell, shown), answer in zip(cells.items(), answers, strict=True):
        assert shown in answer["shown"], cell
        assert answer["error"] == "", cell


def test_completion_and_inspection(jupyter):
    _, before, _, after, inspected, loaded = jupyter.ask(
        ("execute", LOAD),
        ("complete", "from demo version 1 import VER"),
        ("execute", "import demo version 1"),
        ("complete", "import demo version 1\ndemo.VER"),
        ("inspect", "demo"),
        ("execute", "demo.VERSION"),
    )
    assert (before["status"], after["matches"]) == ("ok", ["VERSION"])
    assert "demo-1.0/demo/__init__.py" in inspected["data"]["text/plain"]
    assert loaded["shown"] == "'1.0'"  # completion had not loaded the highest


def test_completion_of_what_can_be_imported(jupyter):
    _, versioned, _, locked, _, plain = jupyter.ask(
        ("execute", LOAD),
        ("complete", "import dem"),
        ("execute", "import versioned_import\nversioned_import.activate('shop')"),
        ("complete", "from dem"),
        ("execute", "%unload_ext versioned_import"),
        ("complete", "import dem"),
    )
    assert [versioned["matches"], locked["matches"], plain["matches"]] == [["demo", "demonic"], ["demo"], []]


def test_loading_twice_and_unloading(jupyter):
    plain = "import demo version 1"
    _, _, twice, _, third, _, gone, _, back, _ = jupyter.execute(
        LOAD,
        LOAD,
        f"{plain}\ndemo.VERSION",
        "%reload_ext versioned_import",
        f"{plain}\n1 / 0",
        "%unload_ext versioned_import",
        plain,
        LOAD,
        f"{plain}\ndemo.VERSION",
        "%unload_ext versioned_import",
    )
    assert twice["shown"] == "'1.0'"
    assert f"      1 {plain}\n----> 2 1 / 0\n" in third["shown"]
    assert "SyntaxError: invalid syntax" in gone["shown"]
    assert back["shown"] == "'1.0'"
