"""No wrong version, ever: some time of the stress test; `python tests/conformance/stress.py --help` says how to run more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.property
STRESS = Path(__file__).with_name("stress.py")


def test_no_wrong_version_ever():
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VERSIONED_IMPORT"))}
    command = [sys.executable, STRESS, "--seconds", "60", "--scenarios", "100", "--seed", "7"]
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False, timeout=600)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
