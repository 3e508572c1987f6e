"""Clauses put back into what a tool has made of a mask: where each import went, or a refusal."""

import pytest

from versioned_import.plain_tools.masks import with_stand_ins, without_clauses
from versioned_import.plain_tools.restore import restored_by_names, restored_by_stand_ins
from versioned_import.plain_tools.source import SourceError, parse_source

JOINED = "the tool joined two imports of which the clauses differ"
MOVED = "stood with different clauses, and the tool moved, joined or removed one of them"


def source_of(text):
    return parse_source("app.py", text.encode())


class TestStandIns:
    @pytest.mark.parametrize(
        ("text", "width"),
        [
            ("import requests version 2.31 as r\n", None),
            ("from a.b version '>=1' import c\n", None),
            ("import a version \\\n  1, b\n", len("import a version 1, b\n")),
            ("import a version'1'as b\n", len("import a version '1' as b\n")),
        ],
    )
    def test_as_wide_as_the_statement(self, text, width):
        assert len(with_stand_ins(source_of(text))[0]) == (width or len(text))

    def test_name_that_is_taken(self):
        text = "import a version 1\n________0_ = a________0_ = 1\n"
        given, stands = with_stand_ins(source_of(text))
        assert given == "import a________1_\n________0_ = a________0_ = 1\n"
        assert stands == {"________1_": " version 1"}

    def test_broken_lines(self):
        source = source_of("# coding: versioned\nfrom a version   1 import b, c; import d version'>=1'as e # f\n")
        given, stands = with_stand_ins(source)
        first, second = stands
        made = f"# coding  versioned\nfrom a{first} import (\n    b,\n    c,\n)\nimport d{second} as e  # f\n"
        assert given == f"# coding  versioned\nfrom a{first} import b, c; import d{second} as e # f\n"
        assert restored_by_stand_ins(source, made) == (
            "# coding: versioned\nfrom a version 1 import (\n    b,\n    c,\n)\nimport d version '>=1' as e  # f\n"
        )

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (
                lambda given: given.partition("import")[0],
                "app.py: the tool changed the import that has the clause version 1",
            ),
            (lambda given: given * 2, "app.py: the tool changed the import that has the clause version 1"),
            (
                lambda given: given[given.index("\n") + 1 :],
                "app.py: the tool moved or removed the line that says 'coding: versioned'",
            ),
            (lambda given: f"\n\n{given}", "app.py: the tool moved or removed the line that says 'coding: versioned'"),
            (lambda given: given.replace("import a", "import (a"), "app.py:2: invalid syntax"),
        ],
    )
    def test_refused(self, change, message):
        source = source_of("# coding: versioned\nimport a version 1\n")
        with pytest.raises(SourceError) as caught:
            restored_by_stand_ins(source, change(with_stand_ins(source)[0]))
        assert str(caught.value).startswith(message)


class TestNames:
    @pytest.mark.parametrize(
        ("text", "made", "expected"),
        [
            ("import b version 2\nimport a version 1\n", "import a\nimport b\n", "import a version 1\nimport b version 2\n"),
            ("import a version 1, b\n", "import a\nimport b\n", "import a version 1\nimport b\n"),
            ("import a version 1 as a\n", "import a\n", "import a version 1\n"),
            (
                "from a version 1 import c\nfrom a version 1 import b\n",
                "from a import b, c\n",
                "from a version 1 import b, c\n",
            ),
            (
                "from a version 1 import b, c\n",
                "from a import (b)\nfrom a import (\n c\n)\n",
                "from a version 1 import (b)\nfrom a version 1 import (\n c\n)\n",
            ),
            (
                "try: import a version 1\nexcept E: import a version 2\n",
                "try:\n  import a\nexcept E:\n  import a\n",
                "try:\n  import a version 1\nexcept E:\n  import a version 2\n",
            ),
            ("import a . b version '>=1' as c\n", "import a.b as c\n", "import a.b version '>=1' as c\n"),
            ("import é version 1\n", "import os\n\nimport é\n", "import os\n\nimport é version 1\n"),
        ],
    )  # fmt: skip
    def test_clause_follows_its_import(self, text, made, expected):
        assert restored_by_names(source_of(text), made) == (expected, [])

    def test_removed_imports_are_told(self):
        source = source_of("import a version 1\nfrom b version 2 import c as d, e\nimport f version 3\n")
        assert restored_by_names(source, "from b import e\nimport f\n") == (
            "from b version 2 import e\nimport f version 3\n",
            ["import a version 1", "from b version 2 import c as d"],
        )

    @pytest.mark.parametrize(
        ("text", "made", "reason"),
        [
            (
                "from a version 1 import b\nfrom a import c\n",
                "from a import b, c\n",
                f"{JOINED}: 'from a version 1 import b' and 'from a import c'",
            ),
            (
                "import a version 1\nx\nimport a version 2\n",
                "import a\nx\n",
                f"'import a' {MOVED}",
            ),
            (
                "def f():\n import a version 1\n\nimport a version 2\n",
                "import a\nimport a\ndef f(): pass\n",
                f"'import a' {MOVED}",
            ),
            (
                "import a version 1\ndef g():\n import a version 2\nif T: pass\n",
                "if T:\n import a\ndef g():\n import a\n",
                f"'import a' {MOVED}",
            ),
            (
                "import a\nimport b\nimport a version 1\n",
                "import a\nimport a\nimport b\n",
                "'import a' stands in one block with different clauses, and the tool changed the imports there",
            ),
            (
                "def f():\n import a version 1\n",
                "import a\ndef f():\n import a\n",
                "'import a' stands more often than before, and nobody knows which clause the new one should have",
            ),
            (
                "import a.b version 1 as b\n",
                "from a import b\n",
                "'from a import b' is new, and nobody knows which clause it should have",
            ),
        ],
    )
    def test_refused(self, text, made, reason):
        with pytest.raises(SourceError) as caught:
            restored_by_names(source_of(text), made)
        line = 1 + made.partition("import")[0].count("\n")
        assert str(caught.value) == f"app.py: line {line} of what the tool made: {reason}\n  The file is as it was."

    @pytest.mark.parametrize(
        ("text", "made", "expected"),
        [
            (
                "def f():\n import a version 1\n\nx\nimport a version 2\n",
                "import a\ndef f():\n import a\n\nx\n",
                "import a version 2\ndef f():\n import a version 1\n\nx\n",
            ),
            (
                "def f():\n import a version 1\n\nx\nimport a\n",
                "import a\ndef f():\n import a\n\nx\n",
                "import a\ndef f():\n import a version 1\n\nx\n",
            ),
            (
                "class C:\n def f():\n  import a version 1\n def f():\n  import a version 2\nimport b\n",
                "import b\nclass C:\n def f():\n  import a\n def f():\n  import a\n",
                "import b\nclass C:\n def f():\n  import a version 1\n def f():\n  import a version 2\n",
            ),
            (
                "match x:\n case 1: import a version 1\n case _: import a version 2\nimport b, c\n",
                "import b\nimport c\nmatch x:\n case 1: import a\n case _: import a\n",
                "import b\nimport c\nmatch x:\n case 1: import a version 1\n case _: import a version 2\n",
            ),
        ],
    )
    def test_several_clauses_are_known_by_their_blocks(self, text, made, expected):
        assert restored_by_names(source_of(text), made) == (expected, [])

    def test_what_is_equal_to_the_mask_is_the_file(self):
        text = "import a \\\n version   1\n"
        source = source_of(text)
        assert restored_by_names(source, without_clauses(source))[0] is source.text

    def test_import_that_leaves_the_reach_of_a_mapping(self):
        mapping = "__import_versions__ = {'a': '1'}\n"
        source = source_of(f"# coding: versioned\nimport b\n{mapping}import a\nx = 1\n")
        assert restored_by_names(source, f"# coding  versioned\nimport b\n\n{mapping}import a\n") == (
            f"# coding: versioned\nimport b\n\n{mapping}import a\n",
            [],
        )
        with pytest.raises(SourceError) as caught:
            restored_by_names(source, f"# coding  versioned\nimport a\nimport b\n{mapping}\n")
        assert str(caught.value) == (
            "app.py: the tool moved 'import a' or the mapping, so that it would get another version\n  The file is as it was."
        )
