"""What is in this folder runs inside, or on, an interpreter that only run.py provides."""

import os
import sys

INSIDE = sys.platform == "emscripten"
NEEDS_PROCESSES = {"child", "children"}

collect_ignore = []
if not INSIDE:
    collect_ignore.append("test_in_pyodide.py")
if "PYODIDE_UNDER_TEST" not in os.environ:
    collect_ignore.append("test_commands.py")


def pytest_collection_modifyitems(config, items):
    """Leave out what starts child processes, of all folders: there are none inside."""
    left_out = [item for item in items if INSIDE and NEEDS_PROCESSES & set(item.fixturenames)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
