"""The modules of the runner, and in the compiled file of this one all their code: see `versioned_import/loading.py`."""

import sys

from versioned_import import starting
from versioned_import_startup import loading_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MODULES = (
    "cli",
    "cli.main",
    "syntax",
    "syntax.hook",
    "runtime",
    "runtime.program",
    "locks",
    "locks.nearest",
    "projects.options",
    "projects.activate",
    "cli.program_code",
    "cli.run",
    "cli.own_lock",
)
"""Each behind those that it imports; what a start from a lock needs goes before them."""

KEPT: "Any" = (
    "put here by bundle.py: the package's directory; of each module its name, `source_status`, compiled file and code"
)


def load_clauses() -> None:
    """Load what answers statements, for a program that runs from no lock; from a lock, few have any."""
    try:
        from versioned_import import warm, whole

        functions = loading_of(warm)
        functions["load"](warm, alone=True)
        functions["bring"](whole)
    except Exception:  # noqa: BLE001 ordinary imports will do
        return


try:
    load = loading_of(starting)["load"]
    load(starting, alone=True)
    load(sys.modules[__name__], alone=True)
except Exception:  # noqa: BLE001, S110 ordinary imports will do
    pass
