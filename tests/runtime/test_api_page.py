"""docs/api.md names everything that is public, and its examples do what they show."""

import re
from pathlib import Path

import pytest
from made import make_flat, make_versioned, write

import versioned_import

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SESSION = """
import doctest, sys
text = open(sys.argv[1], encoding="utf-8").read()
flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
test = doctest.DocTestParser().get_doctest(text, {}, "page", "page", 0)
runner = doctest.DocTestRunner(optionflags=flags)
runner.run(test)
sys.exit(bool(runner.failures))
"""


def blocks(language):
    return [text for kind, text in BLOCK.findall(PAGE.read_text()) if kind == language]


@pytest.fixture
def program(site, children):
    """Install what the page speaks of, and write its files; return the starter of processes."""
    version = "__version__ = {!r}\n"
    alias = "import sys, urllib3\nsys.modules['requests.packages.urllib3'] = urllib3\n"
    old, new = ["idna<3,>=2.5", "urllib3<1.27,>=1.21.1"], ["idna<4,>=2.5", "urllib3<3,>=1.21.1"]
    for number, requires in (("2.25.1", old), ("2.32.3", new)):
        files = {"requests/__init__.py": version.format(number) + alias}
        make_versioned(site, "requests", number, files, requires=requires)
    for number in ("1.26.20", "2.2.2"):
        files = {"urllib3/__init__.py": f"{version.format(number)}from urllib3 import util\n", "urllib3/util.py": ""}
        make_versioned(site, "urllib3", number, files)
    for name, number in (("idna", "2.10"), ("idna", "3.7"), ("click", "7.1.2"), ("click", "8.1.7")):
        make_versioned(site, name, number, {f"{name}.py": version.format(number)})
    make_flat(site, "certifi", "2024.7.4")
    for text in blocks("python"):
        children.write(re.search(r"^# (\S+\.py)$", text, re.MULTILINE)[1], text)
    return children


def test_every_public_name_is_on_the_page():
    text = PAGE.read_text()
    missing = [name for name in versioned_import.__all__ if not re.search(rf"(?:`|^## ){name}\b", text, re.MULTILINE)]
    assert missing == ["__version__"]


def test_sessions(program):
    session = program.write("session.py", SESSION)
    page = write(program.program / "page.txt", "".join(blocks("pycon")).replace("<stdin>", "<doctest...>"))
    done = program.start(session, page, environ={"PYTHONPATH": str(program.tmp_path / "site")})
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("block", blocks("console"))
def test_commands(program, block):
    (command,) = re.findall(r"^\$ (.*)$", block, re.MULTILINE)
    *settings, python, script = command.split()
    assert python == "python"
    environ = dict(setting.split("=") for setting in settings)
    done = program.start(program.program / script, environ=environ)
    pattern = ".*?".join(map(re.escape, block.partition("\n")[2].split("...")))
    assert re.fullmatch(pattern, done.stdout + done.stderr, re.DOTALL), done.stderr
