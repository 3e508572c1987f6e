"""The frames of ours at the end of a traceback, which prompts, notebooks and the runner leave out: the message tells all."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


def drop_own_frames(error: BaseException | None) -> None:
    """Let the traceback of each of our errors, also one that led to `error`, end at the statement; others stay as is."""
    done: set[int] = set()
    pending = [error]
    while pending:
        one = pending.pop()
        if one is None or id(one) in done:
            continue
        done.add(id(one))
        pending += one.__cause__, one.__context__
        last = _last_outside(one.__traceback__) if hasattr(one, "story") else None
        if last is not None:
            last.tb_next = None


def _last_outside(traceback: TracebackType | None) -> TracebackType | None:
    last = None
    while traceback is not None:
        if not _is_machinery(traceback.tb_frame.f_globals.get("__name__", "")):
            last = traceback
        traceback = traceback.tb_next
    return last


def _is_machinery(module: str) -> bool:
    return f"{module}.".startswith(
        ("versioned_import.", "versioned_import_startup.", "importlib.", "_frozen_importlib.")
    )
