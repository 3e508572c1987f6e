"""docs/conformance.md: its commands do what it shows, and its tables are those of the programs."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from portable import cases
from run_cases import _parser

PROJECT = Path(__file__).resolve().parents[2]
PAGE = (PROJECT / "docs" / "conformance.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"^```console\n\$ (.*)\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)


def pattern_of(shown):
    """Return the regular expression of an output in which `...` stands for anything."""
    return ".*?".join(re.escape(part) for part in re.sub(r"^\.\.\.\n", "...", shown, flags=re.MULTILINE).split("..."))


@pytest.mark.parametrize(("command", "shown"), CONSOLE, ids=["ways", "toy"])
def test_commands(command, shown):
    python, *words = shlex.split(command)
    assert python == "python"
    done = subprocess.run(
        [sys.executable, *words],
        cwd=PROJECT,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    assert re.fullmatch(pattern_of(shown), done.stdout, re.DOTALL), done.stdout


def first_cells(heading):
    """Return the names in the first column of the tables below a heading."""
    part = PAGE[PAGE.index(heading) :].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", part, re.MULTILINE)
    return [name.split()[0] for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_every_key_of_a_case_is_told():
    told = first_cells("## The format of a case")
    known = cases._CASE | cases._EXPECTED | {"then"} | cases._DISTRIBUTION
    assert sorted(set(told)) == sorted(known)


def test_every_option_and_ability_is_told():
    told = first_cells("### Options")
    options = {option for action in _parser()._actions for option in action.option_strings} - {"-h", "--help"}
    assert set(told) == options | cases.ABILITIES.keys()


def test_the_example_is_a_case():
    example = re.search(r"^```toml\ngroup = .*\n\n(\[\[case\]\]\n(?:.*\n)*?)```$", PAGE, re.MULTILINE)[1]
    assert any(example in path.read_text(encoding="utf-8") for path in cases.CASES.glob("*.toml"))


def test_the_number_of_cases_is_the_true_one():
    found = cases.read_cases()
    assert f"come out: {len(found)} of them, in {len({case.group for case in found})} groups" in PAGE


def test_every_group_is_in_the_results():
    results = PAGE[PAGE.index("## Results") :]
    for group in {case.group for case in cases.read_cases()}:
        assert f"| {group} |" in results
