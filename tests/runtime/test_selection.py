"""`selection()` and `require()` as programs see them: data, and a readable repr (docs/api.md)."""

import copy
import importlib.metadata
import pickle
import sys

import pytest
from made import make_flat, make_group, make_versioned, one_package, write

import versioned_import
from versioned_import import (
    Asked,
    ClauseError,
    RequiredBy,
    Selected,
    Selection,
    VersionConflictError,
    VersionNotFoundError,
)
from versioned_import.runtime.told import Inherited


@pytest.fixture(autouse=True)
def demos(process, site, monkeypatch):
    monkeypatch.syspath_prepend(str(site))
    make_versioned(site, "demo", "1.0", one_package("demo", "1.0"), requires=["dep<2,>=1; python_version > '3'"])
    make_versioned(site, "demo", "2.0", one_package("demo", "2.0"), requires=["dep>=2", "fast; extra == 'speed'"])
    for version in ("1.0", "2.0"):
        make_versioned(site, "dep", version)
    make_versioned(site, "fast", "1.0")
    return site


class TestSelection:
    def test_nothing(self):
        assert len(versioned_import.selection()) == 0
        assert repr(versioned_import.selection()) == "<Selection: nothing is selected>"

    def test_a_statement_and_its_closure(self, execute, site, tmp_path):
        execute("\nimport demo version 1")
        where = f"{tmp_path}/app.py:2"
        found = versioned_import.selection()
        assert dict(found) == {
            "demo": Selected(
                distribution="demo",
                version="1.0",
                path=f"{site}/demo-1.0",
                kind="versioned",
                names=("demo",),
                loaded=True,
                asked_by=(Asked("import demo version 1", where),),
                required_by=(),
            ),
            "dep": Selected(
                distribution="dep",
                version="1.0",
                path=f"{site}/dep-1.0",
                kind="versioned",
                names=("dep",),
                loaded=False,
                asked_by=(),
                required_by=(RequiredBy("demo", "1.0", "dep<2,>=1"),),
            ),
        }

    def test_the_repr_is_a_table(self, execute, site, tmp_path):
        execute("import demo version 1")
        assert repr(versioned_import.selection()).split("\n") == [
            f"distribution  version  loaded  {'from':{len(f'{site}/demo-1.0/')}}  why",
            f"demo          1.0      yes     {site}/demo-1.0/  import demo version 1 ({tmp_path}/app.py:1)",
            f"dep           1.0      no      {site}/dep-1.0/   demo 1.0 requires dep<2,>=1",
        ]

    def test_several_reasons(self, execute, site):
        make_versioned(site, "other", "1.0", requires=["dep"])
        execute("import demo version 1\nimport dep version 1\nimport dep version 1.0\nimport other version 1")
        reasons = versioned_import.selection()["dep"].reasons
        assert [reason.partition(" (")[0] for reason in reasons] == [
            "import dep version 1",
            "import dep version 1.0",
            "demo 1.0 requires dep<2,>=1",
            "other 1.0 requires dep",
        ]
        (line,) = [line for line in repr(versioned_import.selection()).split("\n") if line.startswith("dep")]
        assert line.endswith("; 2 more")

    def test_flat_and_loaded_by_a_plain_import(self, execute, site):
        make_flat(site, "plain", "3.0")
        execute("import plain")
        assert "plain" not in versioned_import.selection()
        execute("import plain version 3")
        found = versioned_import.selection()["plain"]
        assert (found.kind, found.path, found.loaded, found.version) == ("flat", str(site), True, "3.0")
        assert found.place == f"{site} (flat install)"

    def test_a_plain_import_that_python_could_not_satisfy(self, execute):
        execute("import fast")
        (asked,) = versioned_import.selection()["fast"].asked_by
        assert asked.statement == "import fast"

    def test_extras_of_a_group(self, execute, site):
        make_group(site, "demo[speed]", demo="2.0", dep="2.0", fast="1.0")
        execute("import demo version 2")
        assert versioned_import.selection()["fast"].required_by == (RequiredBy("demo", "2.0", "fast"),)

    def test_it_is_of_its_moment(self, execute):
        before = versioned_import.selection()
        execute("import demo version 1")
        assert len(before) == 0
        after = versioned_import.selection()
        assert not after["dep"].loaded
        execute("import dep")
        assert (after["dep"].loaded, versioned_import.selection()["dep"].loaded) == (False, True)

    def test_what_a_failed_import_left_loaded(self, execute, site):
        make_versioned(site, "broken", "1.0", {"broken.py": "import dep\n1 / 0\n"}, requires=["dep"])
        with pytest.raises(ZeroDivisionError):
            execute("import broken version 1")
        found = versioned_import.selection()
        assert list(found) == ["dep"]
        assert repr(found).endswith("nothing asks for it any more")

    def test_uninstalled_meanwhile(self, execute, site):
        execute("import demo version 1")
        (site / "demo-1.0" / "demo-1.0.dist-info" / "METADATA").unlink()
        assert list(versioned_import.selection()) == ["demo", "dep"]

    def test_inherited_statements_say_so(self, execute, process, tmp_path):
        execute("import fast version 1")
        one = process.answered[-1]
        process.answered[-1] = Inherited(one.name, one.clause, one.where, one.distribution)
        (asked,) = versioned_import.selection()["fast"].asked_by
        assert asked.inherited
        assert str(asked) == f"import fast version 1 ({tmp_path}/app.py:1, in the parent process)"


class TestTheObject:
    @pytest.fixture
    def found(self, execute):
        execute("import demo version 1")
        return versioned_import.selection()

    def test_names_in_order_and_any_spelling(self, found):
        assert list(found) == ["demo", "dep"]
        assert found["Demo"] is found["demo"]
        assert "DEP" in found
        assert "absent" not in found
        assert None not in found
        with pytest.raises(KeyError):
            found["absent"]

    def test_it_survives_pickling_and_copying(self, found):
        for again in (pickle.loads(pickle.dumps(found)), copy.copy(found), copy.deepcopy(found)):
            assert again == found
            assert repr(again) == repr(found)
            assert hash(again) == hash(found)
        assert b"versioned_import.runtime" not in pickle.dumps(found)

    def test_it_does_not_change(self, found):
        with pytest.raises(AttributeError):
            found._by_name = {}
        with pytest.raises(AttributeError):
            found["demo"].version = "2.0"
        with pytest.raises(TypeError):
            found["demo"] = None

    def test_public_names(self):
        for one in (Asked, RequiredBy, Selected, Selection):
            assert one.__module__ == "versioned_import"
            assert getattr(versioned_import, one.__name__) is one


class TestRequire:
    def test_only_what_was_asked(self, execute):
        found = versioned_import.require("demo<2", "fast")
        assert [(one.distribution, one.version) for one in found.values()] == [("demo", "1.0"), ("fast", "1.0")]
        assert found["demo"].asked_by[0].statement == 'require("demo<2")'
        assert found["demo"].asked_by[0].where.startswith(f"{__file__}:")
        assert list(versioned_import.selection()) == ["demo", "dep", "fast"]
        assert "demo" not in sys.modules
        assert execute("import demo, dep\nv = demo.VERSION, dep.VERSION")["v"] == ("1.0", "1.0")
        assert importlib.metadata.version("dep") == "1.0"

    def test_markers(self):
        assert list(versioned_import.require("fast; python_version < '3'")) == []
        assert list(versioned_import.require("demo==1.*; python_version > '3'", "fast; extra == 'x'")) == ["demo"]
        assert list(versioned_import.selection()) == ["demo", "dep"]

    def test_a_requirement_with_a_url_is_refused(self, process):
        with pytest.raises(ClauseError) as raised:
            versioned_import.require("fast", "demo @ https://index.example/demo.whl")
        assert str(raised.value) == (
            "'demo @ https://index.example/demo.whl' has a URL, which a requirement on what is installed does not take"
        )
        assert process.selection == {}

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "Expected package name at the start of dependency specifier"),
            (
                "request s",
                "Expected semicolon (after name with no version specifier) or end",
            ),
        ],
    )
    def test_what_is_no_requirement(self, text, reason):
        with pytest.raises(ClauseError) as raised:
            versioned_import.require(text)
        assert str(raised.value) == f"{text!r} is no requirement (PEP 508): {reason}"

    def test_a_list_is_refused(self):
        with pytest.raises(TypeError, match="each requirement as a text of its own, not list"):
            versioned_import.require(["demo"])

    def test_errors(self):
        with pytest.raises(VersionNotFoundError):
            versioned_import.require("demo>=3")
        versioned_import.require("dep==1.0")
        with pytest.raises(VersionConflictError):
            versioned_import.require("demo==2.0")

    def test_in_a_session(self, children):
        session = "import versioned_import\nprint(versioned_import.require('demo<2')['demo'].asked_by[0])\n"
        done = children.start("-i", "-q", switches=("-s",), input=session)
        assert done.stdout in ('require("demo<2") (<stdin>:1)\n', 'require("demo<2") (<stdin>-1:1)\n')  # 3.13


class TestReprOfAModule:
    """The repr of what a statement got names the version, be it flat or not."""

    def test_versioned(self, execute, site):
        demo = execute("import demo version 1")["demo"]
        assert repr(demo) == f"<module 'demo' from '{site}/demo-1.0/demo/__init__.py'>"

    def test_flat(self, execute, site):
        make_flat(site, "plain", "3.0", one_package("plain", "3.0", sub=""))
        names = execute("import plain version 3\nimport plain.sub version 3 as s")
        assert repr(names["plain"]) == f"<module 'plain' from '{site}/plain/__init__.py' (plain 3.0)>"
        assert repr(names["s"]) == f"<module 'plain.sub' from '{site}/plain/sub.py' (plain 3.0)>"

    def test_flat_and_loaded_by_a_plain_import(self, execute, site):
        make_flat(site, "plain", "3.0")
        names = execute("import plain\nbefore = repr(plain)\nimport plain version 3")
        assert names["before"] == f"<module 'plain' from '{site}/plain.py'>"
        assert repr(names["plain"]) == f"<module 'plain' from '{site}/plain.py' (plain 3.0)>"

    def test_only_the_repr_of_the_module_changes(self, execute, site):
        import importlib.machinery
        import importlib.util
        import inspect
        import runpy

        make_flat(site, "plain", "3.0")
        plain = execute("import plain version 3")["plain"]
        file, spec = str(site / "plain.py"), plain.__spec__
        assert type(plain.__file__) is str
        assert (spec.origin, hash(spec.origin), repr(spec.origin)) == (file, hash(file), repr(file))
        assert spec == importlib.machinery.PathFinder.find_spec("plain", [str(site)])
        assert spec.cached == importlib.util.cache_from_source(file)
        for again in (copy.deepcopy(spec).origin, copy.copy(spec.origin), pickle.loads(pickle.dumps(spec.origin))):
            assert (type(again), again) == (str, file)
        assert inspect.getsource(plain) == "VERSION = '3.0'\n"
        assert inspect.getfile(plain) == file
        assert runpy.run_module("plain")["__file__"] == file

    def test_reload(self, execute, site):
        make_flat(site, "plain", "3.0")
        plain = execute("import plain version 3")["plain"]
        write(site / "plain.py", "VERSION = 'changed in place'\n")
        assert importlib.reload(plain) is plain
        assert (plain.VERSION, type(plain.__file__)) == ("changed in place", str)

    def test_resources(self, execute, site):
        import importlib.resources

        make_flat(site, "plain", "3.0", one_package("plain", "3.0") | {"plain/data.txt": "data"})
        execute("import plain version 3")
        assert importlib.resources.files("plain").joinpath("data.txt").read_text() == "data"
