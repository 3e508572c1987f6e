"""The import hook: which text is rewritten, which compiled file is kept, and what tracebacks and inspect show."""

import importlib
import importlib.util
import inspect
import os
import sys
import traceback
from importlib.machinery import SourceFileLoader

import pytest

from versioned_import.syntax.hook import HookFinder
from versioned_import.syntax.loader import (
    VersionedLoader,
    compile_source,
    decode_text,
    has_cookie,
    may_have_clause,
    parse_with_clauses,
    read_text,
    tagged,
)

PLAIN = "value = 'plain'\n"
CLAUSE = "import demo version 1.2\nvalue = demo.VERSION\n"


class Program:
    """One module `program` in a directory of its own, imported again and again with or without the hook."""

    def __init__(self, directory):
        self.source = directory / "program.py"
        self.cache = directory / "__pycache__"
        self.changed = 1_600_000_000

    def write(self, text, seconds=10):
        """Write the source with a modification time so many seconds after the last one."""
        self.changed += seconds
        self.source.write_text(text, encoding="utf-8")
        os.utime(self.source, (self.changed, self.changed))

    def load(self, hook=True):
        """Import the module from disk and return it."""
        kind = VersionedLoader if hook else SourceFileLoader
        loader = kind("program", str(self.source))
        spec = importlib.util.spec_from_file_location("program", self.source, loader=loader)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def compiled(self):
        """Return the names of the compiled files, without Python's own tag."""
        tag = f"program.{sys.implementation.cache_tag}"
        return sorted(path.name.removeprefix(tag) for path in self.cache.glob("*"))


@pytest.fixture
def program(tmp_path, monkeypatch, served):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    directory = tmp_path / "source"
    directory.mkdir()
    return Program(directory)


class TestCompiledFiles:
    """loader.VersionedLoader: "A module with clauses never has a valid plain .pyc"."""

    def test_plain_module_keeps_its_ordinary_file(self, program):
        program.write(PLAIN)
        assert program.load().value == "plain"
        assert program.compiled() == [".pyc"]
        assert program.load(hook=False).value == "plain"

    def test_module_with_clauses_has_a_tagged_file(self, program):
        program.write(CLAUSE)
        assert program.load().value == "1.2"
        assert program.compiled() == [".opt-versioned1.pyc"]
        with pytest.raises(SyntaxError):
            program.load(hook=False)

    def test_plain_then_clause_then_plain(self, program):
        program.write(PLAIN)
        assert program.load().value == "plain"
        program.write(CLAUSE)
        assert program.load().value == "1.2"
        assert program.compiled() == [".opt-versioned1.pyc"]
        program.write(PLAIN)
        assert program.load().value == "plain"
        assert program.compiled() == [".pyc"]

    def test_hook_on_and_off(self, program):
        program.write(PLAIN)
        assert program.load(hook=False).value == "plain"
        program.write(CLAUSE)
        with pytest.raises(SyntaxError):
            program.load(hook=False)
        assert program.load().value == "1.2"
        with pytest.raises(SyntaxError):
            program.load(hook=False)
        program.write("value = 'again'\n")
        assert program.load(hook=False).value == "again"
        assert program.load().value == "again"
        program.write(PLAIN)
        assert program.load().value == "plain"
        assert program.compiled() == [".pyc"]

    def test_edit_within_one_second(self, program):
        program.write(PLAIN)
        assert program.load().value == "plain"
        program.write(CLAUSE, seconds=0)
        assert program.load().value == "1.2"
        program.write(PLAIN, seconds=0)
        assert program.load().value == "plain"

    def test_the_compiled_file_is_used(self, program, monkeypatch):
        program.write(CLAUSE)
        program.load()

        def compiles(*_, **__):
            raise AssertionError

        monkeypatch.setattr(VersionedLoader, "source_to_code", compiles)
        assert program.load().value == "1.2"

    @pytest.mark.parametrize("text", [PLAIN, CLAUSE])
    @pytest.mark.parametrize("damage", [b"", b"\0" * 4, b"not a compiled file at all", None])
    def test_damaged_file_is_made_anew(self, program, text, damage):
        program.write(text)
        expected = program.load().value
        (file,) = program.cache.iterdir()
        good = file.read_bytes()
        file.write_bytes(good[:12] if damage is None else damage)
        assert program.load().value == expected
        assert file.read_bytes() == good

    def test_checked_hash_file(self, program):
        import py_compile

        program.write(PLAIN)
        py_compile.compile(str(program.source), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
        assert program.load().value == "plain"
        program.write(CLAUSE, seconds=0)
        assert program.load().value == "1.2"

    @pytest.mark.skipif(os.name == "nt", reason="a directory can't be made read-only there")
    @pytest.mark.parametrize("text", [PLAIN, CLAUSE])
    def test_cache_that_is_read_only(self, program, text):
        program.write(text)
        program.cache.mkdir(mode=0o555)
        expected = "plain" if text is PLAIN else "1.2"
        assert program.load().value == expected
        assert program.load().value == expected
        program.cache.chmod(0o755)

    @pytest.mark.parametrize("text", [PLAIN, CLAUSE])
    def test_cache_that_is_a_file(self, program, text):
        program.write(text)
        program.cache.write_text("in the way")
        assert program.load().value == ("plain" if text is PLAIN else "1.2")
        assert program.cache.read_text() == "in the way"

    @pytest.mark.parametrize("text", [PLAIN, CLAUSE])
    def test_cache_of_another_place(self, program, text, tmp_path, monkeypatch):
        monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "elsewhere"))
        program.write(text)
        assert program.load().value == program.load().value == ("plain" if text is PLAIN else "1.2")
        assert program.compiled() == []
        (file,) = (tmp_path / "elsewhere").rglob("program*")
        assert file.name.endswith(".opt-versioned1.pyc" if text is CLAUSE else f"{sys.implementation.cache_tag}.pyc")

    def test_no_files_when_none_are_wanted(self, program, monkeypatch):
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        program.write(CLAUSE)
        assert program.load().value == "1.2"
        assert program.compiled() == []

    @pytest.mark.parametrize(
        ("switches", "tag"), [((), "versioned1"), (("-O",), "1versioned1"), (("-OO",), "2versioned1")]
    )
    def test_each_level_has_its_own(self, switches, tag, child):
        child.write("helper.py", f"import demo version 1.2\nassert not {len(switches)}\nprint(demo.VERSION)\n")
        app = child.write("app.py", "import helper\n")
        variables = {"PYTHONPYCACHEPREFIX": "", "PYTHONDONTWRITEBYTECODE": ""}
        for _ in range(2):
            assert child.output(*switches, "-m", "versioned_import", app, **variables) == "1.2\n"
        names = [path.name for path in (child.directory / "__pycache__").iterdir()]
        assert names == [f"helper.{sys.implementation.cache_tag}.opt-{tag}.pyc"]

    def test_tagged_name(self):
        plain = importlib.util.cache_from_source("/x/a.py", optimization="")
        assert tagged(plain) == importlib.util.cache_from_source("/x/a.py", optimization="versioned1")
        with pytest.raises(ValueError, match="__pycache__"):
            tagged("/x/a.pyc")

    def test_other_files_are_read_and_written_as_ever(self, program):
        loader = VersionedLoader("program", str(program.source))
        path = str(program.source.with_name("data.bin"))
        loader.set_data(path, b"x")
        assert loader.get_data(path) == b"x"


SHOWN = '''\
"""Doc."""
from __future__ import annotations
import demo version 1.2

def function():
    return demo.VERSION  # a comment

class Class:
    """import demo version 1.2"""
    def method(self):
        x = 1; import demo version 9.9 as k; return k

def fails():
    é = 1; import demo.part version "==1.2" as k; return k.missing
'''


class TestWhatIsShown:
    """Spec 1.6: "every other statement keeps its line **and column** in tracebacks, `inspect.getsource`"."""

    @pytest.fixture
    def module(self, program, monkeypatch):
        program.write(SHOWN)
        module = program.load()
        monkeypatch.setitem(sys.modules, "program", module)
        return module

    def test_source_of_module(self, module):
        assert inspect.getsource(module) == SHOWN
        assert module.__loader__.get_source("program") == SHOWN

    def test_source_of_function(self, module):
        assert inspect.getsource(module.function) == "def function():\n    return demo.VERSION  # a comment\n"
        assert inspect.getsource(module.Class.method).splitlines()[1] == SHOWN.splitlines()[10]

    @pytest.mark.skipif(sys.version_info < (3, 13), reason="inspect parses the file again before 3.13")
    def test_source_of_class(self, module):
        assert inspect.getsource(module.Class) == "".join(SHOWN.splitlines(keepends=True)[7:11])

    def test_future_and_docstring(self, module):
        assert module.__doc__ == "Doc."
        assert module.annotations.compiler_flag
        assert module.Class.__doc__ == "import demo version 1.2"

    def test_traceback_of_the_statement(self, module):
        with pytest.raises(ImportError) as caught:
            module.Class().method()
        frames = traceback.extract_tb(caught.value.__traceback__)
        (frame,) = [one for one in frames if one.filename == module.__file__]
        assert frame.lineno == 11
        line = SHOWN.splitlines()[10]
        assert line[frame.colno : frame.end_colno] == "import demo version 9.9 as k"
        shown = "".join(traceback.format_list([frame])).splitlines()
        assert shown[1] == f"    {line.strip()}"
        assert shown[2].index("^") == 4 + line.strip().index("import")
        assert shown[2].count("^") == len("import demo version 9.9 as k")

    def test_traceback_behind_the_clause(self, module):
        with pytest.raises(AttributeError) as caught:
            module.fails()
        frame = traceback.extract_tb(caught.value.__traceback__)[-1]
        line = SHOWN.splitlines()[13].encode()  # columns of code objects count bytes
        assert frame.lineno == 14
        assert line[frame.colno : frame.end_colno] == b"k.missing"

    def test_printed_traceback(self, child):
        app = child.write("app.py", SHOWN + "fails()\n")
        done = child.run("-m", "versioned_import", app)
        line = SHOWN.splitlines()[13].strip()
        shown = done.stderr.splitlines()
        carets = shown[shown.index(f"    {line}") + 1]
        assert f'  File "{app}", line 14, in fails\n    {line}\n' in done.stderr
        at = carets.index("^")
        assert line[at - 4 : at - 4 + carets.count("^")] == "k.missing"


class TestCompileSource:
    """loader.compile_source: "a file without a clause by Python alone"."""

    def test_tells_whether_it_rewrote(self):
        assert compile_source(b"import demo version 1\n", "a.py")[1] is True
        assert compile_source(b"import demo\n", "a.py")[1] is False
        assert compile_source(b"# coding: versioned\nimport demo version 1\n", "a.py")[1] is False
        assert compile_source(b'__import_versions__ = {"a": "1"}\nimport a\n', "a.py")[1] is True
        assert compile_source(b"__import_versions__ = {}\nimport b\n", "a.py")[1] is False

    def test_latin_1(self):
        data = "# coding: latin-1\né = 'ü'; import demo version 1\n".encode("latin-1")
        code, rewritten = compile_source(data, "a.py")
        assert rewritten
        assert "ü" in code.co_consts

    @pytest.mark.parametrize(
        "data",
        [
            b"# coding: nothing\nimport a version 1\n",
            b"\xff\nimport a version 1\n",
            b"\xef\xbb\xbf# coding: latin-1\nimport a version 1",
        ],
    )
    def test_encoding_that_is_wrong_is_pythons_to_tell(self, data):
        assert parse_with_clauses(data, "a.py") is None
        with pytest.raises(SyntaxError):
            compile_source(data, "a.py")

    def test_optimize(self):
        source = b'"""Doc."""\nimport demo version 1\nassert 0, "never"\n'
        assert "never" in compile_source(source, "a.py", optimize=0)[0].co_consts
        assert "never" not in compile_source(source, "a.py", optimize=1)[0].co_consts

    def test_our_future_imports_are_not_the_programs(self):
        code, _ = compile_source(b"import demo version 1\ndef f(x: y): ...\n", "a.py")
        with pytest.raises(NameError):
            exec(code, {"__import__": None, "__builtins__": {"__import__": lambda *_: None}})

    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            (b"import a version 1", True),
            (b"import a version '1'", True),
            (b"import a version \\\r\n v1", True),
            (b"__import_versions__", True),
            (b"import a version >=1", False),
            (b"version = 2", False),
            (b"", False),
        ],
    )
    def test_gate(self, data, expected):
        assert may_have_clause(data) is expected

    @pytest.mark.parametrize(
        ("head", "expected"),
        [
            ("# coding: versioned\n", True),
            ("#!x\n# -*- coding: versioned-latin-1 -*-\n", True),
            ("\n# vim: fileencoding=VERSIONED\n", True),
            ("# coding: utf-8\n# coding: versioned\n", False),
            ("x = 1\n# coding: versioned\n", False),
            ("\n\n# coding: versioned\n", False),
            ("# coding: versionedness\n", False),
            ("x = '# coding: versioned'\n", False),
            ("", False),
        ],
    )
    def test_cookie(self, head, expected, served):
        assert has_cookie(f"{head}import a version 1\n".encode()) is expected

    def test_line_2_cookie_that_does_not_count(self, served):
        data = b"# coding: utf-8\n# coding: versioned\nimport demo version 1\n"
        assert compile_source(data, "a.py")[1] is True

    def test_texts(self, served):
        data = b"# coding: versioned-latin-1\r\nimport a version 1 # \xe9\r\nopen(x, encoding='y')"
        assert read_text(data) == "# coding: versioned-latin-1\nimport a version 1 # é\nopen(x, encoding='y')"
        assert decode_text(data).splitlines()[1] == "import _versioned_a_v1 as a # é"
        assert read_text(b"open(x, encoding='y')\r\n") == "open(x, encoding='y')\n"


class TestFinder:
    """loader.HookFinder: "every other import is refused by its name alone"."""

    def test_wanted_module_gets_our_loader(self, program, monkeypatch):
        program.write(CLAUSE)
        monkeypatch.syspath_prepend(str(program.source.parent))
        finder = HookFinder(lambda name: name == "program")
        assert type(finder.find_spec("program").loader) is VersionedLoader
        assert finder.find_spec("demo") is None
        assert finder.find_spec("os") is None
        finder.invalidate_caches()

    def test_only_inside(self, program, monkeypatch):
        program.write(CLAUSE)
        monkeypatch.syspath_prepend(str(program.source.parent))
        assert HookFinder(lambda _: True, lambda _: False).find_spec("program") is None

    def test_other_kinds_of_modules_keep_their_loaders(self, program, monkeypatch):
        monkeypatch.syspath_prepend(str(program.source.parent))
        (program.source.parent / "space").mkdir()
        importlib.invalidate_caches()
        finder = HookFinder(lambda _: True)
        assert finder.find_spec("space") is None
        assert finder.find_spec("no_such_module_anywhere") is None
        assert finder.find_spec("_decimal") is None
