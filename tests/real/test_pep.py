"""Every example of the draft PEP is run, in order, by an interpreter that has the proposed statement: the runner.

`python` is `python -m versioned_import` of a virtual environment with the project, and `python-old` an interpreter
without it. In what is printed `...` stands for anything, and a line that ends with a backslash goes on in the next. The
installation, which the text tells late, comes first.
"""

import os
import re
import sys
from textwrap import dedent
from types import SimpleNamespace

import pytest

from examples import PROJECT, clone, commands, environment, file_name, pattern_of, typed

pytestmark = pytest.mark.real

PEP = PROJECT / "pep-draft" / "pep-9999.rst"
BLOCK = re.compile(r"^\.\. code-block:: (\w+)\n\n((?:   .*\n|\n)+)", re.MULTILINE)
INSTALLING = "pip install --allow-multiple "

# What isn't run, with the reason: blocks of other kinds by their first line.
NOT_CODE = {
    "# simple_stmt is unchanged; it has the alternative": "the grammar, compared with grammar/versioned_import.toml",
    "v? (?:[0-9]+!)? # epoch": "a regular expression, compared likewise",
    r""""[^"\\\r\n]*"|'[^'\\\r\n]*'""": "another one",
    "site-packages/": "a directory tree, compared with the real one below",
}
NOT_RUN = {"pytest -m corpus tests/syntax/test_corpus.py": "it takes minutes, and the session `property` runs it"}


@pytest.fixture(scope="module")
def blocks():
    """The blocks of the text with their languages."""
    text = PEP.read_text("utf-8")
    found = [(language, dedent(block).strip("\n") + "\n") for language, block in BLOCK.findall(text)]
    assert len(found) == text.count(".. code")
    assert re.findall(r"^(?!\.\. ).*::$", text, re.MULTILINE) == []  # a block without a language
    return found


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    base = tmp_path_factory.mktemp("pep")
    variables, source = environment(base / "home"), clone(base / "clone")
    for command in (f"python3 -m venv {base}/app", f"{base}/app/bin/pip install --quiet {source}"):
        status, shown = typed(command, base, variables)
        assert status == 0, shown
    scripts = {
        "python": f'exec "{base}/app/bin/python" -m versioned_import "$@"',
        "python-old": f'exec "{base}/home/bin/python3" "$@"',
        "pip": f'exec "{base}/app/bin/pip" "$@"',
    }
    for name, line in scripts.items():
        script = base / "bin" / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(f"#!/bin/sh\n{line}\n")
        script.chmod(0o755)
    variables |= {
        "PATH": f"{base / 'bin'}{os.pathsep}{variables['PATH']}",
        "PIP_COMPILE": "0",
        "PIP_PROGRESS_BAR": "off",
    }
    place = base / "place"
    place.mkdir()
    site = base / "app" / "lib" / f"python3.{sys.version_info[1]}" / "site-packages"
    return SimpleNamespace(place=place, variables=variables, site=site)


def run(command, expected, machine):
    """Type a command, and compare what it prints; one that shows nothing has to end well."""
    status, shown = typed(command, machine.place, machine.variables)
    expected = re.sub(r" ?\\\n +", " ", expected)
    assert re.fullmatch(pattern_of(expected), shown, re.DOTALL), f"{command}\n{shown}\n-- expected:\n{expected}"
    refused = re.search(r"^(\w+\.)?\w*Error: ", expected, re.MULTILINE)
    assert (status == 0) == (refused is None), f"{command}\n{status}\n{shown}"


def test_every_example_does_what_it_shows(blocks, machine):
    told = [pair for language, block in blocks if language == "console" for pair in commands(block)]
    first = [pair for pair in told if pair[0].startswith(INSTALLING)]
    assert len(first) == 1
    run(*first[0], machine)
    ran, written = 1, set()
    for language, block in blocks:
        if language == "python":
            written.add(file_name(block))
            (machine.place / file_name(block)).write_text(block)
        for command, expected in commands(block) if language == "console" else ():
            if command not in NOT_RUN and (command, expected) not in first:
                run(command, expected, machine)
                ran += 1
    assert ran == len(told) - len(NOT_RUN)
    # A file that nobody runs is no example.
    started = {word for command, _ in told for word in command.split()} | {"new.py"}  # by old.py
    assert written <= started


def test_the_directories_are_as_drawn(blocks, machine):
    if not (machine.site / "requests-2.25.1").is_dir():
        run(*next(pair for _, block in blocks for pair in commands(block) if pair[0].startswith(INSTALLING)), machine)
    ((_, tree),) = [one for one in blocks if one[1].startswith("site-packages/\n")]
    above, drawn = [machine.site.parent], []
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 4
        above = [*above[: depth + 1], above[depth] / line.strip().rstrip("/")]
        drawn.append(above[-1])
    assert [path for path in drawn if not path.is_dir()] == []
    assert len(drawn) == 10


def test_each_block_is_run_or_known_to_be_no_code(blocks):
    others = [
        " ".join(block.split("\n")[0].split()) for language, block in blocks if language not in {"python", "console"}
    ]
    assert others == list(NOT_CODE)


def test_an_output_of_several_lines_can_be_told_apart(machine):
    """The comparison itself: a wrong output, and a failure that is not shown, are found."""
    run("python-old -c 'print(1)'", "1\n", machine)
    run("python-old -c 'print(1, 2)'", "1 \\\n    2\n", machine)
    for command, expected in (("python-old -c 'print(2)'", "1\n"), ("python-old -c 'exit(3)'", "")):
        with pytest.raises(AssertionError):
            run(command, expected, machine)
