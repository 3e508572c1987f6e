"""pytest's door to a project: `versioned_import_project = DIR` in its configuration runs the tests from the lock there.

pytest loads this module in every run of an installation that has us, so it imports nothing before it is asked for.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.metadata import Distribution

    import pytest

    from versioned_import.projects.options import Options

_GROUP = "pytest11"
_OWN = "versioned-import"


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Take the settings, and put the project in force at once, if one is named: what pytest loads from now on is locked.

    pytest calls it as soon as this plug-in is known, which is before it loads any conftest.py.
    """
    parser.addini("versioned_import_project", "run the tests from the lock of this directory, or from this lock")
    parser.addini("versioned_import_groups", "dependency groups of the lock, beside the default ones", "args")
    parser.addini("versioned_import_extras", "extras of the lock", "args")
    parser.addini("versioned_import_no_default_groups", "without the groups that are taken by default", "bool")
    config = pluginmanager.get_plugin("pytestconfig")
    project = sys.modules.get("versioned_import.projects.in_force")
    # What was said by a command line, or to a worker process by its parent, counts more than the configuration.
    in_force = project is not None and project.running.plan is not None
    if config is not None and not in_force and config.getini("versioned_import_project"):
        _run_from_lock(config)


def _run_from_lock(config: pytest.Config) -> None:
    """Put the configured project in force. Raises pytest.UsageError if that can't be."""
    import pytest

    from versioned_import.errors import ImportVersionError, LockError
    from versioned_import.projects.activate import activate
    from versioned_import.projects.in_force import running

    flat = [(one, names) for one in _distributions() if (names := _plug_ins(one))]
    place = _place(config)
    command = f"python -m versioned_import --project {os.path.relpath(place)} -m pytest"
    try:
        options = _options(config, place)
        activate(options)
    except (LockError, ImportVersionError) as error:
        raise pytest.UsageError(f"{error}\n  or start the tests with: {command}") from None
    plan = running.plan
    if plan is None:
        return
    places = plan.unpacked()[1]
    if "pytest" not in places:
        reason = f"versioned_import_project: pytest itself is not in the lock {options.lock}"
        raise pytest.UsageError(
            f"{reason}\n  add it to the project, or name the group that has it: versioned_import_groups"
        )
    _leave_out(config, options.lock, places, flat)
    _take_in(config)


def _place(config: pytest.Config) -> str:
    """Return what the configuration names; it is relative to the file that says so."""
    base = os.path.dirname(config.inipath) if config.inipath is not None else os.fspath(config.rootpath)
    return os.path.normpath(os.path.join(base, config.getini("versioned_import_project")))


def _options(config: pytest.Config, place: str) -> Options:
    from versioned_import.projects.options import options_for

    return options_for(
        place,
        config.getini("versioned_import_groups"),
        config.getini("versioned_import_extras"),
        default_groups=not config.getini("versioned_import_no_default_groups"),
    )


def _leave_out(
    config: pytest.Config, lock: str, places: Mapping[str, str], flat: Iterable[tuple[Distribution, list[str]]]
) -> None:
    """Let plug-ins that are installed but not locked be as if they weren't there; their options stay, if pytest has them.

    Raises pytest.UsageError for one that the command line asks for.
    """
    import pytest

    from versioned_import.metadata.layout import canonical

    manager = config.pluginmanager
    locked = {name for one in _distributions() for name in _plug_ins(one)}
    loaded = [(canonical(facade.project_name), plugin) for plugin, facade in manager.list_plugin_distinfo()]
    for distribution, names in flat:
        owner = canonical(distribution.metadata["Name"])
        if owner in places or owner == _OWN:
            continue
        asked = set(names).intersection(getattr(config.known_args_namespace, "plugins", None) or ())
        if asked:
            raise pytest.UsageError(f"-p {min(asked)}: {owner} is not in the lock {lock}")
        for name in set(names) - locked:
            manager.set_blocked(name)
        own = [plugin for name, plugin in loaded if name == owner and manager.is_registered(plugin)]
        for plugin in own:
            manager.unregister(plugin)
        if own:
            _forget(distribution)


def _forget(distribution: Distribution) -> None:
    """Take the modules of a distribution from `sys.modules`."""
    files = {os.path.realpath(str(distribution.locate_file(file))) for file in distribution.files or ()}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and os.path.realpath(file) in files:
            del sys.modules[name]


def _take_in(config: pytest.Config) -> None:
    """Load the locked plug-ins, their assertions rewritten, where pytest is about to load those that are installed."""
    import pytest

    for distribution in _distributions():
        if _plug_ins(distribution) and distribution.metadata["Name"] != _OWN:
            names = _import_names(str(file) for file in distribution.files or ())
            pytest.register_assert_rewrite(*(name for name in names if name not in sys.modules))
    settings = config.known_args_namespace
    if not os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD") and not getattr(settings, "disable_plugin_autoload", False):
        config.pluginmanager.load_setuptools_entrypoints(_GROUP)


def _distributions() -> Iterator[Distribution]:
    from importlib.metadata import distributions

    return iter(distributions())


def _plug_ins(distribution: Distribution) -> list[str]:
    """Return the names of a distribution's plug-ins."""
    return [one.name for one in distribution.entry_points if one.group == _GROUP]


def _import_names(files: Iterable[str]) -> set[str]:
    """Return the top-level modules among some files, and the packages that stand in no other regular package."""
    every = [file.replace("\\", "/") for file in files]
    packages = {file.removesuffix("/__init__.py") for file in every if file.endswith("/__init__.py")}
    highest = {one for one in packages if not any(one.startswith(f"{other}/") for other in packages)}
    modules = {file.removesuffix(".py") for file in every if file.endswith(".py") and "/" not in file}
    return {name.replace("/", ".") for name in highest | modules if not name.startswith(".")}
