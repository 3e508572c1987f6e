"""A second import name of the distribution, a single-file module."""

from mvdemo import NAME as PACKAGE  # noqa: F401 the program asks for it

NAME = "mvdemo_extra VERSION_TEXT"
