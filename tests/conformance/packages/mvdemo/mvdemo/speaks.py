"""Warns, logs and fails, so that it can be seen who did."""

import logging
import warnings

LOGGER = logging.getLogger(__name__)


def warn():
    warnings.warn("a warning of VERSION_TEXT", UserWarning, stacklevel=1)


def warn_the_caller():
    warnings.warn("a warning of VERSION_TEXT", UserWarning, stacklevel=2)


def log():
    LOGGER.warning("a record of VERSION_TEXT")


def fail():
    raise ValueError("VERSION_TEXT")  # the line of VERSION_TEXT
