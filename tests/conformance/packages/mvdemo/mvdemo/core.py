"""Imports at the top, of mvdep and of the package itself."""

import sys

import mvdep
import mvdep.sub as of_dep
from mvdep import *  # noqa: F403
from mvdep.things import Thing

import mvdemo
import mvdemo.heavy
from mvdemo import heavy
from mvdemo.heavy import NAME as HEAVY

from . import NAME
from .heavy import NAME as RELATIVE

MARKER = "mvdemo.core VERSION_TEXT"
EARLIER = None  # only 2.0


def dependency_at_import():
    return mvdep.__version__


def names_at_import():
    return {
        "self": mvdemo.NAME,
        "self, relative": NAME,
        "submodule": mvdemo.heavy.NAME,
        "submodule from": heavy.NAME,
        "name from submodule": HEAVY,
        "name from submodule, relative": RELATIVE,
        "dependency": mvdep.NAME,
        "submodule of the dependency": of_dep.NAME,
        "star": STARRED,  # noqa: F405
        "class": Thing.NAME,
    }


def this_module():
    return sys.modules[__name__]


def this_package():
    return sys.modules["mvdemo"]


def source_of_this():
    return "text of VERSION_TEXT"
