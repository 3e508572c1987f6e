"""`lint`: a tool on copies, as if it stood in the place and plain Python could read clauses.

The tools of these tests are small programs of their own, run as `--as checker` and `--as formatter`; ruff, black, isort, mypy
and pyright are in tests/real/test_lint_real.py.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time

import pytest
from made import write

from versioned_import.cli.main import main

SOURCE = "# coding: versioned\nimport b version 1\nimport a version '>=2' as c\n"

NEW = "'from b import x' is new, and nobody knows which clause it should have"
KNOWN = (
    "Known are ruff, black, isort, mypy, pyright, basedpyright, flake8, pycodestyle, pyflakes, pylint; of another, say what it "
    "does: lint --as checker|formatter -- "
)


class Project:
    """A project, and a place outside of it for the tools."""

    def __init__(self, directory):
        self.root = directory / "project"
        self.tools = directory / "tools"
        self.temporary = directory / "temporary"
        self.temporary.mkdir()
        write(self.root / "pyproject.toml", "")
        self.app = write(self.root / "src" / "app.py", SOURCE)
        self.environ = {**os.environ, "TMPDIR": str(self.temporary), "PYTHONPATH": os.pathsep.join(sys.path)}

    def command(self, kind, code, *arguments):
        """Return the command line that runs a text as a tool."""
        tool = write(self.tools / "tool.py", f"import sys, os, pathlib\nfiles = sys.argv[1:]\n{code}\n")
        return [
            sys.executable,
            "-m",
            "versioned_import",
            "lint",
            "--as",
            kind,
            "--",
            sys.executable,
            str(tool),
            *arguments,
        ]

    def lint(self, kind, code, *arguments, place="."):
        """Run it and return the finished process; nothing temporary may be left."""
        done = subprocess.run(
            self.command(kind, code, *arguments),
            cwd=self.root / place,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert list(self.temporary.iterdir()) == []
        return done


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


class TestCheckers:
    def test_sees_the_mask_in_a_place_like_the_real_one(self, project):
        write(project.root / "data.txt", "data")
        (project.root / "tests").mkdir()
        code = """
            print(os.getcwd(), files)
            print(pathlib.Path(files[0]).read_text(), end="")
            print(pathlib.Path("../data.txt").read_text(), os.path.exists("../pyproject.toml"))
            sys.exit(3)
        """
        done = project.lint("checker", _dedented(code), "../src/app.py", f"--config={project.app}", place="tests")
        assert done.stdout == (
            f"{project.root}/tests ['../src/app.py', '--config={project.app}']\n"
            "# coding: versioned\n"
            "import b version 1\n"
            "import a version '>=2' as c\n"
            "data True\n"
        )
        assert (done.returncode, done.stderr) == (3, "")

    def test_both_streams_name_the_real_files(self, project):
        code = "for stream in sys.stdout, sys.stderr: print(os.path.abspath('src/app.py') + ':1', file=stream)"
        done = project.lint("checker", code)
        assert (done.stdout, done.stderr) == (f"{project.app}:1\n", f"{project.app}:1\n")

    def test_what_it_writes_is_there_but_not_into_sources(self, project):
        code = """
            for name in "report.txt", "old.txt":
                pathlib.Path(name).write_text(os.path.abspath("src/app.py") + ": found")
            os.makedirs(".cache/deep")
            pathlib.Path("src/app.py").write_text("spoilt")
        """
        write(project.root / "old.txt", "old")
        assert project.lint("checker", _dedented(code), "src").returncode == 0
        for name in ("report.txt", "old.txt"):
            assert (project.root / name).read_text() == f"{project.app}: found"
        assert (project.root / ".cache" / "deep").is_dir()
        assert project.app.read_text() == SOURCE

    def test_without_any_clause_it_runs_in_the_place_itself(self, project):
        project.app.write_text("import b\n")
        code = "print(os.path.realpath('src/app.py') == os.path.abspath('src/app.py'), 'TMPDIR' in os.environ, os.getcwd())"
        assert project.lint("checker", code).stdout == f"True True {project.root}\n"
        assert project.lint("checker", "sys.exit(5)").returncode == 5

    def test_plain_files_links_and_directories(self, project):
        root = project.root
        write(root / "src" / "plain.py", "x = 1\n")
        write(root / "src" / "pkg" / "__init__.py", "import a version 1\n")
        (root / "link.py").symlink_to("src/app.py")
        (root / "linked").symlink_to(root / "src" / "pkg")
        write(root / ".venv" / "pyvenv.cfg", "")
        write(root / ".venv" / "lib.py", "import a version 1\n")
        write(root / "docs" / "page.md", "")
        code = """
            for name in "link.py", "linked/__init__.py", "src/plain.py", ".venv/lib.py":
                print(name, "version" in pathlib.Path(name).read_text())
            print(os.path.islink("link.py"), os.path.islink("src/plain.py"), os.path.islink("docs"), os.path.islink(".venv"))
        """
        assert project.lint("checker", _dedented(code)).stdout == (
            "link.py True\nlinked/__init__.py False\nsrc/plain.py False\n.venv/lib.py True\nTrue False True True\n"
        )


class TestFormatters:
    def test_changes_are_taken_over_with_the_clauses(self, project):
        plain = write(project.root / "src" / "plain.py", "import b\nimport a\n")
        untouched = write(project.root / "src" / "untouched.py", "import   a version  1 # x\n")
        before = untouched.stat()
        project.app.chmod(0o750)
        code = """
            for name in files:
                path = pathlib.Path(name)
                path.write_text("".join(sorted(path.read_text().splitlines(keepends=True))))
        """
        done = project.lint("formatter", _dedented(code), "src/app.py", "src/plain.py", "src/untouched.py")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert project.app.read_text() == "# coding: versioned\nimport a version '>=2' as c\nimport b version 1\n"
        assert project.app.stat().st_mode & 0o777 == 0o750
        assert plain.read_text() == "import a\nimport b\n"
        assert untouched.read_text() == "import   a version  1 # x\n"
        assert (untouched.stat().st_mtime_ns, untouched.stat().st_ino) == (before.st_mtime_ns, before.st_ino)

    def test_line_breaks_and_the_mark_stay(self, project):
        project.app.write_bytes(b"\xef\xbb\xbfimport b version 1\r\nimport a version 2")
        code = "p = pathlib.Path(files[0]); p.write_bytes(p.read_bytes() + b'\\r\\nx = 1\\r\\n')"
        assert project.lint("formatter", code, "src/app.py").returncode == 0
        assert project.app.read_bytes() == b"\xef\xbb\xbfimport b version 1\r\nimport a version 2\r\nx = 1\r\n"

    def test_refused_file_is_untouched_and_the_others_are_done(self, project):
        other = write(project.root / "other.py", "import a version 1\n")
        code = """
            pathlib.Path("src/app.py").write_text("# coding  versioned\\nfrom b import x\\n")
            pathlib.Path("other.py").write_text("import a\\n\\nx = 1\\n")
        """
        done = project.lint("formatter", _dedented(code), ".")
        assert (done.returncode, done.stdout, done.stderr) == (
            1,
            "",
            f"error: {project.app}: line 2 of what the tool made: {NEW}\n  The file is as it was.\n",
        )
        assert project.app.read_text() == SOURCE
        assert other.read_text() == "import a version 1\n\nx = 1\n"

    def test_file_that_somebody_changed_meanwhile_is_left(self, project):
        code = f"""
            pathlib.Path("src/app.py").write_text("# coding  versioned\\nimport b\\n")
            pathlib.Path({str(project.app)!r}).write_text("import x version 1\\n")
        """
        done = project.lint("formatter", _dedented(code), "src/app.py")
        assert done.returncode == 1
        assert done.stderr == (
            f"error: {project.app}: it was changed meanwhile, and is left as it is now\n  Run it again.\n"
        )
        assert project.app.read_text() == "import x version 1\n"

    def test_removed_import_is_told(self, project):
        code = "p = pathlib.Path('src/app.py'); p.write_text(p.read_text().replace('import b\\n', ''))"
        done = project.lint("formatter", code, "src")
        tool = os.path.basename(sys.executable)
        assert (done.returncode, done.stderr) == (0, f"note: src/app.py: {tool} removed 'import b version 1'\n")
        assert project.app.read_text() == "# coding: versioned\nimport a version '>=2' as c\n"

    def test_file_that_is_emptied(self, project):
        write(project.root / "a.py", "import a version 1\n")
        done = project.lint("formatter", "pathlib.Path('a.py').write_text('')", "a.py")
        tool = os.path.basename(sys.executable)
        assert (done.returncode, done.stderr) == (0, f"note: a.py: {tool} removed 'import a version 1'\n")
        assert (project.root / "a.py").read_text() == ""

    def test_plain_file_that_somebody_changed_meanwhile_is_left(self, project):
        plain = write(project.root / "plain.py", "x = 1\n")
        code = f"""
            new = pathlib.Path({str(project.root / "saved")!r})
            new.write_text("x = 1\\ny = 2\\n")
            new.replace({str(plain)!r})
            pathlib.Path("plain.py").write_text("x = 3\\n")
        """
        done = project.lint("formatter", _dedented(code), "plain.py")
        assert (done.returncode, done.stderr) == (
            1,
            f"error: {plain}: it was changed meanwhile, and is left as it is now\n  Run it again.\n",
        )
        assert plain.read_text() == "x = 1\ny = 2\n"

    @pytest.mark.parametrize("other", [True, False], ids=["beside-clauses", "alone"])
    def test_file_that_may_have_clauses_but_cannot_be_read_is_left(self, project, other):
        if not other:
            project.app.unlink()
        bad = write(project.root / "bad.py", "import a version latest\n")
        done = project.lint("formatter", "pathlib.Path('bad.py').write_text('import latest\\n')", "bad.py")
        assert (done.returncode, done.stderr) == (
            1,
            (
                f"error: {bad}:1: invalid syntax: as it may have clauses, what the tool made of it is not taken over\n"
                "  The file is as it was.\n"
            ),
        )
        assert bad.read_text() == "import a version latest\n"
        assert project.lint("formatter", "", "bad.py").returncode == 0

    def test_link_out_of_the_project_stays_one(self, project):
        real = write(project.root.parent / "real" / "tool", SOURCE)
        (project.root / "tool").symlink_to("../real/tool")
        code = (
            "p = pathlib.Path('tool'); assert 'version ' not in p.read_text(); p.write_text(p.read_text() + 'x = 1\\n')"
        )
        done = project.lint("formatter", code, "tool")
        assert (done.returncode, done.stderr) == (0, "")
        assert real.read_text() == f"{SOURCE}x = 1\n"
        assert os.readlink(project.root / "tool") == "../real/tool"


class TestEnds:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
    def test_signal_ends_the_tool_and_leaves_nothing(self, project, number):
        ready = project.temporary.parent / "ready"
        code = f"""
            import time
            pathlib.Path("src/app.py").write_text("import b\\n")
            pathlib.Path({str(ready)!r}).touch()
            time.sleep(60)
        """
        started = subprocess.Popen(
            project.command("formatter", _dedented(code), "src/app.py"),
            cwd=project.root,
            env=project.environ,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        while not ready.exists():
            assert started.poll() is None
            time.sleep(0.01)
        if number == signal.SIGINT:
            os.killpg(started.pid, number)  # as a terminal does
        else:
            started.send_signal(number)
        _, errors = started.communicate(timeout=30)
        assert started.returncode == (130 if number == signal.SIGINT else 128 + number)
        assert errors.endswith("error: interrupted\n") == (number == signal.SIGINT)
        assert list(project.temporary.iterdir()) == []
        assert project.app.read_text() == SOURCE

    def test_status_of_a_tool_that_a_signal_ended(self, project):
        assert project.lint("checker", "os.kill(os.getpid(), 9)", "src").returncode == 137
        project.app.write_text("import b\n")  # now in the place itself
        assert project.lint("checker", "os.kill(os.getpid(), 9)", "src").returncode == 137

    def test_reader_that_went_away(self, project):
        code = "while True: print('x' * 1000)"
        with subprocess.Popen(
            project.command("checker", code, "src"), cwd=project.root, env=project.environ, stdout=subprocess.PIPE
        ) as started:
            started.stdout.read(1)
            started.stdout.close()
            assert started.wait(timeout=30) == 141
        assert list(project.temporary.iterdir()) == []


class TestCommandLine:
    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (
                ("--", "nosuchtool", "x"),
                f"nosuchtool: this is none of the tools that are known here\n  {KNOWN}nosuchtool",
            ),
            (
                ("ruff", "check", "-"),
                "ruff: standard input can't be masked here\n  Name the files, or use: versioned-import mask -",
            ),
            (("--", "mypy", "--watch"), "mypy: it can't watch, as it looks at copies\n  Leave --watch out."),
        ],
    )
    def test_refused(self, capsys, words, message):
        assert main(["lint", *words]) == 2
        assert tuple(capsys.readouterr()) == ("", f"error: {message}\n")

    def test_missing_tool(self, monkeypatch, tmp_path, capsys):
        monkeypatch.setenv("PATH", str(tmp_path))
        assert main(["lint", "--", "black", "."]) == 2
        assert capsys.readouterr().err == (
            f"error: black: there is no such program on PATH\n  To install it: {sys.executable} -m pip install black\n"
        )

    @pytest.mark.parametrize("words", [(), ("--",), ("--as", "checker"), ("--as", "checker", "--")])
    def test_no_tool(self, capsys, words):
        with pytest.raises(SystemExit) as stopped:
            main(["lint", *words])
        assert stopped.value.code == 2
        assert capsys.readouterr().err.endswith(
            "versioned-import lint: error: which tool? For example: versioned-import lint -- ruff check\n"
        )

    def test_options_of_the_tool_are_its_own(self, project, monkeypatch, capfd):
        monkeypatch.chdir(project.root)
        monkeypatch.setattr(tempfile, "tempdir", str(project.temporary))
        words = (sys.executable, "-c", "import sys; print(sys.argv[1:])", "--json", "--as", "x")
        assert main(["lint", "--as", "checker", *words]) == 0
        assert capfd.readouterr().out == "['--json', '--as', 'x']\n"


def _dedented(code):
    import textwrap

    return textwrap.dedent(code)
