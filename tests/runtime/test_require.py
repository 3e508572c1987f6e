"""`require` selects distributions by requirement; what is imported afterwards is of that selection."""

import pytest
from made import make_flat, make_versioned

from versioned_import.errors import ClauseError, VersionConflictError, VersionNotFoundError
from versioned_import.resolver.story import python_command
from versioned_import.runtime.require import require


@pytest.fixture
def demos(process, site):
    for version in ("1.0", "1.5", "2.0"):
        make_versioned(site, "demo", version, requires=["dep<2"] if version == "1.5" else ["dep"])
    for version in ("1.0", "2.0"):
        make_versioned(site, "dep", version)
    return site


def test_plain_imports_get_what_is_required(demos, execute):
    assert [one.version for one in require("demo<2")] == ["1.5"]
    assert execute("import demo, dep\nv = demo.VERSION, dep.VERSION")["v"] == ("1.5", "1.0")


def test_several_are_resolved_together(demos, execute):
    assert [one.version for one in require("dep", "demo<2")] == ["1.0", "1.5"]


def test_a_later_statement_keeps_to_it(demos, execute):
    require("demo==1.5")
    with pytest.raises(VersionConflictError) as raised:
        execute("import dep version 2")
    assert "demo 1.5 asks for dep<2" in str(raised.value)
    assert execute("import dep version '>=1'\nv = dep.VERSION")["v"] == "1.0"


def test_as_long_as_nothing_is_loaded_another_version_may_still_be_chosen(demos, execute):
    require("demo<2")
    assert execute("import dep version 2\nimport demo\nv = demo.VERSION")["v"] == "1.0"


def test_who_asked_is_said(demos):
    require("dep==1.0")
    with pytest.raises(VersionConflictError) as raised:
        require("dep==2.0")
    assert f'require("dep==1.0") ({__file__}:' in str(raised.value)


def test_a_mere_name_gets_the_highest(demos):
    (found,) = require("demo")
    assert found.version == "2.0"


def test_a_name_in_any_spelling(process, site):
    make_versioned(site, "Some_Thing", "1.0", {"other.py": ""})
    (found,) = require("some.thing ~= 1.0")
    assert found.distribution == "some-thing"


def test_the_flat_install_counts(process, site):
    make_flat(site, "demo", "3.0")
    make_versioned(site, "demo", "1.0")
    assert [one.entry for one in require("demo")] == [""]
    assert [one.entry for one in require("demo")] == [""]


def test_the_first_site_directory_with_a_match_wins(process, site, second_site):
    make_versioned(site, "demo", "1.0")
    make_versioned(second_site, "demo", "2.0")
    assert [one.version for one in require("demo")] == ["1.0"]


def test_nothing_fits(demos, site):
    with pytest.raises(VersionNotFoundError) as raised:
        require("dep>=3")
    assert raised.value.name == "dep"
    assert str(raised.value).startswith('require("dep>=3") (')
    assert f'  to install it: {python_command()} -m versioned_import pip install --allow-multiple "dep>=3"' in str(
        raised.value
    )


def test_what_is_loaded_otherwise_conflicts_and_nothing_is_selected(demos, execute, process):
    execute("import dep version 2")
    before = dict(process.selection)
    with pytest.raises(VersionConflictError) as raised:
        require("demo==1.5")
    assert "demo 1.5 asks for dep<2" in str(raised.value)
    assert process.selection == before


@pytest.mark.parametrize("text", ["", "demo ==", "demo @ file:///x", "demo; python_version >", ">=1"])
def test_what_is_no_requirement(process, text):
    with pytest.raises(ClauseError):
        require(text)


def test_nothing_asked_nothing_done(process):
    assert require() == ()
