"""Splitting the arguments of `pip install --allow-multiple` into roots, pip's own options, and what is decided here."""

from __future__ import annotations

import optparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from packaging.requirements import InvalidRequirement, Requirement

from versioned_import.errors import InstallError
from versioned_import.install.passwords import without_password

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# pip's install options of 22.3 to 26.3, as its own help lists them. optparse takes unique beginnings too, as pip does.
FLAGS = (
    "--pre -U/--upgrade -I/--ignore-installed --ignore-requires-python --no-deps/--no-dependencies --prefer-binary"
    " --only-deps/--only-dependencies --no-index --no-build-isolation --check-build-dependencies --use-pep517"
    " --no-use-pep517 --compile --no-compile --no-clean --require-hashes --no-require-hashes --no-cache-dir --no-color"
    " --no-input --no-proxy-env --no-warn-conflicts --no-warn-script-location --no-python-version-warning --isolated"
    " --disable-pip-version-check --require-virtualenv/--require-venv --debug"
)
VALUED = (
    "-i/--index-url/--pypi-url --extra-index-url -f/--find-links --no-binary --only-binary --all-releases --only-final"
    " --uploaded-prior-to --refresh-package --upgrade-strategy -C/--config-settings --global-option --install-option"
    " --build-constraint --progress-bar --root-user-action --src/--source/--source-dir/--source-directory --cache-dir"
    " --cert --client-cert --exists-action --keyring-provider --log/--log-file/--local-log --proxy --resume-retries"
    " --retries --timeout/--default-timeout --trusted-host --use-feature --use-deprecated"
)
# Options that a requirements file may hold, of those that pip takes there.
FILE_FLAGS = "--pre --prefer-binary --no-index --require-hashes"
FILE_VALUED = (
    "-i/--index-url/--pypi-url --extra-index-url -f/--find-links --no-binary --only-binary --trusted-host --use-feature"
)
ENGINES = ("pip", "uv")
_PLACE = "a versioned directory always lands in the site directory; leave it out, or leave out --allow-multiple"
_PLATFORM = "versioned directories are for the interpreter that installs them"
REFUSED = {
    "-t/--target": _PLACE,
    "--prefix": _PLACE,
    "--root": _PLACE,
    "-e/--editable": "an editable install has no version of its own; install it without --allow-multiple",
    "--python": "run that interpreter itself: PYTHON -m versioned_import pip install --allow-multiple ...",
    "--platform": _PLATFORM,
    "--python-version": _PLATFORM,
    "--implementation": _PLATFORM,
    "--abi": _PLATFORM,
    "--report": "each group has a report of its own; use --dry-run to see what would land",
    "--group": "write the requirements of the dependency group into a file and use -r",
    "--requirements-from-script": "write the requirements of the script into a file and use -r",
}
REFUSED_FLAGS = {
    "--force-reinstall": "a versioned directory is never overwritten; remove it first",
}


class UsageError(InstallError):
    """The command line can't be taken with --allow-multiple."""


@dataclass(frozen=True, slots=True)
class Root:
    """One requirement that the user gave.

    `text` is the line for pip, `place` is "" for the command line and otherwise `FILE:LINE`, and `requirement` its
    parsed form, None for a path or a URL without a name. As a string it is the requirement alone, without a password.
    """

    text: str
    place: str = ""
    requirement: Requirement | None = None

    def __str__(self) -> str:
        return without_password(self.text.partition(" --")[0].strip())

    @property
    def hashed(self) -> bool:
        """Whether the line names hashes, which puts all of pip's run into its hash-checking mode."""
        return " --hash" in self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What the user asked for: roots in the user's order, options for pip as given, and the switches decided here.

    `engine` is one of ENGINES.
    """

    roots: tuple[Root, ...] = ()
    options: tuple[str, ...] = ()
    user: bool | None = None
    dry_run: bool = False
    break_system_packages: bool = False
    engine: str = "pip"
    verbose: int = 0
    quiet: int = 0
    help: bool = False


def root(text: str, place: str = "", *, expanded: str | None = None) -> Root:
    """Return the root for one line; `expanded` is the line with its environment variables filled in."""
    plain = (text if expanded is None else expanded).partition(" --")[0].strip()
    try:
        return Root(text, place, Requirement(plain))
    except InvalidRequirement:
        return Root(text, place)  # a path or URL, or nonsense: pip knows which, and says so


def parse_arguments(argv: Sequence[str], environ: Mapping[str, str]) -> Arguments:
    """Split what follows `pip` on the command line, the word `install` and `--allow-multiple` included.

    Files of `-r` are read. Raises UsageError for options that make no sense with --allow-multiple, InstallError for
    requirements files that can't be treated.
    """
    from versioned_import.install import requirement_files

    passed: list[str] = []
    found, words = _command_line_parser(passed).parse_args(list(argv))
    if words[:1] != ["install"]:
        raise UsageError("pip", "--allow-multiple belongs to `install`", "")
    roots = [root(word) for word in words[1:]]
    for path in found.files:
        more = requirement_files.read(path, environ)
        roots += more.roots
        passed += more.options
    if not roots and not found.help:
        advice = "Example: pip install --allow-multiple requests==2.22.0 requests==2.32.2"
        raise UsageError("pip install --allow-multiple", "no requirement is given", advice)
    if any(one.hashed for one in roots) and "--require-hashes" not in passed:
        passed.append("--require-hashes")  # so that a group without hashes is refused as pip would refuse the whole
    return Arguments(
        roots=tuple(roots),
        options=tuple(passed),
        user=_user_switch(found.user, environ),
        dry_run=found.dry_run,
        engine=found.engine,
        break_system_packages=found.break_system or _is_set(environ, "PIP_BREAK_SYSTEM_PACKAGES"),
        verbose=found.verbose,
        quiet=found.quiet,
        help=found.help,
    )


class Parser(optparse.OptionParser):
    """pip's own kind of parser, because the same words must mean the same; a mistake raises instead of exiting."""

    def __init__(self, request: str) -> None:
        super().__init__(add_help_option=False)
        self.request = request

    def error(self, msg: str) -> NoReturn:
        """Raise UsageError; optparse calls it for every mistake."""
        raise UsageError(self.request, msg, "")

    def pass_on(self, flags: str, valued: str, passed: list[str]) -> None:
        """Declare options that are appended to `passed` as pip is to get them."""

        def keep(option: optparse.Option, _spelling: str, value: Any, _parser: optparse.OptionParser) -> None:
            name = option.get_opt_string()
            passed.append(name if value is None else f"{name}={value}")

        for spellings in flags.split():
            self.add_option(*spellings.split("/"), action="callback", callback=keep)
        for spellings in valued.split():
            self.add_option(*spellings.split("/"), action="callback", callback=keep, type="string")

    def refuse(self, spellings: str, reason: str, *, valued: bool) -> None:
        """Declare an option whose use raises UsageError."""

        def stop(_option: optparse.Option, spelling: str, _value: Any, _parser: optparse.OptionParser) -> None:
            raise UsageError(self.request, f"{spelling} can't be used here", reason)

        names = spellings.split("/")
        if valued:
            self.add_option(*names, action="callback", callback=stop, type="string")
        else:
            self.add_option(*names, action="callback", callback=stop)


def _command_line_parser(passed: list[str]) -> Parser:
    parser = Parser("pip install --allow-multiple")
    parser.pass_on(FLAGS, VALUED, passed)
    parser.pass_on("", "-c/--constraint", passed)
    for spellings, reason in REFUSED.items():
        parser.refuse(spellings, reason, valued=True)
    for spellings, reason in REFUSED_FLAGS.items():
        parser.refuse(spellings, reason, valued=False)
    parser.add_option("-r", "--requirement", dest="files", action="append", default=[])
    parser.add_option("--allow-multiple", action="store_true", default=False)
    parser.add_option("--engine", type="choice", choices=ENGINES, default="pip")
    parser.add_option("--dry-run", dest="dry_run", action="store_true", default=False)
    parser.add_option("--user", dest="user", action="store_true", default=None)
    parser.add_option("--no-user", dest="user", action="store_false")
    parser.add_option("--break-system-packages", dest="break_system", action="store_true", default=False)
    parser.add_option("-q", "--quiet", dest="quiet", action="count", default=0)
    parser.add_option("-v", "--verbose", dest="verbose", action="count", default=0)
    parser.add_option("-h", "--help", dest="help", action="store_true", default=False)
    return parser


def _user_switch(given: bool | None, environ: Mapping[str, str]) -> bool | None:
    if given is not None or "PIP_USER" not in environ:
        return given
    return _is_set(environ, "PIP_USER")


def _is_set(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() in {"1", "true", "yes", "on", "y", "t"}
