"""Every example of the README is run, in order, as a newcomer would: files are written, commands are typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from examples import PROJECT, blocks, clone, commands, environment, file_name, pattern_of, typed

if TYPE_CHECKING:
    from pathlib import Path

CLONING = "git clone URL versioned_import"
# The test command itself would run this test again.
NOT_RUN = {"python3 tools/test.py"}

pytestmark = pytest.mark.real


def files_of(place: Path) -> set[str]:
    """Return the files of a clone but for those in what .gitignore names, which has a place of its own."""
    names = {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}
    return {name for name in names if not re.search(r"^(\.venv|build/)|__pycache__", name)}


def save(texts: list[str], place: Path) -> None:
    """Write the examples that are files, and forget them."""
    while texts:
        file = place / file_name(texts[0])
        file.parent.mkdir(exist_ok=True)
        file.write_text(texts.pop(0))


def test_every_example_of_the_readme_does_what_it_shows(tmp_path: Path) -> None:
    place = tmp_path
    variables = environment(tmp_path / "home")
    unsaved: list[str] = []
    ran = 0
    for language, block in blocks((PROJECT / "README.md").read_text()):
        if language == "python":
            unsaved.append(block)
            if place != tmp_path:  # the first is shown before there is a place for it
                save(unsaved, place)
            continue
        assert language == "console"
        for command, expected in commands(block):
            if command in NOT_RUN:
                continue
            if command == CLONING:
                cloned = clone(place / "versioned_import")
                before = files_of(cloned)
                continue
            if command.startswith("cd "):
                place = (place / command[3:]).resolve(strict=True)
                if place != cloned:
                    save(unsaved, place)
                continue
            status, shown = typed(command, place, variables)
            if expected:
                assert re.fullmatch(pattern_of(expected), shown, re.DOTALL), (
                    f"{command}\n{shown}\n-- expected:\n{expected}"
                )
            else:
                assert status == 0, f"{command}\n{shown}"
            assert place == cloned or str(cloned) not in shown, f"{command}\n{shown}"
            ran += 1
    assert ran >= 18
    assert files_of(cloned) == before
