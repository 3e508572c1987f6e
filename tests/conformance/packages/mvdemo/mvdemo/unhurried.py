"""Loaded by a function only."""

NAME = "mvdemo.unhurried VERSION_TEXT"
