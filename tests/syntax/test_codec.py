"""The `versioned` encoding in the hands of everything in Python that decodes source text."""

import ast
import codecs
import io
import linecache
import py_compile
import sys
import tokenize
import traceback
import warnings
import zipfile
from functools import partial

import pytest

from versioned_import.syntax.codec import lookup

COOKIE = "# coding: versioned\n"
USE = "import demo.part version 1.2\nprint(demo.VERSION, demo.part.NAME)\n"
SAID = "1.2 part\n"
REWRITTEN = "import _versioned_demo_dpart_tv1_2 as demo\nprint(demo.VERSION, demo.part.NAME)\n"

pytestmark = pytest.mark.usefixtures("served")


class TestLookup:
    """versioned_import_startup.search_codec: "None for every other name"."""

    @pytest.mark.parametrize(
        "name", ["versioned", "VERSIONED", "versioned-utf-8", "versioned_utf_8", "versioned-latin-1"]
    )
    def test_ours(self, name):
        assert lookup(name.lower()).name == name.lower().replace("_", "-")
        assert codecs.lookup(name).name

    @pytest.mark.parametrize(
        "name",
        [
            "utf-8",
            "version",
            "versioned2",
            "xversioned",
            "versioned-nothing",
            "versioned-versioned",
            "versioned_versioned_utf_8",
            "",
        ],
    )
    def test_others(self, name):
        assert lookup(name) is None

    @pytest.mark.parametrize("name", ["versioned-nothing", "no-codec", "versioned-versioned"])
    def test_unknown_encoding(self, name):
        with pytest.raises(LookupError, match=f"unknown encoding: {name}"):
            codecs.lookup(name)

    def test_another_search_function_is_still_asked(self):
        assert "a".encode("punycode") == b"a-"


class TestEncoding:
    """docs/architecture.md, D3: encoding is that of the base."""

    def test_round_trip_of_plain_text(self):
        text = "é = 'ü'\nversion = 1\n"
        assert text.encode("versioned") == text.encode()
        assert text.encode("versioned-latin-1") == text.encode("latin-1")
        assert text.encode("versioned-latin-1").decode("versioned-latin-1") == text

    @pytest.mark.parametrize("data", [b"x", bytearray(b"x"), memoryview(b"x")])
    def test_all_kinds_of_bytes(self, data):
        assert codecs.lookup("versioned").decode(data) == ("x", 1)

    def test_errors_are_handed_to_the_base(self):
        assert b"\xff".decode("versioned", "replace") == "\ufffd"
        with pytest.raises(UnicodeDecodeError):
            b"\xff".decode("versioned")

    def test_length_is_that_of_the_bytes(self):
        data = "é\nimport a version 1\n".encode()
        assert codecs.lookup("versioned").decode(data) == ("é\nimport _versioned_a_v1 as a\n", len(data))

    @pytest.mark.parametrize("size", [1, 2, 7, 64, 10_000])
    def test_incremental_decoder(self, size):
        data = f"é = 1\n{USE}".encode()
        decoder = codecs.getincrementaldecoder("versioned")()
        text = "".join(decoder.decode(data[at : at + size]) for at in range(0, len(data), size))
        text += decoder.decode(b"", final=True)
        assert text + decoder.decode(b"", final=True) == f"é = 1\n{REWRITTEN}"

    def test_incremental_decoder_starts_afresh(self):
        decoder = codecs.getincrementaldecoder("versioned")()
        decoder.decode(b"import a ")
        decoder.reset()
        assert decoder.decode(b"x\n", final=True) == "x\n"

    def test_stream_reader_by_lines(self):
        reader = codecs.getreader("versioned")(io.BytesIO(USE.encode()))
        assert list(reader) == REWRITTEN.splitlines(keepends=True)

    def test_stream_reader_by_characters(self):
        reader = codecs.getreader("versioned")(io.BytesIO(USE.encode()))
        assert reader.read(10) + reader.read() == REWRITTEN

    def test_writers(self):
        stream = io.BytesIO()
        codecs.getwriter("versioned")(stream).write("é")
        assert stream.getvalue() == "é".encode()
        assert codecs.getincrementalencoder("versioned-latin-1")().encode("é") == b"\xe9"

    def test_text_with_a_clause_ends_in_a_newline(self):
        assert b"x = 1\nimport a version 1".decode("versioned") == "x = 1\nimport _versioned_a_v1 as a\n"


class TestInProcess:
    """Spec 2.1: "Works for ... imported modules ... `runpy`, `compile(bytes)`"."""

    data = (COOKIE + USE).encode()

    def test_compile(self, capsys):
        exec(compile(self.data, "app.py", "exec", dont_inherit=True), {})
        assert capsys.readouterr().out == SAID

    def test_exec(self, capsys):
        exec(self.data, {})
        assert capsys.readouterr().out == SAID

    def test_ast_parse(self):
        assert ast.dump(ast.parse(self.data)) == ast.dump(ast.parse(REWRITTEN))

    def test_source_that_is_text_is_not_decoded(self):
        with pytest.raises(SyntaxError) as caught:
            compile(COOKIE + USE, "app.py", "exec", dont_inherit=True)
        assert caught.value.lineno == 2

    @pytest.mark.parametrize("opened", [tokenize.open, partial(open, encoding="versioned")])
    def test_open_files(self, opened, tmp_path):
        path = tmp_path / "app.py"
        path.write_bytes(self.data)
        with opened(path) as file:
            assert file.read() == COOKIE + REWRITTEN

    def test_codecs_open(self, tmp_path):
        path = tmp_path / "app.py"
        path.write_bytes(self.data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # from 3.14
            with codecs.open(str(path), encoding="versioned") as file:
                assert file.read() == COOKIE + REWRITTEN

    def test_linecache(self, tmp_path):
        path = tmp_path / "app.py"
        path.write_bytes(self.data)
        assert linecache.getline(str(path), 2) == REWRITTEN.splitlines(keepends=True)[0]

    def test_tokenize_line_by_line(self):
        tokens = list(tokenize.tokenize(io.BytesIO(self.data).readline))
        names = [token.string for token in tokens if token.type == tokenize.NAME]
        assert tokens[0].string == "versioned"
        assert names[:4] == ["import", "_versioned_demo_dpart_tv1_2", "as", "demo"]

    def test_tokenize_parts_of_statements(self):
        source = COOKIE + "def f(\n  x):\n  '''a\n  import b version 1\n  '''\n  import b version 1\n"
        strings = [token.string for token in tokenize.tokenize(io.BytesIO(source.encode()).readline)]
        assert strings[-6:] == ["_versioned_b_v1", "as", "b", "\n", "", ""]

    def test_py_compile(self, tmp_path):
        path = tmp_path / "app.py"
        path.write_bytes(self.data)
        assert py_compile.compile(str(path), cfile=str(tmp_path / "app.pyc"), doraise=True)

    def test_import(self, tmp_path, monkeypatch, capsys):
        (tmp_path / "cookie_module.py").write_bytes(self.data)
        monkeypatch.syspath_prepend(str(tmp_path))
        module = __import__("cookie_module")
        del sys.modules["cookie_module"]
        assert capsys.readouterr().out == SAID
        assert module.__loader__.get_source("cookie_module") == COOKIE + REWRITTEN

    def test_traceback_shows_a_line_that_fits_its_carets(self, tmp_path):
        path = tmp_path / "app.py"
        path.write_bytes(f"{COOKIE}x = 1; import demo version 9 as d; y = 2\n".encode())
        with pytest.raises(ImportError) as caught:
            exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), {})
        (frame,) = [one for one in traceback.extract_tb(caught.value.__traceback__) if one.filename == str(path)]
        assert frame.lineno == 2
        assert frame.line == "x = 1; import _versioned_demo_v9 as d; y = 2"
        assert frame.line[frame.colno : frame.end_colno] == "import _versioned_demo_v9 as d"


LONG = ";".join(f"x{number} = {number}" for number in range(40_000))
MAIN_SCRIPTS = {
    "plain": COOKIE + USE,
    "crlf": (COOKIE + USE).replace("\n", "\r\n"),
    "emacs": f"# -*- coding: versioned -*-\n{USE}",
    "vim": f"# vim: set fileencoding=versioned :\n{USE}",
    "equals sign": f"# coding=versioned\n{USE}",
    "capitals": f"# coding: Versioned\n{USE}",
    "line 2": f"#!/usr/bin/env python\n# coding: versioned\n{USE}",
    "line 2, crlf": f"#!/usr/bin/env python\r\n# coding: versioned\r\n{USE}",
    "blank line 1": f"\n# coding: versioned\n{USE}",
    "no newline at the end": (COOKIE + USE).rstrip("\n"),
    "continued to the end": f"{COOKIE}{USE}import demo \\\n version \\\n 1.2",
    "comment at the end": f"{COOKIE}{USE}# end",
    "one long line": f"{COOKIE}{LONG};{USE.splitlines()[0]};{LONG}\n{USE.splitlines()[1]}\n",
    "large file": COOKIE + "# é, a comment of some length\n" * 8000 + USE,
    "base encoding utf-8": f"# coding: versioned-utf-8\n{USE}",
    "latin-1": f"# coding: versioned-latin-1\né = 'ü'; assert len(é) == 1\n{USE}".encode("latin-1"),
    "latin-1, underscores": f"# coding: versioned_latin_1\né = 'ü'; assert len(é) == 1\n{USE}".encode("latin-1"),
    "form feed and tabs": f"{COOKIE}\fif 1:\n\timport demo\tversion\t1.2\n{USE}",
    "other names": f"{COOKIE}é = 'ü\u2028'; {USE}",
    "future": f'{COOKIE}"""Doc."""\nfrom __future__ import annotations\n{USE}assert __doc__ == "Doc."\n',
    "mapping": COOKIE
    + '__import_versions__ = {"demo": "1.2"}\nimport demo.part\nprint(demo.VERSION, demo.part.NAME)\n',
}
QUIET_SCRIPTS = {
    "empty": COOKIE,
    "cookie without newline": COOKIE.rstrip("\n"),
    "no clause, no newline": f"{COOKIE}version = 2",
    "comment, no newline": f"{COOKIE}# import demo version 1.2",
}


class TestMainScript:
    """Spec 2.1: "Works for `python app.py`"."""

    @pytest.mark.parametrize("shape", MAIN_SCRIPTS)
    def test_runs(self, shape, child):
        assert child.output(child.write("app.py", MAIN_SCRIPTS[shape])) == SAID

    @pytest.mark.parametrize("shape", QUIET_SCRIPTS)
    def test_without_clause(self, shape, child):
        assert child.output(child.write("app.py", QUIET_SCRIPTS[shape])) == ""

    @pytest.mark.parametrize("shape", MAIN_SCRIPTS)
    def test_as_an_imported_module(self, shape, child):
        child.write("helper.py", MAIN_SCRIPTS[shape])
        assert child.output("-c", "import helper") == SAID

    def test_directory(self, child):
        child.write("tree/__main__.py", COOKIE + USE)
        assert child.output("tree") == SAID

    @pytest.mark.parametrize("switch", ["-B", "-O", "-OO", "-Werror", "-Xutf8=0"])
    def test_switches(self, switch, child):
        assert child.output(switch, child.write("app.py", COOKIE + USE), LC_ALL="C") == SAID

    def test_byte_order_mark(self, child):
        done = child.run(child.write("app.py", "\ufeff" + COOKIE + USE))
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1] == "SyntaxError: encoding problem: versioned with BOM"

    def test_without_site(self, child):
        done = child.run("-S", child.write("app.py", COOKIE + USE))
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1] == "SyntaxError: encoding problem: versioned"

    def test_unknown_base(self, child):
        done = child.run(child.write("app.py", f"# coding: versioned-nothing\n{USE}"))
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1] == "SyntaxError: encoding problem: versioned-nothing"

    def test_traceback_keeps_the_line(self, child):
        path = child.write("app.py", f"{COOKIE}import demo version 1.2\n\n1 / 0\n")
        done = child.run(path)
        assert done.returncode == 1
        assert f'  File "{path}", line 4, in <module>\n    1 / 0\n' in done.stderr


class TestTools:
    """Spec 2.1: "`python -m`, `runpy`, `compile(bytes)`, in child processes"."""

    def test_module(self, child):
        child.write("app.py", COOKIE + USE)
        assert child.output("-m", "app") == SAID

    def test_run_path(self, child):
        child.write("app.py", COOKIE + USE)
        assert child.output("-c", "import runpy; runpy.run_path('app.py')") == SAID

    def test_compileall_and_the_compiled_file(self, child):
        child.write("app.py", COOKIE + USE)
        child.output("-m", "compileall", "-q", "app.py")
        assert child.output("-c", "import app; assert app.__cached__.endswith('.pyc')") == SAID

    def test_zipimport(self, child):
        with zipfile.ZipFile(child.directory / "app.zip", "w") as archive:
            archive.writestr("app.py", COOKIE + USE)
            archive.writestr("__main__.py", COOKIE + USE)
        assert child.output("-c", "import sys; sys.path.insert(0, 'app.zip'); import app") == SAID
        assert child.output("app.zip") == SAID

    def test_pdb(self, child):
        child.write("app.py", COOKIE + USE)
        assert SAID in child.output("-m", "pdb", "-c", "continue", "-c", "quit", "app.py")

    def test_coverage(self, child):
        child.write("app.py", f"{COOKIE}{USE}if demo.VERSION == '9':\n    missed = 1\n")
        assert child.output("-m", "coverage", "run", "--branch", "--include=app.py", "app.py") == SAID
        report = child.output("-m", "coverage", "report", "--show-missing", "--precision=0")
        assert [line.split()[1:] for line in report.splitlines() if line.startswith("app.py")] == [
            ["4", "1", "2", "1", "67%", "5"]
        ]

    def test_pytest_keeps_introspection(self, child):
        child.write("test_app.py", f"{COOKIE}{USE}def test():\n    number = 41\n    assert number + 1 == 43\n")
        done = child.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_app.py")
        assert done.returncode == 1
        assert "assert (41 + 1) == 43" in done.stdout

    @pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
    def test_multiprocessing(self, method, child):
        path = child.write(
            "app.py",
            f"{COOKIE}import demo version 1.2\nimport multiprocessing\n"
            "def task(queue):\n    queue.put(demo.VERSION)\n"
            "if __name__ == '__main__':\n"
            f"    context = multiprocessing.get_context('{method}')\n"
            "    queue = context.SimpleQueue()\n"
            "    process = context.Process(target=task, args=(queue,))\n"
            "    process.start()\n    print(queue.get())\n    process.join()\n",
        )
        done = child.run("-Wignore::DeprecationWarning", path)
        assert (done.returncode, done.stdout) == (0, "1.2\n")
