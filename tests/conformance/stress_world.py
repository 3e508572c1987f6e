"""Random installed distributions for the stress test: plain data, and the same on the disk.

Every module knows the truth about itself (`VERSION`, `DISTRIBUTION`) and notes in `SAW` which versions it got from its own
imports, so that an answer can be checked without asking any machinery that is tested.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from made import make_flat, make_versioned, settle

# Distribution to import name. The two portions share one namespace package.
NAMES = {
    "alpha": "alpha",
    "beta": "beta",
    "gamma": "gamma",
    "delta": "delta",
    "py-eps": "eps",
    "ns-one": "ns.one",
    "ns-two": "ns.two",
}
VERSIONS = ("1.0", "1.1", "1.2.3", "2.0", "2.1", "3.0rc1", "10.0")
RANGES = ("", "", ">=1", "<2", ">=1.1", ">=2", "<2.1", "~=1.0", "!=2.0", "==1.*", ">=3", "==1.0", "<10")
HEALTHY = "healthy"
# What may be wrong with a directory so that no statement may get it; the weights are those of random choice.
FAULTS = {
    HEALTHY: 24,
    "no metadata": 1,
    "other platform": 1,
    "other Python": 1,
    "module missing": 1,
    "called otherwise": 1,
    "raises": 4,
}


@dataclass
class Made:
    """One distribution at one place."""

    site: int
    name: str
    version: str
    flat: bool
    requires: list[str] = field(default_factory=list)
    package: bool = False
    fault: str = HEALTHY
    eager: list[str] = field(default_factory=list)
    """The distributions that its module imports when it is loaded; the others it imports in functions."""
    states: list[str] = field(default_factory=list)
    """Of the eager ones those that it imports by a versioned statement, with its own requirement as the clause."""

    @property
    def module(self) -> str:
        """The import name."""
        return NAMES[self.name]

    @property
    def entry(self) -> str:
        """The directory or the place of a flat install, unique among all that is made."""
        return f"{self.site}/{'' if self.flat else f'{self.name}-{self.version}'}"

    @property
    def usable(self) -> bool:
        """Whether a versioned import may get it; one that raises may be got, and then raises."""
        return self.fault in (HEALTHY, "raises")

    @property
    def raises(self) -> bool:
        return self.fault == "raises"


def random_world(random: Random) -> list[Made]:
    """Return distributions in one to three sites, at most one flat install of each name in each site."""
    sites = random.choice((1, 1, 2, 2, 3))
    names = random.sample(list(NAMES), random.randint(2, 6))
    found: dict[tuple[object, ...], Made] = {}
    for _ in range(random.randint(3, 16)):
        made = random_distribution(random, names, sites)
        found.setdefault((made.site, made.name, "flat" if made.flat else made.version), made)
    return list(found.values())


def random_distribution(random: Random, names: list[str], sites: int) -> Made:
    """Return one distribution that requires others of `names`."""
    name = random.choice(names)
    made = Made(random.randrange(sites), name, random.choice(VERSIONS), flat=random.random() < 0.3)
    made.package = random.random() < 0.5
    made.fault = random.choices(list(FAULTS), list(FAULTS.values()))[0]
    if made.flat and made.fault in ("called otherwise", "other platform", "other Python"):
        made.fault = HEALTHY
    for other in random.sample(names, min(random.choice((0, 0, 1, 1, 2, 3)), len(names))):
        if other == name:
            continue
        wanted = random.choice(RANGES)
        roll = random.random()
        if roll < 0.12:
            made.requires.append(f'{other}{wanted}; extra == "more"')
            continue
        if roll < 0.2:
            made.requires.append(f'{other}{wanted}; python_version < "3"')
            continue
        made.requires.append(f"{other}{wanted}")
        if roll < 0.6:
            made.eager.append(other)
            if roll < 0.3:
                made.states.append(other)
    return made


def write_world(world: list[Made], place: Path, *, settled: bool) -> None:
    """Write everything into `place`/0, `place`/1 and so on."""
    for made in world:
        write(made, place / str(made.site))
    if settled:
        settle_sites(place)


def settle_sites(place: Path) -> None:
    """Let the sites look as if they had not changed for a while, so that catalogues and memos are kept."""
    settle(*(site for site in place.iterdir() if site.name.isdigit()))


def write(made: Made, site: Path) -> None:
    """Write one distribution; what goes wrong with it goes wrong here."""
    options = {
        "requires": made.requires,
        "tags": ("cp27-cp27m-win32",) if made.fault == "other platform" else ("py3-none-any",),
        "requires_python": "<3" if made.fault == "other Python" else "",
    }
    if made.flat:
        info = make_flat(site, made.name, made.version, files(made), **options)
        base = site
    else:
        entry = f"{made.name}-9{made.version}" if made.fault == "called otherwise" else f"{made.name}-{made.version}"
        base = make_versioned(site, made.name, made.version, files(made), entry=entry, **options)
        info = base / f"{made.name.replace('-', '_')}-{made.version}.dist-info"
    if made.fault == "no metadata":
        shutil.rmtree(info)
    if made.fault == "module missing":
        for name in files(made):
            (base / name).unlink()
        folder = base / made.module.replace(".", "/")
        if folder.is_dir():
            folder.rmdir()


def remove(made: Made, place: Path) -> None:
    """Uninstall: a versioned directory at once, a flat install file by file."""
    site = place / str(made.site)
    if not made.flat:
        (site / _folder(made)[0]).rename(site / ".gone")
        shutil.rmtree(site / ".gone")
        return
    shutil.rmtree(site / f"{made.name.replace('-', '_')}-{made.version}.dist-info", ignore_errors=True)
    for name in files(made):
        (site / name).unlink(missing_ok=True)  # the module of a broken one was never there
        shutil.rmtree((site / name).parent / "__pycache__", ignore_errors=True)
    folder = site / made.module.replace(".", "/")
    if made.package and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()  # an empty one would be a namespace package


def files(made: Made) -> dict[str, str]:
    """Return the texts of a distribution's modules by path."""
    base = made.module.replace(".", "/")
    if not made.package:
        return {f"{base}.py": text_of(made)}
    return {
        f"{base}/__init__.py": text_of(made),
        f"{base}/sub.py": f"VERSION = {made.version!r}\nDISTRIBUTION = {made.name!r}\n",
    }


def text_of(made: Made) -> str:
    """Return the text of a distribution's module."""
    lines = [f"VERSION = {made.version!r}", f"DISTRIBUTION = {made.name!r}", "SAW = {}"]
    for other in made.eager:
        clause = clause_of(made, other) if other in made.states else ""
        lines += [f"import {NAMES[other]}{clause} as got", f"SAW[{other!r}] = got.VERSION"]
    if made.raises:
        lines.append(f"raise RuntimeError({f'{made.name} {made.version} raises'!r})")
    lines.append("def lazy():")
    for requirement in made.requires:
        other = re.split(r"[^\w-]", requirement)[0]
        if ";" not in requirement and other not in made.eager:
            lines += [f"    import {NAMES[other]} as got", f"    SAW[{other!r}] = got.VERSION"]
    lines.append("    return SAW")
    cookie = ["# coding: versioned"] if made.states else []
    return "\n".join((*cookie, *lines, ""))


def clause_of(made: Made, other: str) -> str:
    """Return the clause that says what a distribution requires of another, "" where it takes any."""
    wanted = next(one for one in made.requires if re.split(r"[^\w-]", one)[0] == other).removeprefix(other)
    return f' version "{wanted}"' if wanted else ""


def as_data(made: Made) -> dict[str, object]:
    """Return a distribution as what JSON can hold."""
    return asdict(made)


def place_of(made: Made, place: Path) -> str:
    """Return the path of the one file that is the distribution's module."""
    return os.path.join(place, str(made.site), *_folder(made), min(files(made)))


def _folder(made: Made) -> list[str]:
    if made.flat:
        return []
    return [f"{made.name}-9{made.version}" if made.fault == "called otherwise" else f"{made.name}-{made.version}"]
