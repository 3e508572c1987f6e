"""Optional imports of real distributions: flat requests tries chardet, which it requires under an extra only (spec 3.8)."""

import os
import subprocess
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

REPOSITORY = Path(__file__).parents[2]
PROGRAM = (
    "import requests, sys\nprint(requests.__version__, requests.compat.chardet.__name__, 'chardet' in sys.modules)"
)


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    home = tmp_path_factory.mktemp("optional")
    venv.create(home / "venv", with_pip=True)

    def run(*arguments):
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VERSIONED_"))}
        environ["VERSIONED_IMPORT_CACHE_DIR"] = str(home / "cache")
        command = [home / "venv" / "bin" / "python", *arguments]
        done = subprocess.run(command, cwd=home, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout, done.stderr

    run("-m", "pip", "install", "-q", REPOSITORY, "requests==2.31.0")
    return run


class TestFlatRequestsAndVersionedChardet:
    def test_requests_does_as_before(self, python):
        before = python("-W", "always", "-c", PROGRAM)
        assert before[0] == "2.31.0 charset_normalizer False\n"
        python("-m", "pip", "install", "-q", "--allow-multiple", "chardet==2.3.0", "chardet==4.0.0")
        assert python("-W", "always", "-c", PROGRAM) == before

    def test_the_program_itself_gets_the_highest(self, python):
        assert python("-c", "import chardet; print(chardet.__version__)") == ("4.0.0\n", "")

    def test_versioned_requests_takes_what_its_extra_allows(self, python):
        python("-m", "pip", "install", "-q", "--allow-multiple", "requests==2.32.3", "chardet==6.0.0")
        program = f"import requests version 2.32\n{PROGRAM}\nprint(sys.modules['chardet'].__version__)"
        assert python("-m", "versioned_import", "-c", program) == ("2.32.3 chardet True\n4.0.0\n", "")
