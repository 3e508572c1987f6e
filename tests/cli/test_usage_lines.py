"""The usage lines of docs/commands.md agree with `--help`."""

import importlib
import re
from pathlib import Path

import pytest

from versioned_import.cli.commands import COMMANDS

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
USAGE = dict(re.findall(r"^    versioned-import ([\w-]+)(.*)$", PAGE.read_text(), re.MULTILINE))
# What stands behind `--` is pip's; argparse does not know of it.
FOR_PIP = " [-- PIP-OPTION ...]"
# argparse shows the shorter of two spellings, the page the one that speaks for itself.
SHOWN_AS = {"--quiet": "-q"}
IN_THE_README = {"check", "pip", "show-source"}


def parts(usage):
    """Return the options of a usage line, each with the value it takes, and all names of values and operands."""
    text = re.sub(r"\{([\w,]+)\}", lambda found: found[1].replace(",", "|"), usage.replace("[-h]", ""))
    options = re.findall(r"(--?[a-z][\w-]*)(?: ([\w|]+))?", text)
    return {(SHOWN_AS.get(name, name), value) for name, value in options}, set(re.findall(r"\b[A-Z]+\b", text))


@pytest.mark.parametrize("command", sorted(USAGE))
def test_the_page_agrees_with_help(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")
    with pytest.raises(SystemExit) as stopped:
        importlib.import_module(f"versioned_import.cli.{COMMANDS[command]}").main(["--help"])
    assert stopped.value.code == 0
    usage = capsys.readouterr().out.partition("\n")[0]
    assert usage.startswith(f"usage: versioned-import {command} ")
    assert parts(USAGE[command].replace(FOR_PIP, "")) == parts(usage.partition(command)[2])


def test_each_command_has_a_usage_line_or_stands_elsewhere():
    assert {*USAGE, *IN_THE_README} == COMMANDS.keys()
