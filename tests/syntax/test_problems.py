"""The whole message for every statement that is refused, through the hook, the runner and the codec."""

import traceback

import pytest

from versioned_import.syntax.loader import compile_source
from versioned_import.syntax.problems import explain

LATEST = "'latest' is no version (PEP 440); leave the clause out to get the highest that is installed"
ONE_STRING = "the quoted clause is one plain string on one line, without backslashes"
NO_QUOTED = "is no version, specifier set or requirement (PEP 440, PEP 508)"
RELATIVE = "a relative import takes no version clause"
BEHIND = "the version clause follows the module: from MODULE version 1.2 import NAME"
TWICE = "a name takes one version clause"
NEEDS = "'version' needs a version: import a version 1.2"

# The line, the carets below it, the sentence.
REFUSED = [
    (
        "import a version 9.9.9-tweak.2",
        "                 ^^^^^^^^^^^^^",
        "'9.9.9-tweak.2' is no version (PEP 440); did you mean 9.9.9+tweak.2?",
    ),
    ("import a version latest", "                 ^^^^^^", LATEST),
    ("from a version latest import b", "               ^^^^^^", LATEST),
    ("import a version", "         ^^^^^^^", NEEDS),
    ("import a vesion 1", "         ^^^^^^", "'vesion' is misspelt: import a version 1"),
    ("import a.b Version '>=1' as c", "           ^^^^^^^", "'Version' is misspelt: import a.b version '>=1'"),
    ("from a verison 1.2 import b", "       ^^^^^^^", "'verison' is misspelt: from a version 1.2"),
    ("import a 1.2", "         ^^^", "a version follows the word 'version': import a version 1.2"),
    ("import a==1", "        ^^^", "a version follows the word 'version': import a version 1"),
    ("import a >=1, <2", "         ^^^^^^^", "a version follows the word 'version': import a version \">=1, <2\""),
    ("from a == 1.2 import b", "       ^^^^^^", "a version follows the word 'version': from a version 1.2"),
    ("import a version;", "         ^^^^^^^", NEEDS),
    ("import a version # why", "         ^^^^^^^", NEEDS),
    ("import a version as b", "         ^^^^^^^", NEEDS),
    ("import a version (1)", "         ^^^^^^^", NEEDS),
    ("from a version import b", "       ^^^^^^^", "'version' needs a version: from a version 1.2"),
    ("import a version 1.2 version 1.3", "                     ^^^^^^^", TWICE),
    ("from a version 1.2 version 1.3 import b", "                   ^^^^^^^", TWICE),
    ("from . version 1 import x", "       ^^^^^^^", RELATIVE),
    ("from . version '1' import x", "       ^^^^^^^", RELATIVE),
    ("from .a version 1 import x", "        ^^^^^^^", RELATIVE),
    ("from ..version version 1 import x", "               ^^^^^^^", RELATIVE),
    (
        "from __future__ version 1 import annotations",
        "                ^^^^^^^",
        "a __future__ import takes no version clause",
    ),
    ('import a version "../x"', "                 ^^^^^^", f'"../x" {NO_QUOTED}'),
    ('import a version "1\0"', "                 ^^^^", f"'1\\x00' {NO_QUOTED}"),
    ('import a version ""', "                 ^^", f'"" {NO_QUOTED}'),
    ('import a version "flask"', "                 ^^^^^^^", f'"flask" {NO_QUOTED}'),
    (
        "import a version '9.9.9-tweak.2'",
        "                 ^^^^^^^^^^^^^^^",
        f"'9.9.9-tweak.2' {NO_QUOTED}; did you mean '9.9.9+tweak.2'?",
    ),
    (
        "import a version >=2",
        "                 ^^^",
        'a specifier set stands in quotes: import a version ">=2"',
    ),
    (
        "import a version >= 1.20, <2 as b",
        "                 ^^^^^^^^^^^",
        'a specifier set stands in quotes: import a version ">= 1.20, <2"',
    ),
    (
        "from a version ~=1.4.2 import b",
        "               ^^^^^^^",
        'a specifier set stands in quotes: from a version "~=1.4.2"',
    ),
    (
        "import a as b version 1",
        "              ^^^^^^^",
        "the version clause precedes 'as': import a version ... as b",
    ),
    ("from a import b version 1", "                ^^^^^^^^^", BEHIND),
    ("from a import (b version '1')", "                 ^^^^^^^^^", BEHIND),
    (
        'import a version f"1.2"',
        "                 ^^^^^^",
        'the quoted clause is a plain string without prefix: version "1.2"',
    ),
    (
        "import a version rb'1.2' as b",
        "                 ^^^^^^^",
        "the quoted clause is a plain string without prefix: version '1.2'",
    ),
    (
        'import a version "1" "2"',
        "                 ^^^",
        "the quoted clause is one string: strings are not joined here",
    ),
    ('import a version """1.2"""', "                 ^^", ONE_STRING),
    ('import a version "1', "                 ^^", ONE_STRING),
    ('import a version "1\\x32"', "                 ^^^^^^^", ONE_STRING),
    (
        "import a version 1.2.x",
        "                 ^^^^^",
        "'1.2.x' is no version (PEP 440); did you mean 1.2.*?",
    ),
    ("import a version 1..2", "                 ^^^^", "'1..2' is no version (PEP 440); did you mean 1.2?"),
    ("import a version 1.2.", "                 ^^^^", "'1.2.' is no version (PEP 440); did you mean 1.2?"),
    ("import a version 1.2*", "                 ^^^^", "'1.2*' is no version (PEP 440); did you mean 1.2.*?"),
    (
        "import a version 1.2rcx, b",
        "                 ^^^^^^",
        "'1.2rcx' is no version (PEP 440); did you mean 1.2+rcx?",
    ),
    ("import a version 1.2.*.*", "                 ^^^^^^^", "'1.2.*.*' is no version (PEP 440)"),
    ("import a version $1", "                 ^^", "'$1' is no version (PEP 440)"),
    ("import c, a.b version foo, d", "                      ^^^", "'foo' is no version (PEP 440)"),
    ("if x: import a version nope", "                       ^^^^", "'nope' is no version (PEP 440)"),
    ("é = 'ü'; import a version nope; y = 2", "                          ^^^^", "'nope' is no version (PEP 440)"),
    (
        "from a version 1.2",
        "                  ^",
        "'import' must follow the version clause: from a version ... import ...",
    ),
    (
        "from a version 1 as b import c",
        "                ^",
        "'import' must follow the version clause: from a version ... import ...",
    ),
]


def rendered(line, carets, message, number=1, file="app.py"):
    return f'  File "{file}", line {number}\n    {line}\n    {carets}\nSyntaxError: {message}\n'


def refusal(source):
    with pytest.raises(SyntaxError) as caught:
        compile_source(source.encode(), "app.py")
    return "".join(traceback.format_exception_only(caught.value))


class TestHook:
    """Spec 1.5: "Each is a `SyntaxError` with file, line, column, the line and a caret, and for a near miss the
    spelling that works"."""

    @pytest.mark.parametrize(("line", "carets", "message"), REFUSED)
    def test_only_statement(self, line, carets, message):
        assert refusal(line) == rendered(line, carets, message)

    @pytest.mark.parametrize(("line", "carets", "message"), REFUSED)
    def test_among_good_statements(self, line, carets, message):
        good = "import z version 1\n'''\nimport a version latest\n'''\n"
        assert refusal(f"{good}{line}\nfrom y version 2 import x\n") == rendered(line, carets, message, 5)

    @pytest.mark.parametrize("ending", ["\r\n", "\r"])
    def test_other_line_breaks(self, ending):
        source = f"x = 1{ending}import a version latest{ending}"
        assert refusal(source) == rendered("import a version latest", " " * 17 + "^^^^^^", LATEST, 2)

    def test_behind_a_byte_order_mark(self):
        assert refusal("\ufeffimport a version latest") == rendered(
            "import a version latest", " " * 17 + "^" * 6, LATEST
        )

    def test_continued_line(self):
        assert refusal("import a \\\n version \\\n latest\n") == rendered("latest", "^^^^^^", LATEST, 3)

    def test_blanks_in_front(self):
        source = "if x:\n    import a version latest\n"
        assert refusal(source) == rendered("import a version latest", " " * 17 + "^^^^^^", LATEST, 2)

    @pytest.mark.usefixtures("served")
    def test_file_with_the_cookie(self):
        source = "# coding: versioned\nimport demo version 1; import a version latest\n"
        shown = "import _versioned_demo_v1 as demo; import a version latest"
        assert refusal(source) == rendered(shown, " " * (len(shown) - 6) + "^^^^^^", LATEST, 2)

    def test_other_errors_are_pythons_own(self):
        source = "import a version 1\nx = = 1\n"
        assert refusal(source) == rendered("x = = 1", "    ^", "invalid syntax", 2)

    def test_an_error_of_another_line_is_not_explained_by_a_clause(self):
        error = SyntaxError("invalid syntax", ("app.py", 2, 1, "y y\n", 2, 2))
        assert explain(error, "import a version latest\ny y\n", "app.py") is error

    @pytest.mark.parametrize("source", ["import a\0", "import a version 1 \0", "x = '\0'"])
    def test_null_byte_elsewhere(self, source):
        with pytest.raises((SyntaxError, ValueError), match="null bytes"):
            compile_source(source.encode(), "app.py")


class TestRunner:
    """Spec 2.2 with 1.5: `python -m versioned_import FILE` prints what `python FILE` would, with our sentence."""

    def test_whole_message(self, child):
        file = child.write("app.py", "import os\nimport a version 9.9.9-tweak.2\n")
        done = child.run("-m", "versioned_import", file)
        line, carets, message = REFUSED[0]
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == rendered(line, carets, message, 2, file)

    def test_imported_module(self, child):
        file = child.write("helper.py", "import os\nimport a version latest\n")
        app = child.write("app.py", "import helper\n")
        done = child.run("-m", "versioned_import", app)
        assert done.returncode == 1
        assert done.stderr.endswith(rendered("import a version latest", " " * 17 + "^^^^^^", LATEST, 2, file))


CODEC_REFUSED = [
    line for line, _, _ in REFUSED if "\0" not in line and line not in ("import a version;", "import a version")
]


class TestCodec:
    """Spec 1.5: "Through the codec ... Python's own `SyntaxError` points at the clause"."""

    @pytest.mark.parametrize("line", CODEC_REFUSED)
    def test_compiled_bytes(self, line, served):
        with pytest.raises(SyntaxError) as caught:
            compile(f"# coding: versioned\nx = 1\n{line}\n".encode(), "app.py", "exec", dont_inherit=True)
        assert (caught.value.filename, caught.value.lineno) == ("app.py", 3)

    @pytest.mark.parametrize(
        "line",
        ["import a version 9.9.9-tweak.2", "from . version 1 import x", "import a version latest", "import a version"],
    )
    def test_main_script(self, line, child):
        file = child.write("app.py", f"# coding: versioned\nimport demo version 1.2\n{line}\n")
        done = child.run(file)
        head = f'  File "{file}", line 3\n    {line}\n'
        assert done.returncode == 1
        assert done.stderr.startswith(head)
        assert done.stderr.splitlines()[-1].startswith("SyntaxError: ")
        carets = done.stderr.splitlines()[2]
        assert carets.index("^") - 4 >= line.index("version")
