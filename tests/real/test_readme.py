"""Every example of the README is run, in order, as a newcomer would: files are written, commands are typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from examples import PROJECT, blocks, clone, commands, environment, file_name, pattern_of, typed

if TYPE_CHECKING:
    from pathlib import Path

# The test command itself would run this test again.
NOT_RUN = {"python3 tools/test.py"}

pytestmark = pytest.mark.real


def test_every_example_of_the_readme_does_what_it_shows(tmp_path: Path) -> None:
    place = clone(tmp_path / "clone")
    variables = environment(tmp_path / "home")
    ran = 0
    for language, block in blocks((PROJECT / "README.md").read_text()):
        if language == "python":
            file = place / file_name(block)
            file.parent.mkdir(exist_ok=True)
            file.write_text(block)
            continue
        assert language == "console"
        for command, expected in commands(block):
            if command in NOT_RUN:
                continue
            status, shown = typed(command, place, variables)
            if expected:
                assert re.fullmatch(pattern_of(expected), shown, re.DOTALL), (
                    f"{command}\n{shown}\n-- expected:\n{expected}"
                )
            else:
                assert status == 0, f"{command}\n{shown}"
            ran += 1
    assert ran >= 16
