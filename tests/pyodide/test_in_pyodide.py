"""Runs inside the interpreter that run.py provides: what a newer Python than the machine's could do otherwise."""

import codecs
import importlib
import importlib.metadata
import importlib.util
import os
import sys
import textwrap

import pytest
from made import make_versioned, one_package, write

import versioned_import
import versioned_import_startup
from versioned_import.syntax.codec import lookup
from versioned_import.syntax.loader import VersionedLoader, compile_source

LAZY = pytest.mark.skipif(sys.version_info < (3, 15), reason="the lazy statement (PEP 810) came with 3.15")

# The `process` fixture puts what these tests change in this process back.
pytestmark = pytest.mark.usefixtures("process")


@pytest.fixture(autouse=True)
def demo(site):
    """Install two versions of a package side by side."""
    for version in ("1.2.5", "2.0"):
        make_versioned(site, "demo", version, one_package("demo", version, part="NAME = __name__\n"))


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a function that writes a module of the program, without cookie, and imports it with the hook enabled."""
    directory = tmp_path / "program"
    monkeypatch.syspath_prepend(directory)
    # This interpreter writes no compiled files unless told to; the hook's are a part of what is tested.
    monkeypatch.setattr(sys, "dont_write_bytecode", False)

    def load(name, text):
        write(directory / f"{name}.py", textwrap.dedent(text))
        importlib.invalidate_caches()
        with versioned_import.enable(name):
            return importlib.import_module(name)

    return load


def run_cookie_file(text):
    """Run the bytes of a cookie file and return the namespace."""
    namespace = {"__name__": "app"}
    exec(compile(b"# coding: versioned\n" + text.encode(), "app.py", "exec"), namespace)
    return namespace


class TestStartUp:
    def test_site_has_run_the_startup_file(self):
        assert importlib.metadata.version("versioned-import") == versioned_import.__version__
        assert versioned_import_startup.FallbackFinder in sys.meta_path

    def test_registering_again_changes_nothing(self):
        before = list(sys.meta_path)
        versioned_import_startup.register()
        assert sys.meta_path == before


class TestCodec:
    @pytest.mark.parametrize(
        ("name", "base"),
        [
            ("versioned", "utf-8"),
            ("Versioned", "utf-8"),
            ("versioned-latin-1", "latin-1"),
            ("versioned_latin_1", "latin-1"),
            ("versioned-utf-8", "utf-8"),
        ],
    )
    def test_base_encodings(self, name, base):
        data = "import demo version 1 as é\n".encode(base)
        assert codecs.decode(data, name) == "import _versioned_demo_v1 as é\n"

    def test_spelling_that_the_search_function_gets(self):
        asked = []
        listen = asked.append  # each look at the method gives another object, and `unregister` wants the same
        codecs.register(listen)
        try:
            with pytest.raises(LookupError):
                codecs.lookup("Ver-Sioned x")
        finally:
            codecs.unregister(listen)
        assert asked == ["ver-sioned-x" if sys.version_info >= (3, 15) else "ver_sioned_x"]

    @pytest.mark.parametrize("name", ["versioned-latin-1", "versioned_latin_1"])
    def test_either_spelling_is_understood(self, name):
        assert versioned_import_startup.search_codec(name).decode(b"\xe9") == ("é", 1)

    @pytest.mark.parametrize("name", ["ver-sioned", "versioned-unheard-of", "versioned-versioned", "versionedness"])
    def test_other_names_are_not_ours(self, name):
        assert lookup(name) is None
        with pytest.raises(LookupError):
            codecs.lookup(name)

    def test_bytes_with_the_cookie(self):
        found = run_cookie_file("import demo version 1.2\nfrom demo.part version 1 import NAME\n")
        assert (found["demo"].VERSION, found["NAME"]) == ("1.2.5", "demo.part")

    def test_source_of_a_cookie_module(self, program):
        module = program("cooked", "# coding: versioned-latin-1\nimport demo version 2 as d\n")
        assert module.d.VERSION == "2.0"
        assert "import _versioned_demo_v2 as d\n" in module.__loader__.get_source("cooked")

    @pytest.mark.parametrize("statement", ["import demo version latest", "x = 1; from demo version 1..2 import part"])
    def test_python_points_at_a_malformed_clause(self, statement):
        with pytest.raises(SyntaxError) as caught:
            run_cookie_file(f"y = 1\n{statement}\n")
        error = caught.value
        assert (error.filename, error.lineno) == ("app.py", 3)
        assert error.text.rstrip("\n") == statement
        assert statement.startswith("version", error.offset - 1)


class TestHook:
    def test_statement_of_an_enabled_module(self, program):
        module = program("plain", "import demo version 1.2\nfrom demo version 1 import part as p\n")
        assert (module.demo.VERSION, module.p.NAME) == ("1.2.5", "demo.part")

    def test_compiled_files_have_a_tag_of_their_own(self, program):
        tagged = program("kept", "import demo version 2\n").__loader__
        plain = program("untouched", "version = 2\n").__loader__
        files = sorted(os.listdir(os.path.join(os.path.dirname(plain.path), "__pycache__")))
        tag = sys.implementation.cache_tag
        assert isinstance(tagged, VersionedLoader)
        assert files == [f"kept.{tag}.opt-versioned1.pyc", f"untouched.{tag}.pyc"]

    def test_source_to_code_takes_the_modules_name(self):
        loader = VersionedLoader("app", "app.py")
        text = b"import demo version 1.2 as d\n"
        for arguments in ((text, "app.py"), (text, "app.py", "app")):
            namespace = {}
            exec(loader.source_to_code(*arguments), namespace)
            assert namespace["d"].VERSION == "1.2.5"

    def test_malformed_clause_is_explained(self, program):
        with pytest.raises(SyntaxError, match=r"'9\.9\.9-tweak\.2' is no version .*; did you mean 9\.9\.9\+tweak\.2\?"):
            program("wrong", "import demo version 9.9.9-tweak.2\n")

    def test_conflict(self, program):
        with pytest.raises(versioned_import.VersionConflictError, match=r"import demo version 2 .*wanting\.py:2"):
            program("wanting", "import demo version 1\nimport demo version 2\n")

    def test_columns_are_the_files(self):
        code, _ = compile_source(b"import demo version 1.2 as d; d.nothing\n", "app.py")
        with pytest.raises(AttributeError) as caught:
            exec(code, {})
        frame = caught.value.__traceback__.tb_next
        (*_, column, end) = list(frame.tb_frame.f_code.co_positions())[frame.tb_lasti // 2]
        assert (column, end) == (30, 39)


@LAZY
class TestLazy:
    """A rewritten statement stays an import statement, so `lazy` means what it means (docs/architecture.md, D2)."""

    STATEMENTS = (
        ("lazy import demo version 1.2", "demo.VERSION", "1.2.5"),
        ("lazy import demo version 1.2 as d", "d.VERSION", "1.2.5"),
        ("lazy import demo.part version 2", "demo.part.NAME", "demo.part"),
        ("lazy from demo version 1 import VERSION", "VERSION", "1.2.5"),
        ("lazy from demo version 2 import (part as p, VERSION as v)", "v, p.NAME", ("2.0", "demo.part")),
    )
    TEXT = """
        import sys
        {statement}
        before = "demo" in sys.modules
        def use():
            return {expression}
    """

    @pytest.mark.parametrize(("statement", "expression", "value"), STATEMENTS)
    def test_nothing_loads_until_it_is_used(self, program, statement, expression, value):
        text = textwrap.dedent(self.TEXT).format(statement=statement, expression=expression)
        module = program("lazily", text)
        assert not module.before
        assert "demo" not in sys.modules
        assert module.use() == value
        assert sys.modules["demo"].__file__.startswith(os.fspath(sys.modules["demo"].__path__[0]))

    def test_through_the_codec(self):
        found = run_cookie_file("lazy import demo version 1.2\ndef use(): return demo.VERSION\n")
        assert "demo" not in sys.modules
        assert found["use"]() == "1.2.5"

    def test_error_comes_at_the_first_use(self, program):
        module = program("later", "lazy import demo version 3\ndef use(): return demo\n")
        with pytest.raises(versioned_import.VersionNotFoundError, match="import demo version 3"):
            module.use()
