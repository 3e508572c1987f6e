"""Running the commands of the command line in the tests' virtual environment."""

import subprocess


def command(environment, *words, **environ):
    """Run `python -m versioned_import WORDS` and return the finished process."""
    how = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(environment.wheels), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return subprocess.run(
        [environment.python, "-m", "versioned_import", *map(str, words)],
        env=environment.environ | how | environ,
        cwd=environment.wheels,
        capture_output=True,
        text=True,
        check=False,
    )
