"""The scripts of a virtual environment of links: launchers of its own Python, and the script files of distributions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from versioned_import.exports.links import Text
from versioned_import.install.launchers import entry_points_of, recorded_script_files, script_files, shebang

if TYPE_CHECKING:
    from versioned_import.exports.links import Tree
    from versioned_import.metadata.candidate import Candidate


def scripts_for(candidate: Candidate, python: str) -> Tree:
    """Return the scripts of a distribution, by file name, for the Python at the path `python`."""
    info = candidate.metadata_directory
    files = script_files(candidate.path) if candidate.entry else recorded_script_files(candidate.site, info)
    found: Tree = {name: _file(path, python) for name, path in files.items()}
    for name, target in entry_points_of(info).items():
        file_name, text = _launcher(name, target, python)
        found[file_name] = Text(text)
    return found


def _launcher(name: str, target: str, python: str) -> tuple[str, str]:
    """Return the file name and the text of the launcher of an entry point."""
    module, _, attributes = (part.strip() for part in target.partition(":"))
    first = attributes.partition(".")[0]
    statement = f"from {module} import {first}" if first else f"import {module}"
    call = f"    sys.exit({attributes}())\n" if first else "    pass\n"
    body = f'import sys\n\n{statement}\n\nif __name__ == "__main__":\n{call}'
    if os.name == "nt":
        # The interpreter beside it runs the rest of the file, without the first line.
        return f"{name}.cmd", f'@"%~dp0python.exe" -x "%~f0" %* & exit /b\n{body}'
    return name, f"{shebang(python)}{body}"


def _file(path: str, python: str) -> str | Text:
    """Return a script file as a link; one of Python with the first line that starts this Python."""
    try:
        with open(path, "rb") as file:
            data = file.read(512)
            if not data.startswith(b"#!") or b"python" not in data.partition(b"\n")[0]:
                return path
            text = (data + file.read()).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return path
    return Text(shebang(python) + text.partition("\n")[2])
