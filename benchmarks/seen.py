"""What it costs that the chosen version is seen everywhere: `python benchmarks/seen.py [--quick] [--fresh]`.

Fresh processes with real packages, and with `--fresh` no more than these; plain and failing imports with much selected,
metadata, and a cold import; at the end the systems that came before.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import HEADER, PROJECT, Row, clean_variables, difference, environment_with, interleaved, quick, ratio
from figures import made, output, show
from peers import peers

RUNS = 3 if quick() else 40
PACKAGES = {"click": "8.1.8", "requests": "2.32.3", "pandas": "2.2.3", "django": "5.1.4"}
SHORT = {"click", "django"}
"""So short that other work on the machine hides the difference: these run four times as often."""
if quick():  # the large ones take minutes to install
    PACKAGES = {name: PACKAGES[name] for name in ("click", "requests")}
BY_COUNT = """
import sys, time
import versioned_import_startup
versioned_import_startup.register()
import versioned_import.runtime.finder as finder
from versioned_import.api import import_module
{select}
{before}
started = time.perf_counter()
{work}
print((time.perf_counter() - started) * 1000)
"""
PLAIN = """
for name in names:
    try:
        __import__(name)
    except ImportError:
        pass
"""
FIRST_OF_LIBRARY = """
names = [name for name in sorted(sys.stdlib_module_names) if name not in sys.modules and not name.startswith("_")]
left_out = {"antigravity", "this", "idlelib", "turtledemo", "lib2to3", "tkinter", "turtle", "test", "pydoc_data"}
names = [name for name in names if name not in left_out][:200]
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        variables = clean_variables(place / "cache")
        with_us = environment_with(place / "ours", str(PROJECT))
        requirements = [f"{name}=={version}" for name, version in PACKAGES.items()]
        flat = environment_with(place / "flat", "packaging", "resolvelib", *requirements)
        install = [with_us, "-m", "versioned_import", "pip", "install", "-q", "--allow-multiple"]
        subprocess.run([*install, *requirements, "click==8.0.4"], check=True, env=variables)
        time.sleep(2.5)  # a site directory counts as settled two seconds after its last change
        runs = f"{RUNS} runs each ({4 * RUNS} of the short ones)"
        print(f"Python {sys.version.split()[0]}, {runs}, times in ms, ratios by pairs, minima and medians")
        print(HEADER)
        rows = [fresh(place, name, with_us, flat, variables) for name in PACKAGES]
        if "--fresh" not in sys.argv:
            rows.append(library_with_ten(place, with_us, variables))
            rows.append(failing_with_many(place, with_us, variables))
            rows.append(metadata(place, with_us, flat, variables))
            rows.append(cold_among(place, with_us, variables))
            beside_peers(place, with_us, variables)
        return int(not all(row.good for row in rows))


def fresh(place: Path, name: str, ours: Path, flat: Path, variables: dict[str, str]) -> Row:
    """Compare a script with one versioned import to one with a plain import of the same version, flat."""
    prefix = PACKAGES[name].rpartition(".")[0]
    (place / f"versioned_{name}.py").write_text(f"# coding: versioned\nimport {name} version {prefix}\n")
    (place / f"plain_{name}.py").write_text(f"import {name}\n")
    commands = [[str(ours), str(place / f"versioned_{name}.py")], [str(flat), str(place / f"plain_{name}.py")]]
    mine, peer = interleaved(commands, RUNS * (4 if name in SHORT else 1), variables)
    good = ratio(mine, peer) <= 1.03 or difference(mine, peer) <= 0.5  # noqa: PLR2004 the budget
    return show(Row(f"fresh process: {name}, versioned / flat", mine, peer, "1.03 x or 0.5 ms", good=good))


def library_with_ten(place: Path, ours: Path, variables: dict[str, str]) -> Row:
    """Compare plain imports of 200 modules of the standard library with ten distributions selected to none selected."""
    commands = []
    site = many(place / "ten", 10)
    for select in (selecting(10), ""):
        script = place / f"library_{bool(select)}.py"
        script.write_text(BY_COUNT.format(select=select, before=FIRST_OF_LIBRARY, work=PLAIN))
        commands.append([str(ours), "-W", "ignore", str(script)])
    mine, peer = inside(commands, {**variables, "VERSIONED_IMPORT_PATH": str(site)})
    name = "200 standard library modules, ten selected / none"
    return show(Row(name, mine, peer, "1.01 x", good=ratio(mine, peer) <= 1.01))  # noqa: PLR2004


def failing_with_many(place: Path, ours: Path, variables: dict[str, str]) -> Row:
    """Compare a hundred imports of names that nobody has with 500 distributions selected to none selected."""
    commands = []
    site = many(place / "many", 500)
    warming = f"names = ['nowhere']\n{PLAIN}"
    names = "names = [f'not_there{number}' for number in range(100)]"
    for select in (selecting(500), ""):
        script = place / f"failing_{bool(select)}.py"
        text = BY_COUNT.format(select=select, before=f"{warming}\n{names}", work=PLAIN)
        script.write_text(text)
        commands.append([str(ours), "-W", "ignore", str(script)])
    mine, peer = inside(commands, {**variables, "VERSIONED_IMPORT_PATH": str(site)})
    name = "a hundred failing imports, 500 selected / none"
    return show(Row(name, mine, peer, "1.05 x", good=ratio(mine, peer) <= 1.05))  # noqa: PLR2004


def metadata(place: Path, ours: Path, flat: Path, variables: dict[str, str]) -> Row:
    """Compare the version of a selected distribution to that of a flat install, a thousand times each."""
    measure = (
        "from importlib import metadata\nimport time\nbest = 1e9\n"
        "for _ in range(20):\n    started = time.perf_counter()\n"
        "    for _ in range(50): metadata.version('click')\n"
        "    best = min(best, time.perf_counter() - started)\nprint(best * 20)\n"  # ms for one
    )
    (place / "metadata_ours.py").write_text(f"# coding: versioned\nimport click version 8.1\n{measure}")
    (place / "metadata_flat.py").write_text(f"import click\n{measure}")
    commands = [[str(ours), str(place / "metadata_ours.py")], [str(flat), str(place / "metadata_flat.py")]]
    mine, peer = inside(commands, variables)
    name = "importlib.metadata.version of a selected one / of a flat one"
    return show(Row(name, mine, peer, "1.0 x", good=ratio(mine, peer) <= 1.0))


def cold_among(place: Path, ours: Path, variables: dict[str, str]) -> Row:
    """Measure the first versioned import among 300 versioned directories, its catalogue being there, no answer remembered."""
    site = many(place / "cold", 300)
    script = place / "cold.py"
    script.write_text("# coding: versioned\nimport made7 version 1\n")
    (place / "nothing.py").write_text("")
    cache = place / "cold cache"
    environ = {**variables, "VERSIONED_IMPORT_PATH": str(site), "VERSIONED_IMPORT_CACHE_DIR": str(cache)}

    def forget() -> None:
        for name in ("code", "memo", "shortcuts", "texts"):
            shutil.rmtree(cache / name, ignore_errors=True)

    commands = [[str(ours), str(script)], [str(ours), str(place / "nothing.py")]]
    mine, peer = interleaved(commands, RUNS, environ, forget)
    good = min(mine) - min(peer) <= 150  # noqa: PLR2004 the budget
    return show(Row("cold import among 300 versioned directories / empty", mine, peer, "150 ms more", good=good))


def beside_peers(place: Path, ours: Path, variables: dict[str, str]) -> None:
    """Compare the fresh warm import of click with what each earlier system needs for it, all in one run."""
    others = peers(place / "peers", variables)
    commands = [[str(ours), str(place / "versioned_click.py")], *(command for _, command in others)]
    mine, *theirs = interleaved(commands, RUNS, variables)
    for (name, _), times in zip(others, theirs, strict=True):
        show(Row(f"fresh process: click, ours / {name}", mine, times, "1.0 x", good=ratio(mine, times) <= 1.0))


def many(site: Path, count: int) -> Path:
    """Make a site directory with versioned directories, and let it settle."""
    for number in range(count):
        made(site, f"made{number}", "1.0")
    time.sleep(2.5)
    return site


def selecting(count: int) -> str:
    """Return the text that selects `count` distributions, all at once."""
    return (
        "from versioned_import.runtime.require import require\n"
        f"require(*(f'made{{number}}==1.0' for number in range({count})))"
    )


def inside(commands: list[list[str]], variables: dict[str, str]) -> tuple[list[float], list[float]]:
    """Return what two scripts measured of themselves, run in turns."""
    mine: list[float] = []
    peer: list[float] = []
    for turn in range(RUNS + 1):
        for command, times in zip(commands, (mine, peer), strict=True):
            measured = float(output(command, variables))
            if turn:
                times.append(measured)
    return mine, peer


if __name__ == "__main__":
    sys.exit(main())
