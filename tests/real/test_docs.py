"""Every example of the pages in docs/ is run; each page is one story, told in a virtual environment with the project.

What a page shows is compared with what comes, after these rules: `...` stands for anything; `/srv/app` is the virtual
environment and `python3.12`, `3.12.1` the Python that it has; `/srv/shop` is the project of projects.md; sizes and numbers
of files are any, because bytecode counts and is not made here; the versions in FLOATING, which the package index decides,
are any versions; the spaces that align columns are any number of spaces.
"""

import hashlib
import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from examples import PROJECT, blocks, clone, commands, environment, file_name, pattern_of, typed

pytestmark = pytest.mark.real

DOCS = PROJECT / "docs"
STORIES = ("commands.md", "engines.md", "installing.md", "projects.md", "using.md")
# These take minutes each, and a test of its own runs the first with few rounds.
MEASURING = ("performance.md", "conformance.md")
# Pages that a test of their own runs.
OTHERS = ("api.md", "children.md", "projects-tools.md")

VERSION = r"\d[\w.]*"
# As the pages have them: what was newest when they were written.
FLOATING = (
    "certifi 2026.10.18",
    "charset-normalizer 3.5.2",
    "click 8.5.1",
    "filelock 4.2.11",
    "idna 3.20",
    "packaging 26.3",
    "pip 23.2.1",
    "pyyaml 6.0.3",
    "urllib3 2.8.0",
)
FILES = {
    "report.py": "import requests version 2.25\nimport idna version 3\n",
    "app.py": "# coding: versioned\nimport requests version 2.31\nimport yaml version 6\n",
    "old.py": "# coding: versioned\nimport requests version 2.22\n",
    "old.txt": "requests==2.25.1\n",
    "new.txt": "requests==2.32.3\n",
    "constraints.txt": "certifi>=2024\n",
}
# What can't be run, with the reason.
NOT_RUN: dict[str, str] = {}
if sys.version_info >= (3, 12):
    NOT_RUN['pip install --allow-multiple pandas==1.5.3 "numpy<2"'] = "pandas 1.5.3 has no wheels for this Python"


@dataclass(frozen=True, slots=True)
class Machine:
    """A virtual environment with the project and pip's own cache, and a directory with the files of the examples."""

    prefix: Path
    place: Path
    variables: dict[str, str]

    @property
    def site(self) -> Path:
        return next((self.prefix / "lib").glob("python*/site-packages"))

    def run(self, command: str, answer: str = "") -> tuple[int, str]:
        for placeholder, value in self.values().items():
            command = command.replace(placeholder, value)
        return typed(command, self.place, self.variables, answer)

    def values(self) -> dict[str, str]:
        """Return what stands for the placeholders of the examples."""
        return {
            "https://index.example/simple": (self.place / "simple").as_uri(),
            "NAME": "click==8.1.7",
            "OTHER": str(self.place / "other" / "bin" / "python"),
        }

    def clear(self) -> None:
        """Remove all versioned directories, what is known of them, and what the story before wrote."""
        for path in [*self.site.glob("*-*/*.dist-info"), self.site / ".versioned_import"]:
            shutil.rmtree(path.parent if path.name.endswith(".dist-info") else path, ignore_errors=True)
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        for name, text in FILES.items():
            (self.place / name).write_text(text)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    base = tmp_path_factory.mktemp("docs")
    variables = environment(base / "home")
    prefix = base / "app"
    source = clone(base / "clone")
    for command in (f"python3 -m venv {prefix}", f"{prefix}/bin/pip install --quiet {source}"):
        status, shown = typed(command, base, variables)
        assert status == 0, shown
    scripts = f"{prefix / 'bin'}{os.pathsep}{variables['PATH']}"
    # Compiling the larger examples takes most of the time, and no page is about it.
    variables |= {"PATH": scripts, "PIP_COMPILE": "0", "PIP_PROGRESS_BAR": "off"}
    return Machine(prefix, base / "place", variables)


def generalised(expected: str, machine: Machine) -> str:
    """Return the regular expression for an output that a page shows, by the rules at the top of this file."""
    # What is typed at a prompt is not echoed into a pipe, nor is the end of its line.
    pattern = pattern_of(expected.replace("[y/N] y\n", "[y/N] "))
    pattern = re.sub(r"\d+(\\\.\d)?(\\ )(B|kB|MB)\b", r"\\d+(\\.\\d)?\\ (B|kB|MB)", pattern)
    pattern = re.sub(r"in\\ \d+\\ files", r"in\\ \\d+\\ files", pattern)
    for name, version in (one.split() for one in FLOATING):
        text = rf"({re.escape(re.escape(name))}(?:\\ )*(?:\\-)?){re.escape(re.escape(version))}(?![\d.])"
        pattern = re.sub(text, lambda found: found[1] + VERSION, pattern)
    real = {
        # The commands that are printed say `python3` where PATH leads to the same Python.
        re.escape("/srv/app/bin/python -m"): rf"({re.escape(str(machine.prefix))}/bin/python[\d.]*|python3?)\ \-m",
        re.escape("/srv/app"): re.escape(str(machine.prefix)),
        re.escape("/srv/shop"): re.escape(str(machine.place / "shop")),
        re.escape("python3.12"): rf"python3\.{sys.version_info[1]}",
        re.escape("environment 3.12.1"): rf"environment\ 3\.{sys.version_info[1]}\.{VERSION}",
        re.escape("bin/python"): r"bin/python[\d.]*",
    }
    for shown, value in real.items():
        pattern = pattern.replace(shown, value)
    return re.sub(r"(?<!\n)(\\ ){2,}", r"\\ +", pattern)


def tell(machine: Machine, page: str, before: dict, after: dict) -> int:
    """Run the console blocks of a page in order, with what has to happen before and after some; return how many commands."""
    ran = 0
    for language, block in blocks((DOCS / page).read_text()):
        assert language in {"console", "ini", "json", "python", "ipython", "toml"}
        if language in {"python", "ipython", "toml"}:
            file = machine.place / file_name(block)
            file.parent.mkdir(exist_ok=True)
            file.write_text(block)
        for command, expected in commands(block) if language == "console" else ():
            if command in NOT_RUN:
                continue
            before.get(command, lambda: None)()
            status, shown = machine.run(command, answer="y" if "[y/N] y\n" in expected else "")
            if expected:
                pattern = generalised(expected, machine)
                assert re.fullmatch(pattern, shown, re.DOTALL), f"{command}\n{shown}\n-- expected:\n{expected}"
            else:
                assert status == 0, f"{command}\n{shown}"
            after.get(command, lambda: None)()
            ran += 1
    return ran


def test_commands(machine: Machine) -> None:
    machine.clear()

    def break_idna() -> None:
        path = machine.site / "idna-2.10" / "idna" / "core.py"
        path.write_text(path.read_text().replace("a", "o", 1))

    def repair() -> None:
        """Type what `verify` printed, which has to work."""
        _, shown = machine.run("versioned-import verify")
        for command in shown.splitlines()[-1].split(" && "):
            status, told = machine.run(command)
            assert status == 0, told
        assert machine.run("versioned-import verify")[0] == 0

    def leave_staging() -> None:
        (machine.site / ".versioned_import" / "stage-1f0c22ab").mkdir()

    before = {"versioned-import verify": break_idna, "versioned-import doctor": leave_staging}
    assert tell(machine, "commands.md", before, {"versioned-import verify": repair}) == 21


def test_engines(machine: Machine) -> None:
    machine.clear()
    assert tell(machine, "engines.md", {}, {}) == 3


def test_using(machine: Machine) -> None:
    machine.clear()
    assert tell(machine, "using.md", {}, {}) == 10


def test_projects(machine: Machine) -> None:
    machine.clear()
    try:
        assert tell(machine, "projects.md", {}, {}) == 21
    finally:  # the other stories begin without flat installs
        machine.run("pip uninstall --quiet --yes uv requests chardet")


def test_children(machine: Machine) -> None:
    machine.clear()
    status, shown = machine.run("pip install --quiet --allow-multiple requests==2.31.0 requests==2.32.3")
    assert status == 0, shown
    program, with_selection, without = [block for _, block in blocks((DOCS / "children.md").read_text())]
    child = '[sys.executable, "-c", "import requests; print(requests.__version__)"]'
    (machine.place / "parent.py").write_text(
        f"{program}\nsys.stdout.flush()\n{with_selection}\nsubprocess.run({child}, env=environment)\n"
        f"{without}\nsubprocess.run({child}, env=plain)\n"
    )
    # What the page says of the first; the same with the variable; and what a plain import gets, the highest.
    assert machine.run("python3 parent.py") == (0, "2.31.0\n2.31.0\n2.32.3\n")


def test_installing(machine: Machine) -> None:
    machine.clear()
    # What the examples name: a wheel, its hash, an index that has it, and a Python that has the project too.
    status, shown = machine.run("pip download --quiet --no-deps --dest downloads NAME")
    assert status == 0, shown
    (wheel,) = (machine.place / "downloads").iterdir()
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (machine.place / "pinned.txt").write_text(f"click==8.1.7 --hash=sha256:{digest}\n")
    (machine.place / "simple" / "click").mkdir(parents=True)
    (machine.place / "simple" / "click" / "index.html").write_text(f'<a href="{wheel.as_uri()}">{wheel.name}</a>')
    status, shown = machine.run("python3 -m venv --without-pip other")
    assert status == 0, shown
    other = next((machine.place / "other" / "lib").glob("python*/site-packages"))
    (other / "project.pth").write_text(f"import site; site.addsitedir({str(machine.site)!r})\n")
    assert tell(machine, "installing.md", {}, {}) + len(NOT_RUN) == 11
    assert (other / "click-8.1.7" / "click").is_dir()


def test_the_configuration_file_of_the_page_stands_for_the_flag(machine: Machine) -> None:
    machine.clear()
    ((_, block),) = [one for one in blocks((DOCS / "installing.md").read_text()) if one[0] == "ini"]
    own = machine.place / "pip.conf"
    own.write_text(block)
    variables = machine.variables | {"PIP_CONFIG_FILE": str(own)}
    status, shown = typed("pip install --quiet click==8.1.7", machine.place, variables)
    assert status == 0, shown
    assert (machine.site / "click-8.1.7").is_dir()


def keys(document: object) -> object:
    """Return the keys of a JSON document, of a list those of its first member."""
    if isinstance(document, list):
        return [keys(document[0])] if document else []
    return {key: keys(value) for key, value in document.items()} if isinstance(document, dict) else None


def test_the_report_of_the_page_has_the_keys_of_a_real_one(machine: Machine) -> None:
    machine.clear()
    ((_, block),) = [one for one in blocks((DOCS / "installing.md").read_text()) if one[0] == "json"]
    status, shown = machine.run("pip install --quiet --allow-multiple --dry-run --report - requests==2.22.0 click")
    assert status == 0, shown
    page, real = json.loads(block), json.loads(shown)
    assert keys(page["versioned_import"]) == keys(real["versioned_import"])
    assert page.keys() <= real.keys()
    assert page["version"] == real["version"]
    (group,) = real["versioned_import"]["groups"]
    assert group["roots"] == page["versioned_import"]["groups"][0]["roots"]


@pytest.mark.parametrize("page", MEASURING)
def test_what_measures_is_there(page: str) -> None:
    if not (DOCS / page).exists():
        pytest.skip("there is no such page")
    for _, block in blocks((DOCS / page).read_text()):
        for command, _shown in commands(block):
            words = command.split()
            files = [word for word in words if word.endswith(".py")]
            assert files
            assert all((PROJECT / name).is_file() for name in files)


def test_no_page_is_left_out() -> None:
    with_examples = {path.name for path in DOCS.glob("*.md") if blocks(path.read_text())}
    assert with_examples <= {*STORIES, *MEASURING, *OTHERS}
