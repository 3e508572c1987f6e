"""What the distribution itself asks of its metadata, at its import and later."""

from importlib.metadata import entry_points, files, requires, version
from importlib.resources import files as resources

AT_IMPORT = version("mvdemo"), version("mvdep")
TEXT_AT_IMPORT = resources(__package__).joinpath("data/greeting.txt").read_text(encoding="utf-8")


def versions():
    return version("mvdemo"), version(__package__), version("mvdep")


def requirements():
    return requires("mvdemo")


def file_names():
    return sorted(map(str, files("mvdemo")))


def plugins():
    return sorted(one.name for one in entry_points(group="mvdemo.plugins"))


def texts():
    found = [resources(name).joinpath("data", "greeting.txt") for name in ("mvdemo", "mvdep")]
    return [one.read_text(encoding="utf-8").strip() for one in found]
