"""The garbage collector passes over what was there while a statement's import runs, and looks at all again afterwards."""

import pytest
from made import make_versioned, settle

STATEMENT = "import demo version 1.0\n"
COUNTS = "import gc\nprint(demo.FROZEN > 1000, gc.get_freeze_count() > 1000, gc.isenabled())\n"
LOOK = "import gc\nFROZEN = gc.get_freeze_count()\n"


@pytest.mark.parametrize(
    ("before", "module", "said"),
    [
        ("", LOOK, "True False True"),
        ("import gc\n", LOOK, "False False True"),
        ("import gc; gc.collect()\n", LOOK, "False False True"),
        ("", f"{LOOK}gc.freeze()\n", "True True True"),
        ("", f"{LOOK}gc.unfreeze()\n", "True False True"),
        ("import gc; gc.freeze()\n", LOOK, "True True True"),
        ("import gc; gc.disable()\n", LOOK, "False False False"),
    ],
    ids=[
        "usual",
        "known",
        "collected before",
        "frozen meanwhile",
        "unfrozen meanwhile",
        "frozen before",
        "switched off",
    ],
)
def test_what_the_program_does_with_it_stays(children, site, second_site, before, module, said):
    """architecture.md 3: "only as long as nobody has imported `gc`"."""
    make_versioned(site, "demo", "1.0", {"demo/__init__.py": module})
    settle(site, second_site)
    app = children.write("app.py", f"# coding: versioned\n{before}{STATEMENT}{COUNTS}")
    for _ in range(3):  # the whole way, then the short one
        done = children.start(app)
        assert (done.stdout.strip(), done.stderr) == (said, "")


def test_nobody_finds_the_module_imported_who_has_not_imported_it(children, site, second_site):
    make_versioned(site, "demo", "1.0")
    settle(site, second_site)
    text = f"import sys\nbefore = 'gc' in sys.modules\n{STATEMENT}print(before, 'gc' in sys.modules)\n"
    app = children.write("app.py", f"# coding: versioned\n{text}")
    assert [children.start(app).stdout.split() for _ in range(3)][-1] == ["False", "False"]


def test_a_hook_that_forbids_to_look_costs_no_import(children, site, second_site):
    """`gc.get_objects` raises an audit event, and a hook may refuse it."""
    make_versioned(site, "demo", "1.0", {"demo/__init__.py": "import gc\n"})
    settle(site, second_site)
    hook = "def hook(event, args):\n    if event == 'gc.get_objects':\n        raise RuntimeError(event)\n"
    text = f"import sys\n{hook}sys.addaudithook(hook)\n{STATEMENT}import gc\nprint(gc.get_freeze_count() > 1000)\n"
    app = children.write("app.py", f"# coding: versioned\n{text}")
    for _ in range(3):
        done = children.start(app)
        assert (done.stdout.strip(), done.stderr) == ("False", "")


def test_another_thread_ends_its_objects_itself(children, site, second_site):
    """A look at all objects would keep those of other threads alive, and end them here."""
    for number in range(12):
        text = "import gc\nkept = [[] for _ in range(20000)]\n"
        make_versioned(site, f"demo{number}", "1.0", {f"demo{number}/__init__.py": text})
    settle(site, second_site)
    thread = """\
import sys, threading
sys.setswitchinterval(1e-5)
class Owned:
    def __del__(self):
        ends.append(threading.current_thread())
def work():
    while running:
        one = Owned()
        del one
ends, running = [], [1]
worker = threading.Thread(target=work)
worker.start()
"""
    # Without `gc` there is the pause, and with it the look at its end.
    statement = "sys.modules.pop('gc', None)\nimport demo{} version 1.0\n"
    statements = "".join(map(statement.format, range(12)))
    end = "running.clear()\nworker.join()\nprint(len(ends) > 10, {one is worker for one in ends})\n"
    app = children.write("app.py", f"# coding: versioned\n{thread}{statements}{end}")
    for _ in range(3):
        done = children.start(app)
        assert (done.stdout.strip(), done.stderr) == ("True {True}", "")
