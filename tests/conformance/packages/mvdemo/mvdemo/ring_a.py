"""One half of a circle."""

from mvdemo import ring_b

NAME = "mvdemo.ring_a VERSION_TEXT"


def around():
    return ring_b.other()
