"""The program that runs the checks: it prints a line of JSON for each."""

# ruff: noqa: T201

import faulthandler
import importlib
import json
import sys
import traceback

import expected
import mvdemo  # versioned


def main():
    faulthandler.dump_traceback_later(expected.SECONDS, exit=True)
    for group in sys.argv[1:]:
        checks = vars(importlib.import_module(group)).copy()
        for name, check in checks.items():
            if name.startswith("check_"):
                result = {"check": f"{group}.{name.removeprefix('check_')}", "problem": problem(check)}
                print(json.dumps(result), flush=True)
    faulthandler.cancel_dump_traceback_later()
    print("end of", mvdemo.NAME)


def problem(check):
    """Return what a check raises, as text, or ""."""
    try:
        check()
    except BaseException:  # noqa: BLE001 a check may end in any way
        return traceback.format_exc()
    return ""


if __name__ == "__main__":
    main()
