""".pre-commit-hooks.yaml names commands that there are; what pre-commit says of its form is in tests/real/test_lint_real.py."""

import re
from pathlib import Path

import pytest

from versioned_import.cli.commands import COMMANDS
from versioned_import.plain_tools.tools import CHECKER, FORMATTER, tool_of

PROJECT = Path(__file__).parents[2]
HOOKS = dict(
    re.findall(
        r"^- id: (\S+)\n(?:  .*\n)*?  entry: (.*)$", (PROJECT / ".pre-commit-hooks.yaml").read_text(), re.MULTILINE
    )
)
KINDS = {"ruff": CHECKER, "ruff-format": FORMATTER, "black": FORMATTER}


@pytest.mark.parametrize("hook", HOOKS)
def test_runs_a_command(hook):
    program, command, *words = (
        HOOKS[hook].removeprefix("python3 -m ").replace("versioned_import", "versioned-import").split()
    )
    assert (program, command in COMMANDS) == ("versioned-import", True)
    name = hook.removeprefix("versioned-import-")
    if command == "lint":
        assert tool_of(words[words.index("--") + 1 :]).kind == KINDS[name]
    else:
        assert command == name


def test_each_is_in_the_documentation():
    page = (PROJECT / "docs" / "commands.md").read_text()
    assert {hook for hook in HOOKS if f"`{hook}`" not in page} == set()
    assert len(HOOKS) == 5
