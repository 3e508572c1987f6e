"""The benchmarks run: what they measure is no test's business, but a benchmark that broke would go unnoticed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.real


@pytest.mark.parametrize(
    ("script", "figures"),
    [
        ("figures.py", 8),
        pytest.param("installing.py", 4, marks=pytest.mark.long),
        pytest.param("projects.py", 3, marks=pytest.mark.long),
        pytest.param("seen.py", 8, marks=pytest.mark.long),
        pytest.param("starting.py", 4, marks=pytest.mark.long),
    ],
)
def test_every_figure_is_printed(script, figures):
    command = [sys.executable, PROJECT / "benchmarks" / script, "--quick"]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=600)
    rows = [line for line in done.stdout.splitlines() if line.endswith(("kept", "NOT KEPT"))]
    assert len(rows) == figures, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
