"""A class that mvdemo's annotations name."""


class Thing:
    NAME = "mvdep.things.Thing VERSION_TEXT"

    def __init__(self, value=0):
        self.value = value


def plugin():
    return "plugin of mvdep VERSION_TEXT"
