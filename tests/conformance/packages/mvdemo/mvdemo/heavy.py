"""Loaded by the package's `__getattr__` (PEP 562)."""

NAME = "mvdemo.heavy VERSION_TEXT"
