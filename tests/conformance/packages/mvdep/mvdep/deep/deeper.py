"""A module of the package inside."""

# ruff: noqa: F401, TID252 relative imports are what it is for

from ..sub import NAME as NEIGHBOUR

NAME = "mvdep.deep.deeper VERSION_TEXT"
