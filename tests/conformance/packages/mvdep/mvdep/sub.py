"""A submodule."""

NAME = "mvdep.sub VERSION_TEXT"
