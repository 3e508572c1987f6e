"""The report: a table of groups by implementations, then each failure with what was expected and what came; or JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portable.cases import Case
    from portable.implementation import Implementation
    from portable.runs import Outcome
    from rich.console import Console

    Results = dict[tuple[str, str], Outcome]
    """The outcomes by implementation and case."""


def as_json(cases: Sequence[Case], implementations: Sequence[Implementation], results: Results) -> str:
    """Return the results as JSON: the sums, and for each case its sentence and what became of it."""
    content = {
        "implementations": [
            {"name": one.name, "command": one.command, "lacks": sorted(one.lacks), **_sums(one, cases, results)}
            for one in implementations
        ],
        "cases": [
            {
                "id": case.id,
                "group": case.group,
                "spec": case.spec,
                "results": {one.name: _described(results[one.name, case.id]) for one in implementations},
            }
            for case in cases
        ],
    }
    return json.dumps(content, indent=2)


def print_table(
    console: Console, cases: Sequence[Case], implementations: Sequence[Implementation], results: Results
) -> None:
    """Print the table and, below it, what went wrong."""
    from rich.table import Table

    table = Table("group", title="Cases that passed, of those that could be run", show_footer=True)
    table.columns[0].footer = "all"
    for one in implementations:
        table.add_column(one.name, justify="right", footer=_cell(_sums(one, cases, results)))
    for group in dict.fromkeys(case.group for case in cases):
        mine = [case for case in cases if case.group == group]
        table.add_row(group, *(_cell(_sums(one, mine, results)) for one in implementations))
    console.print(table)
    for one in implementations:
        for case in cases:
            outcome = results[one.name, case.id]
            if outcome.problem:
                console.rule(f"{one.name}: {case.id}", align="left")
                console.print(f"spec: {case.spec}\n{outcome.problem}", markup=False, highlight=False, soft_wrap=True)
    for one in implementations:
        lacking = Counter(ability for case in cases for ability in results[one.name, case.id].lacking)
        for ability, number in sorted(lacking.items()):
            need = "case needs" if number == 1 else "cases need"
            console.print(f"{one.name} lacks {ability}, which {number} {need}")


def _sums(one: Implementation, cases: Sequence[Case], results: Results) -> dict[str, int]:
    outcomes = [results[one.name, case.id] for case in cases]
    return {
        "passed": sum(outcome.passed for outcome in outcomes),
        "failed": sum(bool(outcome.problem) for outcome in outcomes),
        "lacking": sum(bool(outcome.lacking) for outcome in outcomes),
    }


def _cell(sums: dict[str, int]) -> str:
    text = f"{sums['passed']}/{sums['passed'] + sums['failed']}"
    return f"[red]{text}[/]" if sums["failed"] else f"[green]{text}[/]"


def _described(outcome: Outcome) -> dict[str, object]:
    if outcome.lacking:
        return {"outcome": "lacking", "lacking": list(outcome.lacking)}
    return {"outcome": "failed", "problem": outcome.problem} if outcome.problem else {"outcome": "passed"}
