"""Run a program through the import hook: `hook.py PROGRAM [ARG ...]`."""

import os
import runpy
import sys

import versioned_import


def main():
    """Enable the hook for the modules of the program's folder and run the program as `__main__`."""
    del sys.argv[0]
    folder, name = os.path.split(sys.argv[0])
    # In place of this file's folder; with -I and -P there is none.
    sys.path[: not sys.flags.safe_path] = [folder]
    modules = {entry.partition(".")[0] for entry in os.listdir(folder)} - {"__pycache__"}
    versioned_import.enable(*sorted(modules))
    runpy.run_module(name.removesuffix(".py"), run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
