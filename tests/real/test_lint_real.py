"""`lint` with the real tools, from one virtual environment: what they say and do must be what it would be in the place."""

import json
import os
import re
import subprocess
import venv

import pytest

from examples import PROJECT, clone, environment

pytestmark = pytest.mark.real

TOOLS = ("ruff", "black", "isort", "flake8", "mypy", "pyright")
SOURCE = """\
# coding: versioned
import json
import requests version 2.31
import yaml version ">=6" as y
from json.decoder version 1 import JSONDecoder, JSONDecodeError, scanstring, WHITESPACE

print(requests.get, y, undefined)
x: int = "text"
z = {  "a":1 }
"""
SETTINGS = """\
[tool.ruff]
line-length = 79
lint.select = ["E", "F", "I", "W"]
extend-exclude = ["skipped"]
[tool.black]
line-length = 79
[tool.isort]
profile = "black"
[tool.mypy]
ignore_missing_imports = true
mypy_path = "src"
[tool.pyright]
include = ["src"]
reportMissingImports = false
reportMissingModuleSource = false
"""


class Project:
    """A project with one file that has clauses, and one that has none."""

    def __init__(self, directory, machine):
        self.root = directory
        self.machine = machine
        self.write("pyproject.toml", SETTINGS)
        self.write("src/pkg/__init__.py", "")
        self.write("src/pkg/plain.py", "value: int = 1\n")
        self.write("skipped/app.py", SOURCE)
        self.app = self.write("src/pkg/app.py", SOURCE)
        self.run("git", "init", "-q")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def run(self, *words, place="."):
        return subprocess.run(
            words, cwd=self.root / place, env=self.machine, capture_output=True, text=True, timeout=300, check=False
        )

    def lint(self, *words, place=".", status=None):
        """Run a tool by `lint` and return what it prints on standard output."""
        done = self.run("versioned-import", "lint", "--", *words, place=place)
        assert "versioned-lint-" not in done.stdout + done.stderr
        assert status is None or done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def plain(self, *words):
        """Run a tool on a copy of the project in which the file is plain Python of the same positions."""
        masked = self.run("versioned-import", "mask", "src/pkg/app.py").stdout
        (self.root / "src/pkg/app.py").write_text(masked)
        done = self.run(*words)
        self.app.write_text(SOURCE)
        return done


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """Return the variables of a machine whose PATH leads to an environment with the project and the tools."""
    base = tmp_path_factory.mktemp("lint")
    variables = environment(base / "home")
    venv.create(base / "venv", with_pip=True)
    bin_ = base / "venv" / "bin"
    subprocess.run(
        [bin_ / "pip", "install", "-q", "--no-compile", clone(base / "clone"), *TOOLS], check=True, capture_output=True
    )
    return variables | {"PATH": f"{bin_}{os.pathsep}{variables['PATH']}", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


@pytest.fixture
def project(machine, tmp_path):
    return Project(tmp_path / "project", machine)


class TestRuffCheck:
    def test_finds_what_it_finds_in_the_mask_but_the_blanks(self, project):
        command = ("ruff", "check", "--preview", "--output-format", "json", "src")
        found = [
            {
                (one["location"]["row"], one["location"]["column"], one["code"])
                for one in json.loads(shown)
                if one["filename"] == str(project.app)
            }
            for shown in (project.lint(*command, status=1), project.plain(*command).stdout)
        ]
        assert {rule for _, _, rule in found[1] - found[0]} == {"E272", "W291"}
        assert found[0] < found[1]
        assert {(2, 1, "I001"), (5, 80, "E501"), (7, 24, "F821"), (9, 6, "E201")} < found[0]

    def test_only_the_blanks_are_spared(self, project):
        project.app.write_text(
            "# coding: versioned\nimport requests version 2.31\nimport yaml version 6 as y\n\nprint(requests, y)\n"
        )
        assert project.lint("ruff", "check", status=0) == "All checks passed!\n"
        with_blanks = project.plain("ruff", "check", "--output-format", "concise")
        assert with_blanks.returncode == 1

    @pytest.mark.parametrize(
        "form",
        [
            "concise",
            "full",
            "json",
            "json-lines",
            "junit",
            "grouped",
            "github",
            "gitlab",
            "pylint",
            "rdjson",
            "azure",
            "sarif",
        ],
    )
    def test_every_format_names_the_real_files(self, project, form):
        shown = project.lint("ruff", "check", "--output-format", form, "src", status=1)
        assert "src/pkg/app.py" in shown
        assert "versioned-lint" not in shown
        for path in re.findall(r"/[\w./-]*app\.py", shown):
            assert path.endswith(("/src/pkg/app.py", "/app.py"))
            assert str(project.root) in path or f"{path[1:]}" in "src/pkg/app.py"
        if form in ("json", "gitlab", "rdjson", "sarif"):
            json.loads(shown)

    def test_quoted_lines_have_their_clauses(self, project):
        shown = project.lint("ruff", "check", "--output-format", "full", "--select", "F401", "src/pkg/app.py", status=1)
        assert '4 | import yaml version ">=6" as y\n' in shown
        assert "1 | # coding: versioned\n" in shown
        assert f"\n  | {' ' * 35}{'^' * 11}\n" in shown

    def test_works_from_below_with_relative_and_absolute_paths(self, project):
        (project.root / "docs").mkdir()
        form = ("--output-format", "concise", "--select", "F821")
        assert project.lint("ruff", "check", *form, "../src", place="docs").startswith(f"{project.app}:7:24: ")
        assert project.lint("ruff", "check", *form, str(project.app)).startswith("src/pkg/app.py:7:24: ")

    def test_from_the_top_of_the_file_system(self, project):
        project.app.write_text("import yaml version 6\n\nprint(yaml)\n")
        done = project.run(
            "versioned-import", "lint", "--", "ruff", "check", "--select", "I", str(project.app), place="/"
        )
        assert (done.returncode, done.stdout) == (0, "All checks passed!\n"), done.stderr

    def test_quoted_lines_of_two_files(self, project):
        project.app.write_text("from requests version 2.25 import get\n")
        project.write("src/pkg/new.py", "from requests version 2.31 import get\n")
        shown = project.lint("ruff", "check", "src", status=1)
        assert "version" not in shown
        assert shown.count("1 | from requests              import get\n") == 2

    def test_fixes_are_taken_over_and_the_rest_is_told(self, project):
        done = project.run(
            "versioned-import", "lint", "--", "ruff", "check", "--fix", "--output-format", "concise", "src"
        )
        assert done.returncode == 1
        assert "note: src/pkg/app.py: ruff removed 'from json.decoder version 1 import JSONDecoder'" in done.stderr
        text = project.app.read_text()
        assert text.startswith(
            '# coding: versioned\nimport requests version 2.31\nimport yaml version ">=6" as y\n\nprint(requests.get'
        )
        first = project.app.stat().st_mtime_ns
        assert "F821" in done.stdout
        assert "I001" not in done.stdout
        project.lint("ruff", "check", "--fix", "src", status=1)
        assert project.app.stat().st_mtime_ns == first

    def test_settings_that_say_fix(self, project):
        project.write("ruff.toml", 'fix = true\nlint.select = ["F401"]\n')
        project.lint("ruff", "check", "src", status=0)
        assert "from json" not in project.app.read_text()
        assert "requests version 2.31" in project.app.read_text()

    def test_diff_has_the_clauses(self, project):
        shown = project.lint("ruff", "check", "--select", "I", "--diff", "src", status=1)
        assert "+from json.decoder version 1 import " in shown
        assert ' import yaml version ">=6" as y\n' in shown
        assert project.app.read_text() == SOURCE


class TestFormatters:
    COMMANDS = (("black", "src"), ("ruff", "format", "src"), ("isort", "src"))

    @pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
    def test_second_run_changes_nothing(self, project, command):
        project.app.chmod(0o640)
        project.lint(*command, status=0)
        once, status = project.app.read_text(), project.app.stat()
        assert once != SOURCE
        assert once.count(" version ") == 3
        assert status.st_mode & 0o777 == 0o640
        project.lint(*command, status=0)
        assert project.app.read_text() == once
        assert (project.app.stat().st_mtime_ns, project.app.stat().st_ino) == (status.st_mtime_ns, status.st_ino)
        assert project.lint(*command, "--check", status=0) is not None
        assert project.lint(*command, "--diff", status=0) == ""

    @pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
    def test_check_and_diff_write_nothing(self, project, command):
        before = project.app.stat()
        project.lint(*command, "--check", status=1)
        shown = project.lint(*command, "--diff")
        assert "+from json.decoder version 1 import " in shown
        assert "-from json.decoder version 1 import JSONDecoder, " in shown
        assert "coding  versioned" not in shown
        assert project.app.read_text() == SOURCE
        assert (project.app.stat().st_mtime_ns, project.app.stat().st_ino) == (before.st_mtime_ns, before.st_ino)

    def test_the_diff_is_what_is_done(self, project):
        patch = project.write("change.patch", project.lint("ruff", "format", "--diff", "src", status=1))
        project.run("git", "add", "-A")
        applied = project.run("git", "apply", "-p0", str(patch))
        assert applied.returncode == 0, applied.stderr
        text = project.app.read_text()
        project.app.write_text(SOURCE)
        project.lint("ruff", "format", "src", status=0)
        assert project.app.read_text() == text

    @pytest.mark.parametrize("tool", [("black", "-l", "79"), ("ruff", "format")], ids=lambda tool: tool[0])
    def test_lines_are_broken_by_the_real_width(self, project, tool):
        # 79 columns with the clause, then 80.
        head = "from some_package_of_a_name version 1.23456 import "
        for width in (79, 80):
            words = f"b, {'c' * (width - len(head) - 3)}"
            project.app.write_text(f"{head}{words}\n")
            project.lint(*tool, "src/pkg/app.py", status=0)
            assert (project.app.read_text() == f"{head}{words}\n") == (width == 79)

    @pytest.mark.parametrize("command", [("black", "-q"), ("isort", "-q")], ids=lambda command: command[0])
    def test_the_codec_of_the_cookie_does_not_come_between(self, project, command):
        # By themselves, both would read the text that the codec makes, and write it.
        text = '# coding: versioned\n__import_versions__ = {"json": "1"}\nimport json\nimport abc\n'
        project.app.write_text(text)
        project.lint(*command, "src", status=0)
        assert sorted(filter(None, project.app.read_text().splitlines())) == sorted(text.splitlines())

    def test_crlf_and_a_base_encoding_stay(self, project):
        project.app.write_bytes(b"# coding: versioned-latin-1\r\nimport a version 1\r\nx = {  '\xe9':1}\r\n")
        project.lint("black", "src", status=0)
        assert project.app.read_bytes() == (
            b'# coding: versioned-latin-1\r\nimport a version 1\r\n\r\nx = {"\xe9": 1}\r\n'
        )


class TestNothingIsLost:
    """Places and shapes in which the codec's text, or a clause of another import, was once written into a file."""

    IMPORTS = "# coding: versioned\nimport requests version 2.25\nimport attrs version 1\nx  =  1\n"
    BY_BLACK = IMPORTS.replace("x  =  1", "\nx = 1")
    BY_ISORT = "# coding: versioned\nimport attrs version 1\nimport requests version 2.25\n\nx  =  1\n"

    @pytest.mark.parametrize(("tool", "expected"), [("black", BY_BLACK), ("isort", BY_ISORT)])
    @pytest.mark.parametrize(
        ("real", "link", "named"),
        [
            ("../real/app.py", ("app2.py", "../real/app.py"), "app2.py"),
            ("../real/pkg/app.py", ("linked", "../real"), "linked"),
            ("../plain/src/pkg/app.py", None, "."),
            ("src/tool", ("bin", "src"), "bin/tool"),
        ],
    )
    def test_links_and_places(self, project, tool, expected, real, link, named):
        path = project.write(real, self.IMPORTS)
        place = "."
        if link is None:
            place = "../plain"
        else:
            (project.root / link[0]).symlink_to(link[1])
        project.lint(tool, named, place=place, status=0)
        assert path.read_text() == expected

    def test_isort_beyond_python(self, project):
        path = project.write("src/pkg/fast.pyx", self.IMPORTS)
        project.lint("isort", "src", status=0)
        assert path.read_text() == self.BY_ISORT

    @pytest.mark.parametrize("clause", [" version 2", ""])
    def test_isort_moves_an_import_over_another(self, project, clause):
        project.app.write_text(f"def f():\n    import a version 1\n    return a\n\n\nimport a{clause}\n")
        project.lint("isort", "--float-to-top", "src", status=0)
        assert project.app.read_text() == f"import a{clause}\n\n\ndef f():\n    import a version 1\n    return a\n"

    def test_ruff_moves_an_import_past_another(self, project):
        text = (
            "from __future__ import annotations\nimport a version 1\nfrom typing import TYPE_CHECKING\n\n\ndef g():\n"
            "    import a version 2\n    return a\n\n\ndef h(x: a.X): pass\n\n\nif TYPE_CHECKING:\n    import b\n"
        )
        project.app.write_text(text)
        done = project.run(
            *("versioned-import", "lint", "--", "ruff", "check", "--select", "TC", "--unsafe-fixes", "--fix", "src")
        )
        assert done.returncode == 1
        assert (
            "'import a' stood with different clauses, and the tool moved, joined or removed one of them" in done.stderr
        )
        assert project.app.read_text() == text

    def test_ruff_empties_a_file(self, project):
        project.app.write_text("import a version 1\n")
        for _ in range(2):
            assert project.lint("ruff", "check", "--select", "F401", "--fix", "src", status=0) == "All checks passed!\n"
            assert project.app.read_text() == ""

    def test_ruff_settings_of_a_directory_above(self, project):
        project.write("../base.toml", 'lint.select = ["D100"]\n')
        project.write("ruff.toml", 'extend = "../base.toml"\n')
        assert "D100" in project.lint("ruff", "check", "src", status=1)

    def test_mypy_does_not_remember_the_mask(self, project):
        project.app.write_text("import abc version 1\n")
        project.lint("mypy", "src/pkg/app.py", status=0)
        assert "[syntax]" in project.run("mypy", "src/pkg/app.py").stdout


class TestTypeCheckers:
    def test_mypy(self, project):
        shown = project.lint("mypy", "--show-column-numbers", "src/pkg", status=1)
        assert 'src/pkg/app.py:7:24: error: Name "undefined" is not defined' in shown
        assert "src/pkg/app.py:8:10: error: Incompatible types in assignment" in shown
        assert shown == project.plain("mypy", "--show-column-numbers", "src/pkg").stdout
        assert (project.root / ".mypy_cache").is_dir()

    def test_mypy_quotes_lines_with_their_clauses(self, project):
        project.write("src/pkg/app.py", "import pkg.plain version 1 as p\nfrom pkg.plain version 1 import nothing\n")
        shown = project.lint("python", "-m", "mypy", "--pretty", "src/pkg/app.py", status=1)
        assert "    from pkg.plain version 1 import nothing\n    ^" in shown

    def test_pyright(self, project):
        there = project.run("pyright", "--version")
        if there.returncode:
            pytest.skip(f"pyright doesn't run here: {there.stderr[-200:]}")
        shown = project.lint("pyright", "--outputjson", status=1)
        found = {
            (one["file"], one["rule"], one["range"]["start"]["line"], one["range"]["start"]["character"])
            for one in json.loads(shown)["generalDiagnostics"]
        }
        assert (str(project.app), "reportUndefinedVariable", 6, 23) in found
        assert (str(project.app), "reportAssignmentType", 7, 9) in found
        assert {file for file, *_ in found} == {str(project.app)}


class TestFlake8:
    def test_says_nothing_of_the_blanks(self, project):
        project.app.write_text(
            "import requests version 2.31\nimport yaml version 6 as y, os version 1\nprint(requests, y, os)\n"
        )
        assert project.lint("flake8", "src", status=1) == "src/pkg/app.py:2:27: E401 multiple imports on one line\n"
        project.app.write_text("import requests version 2.31\nprint(requests)\n")
        assert project.lint("flake8", "src", status=0) == ""


HOOKS = """\
repos:
  - repo: {repository}
    rev: {revision}
    hooks:
      - id: versioned-import-ruff-format
      - id: versioned-import-ruff
      - id: versioned-import-convert
        additional_dependencies: [ruff]  # so one environment serves all three
"""


@pytest.fixture(scope="module")
def with_pre_commit(machine):
    subprocess.run(["pip", "install", "-q", "--no-compile", "pre-commit"], check=True, capture_output=True, env=machine)


@pytest.mark.long
@pytest.mark.usefixtures("with_pre_commit")
class TestHooks:
    def test_manifest_is_well_formed(self, project):
        done = project.run("pre-commit", "validate-manifest", str(PROJECT / ".pre-commit-hooks.yaml"))
        assert (done.returncode, done.stdout) == (0, "")

    def test_pre_commit_runs_them(self, project, tmp_path):
        repository = clone(tmp_path / "repository")
        git = ("git", "-c", "user.name=x", "-c", "user.email=x@index.example", "-C", str(repository))
        for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
            project.run(*git, *words)
        revision = project.run(*git, "rev-parse", "HEAD").stdout.strip()
        project.write(".pre-commit-config.yaml", HOOKS.format(repository=repository, revision=revision))
        project.machine = project.machine | {"PRE_COMMIT_HOME": str(tmp_path / "home"), "PIP_COMPILE": "0"}
        project.run("git", "add", "-A")

        def hook(name):
            return project.run("pre-commit", "run", f"versioned-import-{name}", "--all-files")

        done = hook("ruff-format")
        assert done.returncode == 1, done.stdout + done.stderr
        assert "files were modified by this hook" in done.stdout
        assert project.app.read_text().count(" version ") == 3
        assert (project.root / "skipped" / "app.py").read_text() == SOURCE
        assert hook("ruff-format").returncode == 0
        done = hook("ruff")
        assert "src/pkg/app.py:" in done.stdout
        assert "F821" in done.stdout
        done = hook("convert")
        assert done.returncode == 1, done.stdout + done.stderr
        assert "__import_versions__ = {" in project.app.read_text()
