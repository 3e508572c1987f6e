"""`python -m versioned_import`."""

import os
import sys

import versioned_import_startup  # noqa: F401 in a source checkout it stands in the current directory

if __name__ == "__main__":
    if not sys.flags.safe_path:
        try:
            os.getcwd()
        except OSError:
            sys.path.insert(0, "")  # the current directory was deleted, so `python -m` put nothing there
    # `python -m` put the current directory first. A program that is a file does not see that, and our own imports for
    # it and for the commands must not find a json.py there: what a script called versioned-import has there instead.
    if sys.argv[1:] and not sys.argv[1].startswith("-") and not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(sys.executable or os.__file__)

    # No command has a dot in its name, so this is a program: its start loads these and more at once, out of one file.
    if "." in "".join(sys.argv[1:2]) or sys.argv[1:2] == ["--project"]:
        from versioned_import import running  # noqa: F401

    from versioned_import.cli.main import main

    status = main(sys.argv[1:])
    if status or not sys.flags.inspect:  # python -i shows a SystemExit as an error
        sys.exit(status)
