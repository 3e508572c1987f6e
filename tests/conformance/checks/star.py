"""A star import at the top of a module of the program."""

# ruff: noqa: F403, F405

from mvdemo import *  # versioned

STARRED = NAME, answer()
