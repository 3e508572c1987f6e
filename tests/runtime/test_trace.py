"""VERSIONED_IMPORT_TRACE=1 tells on standard error each decision and why; nothing without it, and under -E and -I."""

import pytest
from made import make_flat, make_group, make_versioned, one_package, settle

TRACE = {"VERSIONED_IMPORT_TRACE": "1"}


@pytest.fixture
def trace(children):
    """Return a function from a program to the lines of its trace."""

    def run(text, **options):
        done = children.run(text, environ=TRACE | options.pop("environ", {}), **options)
        lines = done.stderr.split("\n")
        told = [line.removeprefix("versioned_import: ") for line in lines if line.startswith("versioned_import: ")]
        return [line.replace(str(children.program), "").replace(str(children.tmp_path), "") for line in told]

    return run


@pytest.fixture
def installed(site, second_site):
    make_versioned(site, "demo", "1.0", one_package("demo", "1.0"), requires=["dep>=1"])
    make_versioned(site, "demo", "1.5", one_package("demo", "1.5"), requires=["dep>=1"])
    make_versioned(site, "demo", "1.6rc1", one_package("demo", "1.6rc1"), requires=["dep>=1"])
    make_versioned(site, "demo", "1.7", tags=["py2-none-any"])
    make_versioned(site, "demo", "2.0")
    make_versioned(second_site, "demo", "1.9")
    make_versioned(site, "dep", "1.0")
    make_versioned(site, "dep", "2.0")
    make_group(site, "demo<2", demo="1.5", dep="1.0")
    return site


def test_a_statement_and_its_closure(trace, installed):
    assert trace("import demo version 1\nimport dep\n") == [
        "import demo version 1 (/app.py:2): demo 1.5, resolved: /site/demo-1.5/",
        "  passed over: demo 2.0 does not match: /site/demo-2.0/",
        "  passed over: demo 1.7 is built for py2-none-any, not for this interpreter: /site/demo-1.7/",
        "  passed over: demo 1.6rc1 is a pre-release: /site/demo-1.6rc1/",
        "  passed over: demo 1.0 is lower: /site/demo-1.0/",
        "  passed over: demo 1.9 fits, but an earlier site directory has a match: /second site/demo-1.9/",
        "  dep 1.0 for demo 1.5 (dep>=1), as in the group demo<2: /site/dep-1.0/",
        "import demo: served from demo 1.5, for import demo version 1 (/app.py:2): /site/demo-1.5/",
        "import dep: served from dep 1.0, for demo 1.5, which requires dep>=1: /site/dep-1.0/",
    ]


def test_remembered_from_an_earlier_process(trace, installed, site, second_site):
    settle(site, second_site)
    first = trace("import demo version 1\n")
    again = trace("import demo version 1\n")
    assert "resolved" in first[0]
    assert again == [
        "import demo version 1 (/app.py:2): demo 1.5, remembered from an earlier process: /site/demo-1.5/",
        "  dep 1.0 for demo 1.5 (dep>=1), as in the group demo<2: /site/dep-1.0/",
        "import demo: served from demo 1.5, for import demo version 1 (/app.py:2): /site/demo-1.5/",
    ]


def test_loaded_already(trace, site):
    make_flat(site, "demo", "1.5")
    lines = trace("import demo\nimport demo version 1\n", environ={"PYTHONPATH": str(site)})
    assert lines == ["import demo version 1 (/app.py:3): demo 1.5, loaded already: /site (flat install)"]


def test_a_plain_import_that_python_could_not_satisfy(trace, site):
    make_versioned(site, "demo", "1.0")
    assert trace("import demo\n") == [
        "import demo: Python found none, so the highest version that is there is taken",
        "import demo (/app.py:2): demo 1.0, resolved: /site/demo-1.0/",
    ]


def test_taken_back(trace, site):
    make_versioned(site, "demo", "1.0", {"demo.py": "raise RuntimeError('no luck')"}, requires=["dep"])
    make_versioned(site, "dep", "1.0")
    assert trace("import demo version 1\n")[-1] == (
        "taken back, since the import failed (RuntimeError: no luck): demo 1.0, dep 1.0"
    )


def test_another_version_for_the_sake_of_a_later_statement(trace, site):
    for version in ("1.0", "2.0"):
        make_versioned(site, "dep", version)
    make_versioned(site, "one", "1.0", requires=["dep"])
    make_versioned(site, "two", "1.0", requires=["dep<2"])
    lines = trace("import one version 1\nimport two version 1\n")
    assert "  dep 2.0 for one 1.0 (dep): /site/dep-2.0/" in lines
    assert "  dep 1.0 for one 1.0 (dep), two 1.0 (dep<2), instead of 2.0: /site/dep-1.0/" in lines


def test_require_and_metadata(trace, installed):
    lines = trace(
        "import versioned_import, importlib.metadata\n"
        "versioned_import.require('demo==1.0')\n"
        "importlib.metadata.version('Demo')\n"
    )
    assert lines == [
        'require("demo==1.0") (/app.py:3): demo 1.0, resolved: /site/demo-1.0/',
        "  dep 2.0 for demo 1.0 (dep>=1): /site/dep-2.0/",
        "metadata of Demo: demo 1.0, which is selected: /site/demo-1.0/",
    ]


@pytest.mark.parametrize(("environ", "switches"), [({}, ("-s",)), ({"VERSIONED_IMPORT_TRACE": "0"}, ("-s",))])
def test_nothing_without_it(children, site, environ, switches):
    make_versioned(site, "demo", "1.0")
    code = "import demo version 1\nimport sys\nprint('versioned_import.runtime.trace' in sys.modules)"
    done = children.run(code, environ=environ, switches=switches)
    assert (done.stdout, done.stderr) == ("False\n", "")


@pytest.mark.parametrize("switch", ["-E", "-I"])
def test_ignored_where_the_environment_is(children, site, switch):
    make_versioned(site, "demo", "1.0")
    code = f"""
import versioned_import
from versioned_import.runtime.state import state
state.search_path = ({str(site)!r},)
print(versioned_import.import_module("demo", "1").VERSION)
"""
    done = children.start("-c", code, switches=(switch,), environ=TRACE)
    assert (done.stdout, done.stderr) == ("1.0\n", "")


def test_refused(trace, site):
    make_versioned(site, "demo", "1.0")
    lines = trace("try:\n    import demo version 2\nexcept ImportError:\n    pass\n")
    assert lines == ["import demo version 2 (/app.py:3): refused, no installed version fits"]


def test_a_program_without_standard_error(trace, children, installed):
    code = "import sys\nsys.stderr = None\nimport demo version 1\nprint(demo.VERSION)"
    assert children.output(code, environ=TRACE) == "1.5"


def test_a_process_in_which_nothing_is_selected_is_silent(children):
    assert children.start("-c", "import json, importlib.metadata as m; m.version('pytest')", environ=TRACE).stderr == ""
