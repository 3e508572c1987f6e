"""Run a program through the codec: `codec.py PYTHON [SWITCH ...] PROGRAM [ARG ...]`.

Writes the cookie into the first line of each file of the program's folder, which the suite leaves to adapters, and becomes
plain Python.
"""

import os
import re
import sys
from pathlib import Path

COOKIE = re.compile(rb"\A(\xef\xbb\xbf)?#[^\r\n]*")


def with_cookie(data):
    """Return the bytes of a file with the cookie; another encoding that its first line names becomes the base encoding."""
    first = COOKIE.match(data)
    if b"coding: versioned" in first[0]:  # from an earlier run of the same program
        return data
    named = re.search(rb"coding: ([-\w]+)", first[0])
    cookie = b"# coding: versioned" + (b"-" + named[1] if named else b"")
    return (first[1] or b"") + cookie + data[first.end() :]


def main():
    """Give all files the cookie and run the program."""
    words = sys.argv[1:]
    program = next(word for word in words[1:] if word.endswith(".py"))
    for path in Path(program).parent.rglob("*.py"):
        path.write_bytes(with_cookie(path.read_bytes()))
    os.execv(words[0], words)


if __name__ == "__main__":
    main()
