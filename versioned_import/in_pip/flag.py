"""pip's own `install` command with one more option: `--allow-multiple`.

pip finds the class by its table of commands (docs/architecture.md, D9). Without the flag nothing else of this project is
imported and pip's own method runs.
"""

from __future__ import annotations

import optparse
import subprocess
import sys
from typing import Any

from pip._internal.commands.install import InstallCommand
from pip._internal.exceptions import CommandError

FLAG = "--allow-multiple"
HELP = (
    "Install side by side: each version into a directory NAME-VERSION/ of its own, which plain imports and pip ignore and"
    " `import NAME version VERSION` finds. Requirements that conflict are resolved in groups, and what is there already"
    " stays. Can't be combined with --target, --prefix, --root, --editable, --force-reinstall, or options that choose"
    " another platform."
)
_PLACE = "a versioned directory always lands in the site directory"
_PLATFORM = "versioned directories are for the interpreter that installs them"
# Attribute of pip's parsed options, its spelling, and why it can't be combined with the flag.
_MISFITS = (
    ("target_dir", "--target", _PLACE),
    ("prefix_path", "--prefix", _PLACE),
    ("root_path", "--root", _PLACE),
    ("editables", "--editable", "an editable install has no version of its own"),
    ("force_reinstall", "--force-reinstall", "a versioned directory is never overwritten; remove it first"),
    ("platforms", "--platform", _PLATFORM),
    ("python_version", "--python-version", _PLATFORM),
    ("implementation", "--implementation", _PLATFORM),
    ("abis", "--abi", _PLATFORM),
)


class InstallMultiple(InstallCommand):  # noqa: D101 pip prints the docstring, which has to be its own
    __doc__ = InstallCommand.__doc__

    given: tuple[str, ...] = ()
    """The arguments as the user wrote them."""

    def main(self, args: list[str]) -> int:
        """Keep the arguments, for the engine that has to do with them alone, and run pip's own method."""
        self.given = tuple(args)
        return super().main(args)

    def add_options(self) -> None:
        """Declare pip's own options and the flag; pip reads PIP_ALLOW_MULTIPLE and its configuration files for it too."""
        super().add_options()
        self.cmd_opts.add_option(_Flag(FLAG, dest="allow_multiple", action="store_true", default=False, help=HELP))

    def run(self, options: Any, args: list[str]) -> int:
        """Install as pip does, or with the flag side by side; return the exit status."""
        if not options.allow_multiple:
            return self.plain(options, args)
        asked = getattr(options, "allow_multiple_asked", False)
        for attribute, spelling, reason in _MISFITS:
            if getattr(options, attribute, None):
                # pip's own children, which fill build environments, inherit the flag and mean nothing by it.
                if not asked:
                    return self.plain(options, args)
                raise CommandError(f"Can not combine '{FLAG}' and '{spelling}': {reason}")
        try:
            from versioned_import.in_pip import inside
        except Exception as error:  # noqa: BLE001 whatever it is, the other engine may still do it
            return fall_back(self.given, f"{type(error).__name__}: {error}")
        return inside.run(self, options, args, asked=asked)

    def plain(self, options: Any, args: list[str]) -> int:
        """Install as pip does."""
        status: int = super().run(options, args)
        return status


class _Flag(optparse.Option):
    """An option that remembers that it was on the command line, not in the environment or a file."""

    def process(self, opt: str, value: Any, values: Any, parser: Any) -> Any:
        values.allow_multiple_asked = True
        return super().process(opt, value, values, parser)


def fall_back(given: tuple[str, ...], reason: str) -> int:
    """Say why pip can't do it from inside and let the engine that drives pip's command line do it; return its status."""
    message = f"WARNING: {FLAG} can't work inside this pip ({reason}); using pip's command line instead"
    print(message, file=sys.stderr, flush=True)  # noqa: T201 pip's own log may be a part of what doesn't match
    flag = () if any(word.startswith("--allow-m") for word in given) else (FLAG,)
    return subprocess.call([sys.executable, "-m", "versioned_import.cli.pip", "install", *flag, *given])
