"""Every example of the tutorial, the guides and the pages on what goes wrong is run: each page is one story (stories.py)."""

from __future__ import annotations

import dataclasses
import os
import re
import time
from pathlib import Path

import pytest
from stories import DOCS, GUIDES, Machine, machine_at, tell

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return machine_at(tmp_path_factory.mktemp("guides"))


def with_host(machine: Machine) -> Machine:
    """Return a host's Python with a flat click, whose site-packages others use, and a user who has a home and nothing else."""
    host, home = machine.prefix.parent / "host", machine.place / "home"
    home.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join((str(host / "bin"), machine.variables["PATH"]))
    variables = machine.variables | {"PATH": path, "HOME": str(home)}
    user = dataclasses.replace(machine, prefix=host, variables=variables)
    if not host.exists():
        for command in (
            f"{machine.prefix}/bin/python -m venv --system-site-packages {host}",
            f"{host}/bin/python -m pip install --quiet --compile click==8.1.7",
        ):
            status, shown = machine.run(command)
            assert status == 0, shown
    return user


def state(directory: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of the last change of each file below a directory."""
    files = (path for path in directory.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def test_a_shared_host_is_the_same_for_all_others_afterwards(machine: Machine) -> None:
    machine.clear()
    user = with_host(machine)
    before = state(user.prefix)
    tell(user, "how-to/shared-host.md")
    assert state(user.prefix) == before


@pytest.mark.parametrize("page", [page for page in GUIDES if page not in {"how-to/shared-host.md", "index.md"}])
def test_the_page_does_what_it_shows(machine: Machine, page: str) -> None:
    machine.clear()
    tell(machine, page)


def test_the_program_of_the_index_runs(machine: Machine) -> None:
    machine.clear()
    tell(machine, "index.md")
    for command in ("pip install --quiet --allow-multiple requests==2.25.1 click==8.1.7", "python report.py"):
        status, shown = machine.run(command)
        assert status == 0, shown


def described() -> list[str]:
    """Return the paths of files.md as regular expressions."""
    words = "PSEUDO-NAME|NAME|VERSION|NUMBER|MARK|RANDOM|STAMP|SCRIPT|SITE-NUMBER"
    cells = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", (DOCS / "files.md").read_text(), re.MULTILINE)
    paths = [path for cell in cells for path in re.findall(r"`([^`]+)`", cell)]
    anything = [re.sub(rf"(?:{words}|\\\*)+", r"[\\w.+-]+", re.escape(path).replace(r"\-", "-")) for path in paths]
    return [f"{one}.*" if one.endswith("/") else one for one in anything]


def test_every_file_that_is_made_is_on_the_page_of_files(machine: Machine) -> None:
    machine.clear()
    (machine.place / "app.py").write_text("# coding: versioned\nimport idna version 3\nprint(idna.__version__)\n")
    for command in (
        "pip install --quiet --allow-multiple idna==3.10",
        "versioned-import lock app.py -o shop",
        "versioned-import sync shop",
        "python app.py",
        "versioned-import run --project shop idna --version",
        "versioned-import export --project shop --pyright",
        "python app.py",
    ):
        time.sleep(2.1 if command == "python app.py" else 0)  # what is younger than two seconds is kept by nobody
        status, shown = machine.run(command)
        assert status == 0, shown
    cache = Path(machine.variables["XDG_CACHE_HOME"], "versioned_import")
    made = {f"SITE/{path.relative_to(machine.site)}" for path in (machine.site / ".versioned_import").rglob("*")}
    made |= {f"CACHE/{path.relative_to(cache)}" for path in cache.rglob("*")}
    kinds = {path.split("/")[1 if path.startswith("CACHE") else 2] for path in made}
    in_sites = {"catalogue", "groups", "lock", "origins"}
    in_caches = {"catalogues", "code", "exports", "memo", "programs", "projects", "shortcuts", "texts"}
    assert kinds == in_sites | in_caches
    paths = [re.compile(one) for one in described()]
    folders = {path for path in made if any(other.startswith(f"{path}/") for other in made)}
    assert [path for path in sorted(made - folders) if not any(one.fullmatch(path) for one in paths)] == []
