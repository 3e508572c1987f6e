"""Whether a finder was called for an import, or by somebody who only wants to know."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType


def is_import() -> bool:
    """Tell whether a finder of ours was called for an import, and not by a probe such as `importlib.util.find_spec`."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 finders are not told
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith("versioned_import"):
        frame = frame.f_back
    if frame is None or frame.f_globals.get("__name__") != "importlib._bootstrap":
        return False
    caller = frame.f_back
    return caller is not None and caller.f_code.co_name == "_find_and_load_unlocked"
