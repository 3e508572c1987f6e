"""docs/commands.md names every key of every JSON document that the commands which look print."""

import json
import re
from pathlib import Path

import pytest
from made import make_flat, make_group, make_versioned, write

from versioned_import.cli import check, convert, doctor, list_installed, show, tree, verify, why
from versioned_import.inventory.doctor import Finding

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def section(command):
    """Return what the page says of one command."""
    return re.split(r"^### ", PAGE.read_text().partition(f"### {command}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def keys_of(document):
    """Return every key of a JSON document."""
    if isinstance(document, list):
        return {key for one in document for key in keys_of(one)}
    if isinstance(document, dict):
        return {*document, *(key for one in document.values() for key in keys_of(one))}
    return set()


@pytest.fixture
def installed(process, site, tmp_path, monkeypatch):
    """Install something of which every document has to say everything; return a program that uses it."""
    make_versioned(site, "app", "1.0", requires=["demo"])
    make_versioned(site, "demo", "1.0")
    make_versioned(site, "alone", "1.0")
    make_versioned(site, "bad", "1.0", record="")
    make_flat(site, "asker", "1.0", requires=["demo"])
    make_group(site, "app", app="1.0", demo="1.0")
    (site / "notes-2").mkdir()
    for module in (check, list_installed, show, tree, verify, why):
        monkeypatch.setattr(module, "search_path", lambda: (str(site),))
    monkeypatch.setattr(doctor, "look", lambda: [Finding(level="ok", topic="pip", text="pip 1")])
    write(tmp_path / "bad.py", "import demo version 1\nimport demo version 2\n")
    return write(tmp_path / "app.py", "import demo version 1\n")


@pytest.mark.parametrize(
    ("module", "command", "arguments"),
    [
        (list_installed, "list", ()),
        (show, "show", ("demo",)),
        (tree, "tree", ()),
        (tree, "tree", ("app.py",)),
        (why, "why", ("demo",)),
        (verify, "verify", ()),
        (doctor, "doctor", ()),
        (convert, "convert", ("app.py", "bad.py", "--to", "mapping")),
    ],
)
def test_every_key_is_on_the_page(installed, module, command, arguments, monkeypatch, capsys):
    monkeypatch.chdir(installed.parent)
    module.main([*arguments, "--json"])
    written = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`\n]+)`", section(command)))))
    assert keys_of(json.loads(capsys.readouterr().out)) <= written


def test_every_kind_of_problem_and_topic_is_on_the_page():
    source = PAGE.parents[1] / "versioned_import" / "inventory"
    kinds = set(re.findall(r'kind="([a-z]+)"', (source / "verify.py").read_text()))
    topics = set(re.findall(r'topic="([a-z -]+)"', "".join(path.read_text() for path in source.glob("doctor*.py"))))
    assert {kind for kind in kinds if f"`{kind}`" not in section("verify")} == set()
    assert {topic for topic in topics if f"`{topic}`" not in section("doctor")} == set()
