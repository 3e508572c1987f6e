"""No wrong version, ever: random site directories and random programs, each answer checked against a model of the spec.

    python tests/conformance/stress.py --seconds 600 --seed 1

A failure prints the seed of its scenario and the smallest scenario that still fails. `--only SEED` runs one again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import stress_actor
from stress_checks import Checks
from stress_model import Model
from stress_programs import random_program, text_of
from stress_shrinking import shrink
from stress_world import Made, as_data, random_distribution, random_world, remove, settle_sites, write, write_world

LONGEST = 60
QUIET_RUNS = 3
ways = {True: 0, False: 0}
"""How many processes have gone the short way to the end, and how many haven't."""


@dataclass
class Phase:
    """One process, and what is installed and uninstalled before it."""

    steps: list[dict[str, Any]]
    added: list[Made] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    settled: bool = True
    fresh: bool = False
    """Whether it is a process of its own from the start, and not a fork of this one."""


@dataclass
class Scenario:
    """A world, the variables that name its sites, and processes one after the other."""

    world: list[Made]
    own: list[int]
    """The sites of VERSIONED_IMPORT_PATH."""
    python: list[int]
    """The sites of PYTHONPATH."""
    phases: list[Phase]


def random_scenario(seed: int) -> Scenario:
    """Return the scenario of a seed."""
    chance = random.Random(seed)
    world = random_world(chance)
    sites = sorted({made.site for made in world})
    chance.shuffle(sites)
    split = chance.randint(0, len(sites))
    phases = []
    for number in range(chance.choice((1, 1, 2, 3))):
        phase = Phase(random_program(chance, world))
        if number and chance.random() < 0.6:
            names = sorted({made.name for made in world})
            phase.added = [random_distribution(chance, names, len(sites)) for _ in range(chance.choice((0, 1, 2)))]
            phase.removed = chance.sample(range(len(world)), min(len(world), chance.choice((0, 1, 2))))
        elif number and chance.random() < 0.7:
            phase.steps = deepcopy(phases[-1].steps)  # once more, from what the first run remembered
        phase.settled = chance.random() < 0.8
        phase.fresh = chance.random() < 0.1
        phases.append(phase)
    return Scenario(world, sites[:split], sites[split:], phases)


def complaints(scenario: Scenario) -> list[str]:
    """Run a scenario; return what was found wrong."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary).resolve()
        world = list(scenario.world)
        for site in {*scenario.own, *scenario.python}:
            (place / str(site)).mkdir()
        write_world(world, place, settled=False)
        for phase in scenario.phases:
            world = changed(world, phase, place)
            if phase.settled:
                settle_sites(place)
            events = run_phase(scenario, phase, place)
            if isinstance(events, str):
                return [events]
            model = Model(world, [*scenario.own, *scenario.python], scenario.python)
            found = Checks(model, place).run(events) or (
                differences(scenario, phase, place, events) if phase.fresh else []
            )
            if found:
                return found
    return []


def differences(scenario: Scenario, phase: Phase, place: Path, events: list[dict[str, Any]]) -> list[str]:
    """Run the statements that were answered, alone, in new processes with a cache of their own; return where one is another.

    The first goes the whole way, later ones the short way.
    """
    answered = [one["step"] for one in events if one["step"]["do"] == "statement" and one["result"]["ok"]]
    # `import_module` goes the whole way at once.
    alone = Phase([{**step, "way": "import"} if step["way"] == "call" else step for step in answered], fresh=True)
    first: list[dict[str, Any]] = []
    for number in range(QUIET_RUNS if alone.steps else 0):
        again = run_phase(scenario, alone, place, quiet=True)
        if isinstance(again, str):
            return [again]
        ways[again.pop()["short"]] += 1
        said = [comparable(event) for event in again]
        first = first or said
        if said != first:
            return [f"run {number + 1} of the statements alone is another one: {first} first, {said} now"]
    return []


def comparable(event: dict[str, Any]) -> dict[str, Any]:
    """Return what two runs of one step have in common."""
    result = {key: value for key, value in event["result"].items() if key != "trace"}  # frames of ours are in it
    return {"step": event["step"], "result": result, "loaded": event["after"]["loaded"]}


def changed(world: list[Made], phase: Phase, place: Path) -> list[Made]:
    """Install and uninstall what a phase says; return what is there then."""
    for made in [scenario_made for number, scenario_made in enumerate(world) if number in phase.removed]:
        remove(made, place)
    world = [made for number, made in enumerate(world) if number not in phase.removed]
    for made in phase.added:
        taken = {(one.site, one.name, "flat" if one.flat else one.version) for one in world}
        if (made.site, made.name, "flat" if made.flat else made.version) not in taken and (
            place / str(made.site)
        ).is_dir():
            write(made, place / str(made.site))
            world.append(made)
    return world


def run_phase(scenario: Scenario, phase: Phase, place: Path, *, quiet: bool = False) -> list[dict[str, Any]] | str:
    """Run the steps of one process; return its events, or what went wrong with the process."""
    steps = place / "steps"
    events = place / "steps.events"
    events.unlink(missing_ok=True)
    steps.write_text(json.dumps(phase.steps))
    variables = {
        "VERSIONED_IMPORT_PATH": os.pathsep.join(str(place / str(site)) for site in scenario.own),
        "PYTHONPATH": os.pathsep.join(str(place / str(site)) for site in scenario.python),
        "VERSIONED_IMPORT_CACHE_DIR": str(place / ("quiet cache" if quiet else "cache")),
    }
    (place / "elsewhere").mkdir(exist_ok=True)
    if phase.fresh:
        command = [sys.executable, "-s", os.path.join(stress_actor.OWN_FOLDER, "stress_actor.py"), str(steps)]
        environ = {**os.environ, **variables, **({stress_actor.QUIET: "1"} if quiet else {})}
        options = {"env": environ, "cwd": place / "elsewhere", "timeout": LONGEST}
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
        except subprocess.TimeoutExpired:
            return "the process hung"
        said = done.stdout + done.stderr
    else:
        said = forked(steps, variables, place)
    if not events.exists():
        return f"the process failed: {said}"
    answer: list[dict[str, Any]] = json.loads(events.read_text())
    return answer


def forked(steps: Path, variables: dict[str, str], place: Path) -> str:
    """Run the steps in a fork of this process, which has imported everything and selected nothing: that saves start-up."""
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        status = 1
        try:
            become(variables, place)
            stress_actor.answer(str(steps))
            status = 0
        except BaseException:  # noqa: BLE001 it must not return into the parent's loop
            import traceback

            (place / "said").write_text(traceback.format_exc())
        finally:
            os._exit(status)
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        if os.waitpid(process, os.WNOHANG)[0]:
            said = place / "said"
            return said.read_text() if said.exists() else "no word"
        time.sleep(0.002)
    os.kill(process, 9)
    os.waitpid(process, 0)
    return "it hung"


def become(variables: dict[str, str], place: Path) -> None:
    """Make this forked process look like one that was started with the variables."""
    import versioned_import_startup
    from versioned_import.metadata import catalogue
    from versioned_import.runtime import state as state_module
    from versioned_import.runtime.state import state

    state.reset()
    state_module.PYTHONPATH = variables["PYTHONPATH"]  # as it was when this process began
    catalogue.forget()
    versioned_import_startup.FallbackFinder.listings.clear()
    os.environ.update(variables)
    os.chdir(place / "elsewhere")
    versioned_import_startup.FallbackFinder.started = time.time_ns()
    entries = [entry for entry in variables["PYTHONPATH"].split(os.pathsep) if entry]
    sys.path[1:1] = entries


def prepare() -> None:
    """Import what each process would import on the cold way, and nothing else."""
    import versioned_import_startup

    versioned_import_startup.register()
    import versioned_import.api
    import versioned_import.resolver.choose
    import versioned_import.runtime.cold
    import versioned_import.runtime.fallback
    import versioned_import.runtime.require  # noqa: F401


def report(scenario: Scenario, found: list[str]) -> str:
    """Return a scenario as a person would write it."""
    lines = [f"VERSIONED_IMPORT_PATH: sites {scenario.own}; PYTHONPATH: sites {scenario.python}"]
    lines += [brief(made) for made in scenario.world]
    for number, phase in enumerate(scenario.phases, 1):
        lines.append(
            f"process {number}{' (a fresh one)' if phase.fresh else ''}{'' if phase.settled else ', unsettled'}"
        )
        lines += [f"    first install {brief(made)}" for made in phase.added]
        lines += [f"    first uninstall the one at {at}" for at in phase.removed]
        lines += [text_of(step, "    ") for step in phase.steps]
    return "\n".join((*lines, "complaints:", *found))


def brief(made: Made) -> str:
    """Return a distribution in a line."""
    more = {
        key: value for key, value in as_data(made).items() if value and key not in ("site", "name", "version", "flat")
    }
    more.pop("fault") if made.fault == "healthy" else None
    return f"site {made.site}: {made.name} {made.version} {'flat' if made.flat else 'versioned'} {more or ''}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=40, help="how long to go on (wall time)")
    parser.add_argument("--scenarios", type=int, default=10**9, help="how many scenarios at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--fresh", action="store_true", help="run all in processes of their own, and statements alone too"
    )
    parser.add_argument("--only", type=int, help="run the scenario of this seed only")
    parser.add_argument("--keep-going", action="store_true", help="do not end at the first failure")
    parser.add_argument("--no-shrinking", action="store_true")
    options = parser.parse_args()
    for name in [name for name in os.environ if name.startswith(("VERSIONED_IMPORT", "PYTHON"))]:
        del os.environ[name]
    prepare()
    deadline = time.monotonic() + options.seconds
    done = failed = 0
    seeds = (
        [options.only]
        if options.only is not None
        else range(options.seed * 10**6, options.seed * 10**6 + options.scenarios)
    )
    for seed in seeds:
        scenario = random_scenario(seed)
        for phase in scenario.phases if options.fresh else ():
            phase.fresh = True
        found = complaints(scenario)
        done += 1
        if found:
            failed += 1
            if not options.no_shrinking:
                scenario, found = shrink(scenario, complaints)
            sys.stdout.write(f"\nscenario {seed} fails:\n{report(scenario, found)}\n")
            if not options.keep_going:
                break
        if time.monotonic() > deadline:
            break
    sys.stdout.write(
        f"{done} scenarios, {failed} failed; {ways[True]} of {sum(ways.values())} new processes went the short way\n"
    )
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
