"""The import hook: modules that somebody names are compiled with their clauses rewritten (spec 2.2, 2.3)."""

from __future__ import annotations

from _frozen_importlib_external import PathFinder, SourceFileLoader  # public names would cost the import of importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

# Part of the file name of compiled modules; it changes whenever the same source gives other code.
TAG = "versioned1"


class HookFinder:
    """Gives the source modules that `wanted` names our loader; every other import is refused by its name alone."""

    def __init__(
        self,
        wanted: Callable[[str], bool],
        inside: Callable[[str], bool] = lambda _: True,
        find: Callable[..., ModuleSpec | None] = PathFinder.find_spec,
    ) -> None:
        self.wanted = wanted
        self.inside = inside
        self.find = find
        """Where modules are looked up: the path finder, or somebody who goes before it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec with our loader for a wanted source module, else None; called for each import not loaded yet."""
        if not self.wanted(fullname):
            return None
        spec = self.find(fullname, path, target)
        # Exactly this class: a subclass belongs to somebody who wants it called.
        if spec is None or type(spec.loader) is not SourceFileLoader or not self.inside(spec.origin or ""):
            return None
        from versioned_import.syntax.loader import VersionedLoader

        spec.loader = VersionedLoader(fullname, spec.loader.path)
        return spec

    def invalidate_caches(self) -> None:
        """Do nothing: the path finder keeps the caches."""
