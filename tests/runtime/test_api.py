"""The functions that programs call: `import_module` and `enable` (spec 2.3)."""

import sys
import warnings

import pytest
from made import make_versioned, one_package, write

import versioned_import
from versioned_import import AlreadyImportedWarning, ClauseError, VersionConflictError, VersionNotFoundError


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a directory on `sys.path` with a package that uses clauses without a cookie."""
    directory = tmp_path / "program"
    write(directory / "mine" / "__init__.py", "import demo version 1\n")
    write(directory / "mine" / "part.py", "from demo version 1 import VERSION\nimport outside\n")
    write(directory / "mine" / "deep" / "__init__.py", "")
    write(
        directory / "mine" / "deep" / "leaf.py", "def where():\n    import demo version 1 as d\n    return d.VERSION\n"
    )
    write(directory / "outside.py", "NAME = 'outside'\n")
    write(directory / "stranger.py", "import demo version 1\n")
    write(directory / "mine_too.py", "import demo version 1\n")
    monkeypatch.syspath_prepend(str(directory))
    return directory


@pytest.fixture(autouse=True)
def _demo(process, site):
    make_versioned(site, "demo", "1.0", one_package("demo", "1.0", sub="NAME = __name__\n"))
    make_versioned(site, "demo", "2.0", one_package("demo", "2.0"))


class TestImportModule:
    @pytest.mark.parametrize("clause", ["1", "1.0", "<2", "demo~=1.0", "==1.*"])
    def test_clauses(self, clause):
        assert versioned_import.import_module("demo", clause).VERSION == "1.0"

    def test_submodule(self):
        assert versioned_import.import_module("demo.sub", "1").NAME == "demo.sub"

    def test_same_module_as_the_statement(self, execute):
        assert execute("import demo version 2")["demo"] is versioned_import.import_module("demo", ">=2")

    @pytest.mark.parametrize("clause", ["latest", "", "==", "1 2", "é"])
    def test_no_clause(self, clause):
        with pytest.raises(ClauseError) as caught:
            versioned_import.import_module("demo", clause)
        assert isinstance(caught.value, ValueError)
        assert caught.value.text == clause

    @pytest.mark.parametrize("name", ["", ".demo", "demo.", "a b", "1st"])
    def test_no_name(self, name):
        with pytest.raises(ClauseError, match="is no absolute import name"):
            versioned_import.import_module(name, "1")

    def test_errors_name_the_caller(self):
        with pytest.raises(VersionNotFoundError) as caught:
            versioned_import.import_module("demo", "3")
        assert caught.value.where.rpartition(":")[0] == __file__
        versioned_import.import_module("demo", "1")
        with pytest.raises(VersionConflictError) as conflict:
            versioned_import.import_module("demo", "2")
        assert __file__ in conflict.value.where
        assert f"imported first by {__file__}:" in str(conflict.value)


class TestEnable:
    """`enable("mypackage")`: an import hook for the named packages; the handle is a context manager and undoes it."""

    def test_package_and_its_submodules(self, program):
        with versioned_import.enable("mine"):
            import mine.deep.leaf
            import mine.part
        assert (mine.demo.VERSION, mine.part.VERSION, mine.deep.leaf.where()) == ("1.0", "1.0", "1.0")

    @pytest.mark.parametrize("name", ["stranger", "mine_too"])
    def test_nothing_outside(self, program, name):
        with versioned_import.enable("mine"), pytest.raises(SyntaxError):
            __import__(name)

    def test_undone_after_the_block(self, program):
        before = list(sys.meta_path)
        with versioned_import.enable("mine"):
            pass
        assert [one for one in sys.meta_path if one not in before] == []
        with pytest.raises(SyntaxError):
            import mine  # noqa: F401

    def test_undone_by_the_handle(self, program):
        handle = versioned_import.enable("mine")
        handle.disable()
        handle.disable()
        with pytest.raises(SyntaxError):
            import mine  # noqa: F401

    def test_undone_after_an_error(self, program):
        before = len(sys.meta_path)
        with pytest.raises(RuntimeError), versioned_import.enable("mine"):
            raise RuntimeError
        assert len(sys.meta_path) == before

    def test_one_submodule_only(self, program):
        write(program / "mine" / "__init__.py", "")
        with versioned_import.enable("mine.part"):
            import mine.part
        assert mine.part.VERSION == "1.0"

    def test_several_packages_and_two_handles(self, program):
        with versioned_import.enable("mine", "stranger"), versioned_import.enable("mine_too"):
            import mine
            import mine_too
            import stranger
        assert mine.demo is stranger.demo is mine_too.demo

    def test_repr_tells_the_packages_and_whether_it_is_on(self, program):
        handle = versioned_import.enable("mine", "stranger")
        assert repr(handle) == "<versioned imports in mine, stranger: on>"
        handle.disable()
        assert repr(handle) == "<versioned imports in mine, stranger: off>"

    def test_warning_for_a_package_that_is_imported_already(self, program):
        import outside  # noqa: F401

        with pytest.warns(AlreadyImportedWarning) as caught:
            versioned_import.enable("outside").disable()
        (warning,) = caught
        assert str(warning.message) == "outside was imported before enable(): its version clauses are not rewritten"
        assert warning.filename == __file__

    def test_no_warning_for_its_like(self, program):
        import outside  # noqa: F401

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            versioned_import.enable("outside_too").disable()

    def test_no_name(self):
        with pytest.raises(TypeError, match=r"enable\(\) takes the name of at least one package"):
            versioned_import.enable()

    @pytest.mark.parametrize("name", ["", "a b", ".mine", "mine-too"])
    def test_what_is_no_name(self, name):
        with pytest.raises(ValueError, match="is no import name"):
            versioned_import.enable(name)

    def test_compiled_file_of_its_own(self, program, monkeypatch):
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        with versioned_import.enable("mine"):
            import mine.part  # noqa: F401
        names = {path.name.split(".", 1)[1] for path in (program / "mine" / "__pycache__").iterdir()}
        assert names == {f"{sys.implementation.cache_tag}.opt-versioned1.pyc"}


class TestPackage:
    def test_public_names(self):
        assert dir(versioned_import) == sorted(versioned_import.__all__)
        for name in versioned_import.__all__:
            assert getattr(versioned_import, name) is not None

    def test_unknown_name(self):
        with pytest.raises(AttributeError, match="module 'versioned_import' has no attribute 'absent'"):
            _ = versioned_import.absent
