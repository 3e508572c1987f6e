"""Making a failing stress scenario smaller, one thing at a time, as long as it still fails."""

from __future__ import annotations

import time
from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stress import Scenario

MOST_SHRINKING = 30


def smaller(scenario: Scenario) -> Iterator[Scenario]:
    """Yield scenarios that lack one thing each."""
    for number in range(len(scenario.phases)):
        if len(scenario.phases) > 1:
            copy = deepcopy(scenario)
            removed = copy.phases.pop(number)
            if not (removed.added or removed.removed):
                yield copy
    for number, phase in enumerate(scenario.phases):
        for steps in fewer(phase.steps):
            copy = deepcopy(scenario)
            copy.phases[number].steps = steps
            yield copy
        for key in ("added", "removed"):
            for at in range(len(getattr(phase, key))):
                copy = deepcopy(scenario)
                getattr(copy.phases[number], key).pop(at)
                yield copy
    yield from smaller_worlds(scenario)


def smaller_worlds(scenario: Scenario) -> Iterator[Scenario]:
    """Yield scenarios that lack one distribution or one requirement."""
    for number in range(len(scenario.world)):
        copy = deepcopy(scenario)
        copy.world.pop(number)
        for phase in copy.phases:
            phase.removed = [at - (at > number) for at in phase.removed if at != number]
        yield copy
    for number, made in enumerate(scenario.world):
        for at in range(len(made.requires)):
            copy = deepcopy(scenario)
            lost = copy.world[number].requires.pop(at)
            for names in (copy.world[number].eager, copy.world[number].states):
                names[:] = [name for name in names if not lost.startswith(name)]
            yield copy


def fewer(steps: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield lists of steps that lack one, also inside of threads and children, or have a thread's steps one by one."""
    for at, step in enumerate(steps):
        yield [*steps[:at], *steps[at + 1 :]]
        if step["do"] == "child":
            for inner in fewer(step["steps"]):
                yield [*steps[:at], {**step, "steps": inner}, *steps[at + 1 :]]
        if step["do"] == "threads":
            yield [*steps[:at], *(one for thread in step["threads"] for one in thread), *steps[at + 1 :]]
            for number, thread in enumerate(step["threads"]):
                for inner in fewer(thread):
                    threads = [*step["threads"][:number], *([inner] if inner else []), *step["threads"][number + 1 :]]
                    yield [*steps[:at], {**step, "threads": threads}, *steps[at + 1 :]]


def shrink(scenario: Scenario, complaints: Callable[[Scenario], list[str]]) -> tuple[Scenario, list[str]]:
    """Return the smallest scenario that still fails, with its complaints."""
    found = complaints(scenario)
    deadline = time.monotonic() + MOST_SHRINKING
    shrunk = True
    while shrunk and time.monotonic() < deadline:
        shrunk = False
        for candidate in smaller(scenario):
            tries = 6 if any(step["do"] == "threads" for phase in candidate.phases for step in phase.steps) else 1
            wrong = next((wrong for _ in range(tries) if (wrong := complaints(candidate))), [])
            if wrong:
                scenario, found, shrunk = candidate, wrong, True
                break
    return scenario, found
