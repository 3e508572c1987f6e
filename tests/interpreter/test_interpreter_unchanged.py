"""The interpreter's own tests end the same with versioned_import installed as without it (spec 3.8)."""

import sys

import compare
import pytest


@pytest.mark.real
def test_the_interpreters_own_tests_end_the_same():
    try:
        found = compare.compare(sys.executable, list(compare.MODULES))
    except compare.NothingToCompare as reason:
        pytest.skip(str(reason))
    assert found == []


class TestReading:
    """What regrtest leaves behind is read right: the comparison is only as good as that."""

    REPORT = """<testsuites><testsuite>
        <testcase name="test.test_a.A.test_good" status="run" result="completed" />
        <testcase name="test.test_a.A.test_bad"><failure type="AssertionError">...</failure></testcase>
        <testcase name="test.test_a.A.test_worse"><system-out /><error type="OSError">...</error></testcase>
        <testcase name="test.test_a.A.test_left"><skipped>no network</skipped></testcase>
        <testcase name="test.test_a.A.test_wonder" outcome="UNEXPECTED_SUCCESS" />
        <testcase name="test.test_a.A.test_twice" /><testcase name="test.test_a.A.test_twice"><skipped /></testcase>
        <testcase />
    </testsuite></testsuites>"""

    def test_report(self):
        assert compare.from_report(self.REPORT) == {
            "test_a.A.test_good": "passed",
            "test_a.A.test_bad": "failure",
            "test_a.A.test_worse": "error",
            "test_a.A.test_left": "skipped",
            "test_a.A.test_wonder": "UNEXPECTED_SUCCESS",
            "test_a.A.test_twice": "passed, skipped",
        }

    @pytest.mark.parametrize(
        ("line", "found"),
        [
            ("0:00:02 load avg: 1.13 [ 1/10] test_import passed", {"test_import": "passed"}),
            ("0:00:31 [1/2] test_import passed (31.2 sec) -- running: test_site (30.1 sec)", {"test_import": "passed"}),
            ("0:01:31 [1/2] test_import passed (1 min 31 sec)", {"test_import": "passed"}),
            ("0:00:02 [2/2/1] test_site failed (env changed)", {"test_site": "failed (env changed)"}),
            ("0:00:02 [2/2/1] test_inspect.test_inspect skipped", {"test_inspect.test_inspect": "skipped"}),
            ("FAIL: test_x (test.test_a.A.test_x) (i=1)", {"test_a.A.test_x": "failure"}),
            ("ERROR: test_x (test.test_a.A.test_x)", {"test_a.A.test_x": "error"}),
            ("Total tests: run=2,367 skipped=38", {}),
        ],
    )
    def test_log(self, line, found):
        assert compare.from_log(f"something else\n{line}\n") == found

    def test_difference(self):
        before = {"test_a.A.x": "passed", "test_a.A.gone": "passed", "test_a.A.y": "failure"}
        after = {"test_a.A.x": "failure", "test_a.A.new": "skipped", "test_a.A.y": "failure"}
        assert list(compare.differences(before, after).values()) == [
            "test_a.A.gone: passed without versioned_import, not there with it",
            "test_a.A.new: not there without versioned_import, skipped with it",
            "test_a.A.x: passed without versioned_import, failure with it",
        ]

    def test_module(self):
        modules = ["test_import", "test_importlib"]
        assert compare.module_of("test_importlib.x.T.test_y", modules) == "test_importlib"
        assert compare.module_of("test_import", modules) == "test_import"
