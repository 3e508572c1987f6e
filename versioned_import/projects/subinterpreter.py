"""Which interpreter of its process this is (PEP 684, PEP 734)."""

import sys


def is_subinterpreter() -> bool:
    """Tell whether this is another interpreter than the first one of its process; False where there is but one."""
    try:
        if sys.version_info >= (3, 13):
            import _interpreters as interpreters
        else:
            import _xxsubinterpreters as interpreters  # type: ignore[import-not-found]
    except ImportError:
        return False
    return bool(interpreters.get_current() != interpreters.get_main())
