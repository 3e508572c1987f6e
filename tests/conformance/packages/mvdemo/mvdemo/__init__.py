"""The distribution that the checks are about. It imports mvdep in its submodules only."""

__version__ = "VERSION_TEXT"
__all__ = ["NAME", "answer"]

NAME = "mvdemo VERSION_TEXT"


def answer():
    return "an answer of mvdemo VERSION_TEXT"


def only_in_VERSION_TAG():  # noqa: N802
    return True


def __getattr__(name):
    if name in {"heavy", "LATE"}:
        import importlib

        heavy = importlib.import_module("mvdemo.heavy")
        return heavy if name == "heavy" else heavy.NAME
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return [*__all__, "heavy"]
