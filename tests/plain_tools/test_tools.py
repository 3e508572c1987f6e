"""Which tool a command line runs, what it is given, and which directories it gets a copy of."""

from types import SimpleNamespace

import pytest

from versioned_import.plain_tools import ruff
from versioned_import.plain_tools.places import project_of, roots_of
from versioned_import.plain_tools.running import environment_for, moved
from versioned_import.plain_tools.source import SourceError
from versioned_import.plain_tools.tools import CHECKER, FIXER, FORMATTER, tool_of, without_colours, without_option


class TestKinds:
    @pytest.mark.parametrize(
        ("line", "name", "kind", "diff"),
        [
            ("ruff check src", "ruff", CHECKER, False),
            ("ruff check --fix", "ruff", FIXER, False),
            ("ruff check --fix --no-fix", "ruff", CHECKER, False),
            ("ruff --isolated check --diff", "ruff", FIXER, True),
            ("ruff check --add-noqa=why", "ruff", FIXER, False),
            ("ruff format", "ruff", FORMATTER, False),
            ("ruff rule E501", "ruff", CHECKER, False),
            ("/opt/bin/black --diff .", "black", FORMATTER, True),
            ("isort --df -ds .", "isort", FIXER, True),
            ("python3.12 -m mypy --strict", "mypy", CHECKER, False),
            ("uv run --with ruff ruff format", "ruff", FORMATTER, False),
            ("npx pyright", "pyright", CHECKER, False),
        ],
    )
    def test_of_known_tools(self, line, name, kind, diff):
        tool = tool_of(line.split())
        assert (tool.name, tool.kind, tool.shows_diff) == (name, kind, diff)

    def test_a_path_that_is_called_like_a_tool_is_none(self):
        with pytest.raises(SourceError, match="none of the tools"):
            tool_of(["vulture", "src/black"])
        assert tool_of(["vulture", "src/black"], CHECKER).name == "vulture"

    @pytest.mark.parametrize(
        ("line", "watch"),
        [
            ("ruff check --watch", "--watch"),
            ("ruff check -w", "-w"),
            ("ruff check -nw src", "-nw"),
            ("pyright -w", "-w"),
            ("black --watch .", "--watch"),
        ],
    )
    def test_none_watches_copies(self, line, watch):
        with pytest.raises(SourceError) as raised:
            tool_of(line.split())
        name = line.partition(" ")[0]
        assert str(raised.value) == f"{name}: it can't watch, as it looks at copies\n  Leave {watch} out."

    def test_a_width_is_no_watching(self):
        assert tool_of(["isort", "-w", "100", "."]).name == "isort"

    @pytest.mark.parametrize("word", ["--stdout", "--stdo", "-d", "-qd", "-dq"])
    def test_isort_prints_no_files_without_clauses(self, word):
        with pytest.raises(SourceError) as raised:
            tool_of(["isort", "app.py", word])
        assert str(raised.value) == (
            f"isort: {word} would print the files without their clauses\n"
            "  Use --diff to see what would change, or leave it out: the files are changed."
        )

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("ruff format --color always --diff src", "ruff format --diff src"),
            ("ruff check --diff --color=always", "ruff check --diff"),
            ("python -m black --color --diff -- a.py", "python -m black --no-color --diff -- a.py"),
            ("isort --color --diff .", "isort --diff ."),
        ],
    )
    def test_diff_comes_without_colours(self, line, expected):
        assert " ".join(without_colours(tool_of(line.split())).words) == expected


class TestEnvironment:
    def test_diff_comes_without_colours(self, monkeypatch):
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("CLICOLOR_FORCE", "1")
        environ = environment_for("/base", [], coloured=False, uncoloured=True)
        assert "FORCE_COLOR" not in environ
        assert "CLICOLOR_FORCE" not in environ
        assert environ["NO_COLOR"] == "1"
        assert environment_for("/base", [], coloured=False)["FORCE_COLOR"] == "1"


class TestWords:
    def test_option_with_its_value_goes(self):
        words = ["-o", "x", "--output-file=y", "a", "-o=z", "--output-format", "json", "-old"]
        assert without_option(words, "-o", "--output-file") == ["a", "--output-format", "json", "-old"]

    def test_ruff_fixes_first_and_looks_then(self):
        words = ["check", "--fix", "--output-format", "json", "--exit-non-zero-on-fix", "src"]
        assert ruff.only_fixing(words) == ["check", "--exit-non-zero-on-fix", "src", "--fix-only"]
        assert ruff.only_looking(words) == ["check", "--output-format", "json", "src", "--no-fix"]

    def test_ruff_is_asked_for_rules_whatever_it_is_to_report(self):
        asked = []
        mirror = SimpleNamespace(sources={})
        ruff.rules_about_blanks(lambda words: asked.append(words) or "[]", ["check", "-e", "-nq", "--quiet"], mirror)
        assert asked == [["check", "-n", "--output-format=json", "--exit-zero", "--no-fix"]]

    @pytest.mark.parametrize(
        ("word", "expected"),
        [
            ("/srv/app/x.py", "/base/srv/app/x.py"),
            ("--config=/srv/app/x.toml", "--config=/base/srv/app/x.toml"),
            ("/srv/application", "/srv/application"),
            ("/srv/app", "/base/srv/app"),
            ("src=/srv/app", "src=/srv/app"),
            ("x.py", "x.py"),
        ],
    )
    def test_absolute_paths_lead_into_the_copy(self, word, expected):
        assert moved(word, "/base", ["/srv/app"]) == expected


class TestRoots:
    def test_repository_goes_before_project(self, tmp_path):
        (tmp_path / "repo" / ".git").mkdir(parents=True)
        (tmp_path / "repo" / "part" / "src").mkdir(parents=True)
        (tmp_path / "repo" / "part" / "pyproject.toml").touch()
        assert project_of(str(tmp_path / "repo" / "part" / "src")) == str(tmp_path / "repo")

    def test_nearest_project_without_a_repository(self, tmp_path):
        for name in ("out", "out/in", "out/in/src"):
            (tmp_path / name).mkdir()
        (tmp_path / "out" / "setup.cfg").touch()
        (tmp_path / "out" / "in" / "pyproject.toml").touch()
        assert project_of(str(tmp_path / "out" / "in" / "src")) == str(tmp_path / "out" / "in")

    def test_home_is_no_project(self, tmp_path, monkeypatch):
        monkeypatch.setenv("HOME", str(tmp_path))
        (tmp_path / ".git").mkdir()
        (tmp_path / "work").mkdir()
        assert project_of(str(tmp_path / "work")) is None
        assert roots_of(str(tmp_path / "work"), []) == [str(tmp_path / "work")]

    def test_places_of_several_projects_none_below_another(self, tmp_path):
        for name in ("a/pkg", "b"):
            (tmp_path / name).mkdir(parents=True)
        (tmp_path / "a" / "pyproject.toml").touch()
        (tmp_path / "b" / "x.py").touch()
        named = [str(tmp_path / "a" / "pkg"), str(tmp_path / "b" / "x.py")]
        assert roots_of(str(tmp_path / "a"), named) == [str(tmp_path / "a"), str(tmp_path / "b")]
