"""Which engine the user asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from versioned_import.install.engine import Engine
    from versioned_import.install.requirements import Arguments


def engine_for(arguments: Arguments, *, warn: Callable[[str], None]) -> Engine:
    """Return the engine that the user asked for, with the user's options; `warn` gets what it complains of.

    Raises InstallError if it isn't there, UsageError if it lacks one of the options.
    """
    if arguments.engine == "uv":
        from versioned_import.engines.uv_engine import UvEngine

        return UvEngine(arguments.options, verbose=arguments.verbose, warn=warn)
    from versioned_import.engines.pip_engine import PipEngine

    return PipEngine(arguments.options, verbose=arguments.verbose, warn=warn)
