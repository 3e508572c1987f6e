"""Several threads parse at once: CPython 3.11 then ends some of it in a SystemError (python/cpython#106905)."""

import ast
import subprocess
import sys

import pytest

PROGRAM = """
import ast, sys, threading
from versioned_import.syntax.parsing import parse

class Circle:
    def __init__(self):
        self.me = self
    def __del__(self):  # runs in a collection, in the middle of whatever is going on
        for _ in range(50):
            pass

def run():
    for _ in range(50):
        for _ in range(100):
            Circle()
        try:
            {parse}(TEXT)
        except SystemError:
            errors.append(1)

TEXT, errors = open(ast.__file__.replace("ast", "bisect")).read(), []
sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=run) for _ in range(4)]
[one.start() for one in threads]
[one.join() for one in threads]
print(len(errors))
"""


def errors_with(parse):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(parse=parse)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="there, garbage is not collected in the middle of it")
def test_threads_parse_at_once():
    if not any(errors_with("ast.parse") for _ in range(10)):
        pytest.skip("the threads didn't meet")
    assert errors_with("parse") == 0


@pytest.mark.parametrize(
    ("text", "mode"), [("a = 1", "exec"), (b"# coding: latin-1\n'\xe4'", "exec"), ("{1: 2}", "eval")]
)
def test_it_is_the_same_tree(text, mode):
    from versioned_import.syntax.parsing import parse

    assert ast.dump(parse(text, "f", mode)) == ast.dump(ast.parse(text, "f", mode))


def test_wrong_text_is_told_at_once():
    from versioned_import.syntax.parsing import parse

    with pytest.raises(SyntaxError) as caught:
        parse("a b", "some.py")
    assert (caught.value.filename, caught.value.lineno) == ("some.py", 1)
