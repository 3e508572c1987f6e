"""The part of a namespace package that mvdep has."""

NAME = "mvspace.dep_part VERSION_TEXT"
