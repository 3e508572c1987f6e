"""Imports inside functions: each has to get what this version of mvdemo belongs to, whenever it is called."""

import importlib


def plain():
    import mvdep

    return mvdep.NAME


def submodule():
    import mvdep.sub

    return mvdep.sub.NAME


def submodule_under_another_name():
    import mvdep.deep.deeper as module

    return module.NAME


def name_of_submodule():
    from mvdep.sub import NAME

    return NAME


def submodule_by_from():
    from mvdep import late

    return late.NAME


def by_import_module():
    return importlib.import_module("mvdep.sub").NAME


def by_builtin():
    return __import__("mvdep.sub", fromlist=["NAME"]).NAME


def by_exec():
    names = {}
    exec("from mvdep.sub import NAME", names)
    return names["NAME"]


def of_itself():
    import mvdemo

    return mvdemo.NAME


def of_itself_relative():
    from . import NAME

    return NAME


def own_submodule():
    from mvdemo import unhurried

    return unhurried.NAME


def own_submodule_relative():
    from .unhurried import NAME

    return NAME


def own_submodule_by_import_module():
    return importlib.import_module(".unhurried", __package__).NAME


def optional():
    try:
        import mvdep_speedups
    except ImportError:
        return None
    return mvdep_speedups
