"""`mask`: plain Python of the same length, in bytes, lines and columns."""

import ast
import io
import os
import subprocess
import sys
import tokenize

import pytest

from versioned_import.cli.main import main

LATEST = "'latest' is no version (PEP 440); leave the clause out to get the highest that is installed"


def is_too_deep(path):
    with open(path, encoding="utf-8") as file:
        try:
            ast.parse(file.read())
        except (RecursionError, MemoryError):
            return True
    return False


@pytest.fixture
def masked(tmp_path, monkeypatch, capsysbinary):
    """Return a function that masks the bytes of one file and returns what is printed, which must be all."""

    def run(data):
        (tmp_path / "app.py").write_bytes(data)
        monkeypatch.chdir(tmp_path)
        assert main(["mask", "app.py"]) == 0
        shown, errors = capsysbinary.readouterr()
        assert errors == b""
        return shown

    return run


class TestBytes:
    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            (b"import a version 1.2 as b\n", b"import a             as b\n"),
            (b"from a.b version '>=1' import c # d\r\nx = 1", b"from a.b               import c # d\r\nx = 1"),
            (b"import a \\\r\n version \\\n 1\n", b"import a \\\r\n         \\\n  \n"),
            (b"\xef\xbb\xbfimport a version 1\r", b"\xef\xbb\xbfimport a          \r"),
            (b"x = 'import a version 1'\n", b"x = 'import a version 1'\n"),
            (b"__import_versions__ = {'a': '1'}\nimport a\n", b"__import_versions__ = {'a': '1'}\nimport a\n"),
            (b"\xef\xbb\xbfimport \xc3\xa9 version 1\n", b"\xef\xbb\xbfimport \xc3\xa9          \n"),
            (b"", b""),
        ],
    )
    def test_blanks_stand_for_clauses_and_nothing_else_changes(self, masked, data, expected):
        assert masked(data) == expected
        assert len(expected) == len(data)

    @pytest.mark.parametrize(
        ("cookie", "expected"),
        [
            (b"# coding: versioned", b"# coding  versioned"),
            (b"#coding=versioned", b"#coding versioned"),
            (b"# -*- coding: versioned -*-", b"# -*- coding  versioned -*-"),
            (b"# vim: set fileencoding=versioned-utf-8 :", b"# vim: set fileencoding versioned-utf-8 :"),
            (b"#!/usr/bin/python\n# coding: versioned", b"#!/usr/bin/python\n# coding  versioned"),
            (b"# coding: versioned\n# coding: latin-1", b"# coding:     utf-8\n# coding: latin-1"),
        ],
    )
    def test_utf_8_needs_no_declaration(self, masked, cookie, expected):
        shown = masked(cookie + b"\nx = '\xc3\xa9'\n")
        assert shown == expected + b"\nx = '\xc3\xa9'\n"
        assert tokenize.detect_encoding(io.BytesIO(shown).readline)[0] == "utf-8"

    @pytest.mark.parametrize("name", [b"versioned-latin-1", b"versioned_latin_1", b"VERSIONED-Latin-1"])
    def test_another_base_stays_declared(self, masked, name):
        shown = masked(b"# coding: " + name + b"\nimport a version 1\nx = '\xe9'\n")
        assert shown == b"# coding:           " + name[10:] + b"\nimport a          \nx = '\xe9'\n"
        assert tokenize.detect_encoding(io.BytesIO(shown).readline)[0] == "iso-8859-1"
        assert ast.parse(shown).body[1].value.value == "é"


class TestWhereItGoes:
    def test_standard_input_and_output(self, monkeypatch, capsysbinary):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"import a version 1\r\n")))
        assert main(["mask", "-"]) == 0
        assert capsysbinary.readouterr().out == b"import a          \r\n"

    def test_file_with_the_mode_of_the_source(self, tmp_path):
        source = tmp_path / "app.py"
        source.write_text("import a version 1\n")
        source.chmod(0o755)
        assert main(["mask", str(source), "-o", str(tmp_path / "plain.py")]) == 0
        assert (tmp_path / "plain.py").read_text() == "import a          \n"
        assert (tmp_path / "plain.py").stat().st_mode & 0o777 == 0o755
        assert sorted(path.name for path in tmp_path.iterdir()) == ["app.py", "plain.py"]

    def test_pipe_stays_a_pipe(self, tmp_path):
        (tmp_path / "app.py").write_text("import a version 1\n")
        os.mkfifo(tmp_path / "pipe")
        command = [sys.executable, "-m", "versioned_import", "mask", "app.py", "-o", "pipe"]
        with subprocess.Popen(command, cwd=tmp_path) as child:
            opened = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
            try:
                assert child.wait(timeout=60) == 0
                assert os.read(opened, 100) == b"import a          \n"
            finally:
                os.close(opened)
        assert (tmp_path / "pipe").is_fifo()

    def test_same_file_twice(self, tmp_path, monkeypatch):
        (tmp_path / "a.py").write_text("import a version 1\n")
        monkeypatch.chdir(tmp_path)
        assert main(["mask", "a.py", "./a.py", "--output-dir", "out"]) == 0
        assert (tmp_path / "out" / "a.py").read_text() == "import a          \n"

    def test_several_files_below_their_relative_paths(self, tmp_path, monkeypatch):
        (tmp_path / "work" / "pkg").mkdir(parents=True)
        for name in ("work/app.py", "work/pkg/a.py", "other.py"):
            (tmp_path / name).write_text("import a version 1\n")
        monkeypatch.chdir(tmp_path / "work")
        assert main(["mask", "app.py", "pkg/a.py", "../other.py", "--output-dir", "out"]) == 0
        out = tmp_path / "work" / "out"
        found = {str(path.relative_to(out)): path.read_text() for path in out.rglob("*.py")}
        assert found == dict.fromkeys(("app.py", "pkg/a.py", "other.py"), "import a          \n")


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "status", "message"),
        [
            (b"x = 1\nimport a version latest\n", 1, f"app.py:2: {LATEST}"),
            (b"x = = 1\n", 1, "app.py:1: invalid syntax"),
            (b"# coding: versoined\n", 2, "app.py: unknown encoding: versoined"),
            (b"# coding: utf-8\n\nx = '\xff'\n", 2, "app.py:3: it is not utf-8: invalid start byte"),
            (b"x = 1\nimport a version 1\n\0", 1, "app.py: source code string cannot contain null bytes"),
        ],
    )  # fmt: skip
    def test_message(self, tmp_path, monkeypatch, capsys, data, status, message):
        (tmp_path / "app.py").write_bytes(data)
        monkeypatch.chdir(tmp_path)
        assert main(["mask", "app.py"]) == status
        assert tuple(capsys.readouterr()) == ("", f"error: {message}\n")

    @pytest.mark.parametrize("where", [("-o", "app.py"), ("-o", "hard.py"), ("-o", "link.py"), ("--output-dir", ".")])
    def test_source_is_never_overwritten(self, tmp_path, monkeypatch, capsys, where):
        app = tmp_path / "app.py"
        app.write_text("import a version 1\n")
        os.link(app, tmp_path / "hard.py")
        (tmp_path / "link.py").symlink_to("app.py")
        monkeypatch.chdir(tmp_path)
        assert main(["mask", "app.py", *where]) == 2
        target = where[1] if where[0] == "-o" else "./app.py"
        assert tuple(capsys.readouterr()) == (
            "",
            f"error: {target}: the mask of app.py would overwrite the source app.py\n  Name another place.\n",
        )
        assert app.read_text() == "import a version 1\n"
        assert (tmp_path / "link.py").is_symlink()

    def test_source_of_another_mask_is_never_overwritten(self, tmp_path, monkeypatch, capsys):
        (tmp_path / "work").mkdir()
        for name in ("app.py", "work/app.py"):
            (tmp_path / name).write_text(f"import a version 1  # {name}\n")
        monkeypatch.chdir(tmp_path)
        assert main(["mask", str(tmp_path / "app.py"), "work/app.py", "--output-dir", "work"]) == 2
        assert "would overwrite the source work/app.py" in capsys.readouterr().err
        assert (tmp_path / "work" / "app.py").read_text() == "import a version 1  # work/app.py\n"

    def test_source_at_standard_input_is_never_overwritten(self, tmp_path):
        app = tmp_path / "app.py"
        app.write_text("import a version 1\n")
        with app.open("rb") as opened:
            done = subprocess.run(
                [sys.executable, "-m", "versioned_import", "mask", "-", "-o", app],
                stdin=opened,
                capture_output=True,
                text=True,
                check=False,
            )
        message = f"error: {app}: the mask of - would overwrite the file at standard input\n  Name another place.\n"
        assert (done.returncode, done.stderr) == (2, message)
        assert app.read_text() == "import a version 1\n"

    def test_source_at_standard_output_gets_nothing(self, tmp_path):
        app = tmp_path / "app.py"
        app.write_text("import a version 1\n")
        command = [sys.executable, "-m", "versioned_import", "mask", "app.py"]
        with app.open("ab") as opened:
            done = subprocess.run(command, cwd=tmp_path, stdout=opened, stderr=subprocess.PIPE, text=True, check=False)
        message = "error: app.py: standard output is the source itself\n  Name another place.\n"
        assert (done.returncode, done.stderr) == (2, message)
        assert app.read_text() == "import a version 1\n"

    def test_two_masks_never_get_one_name(self, tmp_path, monkeypatch, capsys):
        (tmp_path / "sub").mkdir()
        for name in ("a.py", "sub/a.py"):
            (tmp_path / name).write_text("import a version 1\n")
        monkeypatch.chdir(tmp_path / "sub")
        assert main(["mask", "a.py", "../a.py", "--output-dir", "../out"]) == 2
        assert capsys.readouterr().err == (
            "error: ../out/a.py: the masks of a.py and ../a.py would both be written there\n"
            "  Mask them in two runs, into two directories.\n"
        )
        assert not (tmp_path / "out").exists()

    def test_text_that_python_cannot_read_for_its_depth(self, tmp_path, monkeypatch, capsys):
        (tmp_path / "app.py").write_text("x = " + "+".join("1" * 60000) + "\n")
        monkeypatch.chdir(tmp_path)
        if not is_too_deep("app.py"):
            pytest.skip("this Python reads it")
        assert main(["mask", "app.py"]) == 1
        out, errors = capsys.readouterr()
        assert out == ""
        assert errors.startswith("error: app.py: it is nested too deeply to be read (")

    def test_nothing_is_written_if_one_file_is_bad(self, tmp_path, monkeypatch, capsys):
        (tmp_path / "a.py").write_text("import a version 1\n")
        monkeypatch.chdir(tmp_path)
        assert main(["mask", "a.py", "missing.py", "--output-dir", "out"]) == 2
        assert capsys.readouterr().err == "error: [Errno 2] No such file or directory: 'missing.py'\n"
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("a.py", "b.py"), "several files need --output-dir DIR"),
            (("-", "--output-dir", "out"), "standard input has no name for --output-dir"),
        ],
    )
    def test_usage(self, capsys, words, message):
        with pytest.raises(SystemExit) as stopped:
            main(["mask", *words])
        assert stopped.value.code == 2
        assert capsys.readouterr().err.endswith(f"versioned-import mask: error: {message}\n")
