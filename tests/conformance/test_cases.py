"""The portable cases with this project's three ways; that they can fail; and the command that runs them.

Each Python runs each case once, and the ways take turns, so that 3.11, 3.12 and 3.13 together run each case with each way.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from portable.cases import ABILITIES, CaseError, read_cases
from portable.implementation import Implementation
from portable.runs import error_of, run_case

SUITE = Path(__file__).resolve().parent
SPECIFICATION = SUITE.parent.parent / "docs" / "spec.md"
CASES = read_cases()


def read_ways(name):
    """Return the implementations that a file of adapters names."""
    tables = tomllib.loads((SUITE / "adapters" / name).read_text(encoding="utf-8"))
    return [Implementation(way, one["command"], frozenset(one.get("lacks", ()))) for way, one in tables.items()]


WAYS = read_ways("ways.toml")


def turn(number):
    """Return the way whose turn it is on this Python; the next one where that lacks what the case needs."""
    ways = [WAYS[(number + sys.version_info.minor + more) % len(WAYS)] for more in range(len(WAYS))]
    return next(one for one in ways if not one.lacking(CASES[number]))


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.id for case in CASES])
def test_case(tmp_path, number):
    way = turn(number)
    problem = run_case(CASES[number], way, tmp_path).problem
    assert not problem, f"{way.name}: {CASES[number].spec}\n{problem}"


class TestSpecification:
    """The cases test docs/spec.md, sentence by sentence."""

    def test_each_case_quotes_it(self):
        text = " ".join(SPECIFICATION.read_text(encoding="utf-8").split())
        assert [case.id for case in CASES if case.spec not in text] == []

    def test_each_rule_of_syntax_and_choice_has_a_case(self):
        quotes = {case.spec for case in CASES}
        bare = [number for number, rule in rules() if not any(quote in rule for quote in quotes)]
        assert bare == []

    def test_there_are_enough(self):
        assert len(CASES) >= 150


def rules():
    """Yield the numbered rules of the sections on syntax and on versions: `3.2` and its text in one line."""
    for section in re.split(r"^## ", SPECIFICATION.read_text(encoding="utf-8"), flags=re.MULTILINE):
        if section[0] in "13":
            for rule in re.split(r"\n(?=\d+\. )", section)[1:]:
                number, _, text = rule.partition(".")
                yield f"{section[0]}.{number}", " ".join(text.split())


class TestWrongImplementations:
    """Cases that can't fail are worth nothing."""

    @pytest.mark.parametrize("wrong", read_ways("wrong.toml"), ids=lambda one: one.name)
    def test_most_cases_fail(self, tmp_path, wrong):
        sample = CASES[sys.version_info.minor % 8 :: 8]
        failed = [case.id for case in sample if run_case(case, wrong, made(tmp_path, case)).problem]
        assert len(failed) > len(sample) / 2, sorted({case.id for case in sample} - {*failed})

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            (
                "highest-of-flat-and-versioned",
                "expected: exit status 0\n  | 1.6 versioned\ncame: exit status 0\n  | 1.5 flat",
            ),
            (
                "flat-install-in-front-of-a-versioned-directory",
                "expected: exit status 0\n  | 1.0 versioned\ncame: exit status 0\n  | 3.0 flat",
            ),
            (
                "message-quotes-the-clause",
                """the message does not say ["'latest'"]\nSyntaxError: invalid syntax\n""",
            ),
        ],
    )
    def test_what_is_said(self, tmp_path, name, problem):
        wrong = read_ways("wrong.toml")[0]
        case = next(case for case in CASES if case.id == name)
        assert run_case(case, wrong, tmp_path).problem == problem


def made(tmp_path, case):
    path = tmp_path / case.id
    path.mkdir()
    return path


class TestErrorOfAProcess:
    """What a process wrote about the error that ended it."""

    def test_message_of_several_lines(self):
        stderr = (
            'Traceback (most recent call last):\n  File "/p/main.py", line 3, in <module>\n    import demo version 2\n'
            "package.errors.VersionConflictError: demo 1.0 is loaded\n  from here\n"
        )
        assert error_of(stderr) == (
            "VersionConflictError",
            ("/p/main.py", 3),
            "package.errors.VersionConflictError: demo 1.0 is loaded\n  from here\n",
        )

    def test_last_of_two(self):
        stderr = (
            'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n\n'
            "During handling of the above exception, another exception occurred:\n\n"
            'Traceback (most recent call last):\n  File "b.py", line 2, in f\nValueError\n'
        )
        assert error_of(stderr) == ("ValueError", ("b.py", 2), "ValueError\n")

    def test_none(self):
        assert error_of("a warning\n") == ("", ("", 0), "")


IGNORES = "{python} -I -S {suite}/adapters/ignores_clauses.py {python} {switches} {program}"


def run_command(*arguments):
    """Run the command without `site`, so that neither this project nor any library is there."""
    words = [sys.executable, "-S", "-E", SUITE / "run_cases.py", *arguments]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)


class TestCommand:
    """`run_cases.py`, which uses nothing of this project, and only for the table a library."""

    def test_all_passed(self):
        done = run_command("--implementation", IGNORES, "--name", "toy", "--only", "module-called-version", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout) == {
            "implementations": [
                {"name": "toy", "command": IGNORES, "lacks": [], "passed": 1, "failed": 0, "lacking": 0}
            ],
            "cases": [
                {
                    "id": "module-called-version",
                    "group": "soft keyword",
                    "spec": "`version` is a soft keyword: it stays an ordinary identifier everywhere else",
                    "results": {"toy": {"outcome": "passed"}},
                }
            ],
        }

    def test_one_failed(self):
        arguments = ("--implementation", IGNORES, "--only", "higher-version-comes", "--runs", "2", "--json")
        done = run_command(*arguments)
        (case,) = json.loads(done.stdout)["cases"]
        assert done.returncode == 1
        assert case["results"]["implementation 1"]["outcome"] == "failed"
        assert case["results"]["implementation 1"]["problem"].startswith("run 1: expected: exit status 0\n  | 1.0\n")

    def test_lacking(self):
        arguments = ("--implementation", "false", "--name", "none", "--lacks", "none:syntax-message")
        done = run_command(*arguments, "--only", "message-of-*", "--only", "optimised", "--json")
        found = {case["id"]: case["results"]["none"] for case in json.loads(done.stdout)["cases"]}
        assert done.returncode == 0
        assert found["message-of-a-relative-import"] == {"outcome": "lacking", "lacking": ["syntax-message"]}
        assert found["optimised"] == {"outcome": "lacking", "lacking": ["switches"]}

    def test_list(self):
        done = run_command("--list", "--only", "threads")
        assert (done.returncode, done.stdout.split("\n")[0]) == (0, "threads: same-statement-in-many-threads")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--only", "nothing-like-it"], "no case is called nothing-like-it"),
            (
                ["--implementation", "/no/such/program", "--only", "star"],
                "implementation 1: /no/such/program {program}: [Errno 2] No such file or directory: '/no/such/program'",
            ),
            (
                ["--implementation", "x", "--lacks", "y:syntax-message"],
                f"--lacks y:syntax-message: it takes NAME:ABILITY; abilities are {', '.join(ABILITIES)}",
            ),
            (
                ["--only", "star"],
                'error: name what is to be tested: --implementation "COMMAND" or --ways FILE',
            ),
        ],
    )
    def test_refused(self, arguments, message):
        done = run_command(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        said = re.sub(r"/\S+/program/main.py", "{program}", done.stderr.rstrip("\n").split("\n")[-1])
        assert said == f"run_cases.py: {message}"

    def test_table(self):
        words = [sys.executable, SUITE / "run_cases.py", "--implementation", IGNORES, "--name", "toy", "--only", "star"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 1
        assert re.search(r"syntax +│ +0/1", done.stdout)
        assert "toy: star ──" in done.stdout
        assert "expected: exit status 0\n  | 1.0 1.0\ncame: exit status 1\n  ! Traceback" in done.stdout


class TestMistakesInCases:
    """A file of cases that says something nobody understands is refused."""

    GOOD = 'id = "a"\nspec = "s"\nmain = "m"\nprints = ""\n'

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (f'{GOOD}printz = ""\n', "1.toml: a: there is no key printz"),
            ('id = "a"\nspec = "s"\nmain = "m"\n', "1.toml: a: it expects nothing"),
            ('id = "a"\nmain = "m"\n', "1.toml: a: it has no spec"),
            (f'{GOOD}needs = ["luck"]\n', "1.toml: a: there are no abilities called luck"),
            (f'{GOOD}site = ["demo"]\n', "1.toml: a: 'demo' is not NAME VERSION or NAME VERSION flat"),
            (
                f'{GOOD}site = ["demo 1 versioned"]\n',
                "1.toml: a: 'demo 1 versioned' is not NAME VERSION or NAME VERSION flat",
            ),
            (f'{GOOD}site = [{{ is = "demo 1", like = "b" }}]\n', "1.toml: a: the library has no b"),
            (f"{GOOD}[[case]]\n{GOOD}", "two cases are called a"),
            (GOOD.replace('"a"', "a"), "1.toml: Invalid value (at line 3, column 6)"),
        ],
    )
    def test_refused(self, tmp_path, text, message):
        (tmp_path / "library.toml").write_text('[module.files]\n"@IMPORT@.py" = ""\n')
        (tmp_path / "1.toml").write_text(f'group = "g"\n[[case]]\n{text}')
        with pytest.raises(CaseError) as caught:
            read_cases(tmp_path)
        assert str(caught.value) == message
