"""What it costs to start a project from its lock: `python benchmarks/starting.py [--quick]`.

The peer is a virtual environment, without this project, that has the same distributions: five real ones, which are
imported, with all they require, and made ones up to the number.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import HEADER, PROJECT, Row, clean_variables, environment_with, interleaved, quick, ratio
from figures import show

RUNS = 5 if quick() else 60
COUNTS = (5, 50) if quick() else (5, 500)
IMPORTED = ("attrs", "click", "jinja2", "packaging", "tomli-w")
PROGRAM = "import attrs, click, jinja2, packaging.version, tomli_w\n"
LIST = """
from importlib.metadata import distributions
for one in distributions():
    if one.name.lower() not in ("pip", "setuptools", "wheel"):
        print(f"{one.name.lower().replace(chr(95), chr(45))}=={one.version}")
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        print(f"Python {sys.version.split()[0]}, {RUNS} runs each, times in ms, ratios by pairs, minima and medians")
        print(HEADER)
        rows = [row for count in COUNTS for row in rows_of(place / str(count), count)]
        return int(not all(row.good for row in rows))


def rows_of(place: Path, count: int) -> list[Row]:
    """Compare the start of a project of some locked distributions with that of a virtual environment."""
    place.mkdir()
    variables = clean_variables(place / "cache")
    peer = environment_with(place / "venv", *IMPORTED)
    pins = subprocess.run([peer, "-c", LIST], check=True, env=variables, capture_output=True, text=True).stdout.split()
    ours = environment_with(place / "ours", str(PROJECT))
    install = [ours, "-m", "versioned_import", "pip", "install", "-q", "--no-deps", "--allow-multiple"]
    subprocess.run([*install, *pins], check=True, env=variables)
    made = [f"made{number}==1.0" for number in range(count - len(pins))]
    for pin in made:
        name = pin.partition("==")[0]
        write(site_of(peer), name)
        write(site_of(ours) / f"{name}-1.0", name)
    lock = "".join(map(table, [*pins, *made]))
    (place / "pylock.toml").write_text(f'lock-version = "1.0"\ncreated-by = "benchmark"\n\n{lock}')
    program = place / "program.py"
    program.write_text(PROGRAM)
    variable = {**variables, "VERSIONED_IMPORT_PROJECT": str(place)}
    for _ in range(2):  # a plan is kept two seconds after the last change
        subprocess.run([ours, program], check=True, env=variable)
        subprocess.run(
            [ours, "-m", "versioned_import", "--project", place, program], check=True, env=variables, cwd=place
        )
        time.sleep(2.5)
    budget = 1.0 if count == max(COUNTS) else 1.05
    rows = []
    runner = [str(ours), "-m", "versioned_import", "--project", str(place), str(program)]
    for name, command, environ in (("variable", [str(ours), str(program)], variable), ("runner", runner, variables)):
        mine, others = interleaved([command, [str(peer), str(program)]], RUNS, environ, directory=place)
        text = f"{len(pins) + len(made)} locked, five imported ({name}) / venv"
        rows.append(show(Row(text, mine, others, f"{budget} x", good=ratio(mine, others) <= budget)))
    return rows


def site_of(python: Path) -> Path:
    return next(python.parents[1].glob("lib/python*/site-packages"))


def write(directory: Path, name: str) -> None:
    """Write a made distribution into a directory."""
    info = directory / f"{name}-1.0.dist-info"
    (directory / name).mkdir(parents=True)
    (directory / name / "__init__.py").write_text("")
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    (info / "RECORD").write_text(f"{name}/__init__.py,,\n{name}-1.0.dist-info/METADATA,,\n")


def table(pin: str) -> str:
    """Return the table of a pin in a pylock.toml; nothing is downloaded by it, so its hash is none that pip tells."""
    name, _, version = pin.partition("==")
    file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    wheel = f'{{ name = "{file}", url = "https://files.index.example/{file}", hashes = {{ sha512 = "{"0" * 128}" }} }}'
    return f'[[packages]]\nname = "{name}"\nversion = "{version}"\nwheels = [{wheel}]\n\n'


if __name__ == "__main__":
    sys.exit(main())
