"""Made site directories with groups, for the tests of the commands that remove."""

from pathlib import Path

from made import make_versioned

from versioned_import.install.engine import Planned
from versioned_import.install.group_locks import write_group_lock
from versioned_import.install.requirements import root
from versioned_import.metadata.group_locks import read_group_locks


def make_group(site, roots, **members):
    """Write the lock of a group whose members are given as name=version; the roots' names are what was requested."""
    names = {root(text).requirement.name for text in roots}
    planned = [
        Planned(name=name, version=version, requested=name in names, download={"url": f"https://index.example/{name}"})
        for name, version in members.items()
    ]
    return write_group_lock(str(site), tuple(map(root, roots)), planned)


def make_two_groups(site):
    """Make two versions of an app in two groups: they share `common`, and each has a helper of its own."""
    for version, helper in (("1.0", "helper<2"), ("2.0", "helper>=2")):
        make_versioned(site, "app", version, requires=[helper, "common"])
        make_versioned(site, "helper", version)
    make_versioned(site, "common", "1.0")
    make_group(site, ["app==1.0"], app="1.0", helper="1.0", common="1.0")
    make_group(site, ["app==2.0"], app="2.0", helper="2.0", common="1.0")


def unreadable(path):
    """Return what a command says of the lock of a group that can't be read."""
    return (
        f"{path}: this lock of a group can't be read, so nobody knows what it needs\n"
        "  Install the group once more (pip install --allow-multiple), which writes the same file anew if it gets the"
        " same versions; or remove the file: then nothing is kept for its group.\n"
    )


def there(site):
    """Return the names of the versioned directories."""
    return sorted(path.parent.name for path in Path(site).glob("*-*/*.dist-info"))


def groups(site):
    """Return the groups' roots with their members, in order."""
    return sorted((lock.roots, tuple(sorted(lock.versions))) for lock in read_group_locks(str(site)))
