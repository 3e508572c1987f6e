"""The project that this process runs from, if it does."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from _typeshed.importlib import MetaPathFinderProtocol

    from versioned_import.projects.kept import Plan

    class Running:
        """The project of this process."""

        plan: Plan | None
        path_before: list[str]
        """`sys.path` as it was."""
        finders_before: list[MetaPathFinderProtocol]
        problem: str
        """Why nothing can be served; then every import of what isn't Python's or the program's own is refused."""
        full: bool
        """Whether the selection's own finder serves the project."""
        code: Any
        """The module `kept_code`, once a locked module is imported."""
        table: Any
        """Its table of this project; None if nothing is kept."""
        hosted: bool
        """Whether code was loaded before that is not of the lock, such as a notebook's kernel."""


running: "Running" = type(sys.implementation)()  # type: ignore[assignment]  # a class of our own costs more


def run_nothing() -> None:
    """Let this process have no project."""
    vars(running).update(
        plan=None, path_before=[], finders_before=[], problem="", full=False, code=None, table=None, hosted=False
    )


run_nothing()
