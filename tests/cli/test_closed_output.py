"""Readers that go away (`| head -1`), a closed standard output, and terminals too narrow for a table."""

import os
import pty
import re
import subprocess
import sys

import pytest
from made import make_group, make_versioned


@pytest.fixture
def start(children, site):
    """Install a group, write a program, and return a function that runs a command on a given standard output."""
    scripts = {
        "demo.py": "def main(): ...\n",
        "demo-1.0.dist-info/entry_points.txt": "[console_scripts]\ndemo=demo:main\n",
    }
    make_versioned(site, "app", "1.0", requires=["demo"])
    make_versioned(site, "demo", "1.0", scripts)
    make_group(site, "app", app="1.0", demo="1.0")
    children.write("app.py", "# coding: versioned\nimport demo version 1\n")

    def run(words, **options):
        return subprocess.run(
            [sys.executable, "-s", "-m", "versioned_import", *words.split()],
            env={**children.environ, "PYTHONUNBUFFERED": "", "COLUMNS": "60", "TERM": "xterm", "NO_COLOR": "1"},
            cwd=children.program,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
            **options,
        )

    return run


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "--version",
        "check app.py",
        "exec --help",
        "exec demo --json",
        "exec --json demo",
        "list",
        "list --help",
        "show demo --json",
        "tree",
        "tree app.py",
        "verify",
        "why demo",
    ],
)
def test_a_reader_that_went_away_ends_a_command_quietly(start, words):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = start(words, stdout=writer)
    finally:
        os.close(writer)
    # Behind the requirement of exec all is the script's, which ends as it ends without us.
    assert (done.returncode, done.stderr) == (0 if words == "exec demo --json" else 141, "")


@pytest.mark.parametrize("words", ["--help", "list", "tree", "check app.py"])
def test_a_closed_standard_output_is_no_failure(start, words):
    done = start(words, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, "")


def terminal(start, words):
    """Return what a command prints on a terminal of 60 columns."""
    leader, follower = pty.openpty()
    try:
        assert start(words, stdout=follower).returncode == 0
    finally:
        os.close(follower)
    with os.fdopen(leader, encoding="utf-8", newline="") as file:
        lines = []
        try:
            while line := file.readline():
                lines.append(re.sub(r"\x1b\[[\d;]*m", "", line.removesuffix("\r\n")))
        except OSError:  # Linux says so when the last writer is gone
            pass
    return lines


def test_the_last_column_of_a_table_is_folded_on_a_narrow_terminal(start, site):
    make_versioned(site, "other", "1.0")
    make_group(site, "demo>=0.1,!=0.5,!=0.6", "other>=0.1", demo="1.0", other="1.0")
    size = sum(file.stat().st_size for file in (site / "demo-1.0").rglob("*") if file.is_file())
    assert terminal(start, "list demo")[1:] == [
        "distribution  version  kind        size  groups",
        f"demo          1.0      versioned  {size} B  demo>=0.1,!=0.5,!=0.6,",
        "                                         other>=0.1; app",
        "",
        f"1 versioned directory, 0 flat installs, {size} B",
    ]


def test_a_tree_is_folded_on_a_narrow_terminal(start, site):
    make_versioned(site, "long", "1.0", requires=["demo>=0.1,!=0.5,!=0.6,!=0.7,!=0.8,!=0.9,!=0.10,!=0.11,<2"])
    make_group(site, "long", long="1.0", demo="1.0")
    shown = terminal(start, "tree")
    assert str(site) in "".join(shown)
    assert "!=0.8,!=0.9,!=0.10,!=0.11,<2" in "".join(line.strip(" │└─") for line in shown)
