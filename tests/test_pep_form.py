"""The draft PEP: its form, by tools/pep_form.py, which needs no docutils; and what it says of this project."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PEP = PROJECT / "pep-draft" / "pep-9999.rst"
TOOL = PROJECT / "tools" / "pep.py"
sys.path.append(str(TOOL.parent))

import pep_form  # noqa: E402


@pytest.fixture(scope="module")
def text():
    return PEP.read_text("utf-8")


class TestForm:
    """The form of PEP 1 and PEP 12."""

    def test_the_draft_has_no_problem(self, text):
        assert pep_form.problems(text) == []

    @pytest.mark.parametrize(
        ("there", "instead", "problem"),
        [
            (
                "Title: Import",
                "Title: Perhaps Import",
                "line 2: Title can't be 'Perhaps Import Statements That Name a Version' (45 characters); it takes .{1,44}",
            ),
            ("Sponsor: Pending\n", "", "line 1: the header lacks the field Sponsor"),
            ("Status: Draft", "Status: Final", "line 6: Status can't be 'Final' (5 characters); it takes Draft"),
            ("Created: 21-Nov-2026", "Created: 2026-11-21", "line 9: Created can't be '2026-11-21' (10 characters); "),
            ("Topic: Packaging\n", "Topic: Packaging\nVersion: 1\n", "line 9: the header has no field Version"),
            (
                "Sponsor: Pending\nDiscussions-To: Pending\n",
                "Discussions-To: Pending\nSponsor: Pending\n",
                "line 1: the header's fields come in the order PEP, Title, Author, Sponsor, Discussions-To, Status, ",
            ),
            ("\n\nMotivation\n", "\nMotivation\n", "two blank lines stand before a heading, not 1: 'Motivation'"),
            ("\n\n\nTerms\n", "\n\n\n\nTerms\n", "two blank lines stand before a heading, not 3: 'Terms'"),
            ("Terms\n-----\n", "Terms\n------\n", "the underline of 'Terms' is not of its length"),
            ("Terms\n-----\n", "Terms\n'''''\n", "a heading of the level ' can't stand below one of ="),
            ("Terms\n-----\n", "Terms\n~~~~~\n", "headings are underlined with = - ' in this order, not with ~"),
            ("Rationale\n=========\n", "Reasons\n=======\n", "no section of a PEP: 'Reasons'"),
            ("Rationale\n=========\n", "Reasons\n=======\n", "these sections are missing: Rationale"),
            (
                "Motivation\n==========\n",
                "Open Issues\n===========\n",
                "the sections come in the order Abstract, Motivation, Specification, Rationale, ",
            ),
            ("Motivation\n==========\n\nAn", "Motivation\n==========\n\n\tAn", "a tab"),
            ("An environment holds", "An environment holds" + 60 * "x", " columns; a line has at most 79"),
            ("An environment holds one", "An environment holds one \nthing", "blanks at the end of the line"),
            (
                "public domain or",
                "public domain and",
                "has to put the text in the public domain, in the words of PEP 12",
            ),
            ("more permissive.\n", "more permissive.\n\n", "the text ends with one newline"),
        ],
    )
    def test_a_problem_is_told(self, text, there, instead, problem):
        assert there in text
        found = pep_form.problems(text.replace(there, instead, 1))
        assert any(problem in one for one in found), found

    def test_a_line_is_counted_from_one(self, text):
        number = text[: text.index("\nAn environment holds")].count("\n") + 2
        broken = text.replace("\nAn environment holds", "\nAn\tenvironment holds")
        assert pep_form.problems(broken) == [f"line {number}: a tab"]

    def test_the_command_checks_the_form_without_docutils(self, tmp_path, text):
        (tmp_path / "pep-9999.rst").write_text(text.replace("Status: Draft", "Status: Final"), "utf-8")
        command = [sys.executable, "-S", str(TOOL), "--form"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        done = subprocess.run(
            [*command, "--source", str(tmp_path / "pep-9999.rst")], capture_output=True, text=True, check=False
        )
        told = "pep-9999.rst: line 6: Status can't be 'Final' (5 characters); it takes Draft\n"
        assert (done.returncode, done.stdout, done.stderr) == (1, "", told)

    def test_the_command_says_what_rendering_needs(self, tmp_path):
        command = [sys.executable, "-S", "-E", str(TOOL), str(tmp_path / "out")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        told = "tools/pep.py: docutils is missing; to get what renders: pip install docutils pygments\n"
        assert (done.returncode, done.stdout, done.stderr) == (1, "", told)
        assert not (tmp_path / "out").exists()


class TestContents:
    """What it says of the project is so."""

    def test_every_path_that_it_names_is_there(self, text):
        named = set(re.findall(r"``((?:tests|docs|benchmarks|tools|grammar|pep-draft)/[\w./-]*)``", text))
        assert len(named) >= 10
        assert [name for name in sorted(named) if not (PROJECT / name).exists()] == []

    def test_its_figures_stand_in_the_page_of_figures(self, text):
        """When they are measured again, this says which rows of `What it costs` to change."""
        _, _, section = text.partition("\nWhat it costs\n")
        rows = re.findall(r"\* - ([^*]*?)\n     - (.*)\n     - (.*)\n     - ([\d.]+)\n     - [FIP]\n", section)
        assert len(rows) == 9
        page = (PROJECT / "docs" / "performance.md").read_text("utf-8")
        measured = set(re.findall(r"^\|[^|]*\| ([^|]*) \| ([^|]*) \| ([\d.]+) ", page, re.MULTILINE))
        assert [what for what, *figures in rows if tuple(figures) not in measured] == []

    def test_the_grammar_is_quoted_to_the_letter(self, text):
        grammar = tomllib.loads((PROJECT / "grammar" / "versioned_import.toml").read_text("utf-8"))
        blocks = [re.sub(r"^   ", "", one, flags=re.MULTILINE).strip("\n") for one in BLOCK.findall(text)]
        for quoted in (grammar["peg"], grammar["version"]["regex"], grammar["string"]["regex"]):
            assert quoted.strip("\n") in blocks

    def test_each_sentence_of_the_grammar_is_said(self, text):
        grammar = tomllib.loads((PROJECT / "grammar" / "versioned_import.toml").read_text("utf-8"))
        said = " ".join(text.split()).replace("``", "`")
        for sentence in [
            *grammar["version"]["prose"],
            *grammar["string"]["prose"],
            *grammar["soft_keyword"]["rules"],
        ]:
            assert sentence in said


BLOCK = re.compile(r"^\.\. code-block:: \w+\n\n((?:   .*\n|\n)+)", re.MULTILINE)
