# ruff: noqa: N999
"""A module that the other version doesn't have."""

NAME = "mvdep.only_in_VERSION_TAG VERSION_TEXT"
