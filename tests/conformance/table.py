"""Print the conformance table: `python tests/conformance/table.py [WAY ...]`, by default flat and codec."""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(1, str(Path(__file__).parent.parent))  # made.py

from adapter import WAYS
from columns import COLUMNS, GROUPS, names_of_checks, run_column


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ways", nargs="*", default=["flat", "codec"], metavar="WAY", help=", ".join(WAYS))
    parser.add_argument("--why", action="store_true", help="show what each check that failed says")
    options = parser.parse_args()
    found = {}
    for way, version in COLUMNS:
        if way in options.ways:
            with tempfile.TemporaryDirectory() as directory:
                found[way, version] = run_column(way, version, directory)
    console = Console()
    console.print(table_of(found))
    if options.why:
        for (way, version), results in found.items():
            for check, problem in results.items():
                if problem:
                    console.rule(f"{way} {version}: {check}")
                    console.print(problem, markup=False, highlight=False)
    return any(problem for results in found.values() for problem in results.values())


def table_of(found):
    """Return the table: a line for each check, a column for each way and version, and how many passed."""
    table = Table("check", title="What one chosen version gets", show_footer=True)
    table.columns[0].footer = "passed"
    checks = names_of_checks(*GROUPS)
    for (way, version), results in found.items():
        passed = sum(not results[check] for check in checks)
        table.add_column(f"{way}\n{version}", justify="right", footer=f"{passed}/{len(checks)}")
    for group in GROUPS:
        table.add_section()
        table.add_row(f"[bold]{group}[/]")
        for check in names_of_checks(group):
            cells = ["[red]FAILS[/]" if results[check] else "[green]ok[/]" for results in found.values()]
            table.add_row(check.partition(".")[2].replace("_", " "), *cells)
    return table


if __name__ == "__main__":
    sys.exit(main())
