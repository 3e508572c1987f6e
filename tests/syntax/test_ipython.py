"""What the extension does with the methods of an IPython shell, without IPython; tests/real has the real one."""

import ast
import sys
import traceback
from functools import partial
from types import SimpleNamespace

import pytest

import versioned_import
from versioned_import.syntax.ipython import _hidden, _should_run_async


class Transformers:
    """Stands for IPython's part that finds magics."""

    def transform_cell(self, cell):
        return cell.replace("!ls", "system('ls')")

    def check_complete(self, cell):
        try:
            ast.parse(cell)
        except SyntaxError:
            return "invalid", None
        return "complete", None


class Compiler:
    def ast_parse(self, source, filename="<unknown>", symbol="exec"):
        return ast.parse(source, filename, symbol)

    def format_code_name(self, name):
        return ("Cell", "In[3]") if name == "cell" else None


class Shell:
    def __init__(self):
        self.input_transformer_manager = Transformers()
        self.compile = Compiler()

    def should_run_async(self, raw_cell, *, transformed_cell=None):
        return "await" in transformed_cell and bool(ast.parse(transformed_cell))

    def showtraceback(self, exc_tuple=None):
        self.shown = [frame.name for frame in traceback.extract_tb((exc_tuple or sys.exc_info())[2])]


@pytest.fixture
def shell(served):
    one = Shell()
    versioned_import.load_ipython_extension(one)
    yield one
    versioned_import.unload_ipython_extension(one)


def own(shell):
    """Return the attributes that were put in front of the class's methods."""
    parts = shell, shell.input_transformer_manager, shell.compile
    return [
        name
        for part in parts
        for name, value in vars(part).items()
        if callable(value) and hasattr(value, "__wrapped__")
    ]


class TestCells:
    """Spec 2.4: "`%load_ext versioned_import` in IPython and Jupyter"."""

    def test_a_cell_runs(self, shell):
        tree = shell.compile.ast_parse("import demo version 1\nfrom demo.part version 1.2 import NAME\n", "cell")
        namespace = {}
        exec(compile(tree, "cell", "exec"), namespace)
        assert (namespace["demo"].VERSION, namespace["NAME"]) == ("1.2", "part")
        assert not [name for name in namespace if name.startswith("_versioned")]

    def test_columns_are_those_of_the_cell(self, shell):
        cell = "x = 1; import demo version 1.0_rc1 as k; k.missing"
        node = shell.compile.ast_parse(cell).body[2]
        assert cell[node.col_offset : node.end_col_offset] == "k.missing"

    @pytest.mark.parametrize(
        "cell",
        [
            "import demo version 1.0_rc1\n!ls",
            "import demo version 0b2; from demo version v1 import (x)\n",
            "import demo version '>=1'\n",
            "%%bash\nimport demo version 1\n!ls\n",
            "import 一 version 1, 丁 version 2\n",
        ],
    )
    def test_magics_are_found_and_clauses_are_as_written(self, shell, cell):
        assert shell.input_transformer_manager.transform_cell(cell) == cell.replace("!ls", "system('ls')")

    def test_what_the_transformers_see_is_names_of_the_same_length(self):
        text, hidden = _hidden("import 一 version 0b2, d version 1.2 as e\n")
        assert text == "import 一 version 丁丁丁, d version 丂丂丂 as e\n"
        assert hidden == [("丁丁丁", "0b2"), ("丂丂丂", "1.2")]

    @pytest.mark.parametrize(
        ("cell", "status"),
        [("import demo version 1.0_rc1", "complete"), ("import demo version latest", "invalid"), ("x", "complete")],
    )
    def test_completeness(self, shell, cell, status):
        assert shell.input_transformer_manager.check_complete(cell) == (status, None)

    def test_await_is_seen(self, shell):
        assert shell.should_run_async("", transformed_cell="import demo version 1\nawait x\n")
        assert _should_run_async(lambda raw, **_: raw == "cell", "cell")

    def test_the_mapping(self, shell):
        tree = shell.compile.ast_parse('__import_versions__ = {"demo": "1"}\nimport demo\n')
        assert tree.body[1].names[0].name == "_versioned_demo_v1"

    def test_a_mapping_for_later_cells_is_refused(self, shell):
        with pytest.raises(SyntaxError) as caught:
            shell.compile.ast_parse('__import_versions__ = {"demo": "1"}\n', "cell")
        assert caught.value.msg == (
            "__import_versions__: 'demo' governs nothing: no import of that name follows in the same file or cell "
            "(keys are import names, not those of distributions)"
        )

    def test_a_change_of_the_mapping_is_refused(self, shell):
        with pytest.raises(SyntaxError) as caught:
            shell.compile.ast_parse('__import_versions__["demo"] = "1"\nimport demo\n', "cell")
        assert caught.value.msg == (
            "__import_versions__ is only assigned, as a plain dictionary at module level: it is read before the file runs"
        )

    def test_a_wrong_clause_is_explained(self, shell):
        with pytest.raises(SyntaxError) as caught:
            shell.compile.ast_parse("import demo version latest\n", "cell")
        assert (caught.value.msg, caught.value.filename, caught.value.offset) == (
            "'latest' is no version (PEP 440); leave the clause out to get the highest that is installed",
            "cell",
            21,
        )

    def test_other_errors_show_the_line_as_written(self, shell):
        with pytest.raises(SyntaxError) as caught:
            shell.compile.ast_parse("import demo version 1; x = = 2\n", "cell")
        assert (caught.value.msg, caught.value.text) == ("invalid syntax", "import demo version 1; x = = 2\n")

    @pytest.mark.parametrize("given", [False, True])
    def test_our_errors_end_at_the_cell_and_name_it(self, shell, given):
        tree = shell.compile.ast_parse("import demo version 1\nimport demo version 2\n", "cell")
        try:
            exec(compile(tree, "cell", "exec"), {})
        except versioned_import.VersionConflictError as error:
            told = error.where, error.story[1]
            shell.showtraceback(sys.exc_info() if given else None)
        assert told == ("In[3]:2", "imported first by In[3]:1: import demo version 1")
        assert shell.shown[-1] == "<module>"

    def test_what_is_no_text_is_left_to_the_shell(self, shell):
        assert ast.dump(shell.compile.ast_parse(ast.parse("x"))) == ast.dump(ast.parse("x"))


class TestLoading:
    def test_twice_changes_nothing_and_unloading_restores_all(self, served):
        shell = Shell()
        versioned_import.load_ipython_extension(shell)
        names = own(shell)
        assert sorted(names) == ["ast_parse", "check_complete", "should_run_async", "showtraceback", "transform_cell"]
        once = shell.compile.ast_parse
        versioned_import.load_ipython_extension(shell)
        assert shell.compile.ast_parse is once
        versioned_import.unload_ipython_extension(shell)
        versioned_import.unload_ipython_extension(shell)
        assert own(shell) == []
        with pytest.raises(SyntaxError, match="invalid syntax"):
            shell.compile.ast_parse("import demo version 1")

    def test_what_others_wrapped_before_is_put_back(self, served):
        shell = Shell()
        theirs = shell.compile.ast_parse = SimpleNamespace(__call__=None)
        versioned_import.load_ipython_extension(shell)
        versioned_import.unload_ipython_extension(shell)
        assert shell.compile.ast_parse is theirs

    def test_what_others_wrapped_since_stays(self, served):
        shell = Shell()
        versioned_import.load_ipython_extension(shell)
        ours = shell.compile.ast_parse
        theirs = shell.compile.ast_parse = partial(ours, filename="theirs")
        versioned_import.unload_ipython_extension(shell)
        assert shell.compile.ast_parse is theirs
        with pytest.raises(SyntaxError, match="invalid syntax"):
            theirs("import demo version 1")
