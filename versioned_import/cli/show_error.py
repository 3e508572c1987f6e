"""The traceback of a program that the runner runs, as Python itself would show it."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

RUNNERS = "versioned_import.cli.run", "versioned_import.cli.run_otherwise"


def show_as_python_would(error: BaseException) -> None:
    """Let the error be printed without our frames; Python still ends the process as that error does (status, signal)."""
    shown = sys.excepthook
    own = error.__traceback__
    own = own.tb_next if own is not None else None
    if own is not None and own.tb_frame.f_globals.get("__name__") in RUNNERS:
        own = None  # the program didn't compile, or could not be read: there is no frame of its own

    def hook(kind: type[BaseException], value: BaseException, _: TracebackType | None) -> None:
        sys.excepthook = shown
        if value is error:
            from versioned_import.syntax.own_frames import drop_own_frames

            value.__traceback__ = own
            drop_own_frames(value)
            shown(kind, value, own)
        else:
            shown(kind, value, value.__traceback__)

    sys.excepthook = hook
