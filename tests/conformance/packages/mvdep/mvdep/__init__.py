"""The distribution that mvdemo depends on."""

__version__ = "VERSION_TEXT"
__all__ = ["STARRED"]

NAME = "mvdep VERSION_TEXT"
STARRED = "starred VERSION_TEXT"
