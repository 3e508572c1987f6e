"""The page that docutils makes of the draft PEP; the rest of the tool is tested in test_pep_form.py."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("docutils", reason="docutils is in the dependency group `test`")
pytest.importorskip("pygments")

PROJECT = Path(__file__).resolve().parents[1]
PEP = PROJECT / "pep-draft" / "pep-9999.rst"
TOOL = PROJECT / "tools" / "pep.py"


def run(*arguments):
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_the_draft_is_rendered_without_a_remark(tmp_path):
    done = run(tmp_path / "out")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{tmp_path}/out/pep-9999.html\n", "")
    page = (tmp_path / "out" / "pep-9999.html").read_text("utf-8")
    assert "<h1>PEP 9999 \N{EN DASH} Import Statements That Name a Version</h1>" in page
    assert '<a class="reference external" href="https://peps.python.org/pep-0810">PEP 810</a>' in page


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ("See `Nowhere`_.\n", 'Unknown target name: "nowhere".'),
        ("An *open emphasis.\n", "Inline emphasis start-string without end-string."),
        (".. code-block:: python\n   :colour: red\n\n   pass\n", 'unknown option: "colour"'),
    ],
)
def test_whatever_docutils_says_is_an_error_and_nothing_is_written(tmp_path, added, told):
    source = tmp_path / "pep-9999.rst"
    source.write_text(PEP.read_text("utf-8").replace("\n\n\nMotivation\n", f"\n\n{added}\n\nMotivation\n"), "utf-8")
    done = run(tmp_path / "out", "--source", source)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert not (tmp_path / "out").exists()
