"""The figures of docs/performance.md, each beside its peer in one run: `python benchmarks/figures.py [--quick]`.

Whole processes are measured for start-up and fresh imports, loops inside one process for the rest.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from common import HEADER, PROJECT, Row, clean_variables, difference, environment_with, interleaved, quick, ratio

RUNS = 4 if quick() else 80
MANY = 500 if quick() else 10_000
INSIDE = """
import sys, timeit
{setup}
def statement():
    {statement}
statement()
print(min(timeit.repeat(statement, number=20000, repeat=15)) / 20000 * 1e6)
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        variables = clean_variables(place / "cache")
        with_us = environment_with(place / "ours", str(PROJECT))
        without = environment_with(place / "flat", "packaging", "resolvelib", "click==8.1.8")
        install = [with_us, "-m", "versioned_import", "pip", "install", "-q", "--allow-multiple"]
        subprocess.run([*install, "click==8.1.8", "click==8.0.4"], check=True, env=variables)
        time.sleep(2.5)  # a site directory counts as settled two seconds after its last change
        print(f"Python {sys.version.split()[0]}, {RUNS} runs each, times in ms, ratios by pairs, minima and medians")
        print(HEADER)
        rows = [
            start_up(with_us, without, variables),
            fresh_import(place, with_us, without, variables),
            fresh_import_of_module(place, with_us, without, variables),
            again(with_us, without, variables),
            many_directories(place, with_us, variables),
            compiled_module(place, with_us, variables),
        ]
        return int(not all([*(row.good for row in rows), *scanning()]))


def start_up(ours: Path, flat: Path, variables: dict[str, str]) -> Row:
    """Compare `python -c pass` with and without us."""
    commands = [[str(python), "-c", "pass"] for python in (ours, flat)]
    mine, peer = interleaved(commands, RUNS * 2, variables)
    good = ratio(mine, peer) <= 1.01 or difference(mine, peer) <= 0.3  # noqa: PLR2004 the budget
    return show(Row("python -c pass, installed / not installed", mine, peer, "1.01 x or 0.3 ms", good=good))


def fresh_import(place: Path, ours: Path, flat: Path, variables: dict[str, str]) -> Row:
    """Compare a script with one versioned import to one with a plain import of the same version, flat."""
    (place / "versioned_click.py").write_text("# coding: versioned\nimport click version 8.1\n")
    (place / "plain_click.py").write_text("import click\n")
    commands = [[str(ours), str(place / "versioned_click.py")], [str(flat), str(place / "plain_click.py")]]
    mine, peer = interleaved(commands, RUNS, variables)
    name = "fresh process: import click version 8.1 / flat click"
    return show(Row(name, mine, peer, "1.05 x", good=ratio(mine, peer) <= 1.05))  # noqa: PLR2004


def fresh_import_of_module(place: Path, ours: Path, flat: Path, variables: dict[str, str]) -> Row:
    """Compare the same statements in a module that the script imports, so that both come from a .pyc."""
    (place / "in_module.py").write_text("# coding: versioned\nimport click version 8.1\n")
    (place / "in_plain_module.py").write_text("import click\n")
    for name in ("in_module", "in_plain_module"):
        (place / f"imports_{name}.py").write_text(f"import {name}\n")
    commands = [
        [str(ours), str(place / "imports_in_module.py")],
        [str(flat), str(place / "imports_in_plain_module.py")],
    ]
    mine, peer = interleaved(commands, RUNS, variables)
    name = "the same in an imported module, from its .pyc"
    return show(Row(name, mine, peer, "1.05 x", good=ratio(mine, peer) <= 1.05))  # noqa: PLR2004


def again(ours: Path, flat: Path, variables: dict[str, str]) -> Row:
    """Compare the statement executed again in a function, in microseconds."""
    run = "import versioned_import.cli.run as r; r.run(['-c', {code!r}])"
    versioned = INSIDE.format(setup="", statement="import click version 8.1")
    plain = INSIDE.format(setup="", statement="import click")
    mine, peer = [], []
    for _ in range(1 if quick() else 7):
        mine.append(float(output([str(ours), "-c", run.format(code=versioned)], variables)))
        peer.append(float(output([str(flat), "-c", plain], variables)))
    name = "the statement again in a function (microseconds)"
    return show(Row(name, mine, peer, "1.2 x", good=ratio(mine, peer) <= 1.2))  # noqa: PLR2004


def many_directories(place: Path, ours: Path, variables: dict[str, str]) -> Row:
    """Compare a warm versioned import in a site directory with 10,000 versioned directories to one with 10."""
    commands = []
    source = Path(
        output([str(ours), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], variables).strip()
    )
    for count in (MANY, 10):
        site = place / f"site{count}"
        shutil.copytree(source / "click-8.1.8", site / "click-8.1.8")
        for number in range(count - 1):
            made(site, f"made{number}", "1.0")
        script = place / f"among_{count}.py"
        script.write_text("# coding: versioned\nimport click version 8.1\n")
        commands.append(["env", f"VERSIONED_IMPORT_PATH={site}", str(ours), str(script)])
    time.sleep(2.5)
    mine, peer = interleaved(commands, RUNS, variables)
    name = f"warm import among {MANY:,} versioned directories / among 10"
    return show(Row(name, mine, peer, "1.05 x", good=ratio(mine, peer) <= 1.05))  # noqa: PLR2004


def compiled_module(place: Path, ours: Path, variables: dict[str, str]) -> Row:
    """Compare importing a hooked module with clauses from its .pyc to the same module plain."""
    body = "".join(f"def function{number}(x):\n    return x + {number}\n" for number in range(2000))
    (place / "hooked.py").write_text(f"import click version 8.1\n{body}")
    (place / "unhooked.py").write_text(f"import click\n{body}")
    code = (
        "import time, versioned_import as v; handle = v.enable('hooked', 'unhooked'); v.import_module('click', '8.1')\n"
        "t = time.perf_counter(); import {name}; print((time.perf_counter() - t) * 1000)"
    )
    mine, peer = [], []
    for _ in range(RUNS):
        for name, times in (("hooked", mine), ("unhooked", peer)):
            times.append(float(output([str(ours), "-c", code.format(name=name)], variables, place)))
    mine, peer = mine[3:], peer[3:]
    name = "hooked module with a clause from .pyc / the same plain"
    return show(Row(name, mine, peer, "1.02 x", good=ratio(mine, peer) <= 1.02))  # noqa: PLR2004


def scanning() -> list[bool]:
    """Measure the scanner's throughput over the standard library, without clauses and with one in every import."""
    import re

    sys.path.insert(0, str(PROJECT))
    from versioned_import.syntax.clauses import find_clauses
    from versioned_import.syntax.loader import may_have_clause

    library = Path(sysconfig.get_path("stdlib"))
    paths = [path for path in library.rglob("*.py") if not {"test", "site-packages"} & set(path.parts)]
    files = [path.read_bytes() for path in paths[: 100 if quick() else None]]
    without = [data for data in files if not may_have_clause(data)]
    simple = re.compile(r"^([ ]*import [\w.]+)(?= as|\n)|^([ ]*from \w[\w.]*)(?= import)", re.MULTILINE)
    texts = [simple.sub(lambda found: found[0] + " version 2.31", data.decode("utf-8", "replace")) for data in files]
    verdicts = []
    for name, work, least in (
        ("scanning files without a clause", lambda: [may_have_clause(data) for data in without], 1000),
        ("scanning files where every import has one", lambda: [find_clauses(text) for text in texts], 100),
    ):
        size = sum(map(len, without if least == 1000 else texts))  # noqa: PLR2004 the first of the two
        fastest = 0.0
        for _ in range(1 if quick() else 9):
            started = time.perf_counter()
            work()
            fastest = max(fastest, size / (time.perf_counter() - started) / 1e6)
        good = fastest >= least
        print(f"{name:58} {fastest:9.0f} MB/s, at least {least} MB/s{'':18} {'kept' if good else 'NOT KEPT'}")
        verdicts.append(good)
    return verdicts


def made(site: Path, name: str, version: str) -> None:
    """Write a versioned directory with one module."""
    info = site / f"{name}-{version}" / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text(f"{name}.py,,\n")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nTag: py3-none-any\n")
    (info.parent / f"{name}.py").write_text("")


def output(command: list[str], variables: dict[str, str], place: Path | None = None) -> str:
    return subprocess.run(command, check=True, env=variables, cwd=place, stdout=subprocess.PIPE, text=True).stdout


def show(row: Row) -> Row:
    print(row, flush=True)
    return row


if __name__ == "__main__":
    sys.exit(main())
