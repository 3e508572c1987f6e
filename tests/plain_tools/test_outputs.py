"""What a tool prints about copies, said of the files; and the diffs that it makes of masks."""

import pytest

from versioned_import.plain_tools.diffs import applied, unified, with_clauses
from versioned_import.plain_tools.outputs import Rewriter
from versioned_import.plain_tools.source import parse_source

BASE = "/tmp/räume 1/x-ab"


class TestPaths:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            (f"{BASE}/srv/app.py:1:2: E1\n", "/srv/app.py:1:2: E1\n"),
            ('"file": "/tmp/r\\u00e4ume 1/x-ab/srv/app.py"', '"file": "/srv/app.py"'),
            ("file:///tmp/r%C3%A4ume%201/x-ab/srv/app.py", "file:///srv/app.py"),
            (f"{BASE}/a.py and {BASE}/b.py\r\n", "/a.py and /b.py\r\n"),
            ("src/app.py\n", "src/app.py\n"),
        ],
    )
    def test_every_spelling_of_the_copy(self, line, expected):
        assert Rewriter(BASE).line(line) == expected


class TestQuotedLines:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("2 |   import a          \n", "2 |   import a version 1\n"),
            ("    from b           import c\n", "    from b version 2 import c\n"),
            ("2 | import a          \x1b[0m\n", "2 | import a version 1\x1b[0m\n"),
            ("1 | # coding  versioned\n", "1 | # coding: versioned\n"),
            ("+ import a\n", "+ import a\n"),
            ("3 | x = 'import a          '\n", "3 | x = 'import a          '\n"),
        ],
    )
    def test_get_their_clauses(self, line, expected):
        source = parse_source("a.py", b"# coding: versioned\nif x:\n  import a version 1\nfrom b version 2 import c\n")
        assert Rewriter(BASE, [source]).line(line) == expected

    def test_a_mask_that_two_files_share_stays_as_it_is(self):
        sources = [
            parse_source(f"{name}.py", f"import a version {name}\nimport b version {same}\n".encode())
            for name, same in (("1", "3"), ("2", "3"))
        ]
        rewriter = Rewriter(BASE, sources)
        assert rewriter.line("1 | import a          \n") == "1 | import a          \n"
        assert rewriter.line("2 | import b          \n") == "2 | import b version 3\n"


class TestDiffs:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("a\nb\nc\n", "a\nc\nd\n"),
            ("a\nb", "a\nb\n"),
            ("a\nb\n", "a\nb"),
            ("a", ""),
            ("", "a\n"),
            ("1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n1\n2\n", "1\nx\n3\n4\n5\n6\n7\n8\n9\n0\n1\ny\n2\n"),
            ("a\r\nb\r\n", "b\r\n"),
        ],
    )
    def test_applied(self, old, new):
        hunks = "".join(unified(old, new, "", "")).splitlines(keepends=True)
        assert applied(old, hunks, "\r\n" if "\r" in old else "\n") == new

    def test_only_the_files_with_clauses_are_made_anew(self):
        old, new = "--- a.py\n+++ a.py\n@@ -1 +1 @@\n-x\n+y\n", "--- b.py\t1\n+++ b.py\t2\n@@ -1 +1,2 @@\n-x\n+y\n+z\n"
        asked = []

        def remade(path, hunks):
            asked.append((path, hunks))
            return ("X\n", "Y\n") if path == "/srv/b.py" else None

        shown = with_clauses([*f"--- no diff\n{old}\n{new}2 files\n".splitlines(keepends=True)], "/srv", remade)
        assert shown == f"--- no diff\n{old}\n--- b.py\t1\n+++ b.py\t2\n@@ -1 +1 @@\n-X\n+Y\n2 files\n"
        assert [path for path, _ in asked] == ["/srv/a.py", "/srv/b.py"]
        assert asked[1][1] == ["@@ -1 +1,2 @@\n", "-x\n", "+y\n", "+z\n"]

    def test_one_that_changes_nothing_but_the_mask_is_not_shown(self):
        assert list(unified("a", "a", "", "")) == []

    def test_colours_of_a_tool_that_was_told_not_to_use_them(self):
        plain = ["--- a.py\n", "+++ a.py\n", "@@ -1 +1 @@\n", "-x\n", "+y\n"]
        painted = [f"\x1b[1m{line[:-1]}\x1b[0m\n" for line in plain]
        asked = []
        assert with_clauses(painted, "/srv", lambda path, hunks: asked.append((path, hunks)) or ("X\n", "Y\n")) == (
            "--- a.py\n+++ a.py\n@@ -1 +1 @@\n-X\n+Y\n"
        )
        assert asked == [("/srv/a.py", plain[2:])]
