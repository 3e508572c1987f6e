"""Run the conformance cases with any implementation: `python run_cases.py --implementation "COMMAND"`.

COMMAND is run once for each case, with the path of a program behind it. docs/conformance.md tells all about it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path

from portable.cases import ABILITIES, CASES, CaseError, read_cases
from portable.implementation import CommandError, Implementation
from portable.report import as_json, print_table
from portable.runs import run_case

FAILED, USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line names; return the exit status: 0, 1 if a case fails, 2 if the tests can't be made."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        cases = _chosen(options.cases, options.only)
        if options.list:
            sys.stdout.write("".join(f"{case.group}: {case.id}\n" for case in cases))
            return 0
        implementations = _implementations(options)
        if not implementations:
            parser.error('name what is to be tested: --implementation "COMMAND" or --ways FILE')
        results = _run_all(cases, implementations, options.jobs, options.runs)
        if options.checks:
            cases += _run_checks(implementations, results)
    except (CaseError, CommandError, OSError, tomllib.TOMLDecodeError) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return USAGE
    if options.json:
        sys.stdout.write(f"{as_json(cases, implementations, results)}\n")
    else:
        from rich.console import Console

        print_table(Console(), cases, implementations, results)
    return FAILED if any(outcome.problem for outcome in results.values()) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run_cases.py", description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    add("--implementation", action="append", default=[], metavar="COMMAND", help="what runs a program; may be repeated")
    add("--name", action="append", default=[], help="the name in the report; one for each command, in their order")
    add("--lacks", action="append", default=[], metavar="NAME:ABILITY", help=f"leave cases out: {', '.join(ABILITIES)}")
    add("--ways", metavar="FILE", help="a TOML file with a table for each implementation: command, lacks")
    add("--python", default=sys.executable, metavar="FILE", help="what {python} stands for; default: this one")
    add("--only", action="append", default=[], metavar="GLOB", help="cases whose name or group is like that")
    add("--checks", action="store_true", help="run the check table too, with each implementation")
    add("--runs", type=int, default=1, metavar="N", help="run each program N times, so that caches are tested too")
    add("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="cases at once; default: one a processor")
    add("--json", action="store_true", help="print the results as JSON")
    add("--cases", type=Path, default=CASES, metavar="DIR", help="where the cases are; default: those of the suite")
    add("--list", action="store_true", help="print the names of the cases")
    return parser


def _chosen(directory, patterns):
    cases = read_cases(directory)
    if patterns:
        cases = [case for case in cases if any(fnmatch(case.id, one) or fnmatch(case.group, one) for one in patterns)]
    if not cases:
        raise CaseError(f"no case is called {' or '.join(patterns)}" if patterns else f"no cases are in {directory}")
    return cases


def _implementations(options: argparse.Namespace) -> list[Implementation]:
    found = {}
    if options.ways:
        with Path(options.ways).open("rb") as file:
            tables = tomllib.load(file)
        found = {name: (table["command"], set(table.get("lacks", ()))) for name, table in tables.items()}
    for number, command in enumerate(options.implementation):
        found[options.name[number] if number < len(options.name) else f"implementation {number + 1}"] = command, set()
    for text in options.lacks:
        name, _, ability = text.rpartition(":")
        if name not in found or ability not in ABILITIES:
            raise CommandError(f"--lacks {text}: it takes NAME:ABILITY; abilities are {', '.join(ABILITIES)}")
        found[name][1].add(ability)
    # Not abspath of the link's target: a virtual environment's Python is a link.
    python = os.path.abspath(options.python)
    return [Implementation(name, command, frozenset(lacks), python) for name, (command, lacks) in found.items()]


def _run_all(cases, implementations, jobs, runs):
    """Return the outcome of each case with each implementation."""

    def run(key):
        one, case = key
        with tempfile.TemporaryDirectory(prefix="conformance-") as directory:
            return run_case(case, one, Path(directory).resolve(), runs)

    keys = [(one, case) for one in implementations for case in cases]
    with ThreadPoolExecutor(max(jobs, 1)) as pool:
        outcomes = list(pool.map(run, keys))
    return {(one.name, case.id): outcome for (one, case), outcome in zip(keys, outcomes, strict=True)}


def _run_checks(implementations, results):
    """Add the outcomes of the check table to the results; return its checks."""
    from portable.checks import all_checks, run_checks

    checks = all_checks()
    for one in implementations:
        for version in checks:
            with tempfile.TemporaryDirectory(prefix="conformance-") as directory:
                found = run_checks(one, version, Path(directory).resolve())
            results |= {(one.name, check): outcome for check, outcome in found.items()}
    return [check for of_version in checks.values() for check in of_version]


if __name__ == "__main__":
    sys.exit(main())
