"""A submodule that is loaded by `from mvdep import late`."""

NAME = "mvdep.late VERSION_TEXT"
