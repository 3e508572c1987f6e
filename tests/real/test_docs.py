"""Every example of the pages in docs/ is run; each page is one story, told in a virtual environment with the project.

Here are the pages of reference; those that guide are in test_guides.py. stories.py says how what a page shows is compared.
"""

import hashlib
import json

import pytest
from stories import DOCS, GUIDES, Machine, machine_at, tell

from examples import PROJECT, blocks, commands, typed

pytestmark = pytest.mark.real

STORIES = ("commands.md", "engines.md", "installing.md", "projects.md", "using.md")
# These take minutes each, and a test of its own runs the first with few rounds.
MEASURING = ("performance.md", "conformance.md")
# Pages that a test of their own runs: test_api_page.py, here, test_project_tools.py.
OTHERS = ("api.md", "children.md", "projects-tools.md")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return machine_at(tmp_path_factory.mktemp("docs"))


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
    tell(machine, "commands.md", before, {"versioned-import verify": repair})


def test_engines(machine: Machine) -> None:
    machine.clear()
    tell(machine, "engines.md")


def test_using(machine: Machine) -> None:
    machine.clear()
    tell(machine, "using.md")


def test_projects(machine: Machine) -> None:
    machine.clear()
    try:
        tell(machine, "projects.md")
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
    tell(machine, "installing.md")
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
    pages = {str(path.relative_to(DOCS)): path.read_text() for path in DOCS.rglob("*.md")}
    with_examples = {page for page, text in pages.items() if blocks(text)}
    assert with_examples == {*STORIES, *GUIDES, *MEASURING, *OTHERS} & pages.keys()
