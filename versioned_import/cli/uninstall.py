"""`uninstall NAME[==VERSION] ...`: remove versioned directories that nothing else needs."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from versioned_import.cli.output import (
    FAILED,
    INTERRUPTED,
    OK,
    USAGE,
    command_parser,
    print_error,
    print_json,
    size_text,
)
from versioned_import.errors import InstallError
from versioned_import.install.inside_groups import by_version, needers
from versioned_import.install.site_directory import of_path
from versioned_import.install.uninstall import put_back_unfinished, remove
from versioned_import.inventory.installed import wanted
from versioned_import.inventory.sizes import bytes_in
from versioned_import.metadata.catalogue import forget, open_catalogue
from versioned_import.metadata.group_locks import read_all_group_locks, read_group_locks
from versioned_import.resolver.search_path import search_path
from versioned_import.resolver.specifiers import sort_key

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from versioned_import.install.inside_groups import Installed
    from versioned_import.install.uninstall import Removal
    from versioned_import.inventory.installed import Wanted
    from versioned_import.metadata.candidate import Candidate
    from versioned_import.metadata.group_locks import GroupLock


def main(argv: list[str]) -> int:
    """Remove what the command line names; 1 if it isn't there, is needed, or the answer is no."""
    parser = command_parser(
        "uninstall",
        "Remove versioned directories, in the first site directory of the search path that has them.",
        (
            "requests==2.22.0",
            '"requests<2.30" --dry-run',
            "requests -y                 # every version of it",
            "urllib3==1.25.11 --force    # although another one needs it",
        ),
    )
    parser.add_argument("names", metavar="NAME[==VERSION]", nargs="+", help="a distribution, with or without specifier")
    parser.add_argument("--site", metavar="DIR", help="remove from this site directory")
    parser.add_argument("--dry-run", action="store_true", help="show what would go and change nothing")
    parser.add_argument("--force", action="store_true", help="remove also what others of its group need")
    parser.add_argument("--keep-locks", action="store_true", help="leave its groups as they are: it will be back")
    parser.add_argument("-y", "--yes", action="store_true", help="don't ask")
    options = parser.parse_args(argv)
    try:
        asked = [wanted(name) for name in options.names]
    except ValueError as error:
        print_error(error)
        return USAGE
    try:
        doomed = find(asked, (os.path.abspath(options.site),) if options.site else search_path())
        site = doomed[0].site
        locks = read_group_locks(site) if options.force else read_all_group_locks(site)
        installed = installed_in(site)
        if not options.force:
            check_unneeded(doomed, locks, installed)
        return finish(doomed, installed, locks, options=options, keep_locks=options.keep_locks)
    except InstallError as error:
        print_error(error)
        return FAILED


def find(asked: Sequence[Wanted], sites: Sequence[str]) -> list[Candidate]:
    """Return the versioned directories meant: those of the first site directory that has any. Raises InstallError."""
    forget()
    everywhere = [one for site in sites for one in installed_in(site).values()]
    asked = [want.narrowed(everywhere) for want in asked]
    forget()  # what is put back now is to be seen
    for site in sites:
        put_back_unfinished(site)
        here = installed_in(site).values()
        found = {one.key(): one for want in asked for one in here if want.takes(one)}
        if found:
            for want in asked:
                if not any(want.takes(one) for one in found.values()):
                    raise _absent(want, (site,))
            return sorted(found.values(), key=lambda one: (one.distribution, sort_key(one.version)))
    raise _absent(asked[0], sites)


def installed_in(site: str) -> Installed:
    """Return the versioned directories of a site directory, usable here or not."""
    catalogue = open_catalogue(site)
    return by_version(catalogue.everything()) if catalogue is not None else {}


def _absent(want: Wanted, sites: Sequence[str]) -> InstallError:
    catalogues = [catalogue for site in sites if (catalogue := open_catalogue(site)) is not None]
    here = [one for catalogue in catalogues for one in catalogue.by_distribution(want.distribution)]
    flat = [one for one in here if not one.entry and want.takes(one)]
    if flat:
        reason = f"{flat[0].distribution} {flat[0].version} is a flat install in {flat[0].site}"
        return InstallError(want.text, reason, f"Remove it with: python -m pip uninstall {flat[0].distribution}")
    for catalogue in catalogues:
        for entry, why in catalogue.passed_over(want.distribution):
            reason = f"{os.path.join(catalogue.site, entry)} is no versioned directory: it {why}"
            return InstallError(want.text, reason, "Look at it, and remove it by hand.")
    versions = [one.version for one in sorted(here, key=lambda one: sort_key(one.version)) if one.entry]
    reason = f"installed are only {', '.join(versions)}" if versions else "no versioned directory of it is installed"
    return InstallError(want.text, reason, f"Searched: {', '.join(sites)}")


def check_unneeded(doomed: Sequence[Candidate], locks: Sequence[GroupLock], installed: Installed) -> None:
    """Raise InstallError if a member of a group that would stay needs one of the doomed."""
    members = {(str(one.distribution), one.version) for one in doomed}
    found = needers(members, locks, installed)
    if found:
        lines = (str(edge) for member in sorted(found) for edge in sorted(found[member], key=str))
        request = ", ".join(f"{name} {version}" for name, version in sorted(found))
        reason = "\n  ".join(("still needed, so nothing was removed", *lines))
        raise InstallError(request, reason, "Remove those too, or say --force.")


def finish(
    doomed: Sequence[Candidate],
    installed: Installed,
    locks: Sequence[GroupLock],
    *,
    options: argparse.Namespace,
    keep_locks: bool = False,
) -> int:
    """Show what would go, ask, and remove it. `options` has json, dry_run and yes."""
    sizes = {one.key(): bytes_in(one.path) for one in doomed}
    freed = sum(sizes.values())
    if not options.json:
        for one in doomed:
            print(f"{one.distribution} {one.version}  {size_text(sizes[one.key()])}  {one.place}")
    if not options.dry_run and not options.yes:
        if options.json or not sys.stdin.isatty():
            print_error("nobody can be asked here: say -y (or --dry-run)")
            return USAGE
        answer = _ask(f"Remove {_count(len(doomed))}, {size_text(freed)}? [y/N] ")
        if answer is not True:
            print("nothing was removed")
            return INTERRUPTED if answer is None else FAILED
    done = None if options.dry_run else remove(of_path(doomed[0].site), doomed, installed, locks, keep_locks=keep_locks)
    if options.json:
        print_json(described(doomed[0].site, doomed, sizes, done))
        return OK
    for notice in done.notices if done is not None else ():
        print(f"warning: {notice}", file=sys.stderr)
    print(f"{'removed' if done is not None else 'would remove'} {_count(len(doomed))}, {size_text(freed)}")
    return OK


def described(
    site: str, doomed: Sequence[Candidate], sizes: dict[tuple[str, str, str], int], done: Removal | None
) -> dict[str, object]:
    """Return the JSON document of a removal; `done` is None where nothing was changed."""
    return {
        "dry_run": done is None,
        "site": site,
        "removed": [
            {
                "distribution": one.distribution,
                "version": one.version,
                "directory": one.path,
                "size": sizes[one.key()],
            }
            for one in doomed
        ],
        "freed": sum(sizes.values()),
        "launchers": list(done.launchers) if done is not None else [],
        "locks_dropped": list(done.dropped) if done is not None else [],
        "locks_shrunk": list(done.shrunk) if done is not None else [],
        "notices": list(done.notices) if done is not None else [],
    }


def _ask(question: str) -> bool | None:
    """Return whether the answer is yes; None for Ctrl-C."""
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        return False
    except KeyboardInterrupt:
        print()
        return None


def _count(number: int) -> str:
    return "1 versioned directory" if number == 1 else f"{number} versioned directories"
