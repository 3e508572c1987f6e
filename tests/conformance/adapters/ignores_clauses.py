"""A wrong implementation on purpose: `ignores_clauses.py PYTHON [SWITCH ...] PROGRAM [ARG ...]`.

It cuts the clauses out, runs plain Python without `site`, and knows nothing else. The cases have to tell.
"""

import os
import re
import sys
from pathlib import Path

CLAUSE = re.compile(
    rb"""\b((?:import|from|,)[ \t\\\r\n]+[\w.]+[ \t\\\r\n]+)version[ \t\\\r\n]+(?:"[^"\r\n]*"|'[^'\r\n]*'|\d[\w.!+*]*)"""
)


def main():
    """Cut the clauses out of all files and run the program."""
    words = sys.argv[1:]
    program = next(word for word in words[1:] if word.endswith(".py"))
    for path in Path(program).parent.rglob("*.py"):
        path.write_bytes(CLAUSE.sub(rb"\1", path.read_bytes()))
    os.execv(words[0], [words[0], "-S", *words[1:]])


if __name__ == "__main__":
    main()
