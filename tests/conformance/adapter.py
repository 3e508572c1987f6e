"""How a statement with a version is executed: all that another implementation has to write anew.

The checks are plain Python, and a statement that names a version bears the comment `# versioned`. A way of executing it is
a function from the text of a file and a version to the text that is run, and the arguments of Python for the program.
"""

import re
from pathlib import Path
from typing import NamedTuple

STATEMENT = re.compile(r"^( *)((?:import|from) +([\w.]+))(.*)  # versioned$", re.MULTILINE)
STARTER = """\
import os, sys

import versioned_import

with versioned_import.enable(*[name[:-3] for name in os.listdir(sys.path[0]) if name.endswith(".py")]):
    import main

    main.main()
"""


class Way(NamedTuple):
    """A way in which statements are executed."""

    rewrite: object
    """The function that gives the text of a file of the program."""

    arguments: tuple[str, ...] = ("main.py",)
    """What follows the name of the interpreter; file names are looked for in the program's folder."""

    side_by_side: bool = True
    """Whether both versions are installed."""


def plain(text, name, version):
    """Leave the statements as they are."""
    return text


def with_cookie(text, name, version):
    """Write the clause, and the cookie that switches it on."""
    return f"# coding: versioned\n{with_clause(text, name, version)}"


def with_clause(text, name, version):
    """Write the clause."""
    return STATEMENT.sub(rf"\1\2 version {version[0]}\4", text)


def with_call(text, name, version):
    """Call the function in front of the statement, which then is a plain one."""
    call = f'import versioned_import; versioned_import.import_module("\\3", "{version[0]}")'
    return STATEMENT.sub(rf"\1{call}; \2\4", text)


def with_requirement(text, name, version):
    """Require the distribution first; then all statements are plain."""
    call = f'import versioned_import; versioned_import.require("mvdemo=={version[0]}.*")\n'
    return f"{call}{text}" if name == "main.py" else text


WAYS = {
    # Without `site`, nothing of versioned_import is there.
    "flat": Way(plain, ("-S", "main.py"), side_by_side=False),
    "codec": Way(with_cookie),
    "hook": Way(with_clause, ("starter.py",)),
    "runner": Way(with_clause, ("-m", "versioned_import", "main.py")),
    "function": Way(with_call),
    "require": Way(with_requirement),
    # No column of the table: plain statements get the flat install that stands in front.
    "trap": Way(plain),
}


def write_program(way, version, sources, program):
    """Write the program that runs the checks into a folder and return the arguments for Python."""
    for name, text in sources.items():
        Path(program, name).write_text(WAYS[way].rewrite(text, name, version), encoding="utf-8")
    Path(program, "starter.py").write_text(STARTER, encoding="utf-8")
    return [str(program / word) if word.endswith(".py") else word for word in WAYS[way].arguments]
