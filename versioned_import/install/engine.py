"""What resolves a group and stages its distributions: the place where one engine can stand for another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from versioned_import.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from versioned_import.install.groups import Group


class ResolutionConflictError(InstallError):
    """The roots of a group can't be resolved together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One distribution that belongs to a group: canonical name, normalised version, and whether a root names it.

    `download` is where its file came from, in the form of PEP 610 (`url` and `archive_info`, `vcs_info` or `dir_info`);
    `is_direct` says that a root or a requirement named that URL or path.
    """

    name: str
    version: str
    requested: bool = False
    download: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)
    is_direct: bool = False

    @property
    def directory(self) -> str:
        """The name of its versioned directory."""
        return f"{self.name}-{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged(Planned):
    """A distribution that is ready to be renamed into place.

    `path` is a directory in the site directory's file system that holds it and nothing else, with a RECORD that is
    true, or "" if its versioned directory was there before; `notices` are sentences for the user.
    """

    path: str
    notices: tuple[str, ...] = ()


def hashes_of(download: Mapping[str, Any]) -> dict[str, str]:
    """Return the hashes of a file, by algorithm, that a `download` tells, in its old form (`hash`) or the new one."""
    archive = download.get("archive_info", {})
    kind, _, value = str(archive.get("hash", "")).partition("=")
    return dict(archive.get("hashes") or ({kind: value} if value else {}))


class Engine(Protocol):
    """Both methods raise ResolutionConflictError if the roots contradict each other, InstallError for all else."""

    def plan(self, group: Group) -> list[Planned]:
        """Return what the group's closure would be. Changes nothing."""
        raise NotImplementedError

    def stage(self, group: Group, directory: str) -> list[Staged]:
        """Put each distribution of the group's closure into a directory of its own in `directory`, which is empty."""
        raise NotImplementedError
