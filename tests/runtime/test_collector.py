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
        ("import gc\n", LOOK, "True False True"),
        ("import gc; gc.collect()\n", LOOK, "True False True"),
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
    """architecture.md 3: "unless the program has frozen anything itself or switched the collector off"."""
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
