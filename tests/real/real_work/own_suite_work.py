import json
import os
import re
import sys
from pathlib import Path

import hypothesis
import pytest

name, version, *tests = sys.argv[1:]
if name == "numpy":
    import numpy as tested
else:
    import pandas as tested


class Outcomes:
    """Keeps what became of each test, by its name without the directory that the distribution stands in."""

    def __init__(self):
        self.found = {}

    def pytest_runtest_logreport(self, report):
        # The file's name is not part of it where the file stands outside of the directory that pytest runs in.
        file = re.sub(rf"^.*?/{name}/", "", report.location[0])
        test = f"{file}::{report.nodeid.partition('::')[2]}"
        if report.when == "call" or report.outcome != "passed":
            expected = "x" if hasattr(report, "wasxfail") else ""
            self.found.setdefault(test, f"{expected}{report.outcome}")
            if report.failed:
                print(report.longreprtext, file=sys.stderr)

    def pytest_collectreport(self, report):
        if not report.passed:
            self.found[f"collecting {re.sub(f'^.*/{name}/', '', report.nodeid)}"] = report.outcome


outcomes = Outcomes()
Path("pytest.ini").write_text("[pytest]\n")
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
where = Path(tested.__file__).parents[1]
# As paths: by dotted names, an old pytest reads pandas' conftest.py too late for its options.
places = [where.joinpath(*test.split(".")) for test in tests]
paths = [str(place if place.is_dir() else place.with_suffix(".py")) for place in places]
arguments = ["-q", "-c", "pytest.ini", "--rootdir=.", "-p", "no:cacheprovider", *paths]
if tested.__version__ != version:
    sys.exit(f"{tested.__version__} is tested")
status = pytest.main([*arguments, "-m", "not slow and not network and not db"], plugins=[outcomes])
Path("outcomes.json").write_text(
    json.dumps([int(status), str(where), pytest.__version__, hypothesis.__version__, outcomes.found])
)
