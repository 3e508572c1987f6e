"""What installing costs, each figure beside its peer in one run: `python benchmarks/installing.py [--quick]`.

Whole processes are measured, with pip's cache warm. Needs a package index.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from common import HEADER, PROJECT, Row, clean_variables, environment_with, interleaved, quick, ratio
from figures import made, show

RUNS = 1 if quick() else 12
PLAIN_RUNS = 1 if quick() else 60
WARMING = 0 if quick() else 2
PROJECTS = 1 if quick() else 10
DIRECTORIES = 100 if quick() else 1000

LIBRARIES = ("filelock", "packaging", "resolvelib", "rich", "tomli_w")
# What ten projects have in common, with what it requires: 17 distributions.
COMMON = (
    "click==8.1.8 attrs==24.3.0 idna==3.10 certifi==2024.12.14 urllib3==2.3.0 charset-normalizer==3.4.1 requests==2.32.3"
    " rich==13.9.4 markdown-it-py==3.0.0 mdurl==0.1.2 pygments==2.19.1 jinja2==3.1.5 markupsafe==3.0.2 pyyaml==6.0.2"
    " sqlalchemy==2.0.36 greenlet==3.1.1 typing-extensions==4.12.2"
)
# Each project has four more, in a version of its own: 17 of 21 are 81 %.
OWN = {
    "packaging": "22.0 23.0 23.1 23.2 24.0 24.1 24.2 25.0 26.0 26.1",
    "tqdm": "4.62.3 4.63.0 4.64.0 4.64.1 4.65.0 4.66.0 4.66.1 4.66.2 4.66.4 4.66.5",
    "more-itertools": "8.12.0 8.13.0 8.14.0 9.0.0 9.1.0 10.0.0 10.1.0 10.2.0 10.3.0 10.5.0",
    "tomlkit": "0.11.0 0.11.4 0.11.6 0.11.8 0.12.0 0.12.1 0.12.3 0.12.5 0.13.0 0.13.2",
}


class Environment:
    """A virtual environment, what it held when it was new, and how to make it new again."""

    def __init__(self, directory: Path, *requirements: str) -> None:
        self.python = environment_with(directory, *requirements)
        self.site = next((directory / "lib").glob("python*/site-packages"))
        self.scripts = directory / "bin"
        self.new = set(self._entries())

    def pip(self, *arguments: str) -> list[str]:
        """Return the command of this environment's own pip."""
        return [str(self.python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *arguments]

    def clear(self) -> None:
        """Remove what was installed since the environment was new."""
        for path in self.added():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def added(self) -> list[Path]:
        """Return what was installed since the environment was new."""
        return [path for path in self._entries() if path not in self.new]

    def _entries(self) -> list[Path]:
        return [*self.site.iterdir(), *self.scripts.iterdir()]


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        variables = clean_variables(place / "cache")
        ours = Environment(place / "ours", str(PROJECT))
        print(f"Python {sys.version.split()[0]}, times in ms, ratios by pairs, minima and medians")
        print(HEADER)
        rows = [
            two_versions(place, ours, variables),
            plain_install(place, ours, variables),
            disk(place, ours, variables),
            listing(place, ours, variables),
        ]
        return int(not all(row.good for row in rows))


def two_versions(place: Path, ours: Environment, variables: dict[str, str]) -> Row:
    """Compare two versions of requests side by side to the same in two virtual environments, which exist already."""
    old, new = (Environment(place / name) for name in ("old", "new"))
    plain = [old.pip("requests==2.22.0", "click"), new.pip("requests==2.32.2", "click")]
    commands = [
        ours.pip("--allow-multiple", "requests==2.22.0", "requests==2.32.2", "click"),
        ["sh", "-c", " && ".join(map(shlex.join, plain))],
    ]

    def before() -> None:
        for environment in (ours, old, new):
            environment.clear()

    mine, peer = interleaved(commands, RUNS, variables, before, warming=WARMING)
    before()
    name = "requests 2.22.0, 2.32.2, click / in two environments"
    return show(Row(name, mine, peer, "1.0 x", good=ratio(mine, peer) <= 1.0))


def plain_install(place: Path, ours: Environment, variables: dict[str, str]) -> Row:
    """Compare `pip install` of a small wheel with us installed and without; our libraries are in both environments."""
    without = Environment(place / "without", *LIBRARIES)
    wheel = small_wheel(place)
    commands = [one.pip("--no-index", "--no-deps", str(wheel)) for one in (ours, without)]

    def before() -> None:
        ours.clear()
        without.clear()

    mine, peer = interleaved(commands, PLAIN_RUNS, variables, before, warming=WARMING)
    before()
    name = "pip install of a small wheel, installed / not installed"
    return show(Row(name, mine, peer, "1.01 x", good=ratio(mine, peer) <= 1.01))  # noqa: PLR2004 the budget


def disk(place: Path, ours: Environment, variables: dict[str, str]) -> Row:
    """Compare what ten projects take side by side to ten virtual environments; pip itself is not counted in any."""
    sizes = 0
    common = COMMON.split()[: 4 if quick() else None]
    for number in range(PROJECTS):
        requirements = common + [f"{name}=={versions.split()[number]}" for name, versions in OWN.items()]
        alone = Environment(place / "alone")
        for command in (ours.pip("--allow-multiple", *requirements), alone.pip(*requirements)):
            subprocess.run(command, check=True, env=variables, stdout=subprocess.DEVNULL)
        sizes += size(alone.added())
        shutil.rmtree(place / "alone")
    mine = size(ours.added())
    ours.clear()
    budget = 0.35 if PROJECTS == 10 else 1.0  # noqa: PLR2004 fewer projects share less
    name = f"disk, {PROJECTS} projects, 81 % in common / environments (MB)"
    return show(Row(name, [mine / 1e6], [sizes / 1e6], f"{budget} x", good=mine / sizes <= budget))


def listing(place: Path, ours: Environment, variables: dict[str, str]) -> Row:
    """Measure `list` with 1,000 versioned directories; `pip list` beside it has the few flat installs to look at."""
    site = place / "site"
    for number in range(DIRECTORIES):
        made(site, f"made{number}", "1.0")
    time.sleep(2.5)  # a site directory counts as settled two seconds after its last change
    commands = [
        [str(ours.python), "-m", "versioned_import", "list"],
        [str(ours.python), "-m", "pip", "list", "--disable-pip-version-check"],
    ]
    mine, peer = interleaved(commands, RUNS * 2, {**variables, "VERSIONED_IMPORT_PATH": str(site)}, warming=WARMING)
    name = f"list of {DIRECTORIES:,} versioned directories / pip list"
    return show(Row(name, mine, peer, "300 ms", good=min(mine) <= 300))  # noqa: PLR2004 the budget


def small_wheel(place: Path) -> Path:
    """Make a wheel with one module."""
    path = place / "small-1.0-py3-none-any.whl"
    info = "small-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("small.py", "")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: small\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", f"small.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path


def size(paths: list[Path]) -> int:
    """Return the bytes that files and directories take on the disk."""
    everything = [*paths, *(inner for path in paths if path.is_dir() for inner in path.rglob("*"))]
    return sum(path.lstat().st_blocks * 512 for path in everything)


if __name__ == "__main__":
    sys.exit(main())
