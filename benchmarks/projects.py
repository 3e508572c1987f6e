"""What it costs to make a project from its lock, beside a virtual environment: `python benchmarks/projects.py [--quick]`.

Whole processes are measured, with pip's cache warm. Needs a package index. What it costs to start one: starting.py.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import HEADER, PROJECT, Row, clean_variables, interleaved, quick, ratio
from figures import show
from installing import COMMON, OWN, Environment, size

RUNS = 1 if quick() else 3
WARMING = 0 if quick() else 1
PROJECTS = 2 if quick() else 10
# Forty that go together, with all that they require.
FORTY = (
    f"{COMMON} flask==3.1.0 werkzeug==3.1.3 itsdangerous==2.2.0 blinker==1.9.0 httpx==0.28.1 httpcore==1.0.7 h11==0.14.0"
    " anyio==4.8.0 sniffio==1.3.1 pydantic==2.10.5 pydantic-core==2.27.2 annotated-types==0.7.0 fastapi==0.115.6"
    " starlette==0.41.3 uvicorn==0.34.0 tomlkit==0.13.2 tqdm==4.67.1 more-itertools==10.6.0 packaging==24.2"
    " python-dateutil==2.9.0.post0 six==1.17.0 alembic==1.14.0 mako==1.3.8"
)


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        variables = clean_variables(place / "cache")
        ours = Environment(place / "ours", str(PROJECT))
        print(f"Python {sys.version.split()[0]}, {RUNS} runs each, times in ms, ratios by pairs, minima and medians")
        print(HEADER)
        rows = [sync_row(place, ours, variables), *tenth_rows(place, ours, variables)]
        return int(not all(row.good for row in rows))


def sync_row(place: Path, ours: Environment, variables: dict[str, str]) -> Row:
    """Compare `sync` of forty missing distributions with `pip install -r` into a virtual environment that is there."""
    pins = FORTY.split()[: 6 if quick() else None]
    project = made_project(place / "forty", pins, locked(place / "forty.json", ours, pins, variables))
    fresh = Environment(place / "fresh")
    plain = ["--no-deps"] if quick() else []  # a few alone lack what they require
    install = fresh.pip(*plain, "-r", str(project / "requirements.txt"))

    def before() -> None:
        ours.clear()
        fresh.clear()

    mine, peer = interleaved([sync(ours, project), install], RUNS, variables, before, warming=WARMING)
    before()
    name = f"sync of {len(pins)} missing / pip install -r, fresh environment"
    return show(Row(name, mine, peer, "0.8 x", good=ratio(mine, peer) <= 0.8))  # noqa: PLR2004 the budget


def tenth_rows(place: Path, ours: Environment, variables: dict[str, str]) -> list[Row]:
    """Compare time and disk of the last of ten projects, which shares 81 % with the others, to `venv` and `pip install`.

    pip itself is not counted on the disk.
    """
    common = COMMON.split()[: 4 if quick() else None]
    shared_files = locked(place / "common.json", ours, common, variables)
    projects = []
    for number in range(PROJECTS):
        own = [f"{name}=={versions.split()[number]}" for name, versions in OWN.items()]
        files = shared_files + locked(place / "own.json", ours, own, variables)
        projects.append(made_project(place / f"project{number}", common + own, files))
    *others, last = projects
    for project in others:
        subprocess.run(sync(ours, project), check=True, env=variables, stdout=subprocess.DEVNULL)
    shared = set(ours.added())
    alone = place / "alone"
    from_nothing = [sys.executable, "-m", "venv", str(alone)]
    install = [str(alone / "bin" / "python"), *ours.pip("--no-deps", "-r", str(last / "requirements.txt"))[1:]]
    commands = [sync(ours, last), ["sh", "-c", f"{shlex.join(from_nothing)} && {shlex.join(install)}"]]

    def before() -> None:
        for path in set(ours.added()) - shared:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.rmtree(alone, ignore_errors=True)

    mine, peer = interleaved(commands, RUNS, variables, before, warming=WARMING)
    before()
    disk = size(ours.added())
    subprocess.run(commands[0], check=True, env=variables, stdout=subprocess.DEVNULL)
    disk = size(ours.added()) - disk
    subprocess.run(from_nothing, check=True, env=variables)
    without = size([alone])
    subprocess.run(install, check=True, env=variables, stdout=subprocess.DEVNULL)
    taken = size([alone]) - without
    ours.clear()
    name = f"project {PROJECTS}, 81 % shared / venv, pip install"
    budget = 0.25 if PROJECTS == 10 else 1.0  # noqa: PLR2004 a few projects share less
    return [
        show(Row(f"{name}: time", mine, peer, f"{budget} x", good=ratio(mine, peer) <= budget)),
        show(Row(f"{name}: MB", [disk / 1e6], [taken / 1e6], f"{budget} x", good=disk / taken <= budget)),
    ]


def sync(ours: Environment, project: Path) -> list[str]:
    return [str(ours.python), "-m", "versioned_import", "sync", str(project / "pylock.toml")]


def made_project(place: Path, pins: list[str], entries: list[str]) -> Path:
    """Write a lock of some distributions, and the same as requirements.txt."""
    place.mkdir()
    (place / "requirements.txt").write_text("\n".join(pins) + "\n")
    (place / "pylock.toml").write_text("\n".join(['lock-version = "1.0"', 'created-by = "benchmark"', *entries]))
    return place


def locked(report: Path, environment: Environment, pins: list[str], variables: dict[str, str]) -> list[str]:
    """Return the packages of a lock with the files that pip takes here; that fills pip's cache too."""
    how = ["--dry-run", "--ignore-installed", "--no-deps", "--report", str(report)]
    subprocess.run(environment.pip(*how, *pins), check=True, env=variables, stdout=subprocess.DEVNULL)
    return [entry(item) for item in json.loads(report.read_text())["install"]]


def entry(item: dict[str, Any]) -> str:
    """Return the text of one package of a lock for one item of pip's report."""
    name = item["metadata"]["name"].lower().replace("_", "-").replace(".", "-")
    url = item["download_info"]["url"]
    digest = item["download_info"]["archive_info"]["hashes"]["sha256"]
    file = f'{{name = "{url.rpartition("/")[2]}", url = "{url}", hashes = {{sha256 = "{digest}"}}}}'
    return f'[[packages]]\nname = "{name}"\nversion = "{item["metadata"]["version"]}"\nwheels = [{file}]\n'


if __name__ == "__main__":
    sys.exit(main())
