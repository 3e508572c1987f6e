"""Scanner and oracle find the same clauses at the same places in generated programs, and refuse the same damaged ones."""

import ast
import re
import sys
import warnings
from collections import Counter

import pytest
from grammar_oracle import Found, RefusedError, read
from grammar_programs import damaged, programs
from hypothesis import HealthCheck, example, given, settings

from versioned_import.syntax.clauses import find_clauses
from versioned_import.syntax.mask import mask

pytestmark = pytest.mark.property

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
LAZY = re.compile(r"((?:^|[;:]|(?<!\\)\n)(?:[ \t\f]|\\\n)*)lazy(?:[ \t\f]|\\\n)+(?=(?:import|from)\b)")


def is_python(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def lines_of_python(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


def by_scanner(source):
    """Return the scanner's clauses, and the program without them."""
    found = []
    clauses = find_clauses(source)
    for clause in clauses:
        before = lines_of_python(source[: clause.start])
        column = len(before) - before.rfind("\n") - 1
        found.append(Found(before.count("\n") + 1, column, clause.name, clause.text))
    plain = lines_of_python(mask(source, clauses))
    return found, plain if sys.version_info >= (3, 15) else LAZY.sub(r"\1", plain)


def by_oracle(source):
    """Return the oracle's clauses, or None if it takes the text for no program."""
    try:
        reading = read(source)
    except RefusedError:
        return None
    return reading.clauses if is_python(reading.plain) else None


class TestPrograms:
    """Spec 1.1-1.7: the scanner finds what the grammar says, where it says it."""

    @settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
    @given(programs())
    def test_both_find_the_clauses_that_were_put_in(self, program):
        source, clauses = program
        found, plain = by_scanner(source)
        assert found == clauses
        assert is_python(plain)
        assert by_oracle(source) == clauses


class TestDamagedPrograms:
    """Spec 1.5: what the grammar refuses is refused, in a program that is whole but for that."""

    def test_both_give_the_same_answer(self):
        answers = Counter()

        @settings(max_examples=500, deadline=None, suppress_health_check=SLOW)
        @given(damaged())
        @example("import a \\\nversion'1'")
        def check(source):
            found, plain = by_scanner(source)
            scanned = found if is_python(plain) else None
            expected = by_oracle(source)
            # What lark's own grammar of Python can't read without the clauses either is no question of clauses.
            if scanned is not None and expected is None and by_oracle(plain) is None:
                answers["unknown to lark"] += 1
                return
            answers["refused" if expected is None else f"accepted {bool(expected)}"] += 1
            assert scanned == expected

        check()
        known = answers.total() - answers["unknown to lark"]
        assert known > 0.9 * answers.total()
        assert answers["refused"] > 0.1 * known
        assert answers["accepted True"] > 0.1 * known
