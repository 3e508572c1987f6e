"""The modules of the runner, and in the compiled file of this one all their code: see `versioned_import/loading.py`."""

import sys

from versioned_import import starting
from versioned_import_startup import loading_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MODULES = (
    "syntax",
    "syntax.loader",
    "kept_code",
    "metadata.candidate",
    "runtime",
    "runtime.importing",
    "runtime.shortcut",
    "syntax.pseudo",
    "runtime.pseudo_loader",
    "runtime.state",
    "runtime.finder",
    "runtime.program",
    "locks",
    "locks.nearest",
    "projects.options",
    "projects.activate",
    "cli.named_file",
    "cli.program_code",
    "cli.run",
    "cli.own_lock",
)
"""Each behind those that it imports; what a start from a lock needs goes before them."""

KEPT: "Any" = (
    "put here by bundle.py: the package's directory; of each module its name, `source_status`, compiled file and code"
)


try:
    load = loading_of(starting)["load"]
    load(starting, alone=True)
    load(sys.modules[__name__], alone=True)
except Exception:  # noqa: BLE001, S110 ordinary imports will do
    pass
