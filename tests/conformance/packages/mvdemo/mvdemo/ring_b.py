"""The other half of the circle: it is loaded while the first is half made."""

import sys

import mvdemo.ring_a

PARTLY = not hasattr(sys.modules["mvdemo.ring_a"], "NAME")


def other():
    return mvdemo.ring_a.NAME
