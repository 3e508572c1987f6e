"""What `python -m mvdemo` runs."""

import mvdep

import mvdemo
from mvdemo.core import dependency_at_import

print(mvdemo.NAME, mvdep.NAME, dependency_at_import(), sep=", ")  # noqa: T201
