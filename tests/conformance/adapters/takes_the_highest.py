"""Another wrong implementation: `takes_the_highest.py PYTHON [SWITCH ...] PROGRAM [ARG ...]`.

It cuts the clauses out and puts the highest versioned directory of each name on the path, as tools did that came before.
"""

import os
import re
import sys
from pathlib import Path

from ignores_clauses import CLAUSE


def highest(site):
    """Return the highest versioned directory of each name in a site directory."""
    found = {}
    for path in Path(site).glob("*-*"):
        name, _, version = path.name.partition("-")
        numbers = [int(number) for number in re.findall(r"\d+", version)]
        found[name] = max(found.get(name, ([], "")), (numbers, str(path)))
    return [path for numbers, path in found.values() if numbers]


def main():
    """Cut the clauses out of all files, add the directories to PYTHONPATH and run the program."""
    words = sys.argv[1:]
    program = next(word for word in words[1:] if word.endswith(".py"))
    for path in Path(program).parent.rglob("*.py"):
        path.write_bytes(CLAUSE.sub(rb"\1", path.read_bytes()))
    sites = os.environ["PYTHONPATH"].split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join([*(path for site in sites for path in highest(site)), *sites])
    os.execv(words[0], [words[0], "-S", *words[1:]])


if __name__ == "__main__":
    main()
