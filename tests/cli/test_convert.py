"""`convert`: the two spellings of spec 1.8, each made of the other."""

import json
import os

import pytest
from made import make_versioned, one_package

from versioned_import.cli.main import main
from versioned_import.plain_tools.source import find_declaration, read_source

CLAUSES = '''\
#!/usr/bin/env python3
# coding: versioned
"""A program."""

from __future__ import annotations

import os

import requests version 2.31 as r  # old
from yaml version "PyYAML>=6" import (
    load,  # noqa
)

def f():
    import a.b version 1.0+x, sys
'''
MAPPING = '''\
#!/usr/bin/env python3
"""A program."""

from __future__ import annotations

import os

__import_versions__ = {"requests": "2.31", "yaml": "PyYAML>=6", "a.b": "1.0+x"}
import requests as r  # old
from yaml import (
    load,  # noqa
)

def f():
    import a.b, sys
'''
NOTE = (
    "note: plain Python takes no notice of a mapping: run app.py with python -m versioned_import, or convert with "
    "--keep-cookie\n"
)

LATEST = "'latest' is no version (PEP 440); leave the clause out to get the highest that is installed"


@pytest.fixture
def app(tmp_path, monkeypatch):
    """Return the path of a file in the current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "app.py"


def converted(app, text, spelling, *options):
    """Return what a text becomes, which must be without a word of complaint."""
    app.write_bytes(text.encode())
    assert main(["convert", "app.py", "--to", spelling, *options]) == 0
    return app.read_bytes().decode()


class TestBothWays:
    def test_to_mapping(self, app, capsys):
        assert converted(app, CLAUSES, "mapping") == MAPPING
        assert tuple(capsys.readouterr()) == ("app.py: converted (3 clauses)\n", NOTE)

    def test_to_clauses(self, app, capsys):
        assert converted(app, MAPPING, "cookie") == CLAUSES
        assert tuple(capsys.readouterr()) == ("app.py: converted (3 clauses)\n", "")

    @pytest.mark.parametrize(("spelling", "text"), [("cookie", CLAUSES), ("mapping", MAPPING)])
    def test_what_is_so_already_stays(self, app, capsys, spelling, text):
        app.write_text(text)
        before = app.stat()
        assert main(["convert", "app.py", "--to", spelling]) == 0
        assert capsys.readouterr().out == "app.py: nothing to convert\n"
        assert (app.stat().st_mtime_ns, app.stat().st_ino) == (before.st_mtime_ns, before.st_ino)

    @pytest.mark.parametrize(
        ("clauses", "mapping"),
        [
            ("# coding: versioned\r\nimport a version 1\r\n", '__import_versions__ = {"a": "1"}\r\nimport a\r\n'),
            (
                "# coding: versioned-latin-1\nimport a version 1\n",
                '# coding: latin-1\n__import_versions__ = {"a": "1"}\nimport a\n',
            ),
            (
                "# -*- coding: versioned -*-\nimport a version 1\n",
                '# -*- coding: utf-8 -*-\n__import_versions__ = {"a": "1"}\nimport a\n',
            ),
            (
                "# coding: versioned\n'doc'; import a version 1; x = 1",
                '\'doc\'; __import_versions__ = {"a": "1"}; import a; x = 1',
            ),
            (
                "# coding: versioned\nimport b\n@b.c\ndef f():\n  import a version 1\n",
                'import b\n__import_versions__ = {"a": "1"}\n@b.c\ndef f():\n  import a\n',
            ),
            (
                "# coding: versioned\nfrom a version 1 import *\nif x: import a.b version 2, a.c version 1\n",
                '__import_versions__ = {"a": "1", "a.b": "2", "a.c": "1"}\nfrom a import *\nif x: import a.b, a.c\n',
            ),
            (
                "# coding: versioned\nimport a version '===1\"x'\n",
                '__import_versions__ = {"a": \'===1"x\'}\nimport a\n',
            ),
            (
                "# coding: versioned\n" + "".join(f'import module_{at} version ">={at}"\n' for at in range(4)),
                "__import_versions__ = {\n"
                + "".join(f'    "module_{at}": ">={at}",\n' for at in range(4))
                + "}\n"
                + "".join(f"import module_{at}\n" for at in range(4)),
            ),
        ],
    )
    def test_there_and_back(self, app, clauses, mapping):
        assert converted(app, clauses, "mapping") == mapping
        assert converted(app, mapping, "cookie") == clauses.replace("'===1\"x'", "'===1\"x'")

    @pytest.mark.parametrize(
        ("head", "expected"),
        [
            ("# coding: versioned\n# x\n# old encoding: latin-1 \u00e9\n", "#\n# x\n# old encoding: latin-1 \u00e9\n"),
            (
                "# coding: versioned\n# old encoding: latin-1 \u00e9\n",
                "# coding: utf-8\n# old encoding: latin-1 \u00e9\n",
            ),
            ("#!/x\n# coding: versioned\n# encoding: latin-1\n", "#!/x\n#\n# encoding: latin-1\n"),
            ("# coding: versioned\r\n\r\n# coding=big5\r\n", "#\r\n\r\n# coding=big5\r\n"),
        ],
    )
    def test_no_other_comment_becomes_the_declaration(self, app, head, expected):
        newline = "\r\n" if "\r" in head else "\n"
        text = f"{head}import a version 1{newline}"
        mapping = f'{expected}__import_versions__ = {{"a": "1"}}{newline}import a{newline}'
        assert converted(app, text, "mapping") == mapping
        assert find_declaration(mapping) is None or "coding: utf-8" in mapping
        converted(app, mapping, "cookie")
        assert read_source("app.py").encoding == "utf-8"
        assert read_source("app.py").has_cookie

    def test_file_of_the_runner_gets_the_cookie(self, app):
        assert converted(app, "import a version 1\n", "cookie") == "# coding: versioned\nimport a version 1\n"

    def test_cookie_can_stay(self, app, capsys):
        text = '# coding: versioned\n__import_versions__ = {"a": "1"}\nimport a\n'
        assert converted(app, "# coding: versioned\nimport a version 1\n", "mapping", "--keep-cookie") == text
        assert converted(app, text, "mapping", "--keep-cookie") == text
        assert capsys.readouterr().err == ""

    def test_second_mapping_beside_the_first(self, app):
        text = '__import_versions__ = {"a": "1"}\nimport a\nimport b version 2\n'
        both = '__import_versions__ = {"a": "1"}\nimport a\n__import_versions__ = {"b": "2"}\nimport b\n'
        assert converted(app, text, "mapping") == both
        assert converted(app, both, "cookie") == "# coding: versioned\nimport a version 1\nimport b version 2\n"

    @pytest.mark.parametrize(
        ("mapping", "clauses"),
        [
            (
                '__import_versions__ = {  # one\n  "a": "1",  # two\n}  # three\nimport a\n',
                "# one\n# two\n# three\nimport a version 1\n",
            ),
            ('x = 1; __import_versions__ = {"a": "1"}\nimport a\n', "x = 1\nimport a version 1\n"),
            ('__import_versions__ = {"a": "1"}; x = 1\nimport a\n', "x = 1\nimport a version 1\n"),
            ('__import_versions__: dict[str, str] = {"a": "1"}\nimport a . b\n', "import a . b version 1\n"),
            ('__import_versions__ = {"a": "1"};\nimport a as b, c\n', "import a version 1 as b, c\n"),
        ],
    )
    def test_mapping_goes_and_its_comments_stay(self, app, mapping, clauses):
        assert converted(app, mapping, "cookie") == f"# coding: versioned\n{clauses}"


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "line", "reason"),
        [
            (
                "import a version 1\ntry:\n  import a version 2\nexcept E: pass\n",
                1,
                "'import a version 1' asks for another version than line 3 (2), and a mapping has one clause for a name",
            ),
            (
                "import a version 1\nx\nimport a.c as d\n",
                3,
                "'import a.c as d' has no clause, but a mapping with 'a' (line 1) would govern it too",
            ),
            (
                "def f():\n  from a version 1 import b\nfrom a import c\n",
                3,
                "'from a import c' has no clause, but a mapping with 'a' (line 2) would govern it too",
            ),
            ("import a version latest\n", 1, LATEST),
            ("__import_versions__ = dict(a='1')\nimport a\n", 1, "__import_versions__ takes a plain dictionary"),
        ],
    )
    def test_to_mapping(self, app, capsys, text, line, reason):
        app.write_text(text)
        assert main(["convert", "app.py", "--to", "mapping"]) == 1
        assert tuple(capsys.readouterr()) == ("", f"error: app.py:{line}: {reason}\n")
        assert app.read_text() == text

    @pytest.mark.parametrize(
        ("text", "where", "reason"),
        [
            (
                "__import_versions__ = {'a': x}\nimport a\n",
                "app.py:1",
                "__import_versions__: the clause of 'a' is a text in quotes",
            ),
            (
                "__import_versions__ = {'a': '1'}\nimport a\nprint(__import_versions__)\n",
                "app.py:3",
                "the program uses __import_versions__, which would be gone",
            ),
            (
                "x = __import_versions__ = {'a': '1'}\nimport a\n",
                "app.py:1",
                "__import_versions__ has another name here too, which would be lost",
            ),
            (
                "__import_versions__ = {'a': '===1\\\\x'}\nimport a\n",
                "app.py:2",
                "the clause '===1\\\\x' of a can't stand in a statement",
            ),
            (
                "\ufeff__import_versions__ = {'a': '1'}\nimport a\n",
                "app.py",
                "it begins with a byte order mark, which the cookie excludes\n  Save it without that mark first.",
            ),
        ],
    )
    def test_to_clauses(self, app, capsys, text, where, reason):
        app.write_text(text)
        assert main(["convert", "app.py", "--to", "cookie"]) == 1
        assert tuple(capsys.readouterr()) == ("", f"error: {where}: {reason}\n")
        assert app.read_text() == text

    def test_an_import_above_the_mapping_is_not_governed(self, app):
        text = "import a\nx = 1\nimport a version 1\n"
        assert converted(app, text, "mapping") == 'import a\nx = 1\n__import_versions__ = {"a": "1"}\nimport a\n'

    def test_none_is_written_if_one_is_refused(self, app, capsys):
        app.write_text("import a version 1\n")
        app.with_name("bad.py").write_text("import a version 1, b, a.c\n")
        assert main(["convert", ".", "--to", "mapping"]) == 1
        shown, errors = capsys.readouterr()
        assert shown == "./app.py: not converted\n"
        assert errors.startswith("error: ./bad.py:1: 'import a.c' has no clause")
        assert app.read_text() == "import a version 1\n"

    def test_read_only_file_and_none_beside_it(self, app, capsys):
        app.write_text("import a version 1\n")
        other = app.with_name("other.py")
        other.write_text("import a version 1\n")
        other.chmod(0o444)
        assert main(["convert", "app.py", "other.py", "--to", "cookie"]) == 1
        assert tuple(capsys.readouterr()) == (
            "app.py: not converted\nother.py: not converted\n",
            "error: other.py: it is read-only (mode 0444), and is left as it is\n  chmod u+w makes it writable.\n",
        )
        assert app.read_text() == other.read_text() == "import a version 1\n"

    def test_depth(self, app, capsys):
        text = "import a version 1\nx = " + "+".join("1" * 5000) + "\n"
        app.write_text(text)
        assert main(["convert", "app.py", "--to", "mapping"]) == 1
        assert capsys.readouterr().err.startswith("error: app.py: it is nested too deeply to be read (")
        assert app.read_text() == text

    def test_missing_file(self, app, capsys):
        assert main(["convert", "missing.py", "--to", "cookie"]) == 2
        assert capsys.readouterr().err == "error: [Errno 2] No such file or directory: 'missing.py'\n"


class TestOptions:
    def test_check(self, app, capsys):
        app.write_text(CLAUSES)
        assert main(["convert", "app.py", "--to", "mapping", "--check"]) == 1
        assert tuple(capsys.readouterr()) == ("app.py: would be converted\n", "")
        assert app.read_text() == CLAUSES
        assert main(["convert", "app.py", "--to", "cookie", "--check"]) == 0

    def test_diff(self, app, capsys):
        app.write_bytes(b"# coding: versioned\r\nimport a version 1")
        assert main(["convert", "app.py", "--to", "mapping", "--diff"]) == 0
        shown = (
            "--- app.py\n+++ app.py\n@@ -1,2 +1,2 @@\n-# coding: versioned\n-import a version 1\n"
            '\\ No newline at end of file\n+__import_versions__ = {"a": "1"}\n+import a\n\\ No newline at end of file\n'
        )
        assert capsys.readouterr().out.replace("\r\n", "\n") == shown
        assert app.read_bytes() == b"# coding: versioned\r\nimport a version 1"

    def test_json(self, app, capsys):
        app.write_text("import a version 1\n")
        app.with_name("bad.py").write_text("import a version 1\nimport a version 2\n")
        assert main(["convert", "app.py", "bad.py", "--to", "mapping", "--json"]) == 1
        told = json.loads(capsys.readouterr().out)
        assert told == {
            "written": False,
            "files": [{"file": str(app), "changed": True, "clauses": 1, "diff": told["files"][0]["diff"]}],
            "errors": [
                {
                    "where": "bad.py:1",
                    "error": "'import a version 1' asks for another version than line 2 (2), and a mapping has one clause "
                    "for a name",
                    "advice": "",
                }
            ],
        }
        assert '+__import_versions__ = {"a": "1"}\n' in told["files"][0]["diff"]


class TestWriting:
    @pytest.mark.parametrize(
        "words", [("app.py", "app.py"), ("app.py", "."), (".",), ("b.py", "./app.py"), ("c.py", ".")]
    )
    def test_file_that_is_named_twice_is_converted_once(self, app, capsys, words):
        app.write_text("import a version 1\n")
        app.with_name("b.py").symlink_to("app.py")
        os.link(app, app.with_name("c.py"))
        assert main(["convert", *words, "--to", "cookie"]) == 0
        out, errors = capsys.readouterr()
        assert errors == ""
        assert out.endswith(": converted (1 clause)\n")
        assert out.count("\n") == 1
        for name in ("app.py", "b.py", "c.py"):
            assert app.with_name(name).read_text() == "# coding: versioned\nimport a version 1\n"
        assert app.with_name("b.py").is_symlink()
        assert app.samefile(app.with_name("c.py"))

    def test_mode_and_link_stay(self, app):
        real = app.with_name("real.py")
        real.write_text("import a version 1\n")
        real.chmod(0o750)
        app.symlink_to("real.py")
        assert main(["convert", "app.py", "--to", "cookie"]) == 0
        assert app.is_symlink()
        assert real.read_text() == "# coding: versioned\nimport a version 1\n"
        assert real.stat().st_mode & 0o777 == 0o750
        assert sorted(os.listdir(app.parent)) == ["app.py", "real.py"]

    def test_what_runs_gets_the_same_version(self, app, children, site):
        make_versioned(site, "demo", "1.0", one_package("demo", "1.0"))
        make_versioned(site, "demo", "2.0", one_package("demo", "2.0"))
        text = "# coding: versioned\nimport demo version 1\nprint(demo.VERSION)\n"
        assert children.output("import demo version 1; print(demo.VERSION)") == "1.0"
        assert "version 1" not in converted(app, text, "mapping", "--keep-cookie")
        assert children.start(app).stdout == "1.0\n"
        assert "coding" not in converted(app, text, "mapping")
        assert children.start("-m", "versioned_import", app).stdout == "1.0\n"
