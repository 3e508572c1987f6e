"""What entry points name."""

import mvdep


def main():
    return f"command of VERSION_TEXT with {mvdep.NAME}"


def plugin():
    return "plugin of mvdemo VERSION_TEXT"
