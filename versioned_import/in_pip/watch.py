"""The watch for pip's table of commands, whose `install` gets the flag (docs/architecture.md, D9).

It is begun at start-up where the command line speaks of pip, and loads nothing of pip itself.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

PIP_COMMANDS = "pip._internal.commands"


def begin() -> None:
    """Plant the flag as soon as pip's commands are imported, which may be now; calling it again changes nothing."""
    if PIP_COMMANDS in sys.modules:
        _plant(sys.modules[PIP_COMMANDS])
    elif PipWatch not in sys.meta_path:
        sys.meta_path.insert(0, PipWatch)


class PipWatch:
    """Asked first, until pip's table of commands is imported; finds nothing itself (docs/architecture.md, D9)."""

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the other finders' spec of pip's table of commands, with a loader that plants the flag; else None."""
        if name != PIP_COMMANDS:
            return None
        if cls in sys.meta_path:
            sys.meta_path.remove(cls)
        for finder in sys.meta_path:
            if not hasattr(finder, "find_spec"):
                continue  # as Python itself passes over finders of the old kind
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Planting(spec.loader)  # type: ignore[assignment,arg-type]
                return spec
        return None


class _Planting:
    """Loads a module by its own loader, which alone is to be seen afterwards, and then plants the flag."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return what the module's own loader makes. Called once."""
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module. Called once."""
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        _plant(module)


def _plant(commands: ModuleType) -> None:
    """Point pip's entry for `install` here; a pip whose table has another shape stays as it is."""
    try:
        install = commands.commands_dict["install"]
        if install.module_path == PIP_COMMANDS + ".install":
            commands.commands_dict["install"] = install._replace(module_path=__name__, class_name="InstallMultiple")
    except Exception:  # noqa: BLE001, S110 plain pip must never get worse
        pass


def __getattr__(name: str) -> Any:
    """Return the class of pip's `install` that knows the flag; pip's own where ours can't be imported.

    pip asks for it when `install` is what it was started for.
    """
    if name != "InstallMultiple":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    try:
        from versioned_import.in_pip.flag import InstallMultiple
    except Exception:  # noqa: BLE001 plain pip must never get worse
        from pip._internal.commands.install import InstallCommand

        return InstallCommand
    return InstallMultiple
