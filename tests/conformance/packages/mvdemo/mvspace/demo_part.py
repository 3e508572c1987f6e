"""The part of a namespace package that mvdemo has."""

NAME = "mvspace.demo_part VERSION_TEXT"


def neighbour():
    from mvspace import dep_part

    return dep_part.NAME
