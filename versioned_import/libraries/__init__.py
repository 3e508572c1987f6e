"""The libraries that the resolver needs, under names of our own: `versioned_import.libraries.packaging`.

A program may ask for another version of `packaging` than ours, so ours must not be in `sys.modules` under its own name; and
a program's own folder called `packaging` must not be taken for it. Both libraries import themselves by relative names, so
they load under any name. The `.pyi` files beside this one are for type checkers; at run time the modules come from where
the libraries are installed.
"""

from __future__ import annotations

import os
import site
import sys
from importlib.machinery import PathFinder


def _directories() -> list[str]:
    """Return the directories that hold the libraries: what pip filled goes before the program's own."""
    own = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    places = [own, *site.getsitepackages(), *user, *sys.path]
    found: list[str] = []
    for name in ("packaging", "resolvelib"):
        spec = PathFinder.find_spec(name, places)
        if spec is None or spec.origin is None:
            message = f"versioned_import needs {name}, which is not installed: {sys.executable} -m pip install {name}"
            raise ImportError(message, name=name)
        found.append(os.path.dirname(os.path.dirname(spec.origin)))
    return list(dict.fromkeys(found))


__path__ = _directories()
